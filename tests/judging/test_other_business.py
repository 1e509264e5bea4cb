"""Which 'offers' sell nothing: hiring, renting, invoices, talks, meetings."""

from __future__ import annotations

import pytest

from assistant.matching import speaks_of_other_business

STRAY = "As a reminder, the due date of your last order is Friday."  # of other business, in the text of an offer


@pytest.mark.parametrize(
    "subject",
    [
        "Proposition de rendez-vous",
        "Re: Proposition d'embauche",
        "Proposition de créneaux pour jeudi",
        "Proposal for a talk in June",
        "Proposta di investimento",
    ],
)
def test_what_is_announced_counts_however_sure_the_rest_is(subject: str) -> None:
    assert speaks_of_other_business(subject, "", "Bonjour,", surely_sells=True)


@pytest.mark.parametrize(
    "subject",
    [
        "Proposition de capteurs pour vos agences",
        "Proposition pour le salon de mai",
        "Proposition commerciale, rendez-vous du 12 mai",
        "Proposition",
    ],
)
def test_a_subject_that_announces_an_offer_outweighs_a_stray_word_of_it(subject: str) -> None:
    assert not speaks_of_other_business(subject, "", "Bonjour,")


def test_a_stray_word_in_the_text_is_outweighed_only_where_it_surely_sells() -> None:
    assert speaks_of_other_business("Proposal for your branches", "", STRAY)
    assert not speaks_of_other_business("Proposal for your branches", "", STRAY, surely_sells=True)


def test_a_subject_without_an_announcement_is_judged_by_its_words() -> None:
    assert speaks_of_other_business("Facture 2026-14", "", "Bonjour,", surely_sells=True)
    assert not speaks_of_other_business("Capteurs pour vos agences", "", "Bonjour,")


def test_a_file_s_name_announces_too() -> None:
    assert not speaks_of_other_business("Rendez-vous de jeudi", "Proposition commerciale.pdf", "Bonjour,")


@pytest.mark.parametrize(
    "subject", ["", "proposition", "proposition de", "proposition de \ud800", "proposition de " * 9_000]
)
def test_no_subject_makes_it_stumble(subject: str) -> None:
    assert not speaks_of_other_business(subject, "", "")
