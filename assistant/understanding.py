"""One Message → what it says: who speaks, its kind, the validity it states, the decision it promises, a free pilot.

This is the meeting point of the pure readers (machines, replies, validity, references); what comes out is stored, so
that a message is read once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial

from assistant.customers import House
from assistant.decisions import find_decision_date
from assistant.kinds import DECISIVE, By, Kind, Reaction, Reading
from assistant.languages import detect_language
from assistant.letterhead import document_date
from assistant.machines import is_bulk, machine_kind
from assistant.messages import Message
from assistant.pilots import find_pilot_end, mentions_pilot
from assistant.policy import Policy
from assistant.references import find_reference
from assistant.replies import read_customer, read_owner, read_reaction, sells
from assistant.validity import CREDIBLE, Clause, find_extension, find_validity

_OLDEST_DOCUMENT = timedelta(days=45)  # an offer is sent soon after it was written; an older date is of something else
_MAYBE_OFFER = 0.2  # P(offer) from which a day that stands alone may be the validity
SURE_EXTENSION = 0.7  # P(extension) from which any day to come that the message names is the new last day
# P(acceptance) + P(refusal) from which an automatic message is read as the customer's word, and from which no context
# makes a draft of it without a question.
SURE_DECISION = 0.7
SURE_MACHINE = 0.8  # P(auto-reply) from which a message without the headers of one is a machine's
_MACHINES = frozenset({Kind.AUTO_REPLY, Kind.BOUNCE, Kind.RECEIPT, Kind.CALENDAR})


@dataclass(frozen=True, slots=True)
class Understood:
    """A message as it was read.

    sells        how probably its author offers something for sale (0 to 1), whoever that is: suppliers do, too
    clause       the validity that the owner's side states in it, None where it states none
    reference    the identifier of an offer that it bears
    pilot        the sentence that shows a free pilot, '' for none; `pilot_until` its end where named
    bulk         sent to a list (RFC 2369, 2919), not to a person
    reaction     how the owner's side reacts to the customer's word before it: the probability of each reaction
    """

    message: Message
    by: By
    reading: Reading
    language: str
    sells: float = 0.0
    clause: Clause | None = None
    reference: str | None = None
    pilot: str = ""
    pilot_until: date | None = None
    bulk: bool = False
    reaction: Mapping[Reaction, float] = field(default_factory=dict)

    @property
    def message_id(self) -> str:
        return self.message.message_id

    @property
    def kind(self) -> Kind:
        return self.reading.kind

    @property
    def from_house(self) -> bool:
        return self.by in (By.OWNER, By.COLLEAGUE)


def understand(message: Message, house: House, policy: Policy, *, language: str) -> Understood:
    """Reads one message. `language` is the prior of its thread."""
    spoken = detect_language(message.text or message.subject, language)
    machine = machine_kind(message)
    ours = message.sender is not None and house.holds(message.sender.email)
    if machine is not None and not _speaks(message, machine.kind, ours, spoken):
        return Understood(message, By.MACHINE, machine, spoken, bulk=is_bulk(message))
    read = _read_house if ours else _read_outsider
    return read(message, house, policy, spoken)


def _speaks(message: Message, machine: Kind, ours: bool, language: str) -> bool:
    """Whether a machine's message is somebody's word: the owner's own invitation, or a decision that it passes on: a
    tender platform that takes no answers says no all the same."""
    if ours or machine is not Kind.AUTO_REPLY:
        return ours and machine is Kind.CALENDAR
    scores = read_customer(subject=message.subject, text=message.text, language=language).scores
    return sum(scores.get(kind, 0.0) for kind in DECISIVE) >= SURE_DECISION


def corrected(heard: Understood, kind: Kind, house: House) -> Understood:
    """The same message, read as the owner says: his correction is final."""
    by = heard.by
    if by is By.MACHINE and kind not in _MACHINES:
        sender = heard.message.sender.email if heard.message.sender else ""
        by = By.OWNER if house.is_owner(sender) else By.COLLEAGUE if house.holds(sender) else By.CUSTOMER
    reading = replace(heard.reading, kind=kind, confidence=1.0, scores={kind: 1.0})
    return replace(heard, by=by, reading=reading, sells=float(kind is Kind.OFFER))


def _sent_on(message: Message, policy: Policy) -> date:
    return message.sent_at.astimezone(policy.timezone).date()


def _documents(message: Message) -> list[tuple[str, str]]:
    return [(a.name, a.text) for a in message.attachments if a.text]


def _read_house(message: Message, house: House, policy: Policy, language: str) -> Understood:
    documents = _documents(message)
    reading = read_owner(
        subject=message.subject,
        text=message.text,
        language=language,
        attachments=[(a.name, a.text or "") for a in message.attachments],
    )
    by = By.OWNER if message.sender and house.is_owner(message.sender.email) else By.COLLEAGUE
    pilot, pilot_until = _pilot(message, policy, language)
    return Understood(
        message=message,
        by=by,
        reading=reading,
        language=language,
        sells=reading.scores.get(Kind.OFFER, 0.0),
        clause=_clause(message, documents, policy, language, reading.scores),
        reference=find_reference(
            message.subject, [message.text, *(text for _, text in documents)], [a.name for a in message.attachments]
        ),
        reaction=_reaction(message, reading),
        pilot=pilot,
        pilot_until=pilot_until,
        bulk=is_bulk(message),
    )


def _reaction(message: Message, reading: Reading) -> dict[Reaction, float]:
    """How the owner's side reacts; not asked of what is an offer or about something else."""
    if reading.kind in (Kind.OFFER, Kind.OTHER):
        return {}
    return read_reaction(text=message.text, subject=message.subject)


