"""Each message in the light of what stands around it: what it answers, how the owner reacts, which day was promised."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conversation import HOUSE, PARIS, POLICY, Conversation

from assistant.kinds import Kind, Reaction
from assistant.timeline import build_timeline
from assistant.understanding import SURE_DECISION, corrected
from assistant.validity import Clause
from assistant.verdict import State, decide

MARCH = date(2026, 3, 2)
BOARD = date(2026, 5, 4)  # the day on which the customer wants to decide
YES_OR_STALL = {Kind.ACCEPTANCE: 0.5, Kind.STALL: 0.4, Kind.OTHER: 0.1}


@pytest.fixture
def talk() -> Conversation:
    conversation = Conversation()
    conversation.offers(MARCH, valid_until=date(2026, 4, 1))
    return conversation


def kinds(talk: Conversation) -> list[Kind]:
    return [event.kind for event in build_timeline(talk.matter())]


@pytest.mark.parametrize(
    ("reaction", "kind"),
    [(Reaction.CHASES, Kind.STALL), (Reaction.CONFIRMS, Kind.ACCEPTANCE)],
)
def test_what_the_owner_writes_next_settles_a_doubt(talk: Conversation, reaction: Reaction, kind: Kind) -> None:
    talk.says(Kind.ACCEPTANCE, date(2026, 3, 10), scores=YES_OR_STALL, confidence=0.5)
    talk.answers(Kind.FOLLOW_UP, date(2026, 3, 20), reaction=reaction)

    assert kinds(talk)[1] is kind


def test_a_message_about_something_else_is_no_reaction(talk: Conversation) -> None:
    talk.says(Kind.ACCEPTANCE, date(2026, 3, 10), scores=YES_OR_STALL, confidence=0.5)
    talk.answers(Kind.OTHER, date(2026, 3, 12), reaction=Reaction.CHASES)
    talk.answers(Kind.FOLLOW_UP, date(2026, 3, 20), reaction=Reaction.CONFIRMS)

    assert kinds(talk)[1] is Kind.ACCEPTANCE


def test_a_reaction_after_now_is_not_seen(talk: Conversation) -> None:
    likely = {Kind.ACCEPTANCE: 0.8, Kind.STALL: 0.15, Kind.OTHER: 0.05}
    talk.says(Kind.ACCEPTANCE, date(2026, 3, 10), scores=likely, confidence=0.8)
    talk.answers(Kind.FOLLOW_UP, date(2026, 6, 1), reaction=Reaction.CHASES)

    assert decide(talk.matter(), (), POLICY, datetime(2026, 5, 1, tzinfo=PARIS)).state is State.ACCEPTED
    assert decide(talk.matter(), (), POLICY, datetime(2026, 6, 2, tzinfo=PARIS)).state is State.LAPSED


def test_what_the_owner_corrected_stands_against_what_is_around_it(talk: Conversation) -> None:
    talk.says(Kind.STALL, date(2026, 3, 10), scores=YES_OR_STALL, confidence=0.4)
    talk.heard[1] = corrected(talk.heard[1], Kind.ACCEPTANCE, HOUSE)
    talk.answers(Kind.FOLLOW_UP, date(2026, 3, 20), reaction=Reaction.CHASES)

    event = build_timeline(talk.matter())[1]
    assert (event.kind, event.confidence, event.doubt) == (Kind.ACCEPTANCE, 1.0, pytest.approx(1.0))


def test_a_likely_extension_to_the_day_the_customer_named_waits_for_him_and_extends_nothing(talk: Conversation) -> None:
    talk.says(Kind.STALL, date(2026, 3, 10), promised=BOARD)
    talk.answers(Kind.EXTENSION, date(2026, 3, 12), confidence=0.7, clause=Clause(BOARD, "jusqu'au 4 mai", "date", 0.6))

    assert kinds(talk)[2] is Kind.FOLLOW_UP


@pytest.mark.parametrize(
    ("day", "sure"),
    [(date(2026, 5, 5), 0.6), (BOARD, 0.8)],
    ids=["another day", "a clause beyond doubt"],
)
def test_a_likely_extension_to_another_day_or_a_sure_one_to_his_day_extends(
    talk: Conversation, day: date, sure: float
) -> None:
    talk.says(Kind.STALL, date(2026, 3, 10), promised=BOARD)
    talk.answers(Kind.EXTENSION, date(2026, 3, 12), confidence=0.7, clause=Clause(day, "jusqu'à ce jour", "date", sure))

    last = build_timeline(talk.matter())[2]
    assert (last.kind, last.valid_until) == (Kind.EXTENSION, day)


def test_a_promised_day_is_kept_where_a_refusal_is_nearly_as_likely_as_the_stall(talk: Conversation) -> None:
    scores = {Kind.STALL: 0.6, Kind.REFUSAL: 0.05, Kind.OTHER: 0.35}
    talk.says(Kind.STALL, date(2026, 3, 10), promised=BOARD, scores=scores, confidence=0.6)
    talk.answers(Kind.FOLLOW_UP, date(2026, 3, 20), reaction=Reaction.REGRETS)

    event = build_timeline(talk.matter())[1]
    assert event.doubt > 0.25
    assert (event.kind, event.promised) == (Kind.STALL, BOARD)
    assert event.confidence > 0.5  # the stall's own probability


def test_a_promised_day_goes_where_the_owner_s_thanks_show_an_order(talk: Conversation) -> None:
    talk.says(Kind.STALL, date(2026, 3, 10), promised=BOARD, scores=YES_OR_STALL, confidence=0.4)
    talk.answers(Kind.FOLLOW_UP, date(2026, 3, 20), reaction=Reaction.CONFIRMS)

    event = build_timeline(talk.matter())[1]
    assert (event.kind, event.promised) == (Kind.ACCEPTANCE, None)


def test_kinds_that_no_customer_s_message_has_change_nothing(talk: Conversation) -> None:
    talk.says(Kind.STALL, date(2026, 3, 10), scores={Kind.OFFER: 0.9})

    assert kinds(talk)[1] is Kind.STALL


@pytest.mark.parametrize(
    ("share", "due", "asked"),
    [(SURE_DECISION, None, "mixed-signals"), (SURE_DECISION - 0.02, "withdrawal", None)],
    ids=["surely said", "hardly said"],
)
def test_a_yes_that_the_owner_overlooked_is_asked_about_however_he_went_on(
    talk: Conversation, share: float, due: str | None, asked: str | None
) -> None:
    scores = {Kind.ACCEPTANCE: share, Kind.STALL: 1 - share}
    talk.says(Kind.ACCEPTANCE, date(2026, 3, 10), scores=scores, confidence=share)
    talk.answers(Kind.FOLLOW_UP, date(2026, 3, 20), reaction=Reaction.CHASES)

    verdict = decide(talk.matter(), (), POLICY, datetime(2026, 5, 1, tzinfo=PARIS))
    assert (verdict.state, verdict.due) == (State.LAPSED, due)
    assert (verdict.attention.code if verdict.attention else None) == asked
