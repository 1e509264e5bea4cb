"""Threads + register → Offers: which of the owner's messages are offers, to whom, and what was said about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from assistant.customers import Circle, House, client_name, fold, organisation, person
from assistant.kinds import Kind
from assistant.matching import (
    amounts,
    bare_subject,
    same_subject,
    says_it_replaces,
    similar,
    speaks_of_other_business,
    stems,
)
from assistant.messages import Address, Message
from assistant.references import mentions, related
from assistant.understanding import Understood

OFFER_THRESHOLD = 0.5  # P(offer) from which a message of the owner's side is one
SUPPLIER_THRESHOLD = 0.6  # P(offer) from which an outsider's message makes him a seller
CIRCULAR = 4  # an offer goes to one customer; what goes to more organisations is a circular


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as the owner registered it. Empty text and None mean: not said."""

    reference: str = ""
    client: str = ""
    contact: str = ""
    title: str = ""
    amount: str = ""
    sent_on: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as it now stands, and the conversation about it.

    message       the message that carries it; None for a registered proposal that no thread belongs to
    reference     the bare identifier ('P-2026-014'), None where there is none
    client        the customer: registered name, else the organisation as signature or domain give it
    contact       the person it went to; None only where the register names nobody
    conversation  every message about it, both sides and machines, oldest first, `message` among them
    """

    message: Message | None
    reference: str | None
    client: str
    contact: Address | None
    title: str
    offered_on: date | None
    language: str
    conversation: tuple[Message, ...] = ()
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """An Offer with what its messages say, oldest first. `versions` are the messages that offered, the last one stands;
    `loose` are those of other threads that belong to it by customer alone."""

    offer: Offer
    heard: tuple[Understood, ...]
    versions: tuple[str, ...] = ()
    loose: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Group:
    """A matter while it is put together."""

    circle: Circle
    versions: list[Understood] = field(default_factory=list)
    heard: dict[str, Understood] = field(default_factory=dict)
    threads: set[int] = field(default_factory=set)
    loose: set[str] = field(default_factory=set)
    proposal: Proposal | None = None

    @property
    def current(self) -> Understood | None:
        return self.versions[-1] if self.versions else None

    def references(self) -> set[str]:
        known = {v.reference for v in self.versions if v.reference}
        return known | ({self.proposal.reference} if self.proposal and self.proposal.reference else set())

    def subject(self) -> str:
        return self.current.message.subject if self.current else (self.proposal.title if self.proposal else "")


def find_matters(
    heard: Iterable[Understood],
    thread_of: Mapping[str, int],
    proposals: Sequence[Proposal],
    house: House,
    timezone: ZoneInfo,
) -> tuple[Matter, ...]:
    """The offers of a mailbox, each with its conversation; those replaced by a newer one are not listed.

    `thread_of` gives the thread of each Message-ID. Offers are in the order in which they were sent; registered
    proposals that no message belongs to come last.
    """
    messages = sorted(heard, key=lambda u: u.message.sent_at)
    groups: list[_Group] = []
    for message in _candidates(messages, thread_of, house, proposals, timezone):
        _place_offer(message, groups, thread_of, house, messages)
    _link_proposals(groups, proposals, messages, thread_of, house, timezone)
    _distribute(messages, groups, thread_of, house)
    return tuple(_matter(g, house, timezone) for g in groups)


def _candidates(
    messages: Sequence[Understood],
    thread_of: Mapping[str, int],
    house: House,
    proposals: Sequence[Proposal],
    timezone: ZoneInfo,
) -> list[Understood]:
    """The messages that offer something for sale to one customer."""
    bought: set[int] = set()  # threads that a supplier opened: there the owner is the customer
    sold: set[int] = set()
    found = []
    for m in messages:
        thread = thread_of.get(m.message_id, -1)
        if not m.from_house:
            if m.sells >= SUPPLIER_THRESHOLD and thread not in sold:
                bought.add(thread)
            continue
        if thread not in bought and (_offers(m, house) or _is_registered(m, proposals, house, timezone)):
            found.append(m)
            sold.add(thread)
    return found


def _offers(m: Understood, house: House) -> bool:
    circle = {organisation(a.email) for a in house.outsiders(m.message)}
    if not (m.kind is Kind.OFFER and m.sells >= OFFER_THRESHOLD and 0 < len(circle) <= CIRCULAR and not m.bulk):
        return False
    names = " ".join(a.name.replace("_", " ") for a in m.message.attachments)
    return m.reading.confidence == 1.0 or not speaks_of_other_business(m.message.subject, names, m.message.text)


def _is_registered(m: Understood, proposals: Sequence[Proposal], house: House, timezone: ZoneInfo) -> bool:
    """A message that the register knows as an offer, even where its words are too few to tell."""
    sent_on = m.message.sent_at.astimezone(timezone).date()
    outsiders = house.outsiders(m.message)
    return any(
        p.sent_on is not None
        and abs((p.sent_on - sent_on).days) <= 1
        and any(_knows(p, a) for a in outsiders)
        and m.reading.scores.get(Kind.WITHDRAWAL, 0.0) < 0.8
        and (m.sells >= 0.15 or (bool(p.reference) and mentions(_words(m), p.reference)))
        for p in proposals
    )


def _words(m: Understood) -> str:
    documents = (f"{a.name}\n{a.text or ''}" for a in m.message.attachments)
    return "\n".join([m.message.subject, m.message.text, *documents])


def _knows(proposal: Proposal, address: Address) -> bool:
    """The address is the registered contact, or of the same organisation."""
    contact = proposal.contact.lower()
    return bool(contact) and organisation(contact) == organisation(address.email)


def _place_offer(
    m: Understood, groups: list[_Group], thread_of: Mapping[str, int], house: House, messages: Sequence[Understood]
) -> None:
    """A new matter, a new version of a known one, or only its repetition."""
    thread = thread_of.get(m.message_id, -1)
    circle = Circle.of(house.outsiders(m.message))
    for group in reversed(groups):
        bounced = _bounced(group, messages)
        if not _same_matter(m, circle, thread, group, resent=bounced):
            continue
        agreed = _accepted(group, messages, thread_of) and not _repeats(m, group)
        if agreed and not says_it_replaces(_words(m)):
            continue  # what was agreed stands; this is the next affair with that customer
        if bounced or not _repeats(m, group):
            group.versions.append(m)
        group.circle |= circle
        group.heard[m.message_id] = m
        group.threads.add(thread)
        return
    groups.append(_Group(circle, [m], {m.message_id: m}, {thread}))


def _same_matter(m: Understood, circle: Circle, thread: int, group: _Group, *, resent: bool) -> bool:
    known_customer = bool(circle.organisations & group.circle.organisations or circle.persons & group.circle.persons)
    if thread in group.threads and known_customer:
        return True
    same_reference = any(related(m.reference, r) for r in group.references())
    replaces = says_it_replaces(_words(m)) and similar(m.message.subject, group.subject()) >= 0.3
    if known_customer:
        if m.reference and group.references() and not same_reference:
            return replaces
        return same_reference or replaces or same_subject(m.message.subject, group.subject()) >= 0.75
    return resent and (same_reference or similar(m.message.subject, group.subject()) >= 0.6)


def _repeats(m: Understood, group: _Group) -> bool:
    """An offer sent once more, or recalled with its price: no new document, no new sum, and no word of a revision."""
    standing = group.current
    if standing is None or (m.reference and standing.reference and m.reference != standing.reference):
        return False
    if says_it_replaces(m.message.subject + "\n" + m.message.text):
        return False
    known = amounts(_words(standing))
    return amounts(_words(m)) <= known


def _bounced(group: _Group, messages: Sequence[Understood]) -> bool:
    """The standing offer came back from all its recipients, and nobody answered it."""
    from assistant.deliveries import undelivered_to

    current = group.current
    if current is None:
        return False
    failed = undelivered_to(current.message, messages)
    recipients = {a.email for a in (*current.message.to, *current.message.cc)}
    return bool(failed) and bool(failed & recipients)


def _accepted(group: _Group, messages: Sequence[Understood], thread_of: Mapping[str, int]) -> bool:
    """The customer said yes to the standing version, in its thread."""
    current = group.current
    return current is not None and any(
        u.kind is Kind.ACCEPTANCE
        and u.reading.confidence >= 0.6
        and u.message.sent_at > current.message.sent_at
        and thread_of.get(u.message_id) in group.threads
        and not u.from_house
        for u in messages
    )


def _link_proposals(
    groups: list[_Group],
    proposals: Sequence[Proposal],
    messages: Sequence[Understood],
    thread_of: Mapping[str, int],
    house: House,
    timezone: ZoneInfo,
) -> None:
    """Joins each registered proposal to its matter; one without any becomes a matter of its own."""
    for proposal in proposals:
        scored = [(_fit(proposal, g, timezone), i) for i, g in enumerate(groups) if g.proposal is None]
        best, index = max(scored, default=(0.0, -1))
        if best >= 2:
            groups[index].proposal = proposal
            continue
        contact = Address("", proposal.contact.lower())
        groups.append(_Group(Circle.of([contact] if proposal.contact else []), proposal=proposal))


def _fit(proposal: Proposal, group: _Group, timezone: ZoneInfo) -> float:
    """How well a proposal describes a matter: its number outweighs all, a date alone is nothing."""
    score = 0.0
    words = "\n".join(_words(v) for v in group.versions)
    if proposal.reference:
        own = {v.reference for v in group.versions if v.reference}
        if any(related(proposal.reference, r) for r in own) or mentions(words, proposal.reference):
            score += 4
        elif own:
            score -= 1
    if proposal.contact and group.circle.holds(Address("", proposal.contact.lower())):
        score += 1.5
    if proposal.client and _named(proposal.client, group, words):
        score += 1
    days = [v.message.sent_at.astimezone(timezone).date() for v in group.versions]
    if proposal.sent_on and any(abs((d - proposal.sent_on).days) <= 3 for d in days):
        score += 1
    if proposal.title and similar(proposal.title, group.subject() + " " + words[:2000]) >= 0.5:
        score += 0.5
    if proposal.amount and amounts(proposal.amount) & amounts(words):
        score += 0.5
    return score


def _named(client: str, group: _Group, words: str) -> bool:
    wanted = stems(client)
    return bool(wanted) and (wanted <= stems(words) or wanted <= stems(" ".join(group.circle.organisations)))


def _distribute(
    messages: Sequence[Understood], groups: Sequence[_Group], thread_of: Mapping[str, int], house: House
) -> None:
    """Gives every message to the matter it is about: by thread, else by customer and words."""
    for m in messages:
        thread = thread_of.get(m.message_id, -1)
        here = [g for g in groups if thread in g.threads]
        if here:
            group = max(here, key=lambda g: (_closeness(m, g), _sent_before(g, m), _sent_at(g)))
            group.heard.setdefault(m.message_id, m)
            if not m.from_house and m.message.sender is not None and m.kind not in (Kind.BOUNCE,):
                group.circle |= Circle.of([m.message.sender])
    for m in messages:
        thread = thread_of.get(m.message_id, -1)
        if any(thread in g.threads for g in groups) or m.bulk:
            continue
        _adopt(m, groups, house)


def _closeness(m: Understood, group: _Group) -> tuple[float, float]:
    named = any(mentions(_words(m), r) for r in group.references())
    return float(named), similar(m.message.subject, group.subject())


def _adopt(m: Understood, groups: Sequence[_Group], house: House) -> None:
    """A message of another thread: to the matter of that customer which it names, resembles, or else the latest."""
    people = house.outsiders(m.message) if m.from_house else (m.message.sender,) if m.message.sender else ()
    if m.kind is Kind.BOUNCE:
        _adopt_bounce(m, groups)
        return
    possible = [g for g in groups if any(g.circle.holds(a) for a in people) and _sent_before(g, m)]
    named = [g for g in groups if any(mentions(m.message.subject + "\n" + m.message.text, r) for r in g.references())]
    possible = (
        [g for g in possible if g in named] or possible or [g for g in named if not m.from_house and _sent_before(g, m)]
    )
    if not possible:
        return
    topic = stems(bare_subject(m.message.subject) + " " + m.message.text)
    best = max(possible, key=lambda g: (len(topic & stems(g.subject())), _sent_at(g)))
    about = best in named or bool(topic & stems(best.subject()))
    if not about and (m.from_house or m.kind is Kind.OTHER):
        return
    best.heard.setdefault(m.message_id, m)
    if not about:
        best.loose.add(m.message_id)


def _adopt_bounce(m: Understood, groups: Sequence[_Group]) -> None:
    from assistant.machines import failed_recipients

    failed = {organisation(e) for e in failed_recipients(m.message)}
    for group in reversed(groups):
        if failed & group.circle.organisations and _sent_before(group, m):
            group.heard.setdefault(m.message_id, m)
            return


def _sent_at(group: _Group) -> float:
    if group.current:
        return group.current.message.sent_at.timestamp()
    return 0.0


def _sent_before(group: _Group, m: Understood) -> bool:
    first = group.versions[0] if group.versions else None
    if first is not None:
        return first.message.sent_at <= m.message.sent_at
    sent_on = group.proposal.sent_on if group.proposal else None
    return sent_on is None or m.message.sent_at.date() >= sent_on - timedelta(days=1)


def _matter(group: _Group, house: House, timezone: ZoneInfo) -> Matter:
    heard = tuple(sorted(group.heard.values(), key=lambda u: u.message.sent_at))
    current, proposal = group.current, group.proposal
    contact = _contact(group, house)
    language = current.language if current else ""
    sent_on = current.message.sent_at.astimezone(timezone).date() if current else None
    offer = Offer(
        message=current.message if current else None,
        reference=(proposal.reference if proposal and proposal.reference else current.reference if current else None),
        client=_client(group, heard, contact),
        contact=contact,
        title=(proposal.title if proposal and proposal.title else bare_subject(group.subject())),
        offered_on=sent_on or (proposal.sent_on if proposal else None),
        language=language,
        conversation=tuple(u.message for u in heard),
        proposal=proposal,
    )
    versions = tuple(v.message_id for v in group.versions)
    return Matter(offer, heard, versions, frozenset(group.loose))


def _contact(group: _Group, house: House) -> Address | None:
    if group.current:
        outsiders = house.outsiders(group.current.message)
        registered = group.proposal.contact.lower() if group.proposal else ""
        return next((a for a in outsiders if a.email == registered), outsiders[0] if outsiders else None)
    contact = group.proposal.contact if group.proposal else ""
    return Address("", contact.lower()) if contact else None


def _client(group: _Group, heard: Sequence[Understood], contact: Address | None) -> str:
    if group.proposal and group.proposal.client:
        return group.proposal.client
    if contact is None:
        return ""
    signatures = [f"{u.message.signature}\n{u.message.text}" for u in heard if not u.from_house]
    return client_name(contact, [*signatures, *(_words(v) for v in group.versions)])


__all__ = ["Matter", "Offer", "Proposal", "find_matters", "fold", "person"]
