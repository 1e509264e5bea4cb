"""How many of the labelled offers are read rightly; a day named where there is none counts for itself."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.validity import CREDIBLE, Clause, find_validity
from tests.validity.labelled import Example, examples


def stated(example: Example) -> date | None:
    """The last day that an offer states, in its text or its subject."""
    clauses = [read(text, example) for text in example.texts]
    found = [clause for clause in clauses if clause is not None and clause.confidence >= CREDIBLE]
    return max(found, key=lambda clause: clause.confidence).last_day if found else None


def read(text: str, example: Example) -> Clause | None:
    return find_validity(text, sent_on=example.sent_on, language=example.language, country=example.country)


@pytest.mark.timeout(120)
def test_nine_in_ten_labelled_offers_are_read_and_few_days_come_out_of_nothing() -> None:
    offers = [example for example in examples() if not example.decision and not example.drill]
    read_days = [(example.wanted, stated(example)) for example in offers]

    right = sum(wanted == got for wanted, got in read_days)
    out_of_nothing = sum(wanted is None and got is not None for wanted, got in read_days)
    assert right >= 0.9 * len(offers)
    assert out_of_nothing <= 0.01 * len(offers)
