"""A free pilot with this customer, and the many other things that bear such names."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.validity import find_pilot_end, mentions_pilot


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Votre essai gratuit reste ouvert."),
        ("fr", "Peut-on prolonger le POC de trois mois ?"),
        ("fr", "Le pilote continue pendant vos réflexions."),
        ("fr", "Le test en cours vous est offert."),
        ("en", "We will leave the Leeside pilot running at no charge."),
        ("en", "Could you extend the free trial by a month?"),
        ("en", "The proof of concept is still running at your depot."),
        ("de", "Der Testbetrieb läuft weiter, kostenlos."),
        ("de", "Können wir die kostenlose Testphase verlängern?"),
        ("es", "El piloto sigue en marcha sin coste para ustedes."),
        ("es", "Le agradecería que ampliaran la prueba gratuita."),
        ("it", "La prova gratuita può continuare."),
        ("nl", "De gratis proefperiode loopt door."),
        ("pt", "O período experimental gratuito continua."),
    ],
)
def test_a_free_pilot_is_recognised_by_its_sentence(language: str, text: str) -> None:
    assert mentions_pilot(text, language) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Vos pilotes de ligne ont besoin de ces tablettes."),
        ("fr", "Le pilote payant est facturé 2 000 € HT."),
        ("fr", "Nous avons mené un pilote chez un autre client."),
        ("fr", "Le comité de pilotage se réunit jeudi."),
        ("fr", "Devis valable 30 jours."),
        ("en", "Our drone pilots are licensed."),
        ("en", "The paid pilot costs £4,000."),
        ("en", "Delivery is free of charge."),
        ("de", "Unsere Piloten fliegen im Mai."),
        ("de", "Die Lieferung ist kostenlos."),
        ("de", "Der Pilot bei einem befreundeten Pflegedienst läuft seit März sehr gut."),
        ("de", "Der Heli-Pilot fragt, ob er dich kennt."),
        ("it", "La consegna è gratuita."),
        ("nl", "De levering is gratis."),
    ],
)
def test_other_pilots_tests_and_gifts_are_none(language: str, text: str) -> None:
    assert mentions_pilot(text, language) is None


def test_the_end_of_the_pilot_is_found_beside_the_validity() -> None:
    text = "Conditions garanties jusqu'au 31 janvier 2026. Votre essai gratuit reste ouvert jusqu'au 28 février 2026."

    assert find_pilot_end(text, sent_on=date(2025, 12, 15), language="fr", country="FR") == (
        date(2026, 2, 28),
        "Votre essai gratuit reste ouvert jusqu'au 28 février 2026.",
    )


def test_a_text_without_a_pilot_has_no_end_of_it() -> None:
    assert find_pilot_end("Devis valable 30 jours.", sent_on=date(2026, 5, 4), language="fr", country="FR") is None
