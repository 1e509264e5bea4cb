"""Offer + Timeline + Policy + now → Verdict, with the reasons that decided it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from assistant.deliveries import reached_nobody
from assistant.kinds import DECISIVE, By, Kind
from assistant.offers import Matter
from assistant.policy import Policy, end_of_day, working_days_after
from assistant.timeline import Event, Timeline, build_timeline

# How probable a decision, or an open question, may be in a message that was read as something else before the owner is
# asked instead of a draft being made. From the costs: docs/judgement.md, 'Thresholds'.
DOUBT_LIMIT = 0.15
ASKS_LIMIT = 0.3
LOOSE_CONFIDENCE = 0.6
SURE = 0.8


class State(StrEnum):
    """Tested in this order; the first that fits holds (docs/judgement.md)."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    UNDELIVERED = "undelivered"
    YOUR_TURN = "your-turn"
    LAPSED = "lapsed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Word:
    """What the owner said of an offer: accepted, declined, withdrawn, extended, snoozed, never. It overrules what was
    read, and sticks."""

    verb: str
    said_at: datetime
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the judgement: the rule that applied, in words, and the sentence of the mail that proves it."""

    rule: str
    text: str
    quote: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Attention:
    """Something only the owner can settle: a stable code, and one clear question."""

    code: str
    question: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`due` says which draft must stand in Drafts now; `hold_until` the day before which nothing is drafted."""

    state: State
    valid_until: date | None
    reasons: tuple[Reason, ...]
    pilot: bool = False
    pilot_until: date | None = None
    hold_until: date | None = None
    attention: Attention | None = None
    due: Literal["withdrawal"] | None = None


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rules look at: the events since the offer stands, and the owner's words."""

    matter: Matter
    since: Timeline
    words: Sequence[Word]
    valid_until: date | None
    valid_reason: Reason
    policy: Policy
    now: datetime

    def word(self, *verbs: str) -> Word | None:
        return next((w for w in reversed(self.words) if w.verb in verbs), None)


def decide(matter: Matter, words: Sequence[Word], policy: Policy, now: datetime) -> Verdict:
    """The state of an offer at `now`, why, and whether a draft is due."""
    timeline = build_timeline(replace(matter, heard=tuple(u for u in matter.heard if u.message.sent_at <= now)))
    offer = matter.offer.message
    since = tuple(e for e in timeline if offer is None or e.at > offer.sent_at or e.message_id == offer.message_id)
    valid_until, valid_reason = _validity(matter, since, words)
    facts = _Facts(matter, since, words, valid_until, valid_reason, policy, now)
    verdict = _first(facts)
    pilot_quote, pilot_until = _pilot(matter)
    verdict = replace(verdict, pilot=bool(pilot_quote), pilot_until=pilot_until)
    return _with_draft(verdict, facts)


def _first(facts: _Facts) -> Verdict:
    for rule in (_spoken, _decided, _withdrawn, _undelivered, _your_turn, _promised, _lapsed):
        verdict = rule(facts)
        if verdict is not None:
            return verdict
    return _open(facts)


def _verdict(facts: _Facts, state: State, *reasons: Reason, attention: Attention | None = None) -> Verdict:
    return Verdict(state, facts.valid_until, tuple(reasons), attention=attention)


# -- validity ---------------------------------------------------------------------------------------------------------


def _validity(matter: Matter, since: Timeline, words: Sequence[Word]) -> tuple[date | None, Reason]:
    """The last day of validity: the owner's latest word, else the latest offer or extension, else the register."""
    day: date | None = None
    reason = Reason("undated", "No validity is stated.")
    proposal = matter.offer.proposal
    if proposal and proposal.valid_until:
        day = proposal.valid_until
        reason = Reason("registered-validity", f"Registered as valid until {day}.")
    at: datetime | None = None
    for event in since:
        if event.valid_until and event.by in (By.OWNER, By.COLLEAGUE):
            rule = "extended" if event.kind is Kind.EXTENSION else "stated-validity"
            what = "Extended until" if rule == "extended" else "Valid until"
            day, at = event.valid_until, event.at
            reason = Reason(rule, f"{what} {day}.", event.validity_quote, event.message_id)
    for word in words:
        if word.verb == "extended" and word.until and (at is None or word.said_at >= at):
            day, reason = word.until, Reason("owner-said", f"You extended it until {word.until}.")
    return day, reason


# -- the rules, in their order ----------------------------------------------------------------------------------------


def _spoken(facts: _Facts) -> Verdict | None:
    """The owner's own word about the outcome overrules mail."""
    word = facts.word("accepted", "declined", "withdrawn")
    if word is None:
        return None
    state = State(word.verb)
    reason = Reason("owner-said", f"You said on {word.said_at.date()} that it is {word.verb}.")
    later = [e for e in _decisions(facts) if e.at > word.said_at and _outcome(e) is not state]
    attention = None
    if later:
        attention = Attention("mixed-signals", f"You said {word.verb}; the customer has written since. Which holds?")
        if state is State.WITHDRAWN and later[-1].kind is Kind.ACCEPTANCE:
            return None
    return _verdict(facts, state, reason, attention=attention)


