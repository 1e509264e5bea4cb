"""What a letter says, and when it may say it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from draft_story import BERTRAND as CUSTOMER
from draft_story import CAMILLE as SENDER
from draft_story import NOW, OFFERED, PARIS, STALLED, draft, letter, mail, verdict

from assistant.errors import DraftRefused
from assistant.languages.letters import letters
from assistant.wording import spoken_amount, spoken_date, spoken_time, typeset


def test_the_founding_story_reads_as_its_founder_wrote_it() -> None:
    poc = mail(30, CUSTOMER, (SENDER,), "Camille,\n\npouvez-vous prolonger le POC ?\n\nBertrand")
    assert letter(draft(OFFERED, STALLED, poc, judged=verdict(pilot=True))) == (
        "Bonjour Bertrand,\n\n"
        "Notre proposition du 27 janvier 2026, valable jusqu'au 31 mars 2026, a pris fin. "
        "Le POC s'arrêtera le 28 mai 2026\u00a0; d'ici là, rien ne change.\n\n"
        "Si vous souhaitez poursuivre, nous repartirons d'une page blanche\u00a0: d'abord un échange sur vos "
        "besoins du moment, puis, si cela a du sens pour vous, une nouvelle proposition.\n\n"
        "Je vous remercie de l'attention que vous avez portée à ce projet.\n\n"
        "Bien à vous,\nCamille"
    )


def test_the_pilot_stops_on_the_day_the_mail_names() -> None:
    text = letter(draft(OFFERED, judged=verdict(pilot=True, pilot_until=date(2026, 6, 30))))
    assert "s'arrêtera le 30 juin 2026" in text


@pytest.mark.parametrize("past", [date(2026, 4, 30), date(2026, 5, 18)])
def test_a_named_day_that_is_over_gives_due_notice_instead(past: date) -> None:
    text = letter(draft(OFFERED, judged=verdict(pilot=True, pilot_until=past)))
    assert "s'arrêtera le 28 mai 2026" in text  # seven working days, Whit Monday among them


def test_without_a_proven_pilot_none_is_mentioned() -> None:
    text = letter(draft(OFFERED, judged=verdict(pilot_until=date(2026, 6, 30))))
    assert "pilote" not in text
    assert "30 juin" not in text


def test_there_is_no_withdrawal_before_the_end_of_the_last_day() -> None:
    with pytest.raises(DraftRefused, match="binds you until the end of 2026-03-31"):
        draft(OFFERED, now=datetime(2026, 3, 31, 23, 59, tzinfo=PARIS))
    draft(OFFERED, now=datetime(2026, 4, 1, 0, 0, tzinfo=PARIS))


def test_the_last_call_comes_before_the_end() -> None:
    text = letter(draft(OFFERED, kind="reminder", now=datetime(2026, 3, 24, 9, tzinfo=PARIS)))
    assert "est ouverte jusqu'au 31 mars 2026 inclus" in text
    with pytest.raises(DraftRefused, match="too late for a last call"):
        draft(OFFERED, kind="reminder")


def test_an_offer_without_a_date_has_no_letter() -> None:
    with pytest.raises(DraftRefused, match="no last day of validity"):
        draft(OFFERED, judged=verdict(valid_until=None))


@pytest.mark.parametrize(
    ("language", "country", "day", "spoken"),
    [
        ("fr", "FR", date(2026, 3, 1), "1er mars 2026"),
        ("fr", "FR", date(2026, 3, 2), "2 mars 2026"),
        ("en", "GB", date(2026, 3, 1), "1 March 2026"),
        ("en", "US", date(2026, 3, 1), "March 1, 2026"),
        ("de", "DE", date(2026, 1, 1), "1. Januar 2026"),
        ("de", "AT", date(2026, 1, 1), "1. Jänner 2026"),
        ("es", "ES", date(2026, 3, 1), "1 de marzo de 2026"),
        ("it", "IT", date(2026, 3, 1), "1º marzo 2026"),
        ("nl", "NL", date(2026, 3, 1), "1 maart 2026"),
        ("pt", "PT", date(2026, 3, 1), "1 de março de 2026"),
        ("pt", "BR", date(2026, 3, 1), "1º de março de 2026"),
    ],
)
def test_dates_are_written_as_in_a_letter(language: str, country: str, day: date, spoken: str) -> None:
    assert spoken_date(day, letters(language, country)) == spoken


@pytest.mark.parametrize(
    ("amount", "language", "spoken"),
    [
        ("48 000 EUR", "fr", "48\u00a0000\u00a0€"),
        ("48 000 EUR", "en", "€48,000"),
        ("15.480 EUR", "it", "15.480\u00a0€"),
        ("$1,250.50", "en", "$1,250.50"),
        ("12'500 CHF", "de", "12.500\u00a0CHF"),
        ("environ 12 k€", "fr", "environ 12 k€"),
        ("12 €/mois et 3 € par pose", "fr", "12 €/mois et 3 € par pose"),
    ],
)
def test_amounts_are_written_as_in_a_letter_or_left_alone(amount: str, language: str, spoken: str) -> None:
    assert spoken_amount(amount, letters(language)) == spoken


def test_times_count_to_twelve_where_people_do() -> None:
    assert spoken_time(NOW.replace(hour=16, minute=2), letters("en", "US")) == "4:02 PM"
    assert spoken_time(NOW.replace(hour=16, minute=2), letters("fr")) == "16:02"


def test_french_spaces_hold_and_italian_elides_before_eight_and_eleven() -> None:
    assert typeset("Vu ; « oui » !\n\n\n\nFin", letters("fr")) == "Vu\u00a0; «\u00a0oui\u00a0»\u00a0!\n\nFin"
    assert (
        typeset("l'offerta del 8 marzo, fino al 11 marzo", letters("it")) == "l'offerta dell'8 marzo, fino all'11 marzo"
    )


def test_a_language_without_letters_is_answered_in_english() -> None:
    text = draft(replace(OFFERED, text="Hej Bertrand,"), language="sv").text
    assert "is no longer open for acceptance" in text
