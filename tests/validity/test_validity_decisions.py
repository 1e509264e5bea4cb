"""The day by which a customer promises to decide, and what is no such promise. All sent on Monday 4 May 2026."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.validity import find_decision_date

MONDAY = date(2026, 5, 4)


def day(text: str, language: str, country: str = "") -> str:
    found = find_decision_date(text, sent_on=MONDAY, language=language, country=country or language.upper())
    return "none" if found is None else found[0].isoformat()


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "Le comité se réunit le 16 juin, vous aurez notre décision dans la foulée.", "2026-06-16"),
        ("fr", "Je vous donne une réponse vendredi.", "2026-05-08"),
        ("fr", "Décision fin mai, promis.", "2026-05-31"),
        ("fr", "Le conseil tranchera en semaine 24.", "2026-06-12"),
        ("fr", "Nous déciderons entre le 10 et le 12 juin.", "2026-06-12"),
        ("fr", "Notre arbitrage tombera mi-juin.", "2026-06-15"),
        ("fr", "Je reviens vers vous après l'été.", "none"),
        ("fr", "Je suis en congés jusqu'au 25 mai.", "none"),
        ("fr", "Merci, nous en reparlerons en interne.", "none"),
        ("fr", "J'ai bien reçu votre devis du 28 avril.", "none"),
        ("en", "We'll have a decision for you by the end of next week.", "2026-05-15"),
        ("en", "The board votes on 16 June and I'll let you know that day.", "2026-06-16"),
        ("en", "You'll have an answer by mid-June.", "2026-06-15"),
        ("en", "I'm away until 25 May.", "none"),
        ("en", "We will look at it next month sometime.", "none"),
        ("de", "Am 16. Juni tagt der Beirat, danach bekommen Sie unsere Entscheidung.", "2026-06-16"),
        ("de", "Bis Freitag haben Sie Bescheid.", "2026-05-08"),
        ("de", "Ich bin bis 25. Mai im Urlaub.", "none"),
        ("es", "El consejo decide el 16 de junio.", "2026-06-16"),
        ("es", "Le doy una respuesta el viernes.", "2026-05-08"),
        ("es", "Después del verano lo vemos.", "none"),
        ("it", "Il consiglio delibera il 16 giugno e poi le do una risposta.", "2026-06-16"),
        ("it", "Entro venerdì le faccio sapere.", "2026-05-08"),
        ("it", "Ne parliamo dopo le ferie.", "none"),
        ("nl", "Het bestuur beslist op 16 juni.", "2026-06-16"),
        ("nl", "Vrijdag krijgt u antwoord.", "2026-05-08"),
        ("nl", "Ik ben met vakantie tot 25 mei.", "none"),
        ("pt", "A direção decide no dia 16 de junho.", "2026-06-16"),
        ("pt", "Na sexta-feira dou-lhe uma resposta.", "2026-05-08"),
        ("pt", "Falamos depois das férias.", "none"),
    ],
)
def test_only_a_concrete_day_of_decision_is_a_promise(language: str, text: str, expected: str) -> None:
    assert day(text, language) == expected


def test_the_sentence_comes_with_the_day() -> None:
    text = "Bonjour,\n\nMerci pour votre offre. Le comité tranchera le 16 juin. Bien à vous"

    assert find_decision_date(text, sent_on=MONDAY, language="fr", country="FR") == (
        date(2026, 6, 16),
        "Le comité tranchera le 16 juin.",
    )
