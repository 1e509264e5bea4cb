"""The states, tested in their order; each sentence of the design's rules is a test."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conversation import BERTRAND, CAMILLE, PARIS, POLICY, SYLVIE, YANIS, Conversation

from assistant.kinds import Kind
from assistant.messages import Address
from assistant.offers import Proposal
from assistant.policy import Policy
from assistant.verdict import State, Verdict, Word, decide

MARCH = date(2026, 3, 2)
LAST = date(2026, 4, 1)  # MARCH + 30 days, a Wednesday


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=PARIS)


def judged(talk: Conversation, day: date, *words: Word, policy: Policy = POLICY) -> Verdict:
    return decide(talk.matter(), words, policy, at(day))


@pytest.fixture
def talk() -> Conversation:
    conversation = Conversation()
    conversation.offers(MARCH)
    return conversation


def test_an_offer_is_open_until_the_end_of_its_last_day(talk: Conversation) -> None:
    assert decide(talk.matter(), (), POLICY, at(LAST, 23)).state is State.OPEN
    assert decide(talk.matter(), (), POLICY, at(LAST + timedelta(days=1), 0)).state is State.LAPSED


def test_a_draft_waits_for_the_grace_in_working_days(talk: Conversation) -> None:
    assert judged(talk, date(2026, 4, 6)).due is None
    assert judged(talk, date(2026, 4, 6)).hold_until == date(2026, 4, 7)  # Easter Monday is no working day
    assert judged(talk, date(2026, 4, 7)).due == "withdrawal"


@pytest.mark.parametrize("kind", [Kind.ACCEPTANCE, Kind.REFUSAL])
def test_a_decision_ends_it_whenever_it_comes(talk: Conversation, kind: Kind) -> None:
    talk.says(kind, date(2026, 6, 1))
    verdict = judged(talk, date(2026, 7, 1))
    assert verdict.state is (State.ACCEPTED if kind is Kind.ACCEPTANCE else State.DECLINED)
    assert verdict.due is None


def test_the_latest_decision_holds(talk: Conversation) -> None:
    talk.says(Kind.ACCEPTANCE, date(2026, 3, 10))
    talk.says(Kind.REFUSAL, date(2026, 3, 20))
    assert judged(talk, date(2026, 5, 1)).state is State.DECLINED


def test_a_yes_after_the_last_day_asks_the_owner_to_confirm(talk: Conversation) -> None:
    talk.says(Kind.ACCEPTANCE, date(2026, 4, 2))
    verdict = judged(talk, date(2026, 4, 3))
    assert verdict.state is State.ACCEPTED
    assert verdict.attention is not None and verdict.attention.code == "late-acceptance"


def test_after_a_withdrawal_a_question_changes_nothing_and_a_yes_is_a_yes(talk: Conversation) -> None:
    talk.answers(Kind.WITHDRAWAL, date(2026, 4, 10))
    talk.says(Kind.QUESTION, date(2026, 4, 12))
    assert judged(talk, date(2026, 5, 1)).state is State.WITHDRAWN
    talk.says(Kind.ACCEPTANCE, date(2026, 4, 14))
    verdict = judged(talk, date(2026, 5, 1))
    assert verdict.state is State.ACCEPTED
    assert verdict.attention is not None and verdict.attention.code == "late-acceptance"


@pytest.mark.parametrize("kind", [Kind.QUESTION, Kind.NEGOTIATION])
def test_a_question_or_negotiation_without_an_answer_is_the_owner_s_turn(talk: Conversation, kind: Kind) -> None:
    talk.says(kind, date(2026, 3, 20))
    talk.says(Kind.STALL, date(2026, 3, 25))  # a later stall does not end it
    verdict = judged(talk, date(2026, 5, 1))
    assert (verdict.state, verdict.due) == (State.YOUR_TURN, None)


@pytest.mark.parametrize("sender", [CAMILLE, YANIS])
def test_an_answer_of_the_owner_or_a_colleague_ends_it(talk: Conversation, sender: Address) -> None:
    talk.says(Kind.QUESTION, date(2026, 3, 20))
    talk.answers(Kind.FOLLOW_UP, date(2026, 3, 21), sender=sender)
    assert judged(talk, date(2026, 5, 1)).state is State.LAPSED


def test_the_owner_s_mail_about_another_matter_does_not_end_it(talk: Conversation) -> None:
    talk.says(Kind.QUESTION, date(2026, 3, 20))
    talk.answers(Kind.OTHER, date(2026, 3, 21))
    assert judged(talk, date(2026, 5, 1)).state is State.YOUR_TURN


def test_a_question_asked_before_the_offer_is_answered_by_it() -> None:
    talk = Conversation()
    talk.says(Kind.QUESTION, date(2026, 2, 20))
    talk.offers(MARCH)
    assert judged(talk, date(2026, 5, 1)).state is State.LAPSED


def test_a_promised_date_is_honoured_once(talk: Conversation) -> None:
    talk.says(Kind.STALL, date(2026, 3, 25), promised=date(2026, 4, 20))
    talk.says(Kind.STALL, date(2026, 4, 21), promised=date(2026, 5, 20))
    held = judged(talk, date(2026, 4, 20))
    assert (held.state, held.hold_until) == (State.OPEN, date(2026, 4, 20))
    assert judged(talk, date(2026, 4, 21)).state is State.LAPSED
    assert judged(talk, date(2026, 4, 22)).due is None  # grace after the promise, too
    assert judged(talk, date(2026, 4, 24)).due == "withdrawal"


def test_a_promise_is_not_honoured_where_the_owner_switched_it_off(talk: Conversation) -> None:
    talk.says(Kind.STALL, date(2026, 3, 25), promised=date(2026, 6, 20))
    strict = Policy("FR", PARIS, honour_promised_dates=False)
    assert judged(talk, date(2026, 5, 1), policy=strict).state is State.LAPSED


def test_an_extension_replaces_the_date(talk: Conversation) -> None:
    talk.answers(Kind.EXTENSION, date(2026, 3, 30), valid_until=date(2026, 5, 31))
    verdict = judged(talk, date(2026, 5, 15))
    assert (verdict.state, verdict.valid_until) == (State.OPEN, date(2026, 5, 31))


def test_an_offer_without_a_date_is_open_asks_and_is_never_drafted() -> None:
    talk = Conversation()
    talk.offers(MARCH, valid_until=None)
    verdict = judged(talk, date(2027, 3, 1))
    assert (verdict.state, verdict.due) == (State.OPEN, None)
    assert verdict.attention is not None and verdict.attention.code == "undated"


def test_a_bounced_offer_never_reached_the_customer(talk: Conversation) -> None:
    talk.says(Kind.BOUNCE, MARCH, sender=Address("", "mailer-daemon@binalys.example"), answers="<1@test.example>")
    assert judged(talk, date(2026, 5, 1)).state is State.UNDELIVERED


def test_a_bounced_reminder_is_not_a_bounced_offer(talk: Conversation) -> None:
    talk.answers(Kind.FOLLOW_UP, date(2026, 3, 20))
    talk.says(
        Kind.BOUNCE, date(2026, 3, 20), sender=Address("", "mailer-daemon@binalys.example"), answers="<2@test.example>"
    )
    assert judged(talk, date(2026, 5, 1)).state is State.LAPSED


@pytest.mark.parametrize("kind", [Kind.STALL, Kind.AUTO_REPLY, Kind.RECEIPT, Kind.CALENDAR, Kind.OTHER])
def test_words_without_a_decision_leave_it_lapsed(talk: Conversation, kind: Kind) -> None:
    talk.says(kind, date(2026, 3, 25))
    assert judged(talk, date(2026, 5, 1)).due == "withdrawal"


def test_a_message_that_may_be_a_yes_makes_the_program_ask(talk: Conversation) -> None:
    talk.says(Kind.STALL, date(2026, 3, 25), confidence=0.5, scores={Kind.STALL: 0.55, Kind.ACCEPTANCE: 0.45})
    verdict = judged(talk, date(2026, 5, 1))
    assert (verdict.state, verdict.due) == (State.LAPSED, None)
    assert verdict.attention is not None and verdict.attention.code == "mixed-signals"


def test_offers_that_lapsed_long_ago_are_history(talk: Conversation) -> None:
    assert judged(talk, LAST + timedelta(days=120)).due == "withdrawal"
    assert judged(talk, LAST + timedelta(days=121)).due is None


def test_nothing_that_lapsed_before_act_from_is_drafted(talk: Conversation) -> None:
    policy = Policy("FR", PARIS, act_from=date(2026, 4, 2))
    assert judged(talk, date(2026, 5, 1), policy=policy).due is None


@pytest.mark.parametrize("verb", ["accepted", "declined", "withdrawn"])
def test_the_owner_s_word_overrules_what_was_read(talk: Conversation, verb: str) -> None:
    talk.says(Kind.STALL, date(2026, 3, 25))
    assert judged(talk, date(2026, 5, 1), Word(verb, at(date(2026, 4, 20)))).state.value == verb


def test_the_owner_s_extension_overrules_the_offer(talk: Conversation) -> None:
    word = Word("extended", at(date(2026, 4, 2)), date(2026, 6, 30))
    assert judged(talk, date(2026, 5, 1), word).valid_until == date(2026, 6, 30)


def test_a_snoozed_offer_is_left_alone_until_that_day(talk: Conversation) -> None:
    word = Word("snoozed", at(date(2026, 4, 20)), date(2026, 5, 10))
    assert judged(talk, date(2026, 5, 9), word).due is None
    assert judged(talk, date(2026, 5, 9), word).hold_until == date(2026, 5, 10)
    assert judged(talk, date(2026, 5, 10), word).due == "withdrawal"


def test_never_this_customer_means_no_draft(talk: Conversation) -> None:
    assert judged(talk, date(2026, 5, 1), Word("never", at(MARCH))).due is None


def test_mail_after_now_is_not_seen(talk: Conversation) -> None:
    talk.says(Kind.ACCEPTANCE, date(2026, 6, 1))
    assert judged(talk, date(2026, 5, 1)).state is State.LAPSED


def test_every_verdict_explains_itself(talk: Conversation) -> None:
    talk.says(Kind.STALL, date(2026, 3, 25), text="Nous n'avons pas encore tranché.")
    reasons = judged(talk, date(2026, 5, 1)).reasons
    assert [(r.rule, r.quote, r.message_id) for r in reasons] == [
        ("validity-over", "valable jusqu'au …", "<1@test.example>"),
        ("no-decision", "Nous n'avons pas encore tranché.", "<2@test.example>"),
    ]


def test_walking_the_calendar_no_state_flips_without_an_event_or_a_deadline(talk: Conversation) -> None:
    talk.says(Kind.QUESTION, date(2026, 3, 10))
    talk.answers(Kind.FOLLOW_UP, date(2026, 3, 12))
    talk.says(Kind.STALL, date(2026, 3, 20), promised=date(2026, 4, 20))
    talk.says(Kind.REFUSAL, date(2026, 6, 1))
    matter = talk.matter()
    changes = []
    before = None
    for days in range(365):
        day = MARCH + timedelta(days=days)
        verdict = decide(matter, (), POLICY, at(day, 20))
        now = (verdict.state.value, verdict.due)
        if now != before:
            changes.append((day.isoformat(), *now))
        before = now
    assert changes == [
        ("2026-03-02", "open", None),
        ("2026-03-10", "your-turn", None),
        ("2026-03-12", "open", None),
        ("2026-04-21", "lapsed", None),  # the promised day is over
        ("2026-04-23", "lapsed", "withdrawal"),  # and three working days more
        ("2026-06-01", "declined", None),
    ]


def test_a_registered_date_counts_where_mail_has_none() -> None:
    talk = Conversation()
    talk.offers(MARCH, valid_until=None, reference="P-2026-014")
    proposal = Proposal(reference="P-2026-014", client="Valmontel", valid_until=date(2026, 3, 31))
    (matter,) = talk.matters(proposal)
    assert decide(matter, (), POLICY, at(date(2026, 5, 1))).valid_until == date(2026, 3, 31)


def test_a_registered_proposal_without_a_thread_is_judged_by_its_date() -> None:
    proposal = Proposal("P-9", "Valmontel", "b.lacaze@valmontel.example", "Capteurs", "", MARCH, LAST)
    (matter,) = Conversation().matters(proposal)
    verdict = decide(matter, (), POLICY, at(date(2026, 5, 1)))
    assert (matter.offer.message, verdict.state, verdict.due) == (None, State.LAPSED, "withdrawal")
    assert matter.offer.contact == Address("", "b.lacaze@valmontel.example")


def test_a_yes_that_may_be_about_either_of_two_offers_stops_the_draft_of_the_other() -> None:
    talk = Conversation()
    talk.offers(MARCH, subject="Capteurs", thread=1)
    talk.offers(date(2026, 3, 3), subject="Peinture", thread=2)
    talk.says(Kind.ACCEPTANCE, date(2026, 3, 20), thread=3, subject="C'est bon", text="Allez-y.")
    verdicts = [decide(m, (), POLICY, at(date(2026, 5, 4))) for m in talk.matters()]
    assert [(v.state, v.due, v.attention and v.attention.code) for v in verdicts] == [
        (State.LAPSED, None, "two-customers"),
        (State.ACCEPTED, None, None),
    ]


def test_a_yes_that_names_its_offer_leaves_the_other_alone() -> None:
    talk = Conversation()
    talk.offers(MARCH, subject="Capteurs", thread=1)
    talk.offers(date(2026, 3, 3), subject="Peinture", thread=2)
    talk.says(Kind.ACCEPTANCE, date(2026, 3, 20), thread=3, subject="Peinture", text="Allez-y pour la peinture.")
    verdicts = [decide(m, (), POLICY, at(date(2026, 5, 4))) for m in talk.matters()]
    assert [(v.state, v.due) for v in verdicts] == [(State.LAPSED, "withdrawal"), (State.ACCEPTED, None)]


def test_one_of_two_recipients_bouncing_leaves_the_offer_delivered() -> None:
    talk = Conversation()
    at_ten = datetime(2026, 3, 2, 10, tzinfo=PARIS)
    talk.add(Kind.OFFER, at_ten, sender=CAMILLE, to=(BERTRAND, SYLVIE), valid_until=LAST)
    talk.says(
        Kind.BOUNCE,
        MARCH,
        sender=Address("", "mailer-daemon@binalys.example"),
        answers="<1@test.example>",
        text=f"<{SYLVIE.email}>: user unknown",
        failed=SYLVIE.email,
    )
    talk.answers(Kind.OFFER, date(2026, 3, 10), to=(BERTRAND,))  # the same once more: no new version
    matter = talk.matter()
    assert matter.versions == ("<1@test.example>",)
    assert decide(matter, (), POLICY, at(date(2026, 5, 4))).state is State.LAPSED