def _outcome(event: Event) -> State:
    return State.ACCEPTED if event.kind is Kind.ACCEPTANCE else State.DECLINED


def _decisions(facts: _Facts) -> list[Event]:
    return [
        e
        for e in facts.since
        if e.kind in DECISIVE
        and e.by is By.CUSTOMER
        and not (e.loose and e.confidence < LOOSE_CONFIDENCE)
        and not (e.confidence < SURE and _stalled_after(e, facts))
    ]


def _stalled_after(event: Event, facts: _Facts) -> bool:
    """The customer surely still hesitated later: what looked a little like a decision was none."""
    return any(
        e.at > event.at and e.by is By.CUSTOMER and e.kind is Kind.STALL and e.confidence >= SURE for e in facts.since
    )


def _decided(facts: _Facts) -> Verdict | None:
    decisions = _decisions(facts)
    if not decisions:
        return None
    last = decisions[-1]
    state = _outcome(last)
    what = "accepted" if state is State.ACCEPTED else "declined"
    reason = Reason(f"customer-{what}", f"The customer {what} on {_day(last, facts)}.", last.quote, last.message_id)
    return _verdict(facts, state, reason, facts.valid_reason, attention=_late(last, state, facts))


def _late(event: Event, state: State, facts: _Facts) -> Attention | None:
    """A yes after the last day is a new offer by the customer (Code civil art. 1118, CISG art. 21, BGB § 150)."""
    if state is not State.ACCEPTED or facts.valid_until is None:
        return None
    withdrawn = any(e.kind is Kind.WITHDRAWAL and e.at < event.at for e in facts.since)
    if withdrawn:
        return Attention("late-acceptance", "A yes came after your withdrawal. Do you confirm it, or do you object?")
    if event.at >= end_of_day(facts.valid_until, facts.policy.timezone):
        return Attention(
            "late-acceptance", f"The yes came after {facts.valid_until}. Do you confirm the order, or do you object?"
        )
    return None


def _withdrawn(facts: _Facts) -> Verdict | None:
    """By a message that withdraws it, or a notice of ours that left the Drafts folder, whatever its words became."""
    for event in reversed(facts.since):
        if event.kind is Kind.WITHDRAWAL and event.by in (By.OWNER, By.COLLEAGUE):
            text = f"You withdrew the offer on {_day(event, facts)}."
            return _verdict(facts, State.WITHDRAWN, Reason("withdrawn", text, event.quote, event.message_id))
    notice = facts.word("notice-sent")
    if notice is None:
        return None
    day = notice.said_at.astimezone(facts.policy.timezone).date()
    return _verdict(facts, State.WITHDRAWN, Reason("withdrawn", f"You withdrew the offer on {day}."))


def _undelivered(facts: _Facts) -> Verdict | None:
    offer = facts.matter.offer.message
    heard = [u for u in facts.matter.heard if u.message.sent_at <= facts.now]
    bounce = reached_nobody(offer, heard) if offer else None
    if bounce is None or any(e.by is By.CUSTOMER for e in facts.since):
        return None
    text = "The offer came back and was not sent again."
    reason = Reason("bounced", text, bounce.reading.quote, bounce.message_id)
    return _verdict(facts, State.UNDELIVERED, reason)


def _your_turn(facts: _Facts) -> Verdict | None:
    """The last question or negotiation that no word of the owner's side has followed."""
    for event in reversed(facts.since):
        if event.by in (By.OWNER, By.COLLEAGUE) and event.kind is not Kind.OTHER:
            return None
        if event.loose and event.confidence < LOOSE_CONFIDENCE:
            continue
        if event.by is By.CUSTOMER and event.kind in (Kind.QUESTION, Kind.NEGOTIATION):
            text = f"The customer's {event.kind} of {_day(event, facts)} waits for your answer."
            return _verdict(
                facts, State.YOUR_TURN, Reason(f"unanswered-{event.kind}", text, event.quote, event.message_id)
            )
    return None


def _promised(facts: _Facts) -> Verdict | None:
    """A decision date that the customer named is honoured, once."""
    if not facts.policy.honour_promised_dates:
        return None
    first = next((e for e in facts.since if e.promised and e.by is By.CUSTOMER), None)
    if first is None or first.promised is None or facts.valid_until is None:
        return None
    if facts.now >= end_of_day(first.promised, facts.policy.timezone) or first.promised <= facts.valid_until:
        return None
    reason = Reason("promised-date", f"The customer will decide by {first.promised}.", first.quote, first.message_id)
    return replace(_verdict(facts, State.OPEN, reason, facts.valid_reason), hold_until=first.promised)


