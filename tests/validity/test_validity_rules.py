"""What find_validity promises beyond the forms: where it counts from, what it quotes, how sure it is."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.validity import CREDIBLE, Clause, document_date, find_extension, find_validity

MONDAY = date(2026, 5, 4)


def read(text: str, *, sent_on: date = MONDAY, language: str = "fr", country: str = "FR") -> Clause | None:
    return find_validity(text, sent_on=sent_on, language=language, country=country)


def day(text: str, *, sent_on: date = MONDAY, language: str = "fr", country: str = "FR") -> date | None:
    clause = read(text, sent_on=sent_on, language=language, country=country)
    return clause.last_day if clause else None


def test_the_quote_is_the_sentence_as_it_was_written() -> None:
    clause = read("Bonjour,\n\nTotal : 4 200 € HT. Ce devis est valable jusqu’au 30 juin 2026. Règlement à 30 jours.")

    assert clause is not None
    assert clause.quote == "Ce devis est valable jusqu’au 30 juin 2026."
    assert clause.basis == "date"


def test_a_duration_is_told_from_a_day() -> None:
    clause = read("Validité : 2 mois")

    assert clause is not None
    assert (clause.last_day, clause.basis) == (date(2026, 7, 4), "duration")


def test_months_keep_the_day_or_end_with_the_month() -> None:
    assert day("Offre valable six mois.", sent_on=date(2025, 8, 31)) == date(2026, 2, 28)


def test_a_day_without_a_year_is_the_next_such_day_across_new_year() -> None:
    assert day("Offre valable jusqu'au 15 janvier.", sent_on=date(2026, 12, 21)) == date(2027, 1, 15)


def test_the_american_order_is_month_first_and_the_british_day_first() -> None:
    assert day("Valid until 06/07/2026.", language="en", country="US") == date(2026, 6, 7)
    assert day("Valid until 06/07/2026.", language="en", country="GB") == date(2026, 7, 6)


def test_an_impossible_month_is_read_in_the_other_order() -> None:
    assert day("Valid until 25/06/2026.", language="en", country="US") == date(2026, 6, 25)


def test_a_document_dated_long_before_it_was_sent_does_not_count() -> None:
    assert day("Devis\nDate : 20/04/2024\nValidité : 2 mois") == date(2026, 7, 4)


def test_of_two_validities_the_last_one_counts() -> None:
    text = "Lot 1 : offre valable jusqu'au 31 mai 2026.\n\nLot 2 : offre valable jusqu'au 30 juin 2026."

    assert day(text) == date(2026, 6, 30)


def test_a_longer_time_without_a_start_is_only_a_guess() -> None:
    clause = read("D'accord, notre offre reste valable encore deux semaines.")

    assert clause is None or clause.confidence < 0.5


def test_a_date_that_points_back_is_followed() -> None:
    text = "Die Kommission tagt am 30. Juni. Bis dahin halten wir uns an unser Angebot gebunden."

    assert day(text, language="de", country="DE") == date(2026, 6, 30)


def test_a_validity_that_is_over_is_read_in_the_past() -> None:
    assert day("Notre offre était valable jusqu'au 31 mars.", sent_on=date(2026, 4, 15)) == date(2026, 3, 31)


def test_the_day_on_which_the_offer_was_made_is_not_its_end() -> None:
    assert day("Avez-vous pu lire notre offre du 27 avril ?") is None


def test_the_pilot_beside_the_offer_is_not_its_validity() -> None:
    text = "Conditions garanties jusqu'au 31 mai 2026. Votre essai gratuit, lui, reste ouvert jusqu'au 30 juin 2026."

    assert day(text) == date(2026, 5, 31)


def test_a_longer_pilot_is_no_longer_offer() -> None:
    text = "Gern, den Testlauf lasse ich bis Ende Mai offen."

    assert find_extension(text, sent_on=MONDAY, language="de", country="DE") is None


def test_an_extension_in_few_words_is_the_day_that_it_names() -> None:
    clause = find_extension("Ok jusqu'au 30 juin alors.", sent_on=MONDAY, language="fr", country="FR")

    assert clause is not None
    assert clause.last_day == date(2026, 6, 30)


def test_a_day_alone_is_no_validity_in_a_later_message() -> None:
    text = "Mes équipes sont dans le secteur jusqu'à la mi-juillet."
    later = find_validity(text, sent_on=MONDAY, language="fr", country="FR", in_offer=False)

    assert later is None or later.confidence < CREDIBLE


def test_a_wish_put_as_a_question_is_no_validity() -> None:
    clause = read("Schickst du sie mir bis Ende Monat zurück?", language="de", country="DE")

    assert clause is None or clause.confidence < CREDIBLE


def test_a_table_row_keeps_label_and_value_together() -> None:
    text = "Date | 20/04/2026\nValidité | 30/06/2026\nLivraison | 15/09/2026\nPaiement | 30 jours"

    assert day(text) == date(2026, 6, 30)


@pytest.mark.parametrize(
    ("text", "language", "country", "expected"),
    [
        ("Paris, le 27 janvier 2026\n\nMadame,", "fr", "FR", date(2026, 1, 27)),
        ("Date : 20/01/2026\nClient : Mairie", "fr", "FR", date(2026, 1, 20)),
        ("MAISON DURAND – Devis 26-009 – 20/01/2026", "fr", "FR", date(2026, 1, 20)),
        ("Référence : X\nÉtablie le 12 mai 2026", "fr", "FR", date(2026, 5, 12)),
        ("Date | 20/01/2026", "fr", "FR", date(2026, 1, 20)),
        ("Quotation NW/25/077\nDate: 10 December 2025", "en", "GB", date(2025, 12, 10)),
        ("Proposal HK-410-B, February 17, 2026 (supersedes HK-410)", "en", "US", date(2026, 2, 17)),
        ("LOOPGAUGE LTD\nProposal to Harrowdale, 30 September 2026", "en", "GB", date(2026, 9, 30)),
        ("Angebotsdatum 12.03.2026, gültig 45 Tage", "de", "DE", date(2026, 3, 12)),
        ("Hagen, den 20. April 2026", "de", "DE", date(2026, 4, 20)),
        ("Offerta OFF-26-41 del 25 marzo 2026", "it", "IT", date(2026, 3, 25)),
        ("Den Haag, 1 februari 2027\n\nGeachte mevrouw,", "nl", "NL", date(2027, 2, 1)),
        ("Valencia, 20 de abril de 2026", "es", "ES", date(2026, 4, 20)),
        ("Lisboa, 16 de março de 2026", "pt", "PT", date(2026, 3, 16)),
    ],
)
def test_a_document_bears_its_date(text: str, language: str, country: str, expected: date) -> None:
    assert document_date(text, language=language, country=country) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Validité : 31/03/2026",
        "Livraison le 15 septembre 2026",
        "Bonjour,\n\nNous nous sommes vus à Lyon mardi.",
        "Suite à notre réunion du 12 mai 2026 à Lyon, voici notre proposition détaillée pour vos quatre sites.",
    ],
)
def test_another_date_is_not_the_date_of_the_document(text: str) -> None:
    assert document_date(text, language="fr", country="FR") is None


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "text",
    [
        "\n" * 20_000,
        "1" * 20_000,
        "1 " * 10_000,
        "De : a\n" * 3_000,
        "> " * 10_000,
        "lundi " * 20_000,
        "30 juin d'ici là " * 6_000,
        "valable 30 jours. " * 600_000,
        "a" * 10_000_000,
    ],
    ids=["newlines", "figures", "numbers", "headers", "quotes", "weekdays", "references", "ten-megabytes", "one-word"],
)
def test_hostile_text_costs_less_than_a_second(text: str) -> None:
    from time import process_time

    read("Validité : 2 mois")
    start = process_time()
    read(text)
    assert process_time() - start < 1


@given(st.text(max_size=400), st.sampled_from(["fr", "en", "de", "es", "it", "nl", "pt", "xx"]))
def test_no_text_raises_and_every_quote_is_verbatim(text: str, language: str) -> None:
    clause = read(f"Valable 30 jours {text} until 30 June", language=language)

    assert clause is None or clause.quote in f"Valable 30 jours {text} until 30 June"


DATE_WORDS = (
    "30",
    "31",
    "29",
    "02",
    "2026",
    "/",
    ".",
    "-",
    "février",
    "fin",
    "mois",
    "jusqu'au",
    "jours",
    "avant",
    "T1",
)


@given(st.lists(st.sampled_from(DATE_WORDS), max_size=12))
def test_any_heap_of_date_words_gives_a_real_day_or_none(words: list[str]) -> None:
    clause = read("Offre valable " + " ".join(words))

    assert clause is None or date(2000, 1, 1) <= clause.last_day <= date(2200, 1, 1)
