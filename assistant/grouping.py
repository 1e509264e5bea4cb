"""Which messages are about one affair: new versions of an offer, the register's proposals, mail of other threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from assistant.customers import Circle, House, organisation, person
from assistant.kinds import DECISIVE, Kind
from assistant.machines import failed_recipients
from assistant.matching import amounts, same_subject, says_it_replaces, similar, stems, subject_stems
from assistant.messages import Address
from assistant.offers import Proposal
from assistant.references import mentions, related
from assistant.threads import bare_subject
from assistant.traits import Traits, own_words, words_of
from assistant.understanding import Understood

_MATTERS_TO_ALL = (*DECISIVE, Kind.QUESTION, Kind.NEGOTIATION)


@dataclass(slots=True, eq=False)  # one object a matter: compared by identity
class Group:
    """A matter while it is put together."""

    circle: Circle
    versions: list[Understood] = field(default_factory=list)
    heard: dict[str, Understood] = field(default_factory=dict)
    threads: set[int] = field(default_factory=set)
    loose: set[str] = field(default_factory=set)
    shared: list[Understood] = field(default_factory=list)
    proposal: Proposal | None = None

    @property
    def current(self) -> Understood | None:
        return self.versions[-1] if self.versions else None

    def references(self) -> set[str]:
        known = {v.reference for v in self.versions if v.reference}
        return known | ({self.proposal.reference} if self.proposal and self.proposal.reference else set())

    def subject(self) -> str:
        return self.current.message.subject if self.current else (self.proposal.title if self.proposal else "")


def place_offer(m: Understood, groups: list[Group], thread_of: Mapping[str, int], house: House, traits: Traits) -> None:
    """A new matter, a new version of a known one, or only its repetition."""
    thread = thread_of.get(m.message_id, -1)
    circle = Circle.of(house.outsiders(m.message))
    for group in reversed(groups):
        if not _same_matter(m, circle, thread, group, traits):
            continue
        repeats = _repeats(m, group, traits)
        if not repeats and _accepted(group, traits, thread_of) and not traits.replaces(m):
            continue  # what was agreed stands; this is the next affair with that customer
        if not repeats or (group.current is not None and traits.bounced(group.current)):
            group.versions.append(m)
        group.circle |= circle
        group.heard[m.message_id] = m
        group.threads.add(thread)
        return
    groups.append(Group(circle, [m], {m.message_id: m}, {thread}))


def _same_matter(m: Understood, circle: Circle, thread: int, group: Group, traits: Traits) -> bool:
    known_customer = bool(circle.organisations & group.circle.organisations or circle.persons & group.circle.persons)
    if thread in group.threads and known_customer:
        return True
    same_reference = any(related(m.reference, r) for r in group.references())
    if known_customer:
        replaces = traits.replaces(m) and similar(m.message.subject, group.subject()) >= 0.3
        if m.reference and group.references() and not same_reference:
            return replaces
        return same_reference or replaces or same_subject(m.message.subject, group.subject()) >= 0.75
    resent = same_reference or similar(m.message.subject, group.subject()) >= 0.6
    return resent and group.current is not None and traits.bounced(group.current)


def _repeats(m: Understood, group: Group, traits: Traits) -> bool:
    """An offer sent once more, or recalled with its price: no new document, no new sum, and no word of a revision."""
    standing = group.current
    if standing is None or (m.reference and standing.reference and m.reference != standing.reference):
        return False
    if says_it_replaces(own_words(m)):
        return False
    return traits.amounts(m) <= traits.amounts(standing)


def _accepted(group: Group, traits: Traits, thread_of: Mapping[str, int]) -> bool:
    """The customer said yes to the standing version, in its thread."""
    current = group.current
    return current is not None and any(
        u.message.sent_at > current.message.sent_at and thread_of.get(u.message_id) in group.threads
        for u in traits.acceptances
    )


def link_proposals(groups: list[Group], proposals: Sequence[Proposal], timezone: ZoneInfo) -> None:
    """Joins each registered proposal to its matter; one without any becomes a matter of its own."""
    for proposal in proposals:
        scored = [(_fit(proposal, g, timezone), i) for i, g in enumerate(groups) if g.proposal is None]
        best, index = max(scored, default=(0.0, -1))
        if best >= 2:
            groups[index].proposal = proposal
            continue
        contact = Address("", proposal.contact.lower())
        groups.append(Group(Circle.of([contact] if proposal.contact else []), proposal=proposal))


def _fit(proposal: Proposal, group: Group, timezone: ZoneInfo) -> float:
    """How well a proposal describes a matter: its number outweighs all, a date alone is nothing."""
    score = 0.0
    words = "\n".join(words_of(v) for v in group.versions)
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


def _named(client: str, group: Group, words: str) -> bool:
    wanted = stems(client)
    return bool(wanted) and (wanted <= stems(words) or wanted <= stems(" ".join(group.circle.organisations)))


def distribute(groups: Sequence[Group], thread_of: Mapping[str, int], house: House, traits: Traits) -> None:
    """Gives every message to the matter it is about: by thread, else by customer and words."""
    at_home: dict[int, list[Group]] = {}
    for group in groups:
        for thread in group.threads:
            at_home.setdefault(thread, []).append(group)
    elsewhere = []
    for m in traits.messages:
        here = at_home.get(thread_of.get(m.message_id, -1))
        if here:
            group = max(here, key=lambda g: (_closeness(m, g), _sent_before(g, m), _sent_at(g)))
            group.heard.setdefault(m.message_id, m)
            if not m.from_house and m.message.sender is not None and m.kind is not Kind.BOUNCE:
                group.circle |= Circle.of([m.message.sender])
        elif not m.bulk:
            elsewhere.append(m)
    references = [(g, known) for g in groups if (known := g.references())]
    for m in elsewhere:
        named = [g for g, known in references if any(traits.names(m, r) for r in known)]
        _adopt(m, groups, named, house)


def _closeness(m: Understood, group: Group) -> tuple[float, float]:
    named = any(mentions(words_of(m), r) for r in group.references())
    return float(named), similar(m.message.subject, group.subject())


def _adopt(m: Understood, groups: Sequence[Group], named: Sequence[Group], house: House) -> None:
    """A message of another thread: to the matter of that customer which it names, resembles, or else the latest."""
    if m.kind is Kind.BOUNCE:
        _adopt_bounce(m, groups)
        return
    people = house.outsiders(m.message) if m.from_house else (m.message.sender,) if m.message.sender else ()
    organisations, persons = {organisation(a.email) for a in people}, {person(a.name) for a in people}
    possible = [
        g for g in groups
        if (organisations & g.circle.organisations or persons & g.circle.persons) and _sent_before(g, m)
    ]  # fmt: skip
    possible = (
        [g for g in possible if g in named] or possible or [g for g in named if not m.from_house and _sent_before(g, m)]
    )
    if not possible:
        return
    topic = stems(bare_subject(m.message.subject) + " " + m.message.text)
    best = max(possible, key=lambda g: (len(topic & subject_stems(g.subject())), _sent_at(g)))
    common = len(topic & subject_stems(best.subject()))
    about = best in named or common > 0
    if not about and (m.from_house or m.kind is Kind.OTHER):
        return
    best.heard.setdefault(m.message_id, m)
    if not m.from_house and m.kind in _MATTERS_TO_ALL:
        for other in possible:
            if other is not best and len(topic & subject_stems(other.subject())) == common:
                other.shared.append(m)
    if not about:
        best.loose.add(m.message_id)


def _adopt_bounce(m: Understood, groups: Sequence[Group]) -> None:
    failed = {organisation(e) for e in failed_recipients(m.message)}
    for group in reversed(groups):
        if failed & group.circle.organisations and _sent_before(group, m):
            group.heard.setdefault(m.message_id, m)
            return


def _sent_at(group: Group) -> float:
    if group.current:
        return group.current.message.sent_at.timestamp()
    return 0.0


def _sent_before(group: Group, m: Understood) -> bool:
    first = group.versions[0] if group.versions else None
    if first is not None:
        return first.message.sent_at <= m.message.sent_at
    sent_on = group.proposal.sent_on if group.proposal else None
    return sent_on is None or m.message.sent_at.date() >= sent_on - timedelta(days=1)