def _lapsed(facts: _Facts) -> Verdict | None:
    if facts.valid_until is None or facts.now < end_of_day(facts.valid_until, facts.policy.timezone):
        return None
    days = (facts.now.astimezone(facts.policy.timezone).date() - facts.valid_until).days
    ago = "yesterday" if days == 1 else f"{days} days ago"
    over = Reason(
        "validity-over",
        f"Valid until {facts.valid_until}; that was {ago}, and no decision has come.",
        facts.valid_reason.quote,
        facts.valid_reason.message_id,
    )
    heard = [e for e in facts.since if e.by is By.CUSTOMER]
    if heard:
        last = heard[-1]
        text = f"The last word of the customer, on {_day(last, facts)}, decides nothing."
        return _verdict(facts, State.LAPSED, over, Reason("no-decision", text, last.quote, last.message_id))
    return _verdict(facts, State.LAPSED, over, Reason("silence", "The customer has not answered."))


def _open(facts: _Facts) -> Verdict:
    if facts.valid_until is None:
        question = "No validity date was found. Until when does this offer bind you? (`offer-assistant extend`)"
        return _verdict(facts, State.OPEN, facts.valid_reason, attention=Attention("undated", question))
    return _verdict(facts, State.OPEN, facts.valid_reason)


def _day(event: Event, facts: _Facts) -> date:
    return event.at.astimezone(facts.policy.timezone).date()


def _pilot(matter: Matter) -> tuple[str, date | None]:
    """The sentence that shows a free pilot with this customer, and the end that the owner's side named last."""
    shown = [u for u in matter.heard if u.pilot]
    ends = [u.pilot_until for u in matter.heard if u.pilot_until and u.from_house]
    return (shown[0].pilot if shown else ""), (ends[-1] if ends else None)


# -- the draft --------------------------------------------------------------------------------------------------------


def _with_draft(verdict: Verdict, facts: _Facts) -> Verdict:
    """Adds what is due: a withdrawal where the offer has lapsed, the grace is over, and nothing is in doubt."""
    snoozed = facts.word("snoozed")
    if snoozed and snoozed.until and facts.now < end_of_day(snoozed.until - timedelta(days=1), facts.policy.timezone):
        return replace(verdict, hold_until=snoozed.until)
    if verdict.state is not State.LAPSED or facts.valid_until is None:
        return verdict
    verdict = replace(verdict, attention=verdict.attention or _doubt(facts))
    hold = _end_of_grace(facts)
    today = facts.now.astimezone(facts.policy.timezone).date()
    if today < hold:
        return replace(verdict, hold_until=hold)
    if verdict.attention or facts.word("never") or _is_history(facts, today):
        return verdict
    return replace(verdict, due="withdrawal")


def _end_of_grace(facts: _Facts) -> date:
    """The first day on which a draft may be made: grace in working days after validity and after a promised date."""
    assert facts.valid_until is not None
    promise = next((e.promised for e in facts.since if e.promised and e.by is By.CUSTOMER), None)
    last = facts.valid_until
    if promise and facts.policy.honour_promised_dates:
        last = max(last, promise)
    return working_days_after(last, facts.policy.grace_working_days, facts.policy.country)


def _is_history(facts: _Facts, today: date) -> bool:
    assert facts.valid_until is not None
    too_old = (today - facts.valid_until).days > facts.policy.draft_within_days
    before = facts.policy.act_from is not None and facts.valid_until < facts.policy.act_from
    return too_old or before


def _doubt(facts: _Facts) -> Attention | None:
    """A message that may be a decision or a question after all: one clear question instead of a draft."""
    offer = facts.matter.offer.message
    for heard in facts.matter.shared:
        at = heard.message.sent_at
        if at <= facts.now and (offer is None or at > offer.sent_at):
            day = at.astimezone(facts.policy.timezone).date()
            question = f"Is the {heard.kind} of {day} about this offer, or another one? “{heard.reading.quote[:160]}”"
            return Attention("two-customers", question)
    answered = max(
        (e.at for e in facts.since if e.by in (By.OWNER, By.COLLEAGUE) and e.kind is not Kind.OTHER), default=None
    )
    for event in reversed(facts.since):
        if event.by is not By.CUSTOMER:
            continue
        asked = event.asks >= ASKS_LIMIT and (answered is None or event.at > answered)
        decided = event.doubt >= (SURE if _stalled_after(event, facts) else DOUBT_LIMIT)
        if decided or asked:
            code = "maybe-answered-elsewhere" if event.loose else "mixed-signals"
            return Attention(code, _question(event, facts, decision=decided))
    return None


def _question(event: Event, facts: _Facts, *, decision: bool) -> str:
    what = "a decision" if decision else "a question to you"
    return f"Is the message of {_day(event, facts)} {what}? “{event.quote[:160]}”"