def _clause(
    message: Message, documents: Sequence[tuple[str, str]], policy: Policy, language: str, scores: Mapping[Kind, float]
) -> Clause | None:
    """The validity stated in the body, the subject or a document. Where they disagree the later day holds: a draft that
    comes too late is better than one that comes too early. Durations count from the date that the document bears."""
    sent_on = _sent_on(message, policy)
    dated = [d for text in documents if (d := document_date(text[1], language=language, country=policy.country))]
    start = next((d for d in dated if timedelta() <= sent_on - d <= _OLDEST_DOCUMENT), sent_on)
    extends = scores.get(Kind.EXTENSION, 0.0) >= SURE_EXTENSION
    in_offer = scores.get(Kind.OFFER, 0.0) >= _MAYBE_OFFER
    find = find_extension if extends else partial(find_validity, in_offer=in_offer)
    texts = [message.text, *(text for _, text in documents), message.subject]
    found = [
        clause
        for text in texts
        if text
        and (clause := find(text, sent_on=start, language=language, country=policy.country))
        and clause.confidence >= CREDIBLE
    ]
    if extends:  # its subject is that of the offer, and may hold an older day
        return max(found, key=lambda c: round(c.confidence, 1), default=None)
    return max(found, key=lambda c: (round(c.confidence, 1), c.last_day), default=None)


def _read_outsider(message: Message, house: House, policy: Policy, language: str) -> Understood:
    attachments = [(a.name, a.text or "") for a in message.attachments]
    reading = read_customer(subject=message.subject, text=message.text, language=language, attachments=attachments)
    by = By.CUSTOMER
    if reading.kind in _MACHINES and reading.confidence >= SURE_MACHINE:
        by = By.MACHINE
    else:  # what stands around it may make it a stall: the timeline decides whether the day holds
        promised = find_decision_date(
            message.text, sent_on=_sent_on(message, policy), language=language, country=policy.country
        )
        if promised:
            reading = replace(reading, promised=promised[0])
    pilot, pilot_until = _pilot(message, policy, language)
    return Understood(
        message=message,
        by=by,
        reading=reading,
        language=language,
        sells=sells(subject=message.subject, text=message.text, attachments=attachments),
        pilot=pilot,
        pilot_until=pilot_until,
        bulk=is_bulk(message),
    )


def _pilot(message: Message, policy: Policy, language: str) -> tuple[str, date | None]:
    text = "\n".join([message.text, *(text for _, text in _documents(message))])
    quote = mentions_pilot(text, language)
    if not quote:
        return "", None
    end = find_pilot_end(text, sent_on=_sent_on(message, policy), language=language, country=policy.country)
    return quote, end[0] if end else None
