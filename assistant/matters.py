"""Threads + register → Matters: which of the owner's messages are offers, to whom, and what was said about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from assistant.customers import House, client_name, organisation
from assistant.grouping import Group, distribute, link_proposals, place_offer
from assistant.kinds import Kind
from assistant.matching import speaks_of_other_business
from assistant.messages import Address
from assistant.offers import Matter, Offer, Proposal
from assistant.references import mentions
from assistant.threads import bare_subject
from assistant.traits import Traits, words_of
from assistant.understanding import Understood

OFFER_THRESHOLD = 0.6  # P(offer) from which a message of the owner's side is one
SURE_OFFER = 0.95  # P(offer) from which a stray word of other business in the text is none
SUPPLIER_THRESHOLD = 0.6  # P(offer) from which an outsider's message makes him a seller
CIRCULAR = 4  # an offer goes to one customer; what goes to more organisations is a circular


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
    traits = Traits(messages)
    groups: list[Group] = []
    for message in _candidates(messages, thread_of, house, proposals, timezone):
        place_offer(message, groups, thread_of, house, traits)
    link_proposals(groups, proposals, timezone)
    distribute(groups, thread_of, house, traits)
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
    return m.reading.confidence == 1.0 or not speaks_of_other_business(
        m.message.subject, names, m.message.text, surely_sells=m.sells >= SURE_OFFER
    )


def _is_registered(m: Understood, proposals: Sequence[Proposal], house: House, timezone: ZoneInfo) -> bool:
    """A message that the register knows as an offer, even where its words are too few to tell."""
    sent_on = m.message.sent_at.astimezone(timezone).date()
    outsiders = house.outsiders(m.message)
    return any(
        p.sent_on is not None
        and abs((p.sent_on - sent_on).days) <= 1
        and any(_knows(p, a) for a in outsiders)
        and m.reading.scores.get(Kind.WITHDRAWAL, 0.0) < 0.8
        and (m.sells >= 0.15 or (bool(p.reference) and mentions(words_of(m), p.reference)))
        for p in proposals
    )


def _knows(proposal: Proposal, address: Address) -> bool:
    """The address is the registered contact, or of the same organisation."""
    contact = proposal.contact.lower()
    return bool(contact) and organisation(contact) == organisation(address.email)


def _matter(group: Group, house: House, timezone: ZoneInfo) -> Matter:
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
    return Matter(offer, heard, versions, frozenset(group.loose), tuple(group.shared))


def _contact(group: Group, house: House) -> Address | None:
    if group.current:
        outsiders = house.outsiders(group.current.message)
        registered = group.proposal.contact.lower() if group.proposal else ""
        return next((a for a in outsiders if a.email == registered), outsiders[0] if outsiders else None)
    contact = group.proposal.contact if group.proposal else ""
    return Address("", contact.lower()) if contact else None


def _client(group: Group, heard: Sequence[Understood], contact: Address | None) -> str:
    if group.proposal and group.proposal.client:
        return group.proposal.client
    if contact is None:
        return ""
    signatures = [f"{u.message.signature}\n{u.message.text}" for u in heard if not u.from_house]
    return client_name(contact, [*signatures, *(words_of(v) for v in group.versions)])
