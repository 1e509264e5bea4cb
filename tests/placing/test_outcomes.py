"""What came of a notice: the clock starts when it was sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from assistant.kinds import By, Kind
from assistant.offers import Matter, Offer
from assistant.service.judging import Listing
from assistant.service.outcomes import Came, outcome
from assistant.store.register import Entry, LedgerDraft
from assistant.timeline import Event
from assistant.verdict import State, Verdict
from tests.placing.lapsed_story import NOW

HOUR = timedelta(hours=1)


def after(*said: tuple[int, Kind], by: By = By.CUSTOMER) -> Listing:
    """An offer whose notice was sent now, and what was said so many hours later."""
    notice = LedgerDraft("<1@x.example>", "withdrawal", "withdrawal:2026-03-31:0", "sent", NOW, sent_at=NOW)
    offer = Offer(None, None, "Client", None, "", None, "fr")
    timeline = tuple(Event(f"<{n}@c.example>", NOW + n * HOUR, by, kind, 1.0) for n, kind in said)
    return Listing(
        "default", Entry(1, drafts=[notice]), Matter(offer, ()), timeline, Verdict(State.WITHDRAWN, None, ())
    )


@pytest.mark.parametrize(
    ("said", "came", "hours"),
    [
        ([], Came.SILENCE, None),
        ([(47, Kind.ACCEPTANCE)], Came.PROMPT_ORDER, 47),
        ([(48, Kind.ACCEPTANCE)], Came.PROMPT_ORDER, 48),
        ([(49, Kind.ACCEPTANCE)], Came.ORDER, 49),
        ([(2, Kind.QUESTION), (30, Kind.ACCEPTANCE)], Came.PROMPT_ORDER, 30),  # the decision counts
        ([(2, Kind.REFUSAL)], Came.REFUSAL, 2),
        ([(2, Kind.NEGOTIATION)], Came.QUESTION, 2),
        ([(2, Kind.STALL)], Came.ANSWER, 2),
        ([(-5, Kind.ACCEPTANCE)], Came.SILENCE, None),  # said before the notice
        ([(1, Kind.AUTO_REPLY)], Came.SILENCE, None),
    ],
)
def test_the_first_decision_after_the_notice_is_what_came_of_it(said, came, hours):
    found = outcome(after(*said))

    assert found is not None
    assert (found.came, found.at) == (came, None if hours is None else NOW + hours * HOUR)


def test_what_the_owner_writes_is_no_outcome():
    found = outcome(after((1, Kind.OTHER), by=By.OWNER))

    assert found is not None
    assert found.came is Came.SILENCE


def test_without_a_notice_there_is_no_outcome():
    item = after()

    assert outcome(replace(item, entry=Entry(1))) is None
