"""What happened when, by whom: a Matter → Events, oldest first, each kind seen in its context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from assistant.context import seen_after, seen_with
from assistant.kinds import DECISIVE, By, Kind, Reaction
from assistant.offers import Matter
from assistant.understanding import SURE_DECISION, Understood


@dataclass(frozen=True, slots=True)
class Event:
    """One message of the conversation as it was understood.

    `valid_until` is the last day of validity that an offer or an extension states; `promised` the decision date that a
    stall names; `quote` the sentence that shows the kind; `doubt` and `asks` how probably the message is a decision, or
    wants an answer, whatever its kind; `loose` that only the customer ties it to the offer.
    """

    message_id: str
    at: datetime
    by: By
    kind: Kind
    confidence: float
    quote: str = ""
    promised: date | None = None
    valid_until: date | None = None
    validity_quote: str = ""
    doubt: float = 0.0
    asks: float = 0.0
    loose: bool = False


Timeline = tuple[Event, ...]

SURE_CLAUSE = 0.8
LIKELY_EXTENSION = 0.15


def build_timeline(matter: Matter) -> Timeline:
    """The events of a matter. An offer that only repeats itself is a follow-up, with a later date an extension."""
    standing: date | None = None
    promised: date | None = None  # when the customer wants to decide
    answered = Kind.OTHER  # what the owner's side said last
    events = []
    for heard, reaction in zip(matter.heard, _reactions(matter.heard), strict=True):
        seen = _in_context(heard, answered, reaction) if heard.by is By.CUSTOMER else heard
        event = replace(_event(seen, matter, standing, promised), doubt=_doubt(heard, seen))
        standing = event.valid_until or standing
        promised = event.promised or promised
        answered = event.kind if heard.from_house and event.kind is not Kind.OTHER else answered
        events.append(event)
    return tuple(events)


def _reactions(conversation: Sequence[Understood]) -> list[Mapping[Reaction, float]]:
    """How the owner's side reacts to each message, the customer's last word before its next one about the offer."""
    found: list[Mapping[Reaction, float]] = []
    next_reaction: Mapping[Reaction, float] = {}
    for heard in reversed(conversation):
        found.append(next_reaction)
        if heard.by is By.CUSTOMER:
            next_reaction = {}
        if heard.from_house and heard.kind not in (Kind.OFFER, Kind.OTHER):
            next_reaction = heard.reaction
    return found[::-1]


def _in_context(heard: Understood, answered: Kind, reaction: Mapping[Reaction, float]) -> Understood:
    """The customer's message, read again in the light of what it answers and of the owner's reaction; what the owner
    corrected stands, as it has one kind alone. A promised day holds in a stall."""
    reading = heard.reading
    scores = seen_with(reaction, seen_after(answered, reading.scores))
    if not any(scores.values()):
        return heard
    kind = _likeliest(scores)
    promised = reading.promised if kind is Kind.STALL else None
    return replace(
        heard, reading=replace(reading, kind=kind, confidence=scores[kind], scores=scores, promised=promised)
    )


def _event(heard: Understood, matter: Matter, standing: date | None, promised: date | None) -> Event:
    reading, scores = heard.reading, heard.reading.scores
    human = heard.by is By.CUSTOMER
    kind = _house_kind(heard, matter, standing, promised) if heard.from_house else heard.kind
    states_validity = kind in (Kind.OFFER, Kind.EXTENSION) or (heard.from_house and standing is None)
    clause = heard.clause if states_validity and kind is not Kind.OTHER else None
    return Event(
        message_id=heard.message_id,
        at=heard.message.sent_at,
        by=heard.by,
        kind=kind,
        confidence=round(reading.confidence, 3),
        quote=reading.quote,
        promised=reading.promised,
        valid_until=clause.last_day if clause else None,
        validity_quote=clause.quote if clause else "",
        asks=scores.get(Kind.QUESTION, 0.0) + scores.get(Kind.NEGOTIATION, 0.0) if human else 0.0,
        loose=heard.message_id in matter.loose,
    )


def _doubt(heard: Understood, seen: Understood) -> float:
    """How probably it is a decision. What stands around a message does not explain away what its words surely say: a
    busy owner reminds a customer whose yes he has overlooked."""
    if heard.by is not By.CUSTOMER:
        return 0.0
    words, in_context = (sum(u.reading.scores.get(kind, 0.0) for kind in DECISIVE) for u in (heard, seen))
    return max(words, in_context) if words >= SURE_DECISION else in_context


# What a customer's message does to the state of an offer; kinds that do the same share their probability.
_EFFECTS = (
    (Kind.ACCEPTANCE,),
    (Kind.REFUSAL,),
    (Kind.QUESTION, Kind.NEGOTIATION),
    (Kind.STALL, Kind.OTHER, Kind.AUTO_REPLY),
)


def _likeliest(scores: Mapping[Kind, float]) -> Kind:
    """The most probable kind among those with the most probable effect."""
    effect = max(_EFFECTS, key=lambda kinds: sum(scores.get(kind, 0.0) for kind in kinds))
    return max(effect, key=lambda kind: scores.get(kind, 0.0))


def _house_kind(heard: Understood, matter: Matter, standing: date | None, promised: date | None) -> Kind:
    """The kind of a message of the owner's side, in its place among the others."""
    if heard.message_id in matter.versions:
        return Kind.OFFER
    later = heard.clause is not None and standing is not None and heard.clause.last_day > standing
    surely = later and heard.clause is not None and heard.clause.confidence >= SURE_CLAUSE
    if heard.kind is Kind.OFFER:
        return Kind.EXTENSION if surely else Kind.FOLLOW_UP
    if heard.kind is Kind.FOLLOW_UP and surely and heard.reading.scores.get(Kind.EXTENSION, 0.0) >= LIKELY_EXTENSION:
        return Kind.EXTENSION
    if heard.kind is Kind.EXTENSION and standing is not None:
        waits = heard.clause is not None and heard.clause.last_day == promised  # he agrees to the customer's day
        likely = later and heard.reading.confidence >= 0.6 and not waits
        return Kind.EXTENSION if surely or likely else Kind.FOLLOW_UP  # else it recalls the date, or is about the pilot
    return heard.kind
