"""What a reply in the offer's thread needs: the message it answers, its people, subject, references and quotation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from assistant.config import Owner
from assistant.customers import House, is_nobody
from assistant.kinds import MACHINE_KINDS, By
from assistant.languages.letters import Letters, subject_prefixes
from assistant.messages import Address, Message
from assistant.offers import Offer
from assistant.outgoing import is_address, is_message_id, one_line
from assistant.timeline import Timeline
from assistant.wording import spoken_date, spoken_time

MOST_REFERENCES = 50
_MOST_QUOTED_LINES = 200
_MOST_QUOTED_CHARACTERS = 12_000
_MOST_PEOPLE = 50
_DEEPEST_PREFIXES = 20


@dataclass(frozen=True, slots=True)
class People:
    """Who writes to whom."""

    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]


def _machines(timeline: Timeline) -> frozenset[str | datetime]:
    """What no person wrote, by Message-ID, or by its time where it has none."""
    return frozenset(
        event.message_id or event.at for event in timeline if event.by == By.MACHINE or event.kind in MACHINE_KINDS
    )


def written_by_people(offer: Offer, timeline: Timeline, house: House) -> tuple[Message, ...]:
    """The messages between the two sides that a person wrote, oldest first; what colleagues write among themselves
    stays in the house."""
    machines = _machines(timeline)
    return tuple(
        message
        for message in offer.conversation
        if message.sender is not None
        and not is_nobody(message.sender)
        and (message.message_id or message.sent_at) not in machines
        and (not house.holds(message.sender.email) or house.outsiders(message) or message is offer.message)
    )


def answered_message(offer: Offer, timeline: Timeline, house: House) -> Message | None:
    """The last message of the conversation that a person wrote, one with a Message-ID if possible; None without a
    thread."""
    people = written_by_people(offer, timeline, house) or ((offer.message,) if offer.message else ())
    known = [message for message in people if is_message_id(message.message_id)]
    return next(iter(reversed(known or people)), None)


def people(offer: Offer, timeline: Timeline, owner: Owner) -> People:
    """From the owner's address that sent the offer, to the offer's people and whoever of the customer wrote since.

    Who had the offer as a copy is written to once he wrote himself or the owner wrote to him; others stay in Cc.
    """
    house = House.of(owner)
    writers = _writers(offer, timeline, house)
    answer_to = {writer.email: _answer_addresses(message, house) for writer, message in writers.items()}
    message = offer.message
    addressed = {address.email for each in offer.conversation if _is_owners(each, house) for address in each.to}
    to = [*(message.to if message else ()), *writers]
    to += [each for each in (message.cc if message else ()) if each.email in addressed and not house.holds(each.email)]
    if not any(_may_receive(each, house) for each in to) and offer.contact:
        to = [offer.contact, *to]
    cc = [*(message.cc if message else ())]
    if message and message.sender and not house.is_owner(message.sender.email):
        cc.append(message.sender)
    everyone = _resolved(to, answer_to, house)
    copies = [each for each in _resolved(cc, answer_to, house) if each.email not in {one.email for one in everyone}]
    return People(_sender(offer, owner, house), tuple(everyone[:_MOST_PEOPLE]), tuple(copies[:_MOST_PEOPLE]))


def _is_owners(message: Message, house: House) -> bool:
    return message.sender is not None and house.is_owner(message.sender.email)


def _writers(offer: Offer, timeline: Timeline, house: House) -> dict[Address, Message]:
    """Who of the customer's side wrote since the offer, each with his latest message."""
    messages = written_by_people(offer, timeline, house)
    since = offer.message.sent_at if offer.message else None
    return {
        message.sender: message
        for message in messages
        if message.sender and not house.holds(message.sender.email) and (since is None or message.sent_at >= since)
    }


def _answer_addresses(message: Message, house: House) -> tuple[Address, ...]:
    """Where the writer wants answers (RFC 5322 §3.6.2): Reply-To unless it leads nowhere or back to the owner."""
    wanted = tuple(each for each in message.reply_to if _may_receive(each, house))
    return wanted or ((message.sender,) if message.sender else ())


def _may_receive(address: Address, house: House) -> bool:
    return is_address(address.email) and not house.is_owner(address.email) and not is_nobody(address)


def _resolved(addresses: Iterable[Address], answer_to: dict[str, tuple[Address, ...]], house: House) -> list[Address]:
    """Each address once, in order, replaced by where its owner wants answers; none of the owner's, no machine's."""
    chosen: dict[str, Address] = {}
    for address in addresses:
        for target in answer_to.get(address.email, (address,)):
            if _may_receive(target, house):
                chosen.setdefault(target.email, target)
    return list(chosen.values())


def _sender(offer: Offer, owner: Owner, house: House) -> Address:
    """The owner's address that sent the offer; else the owner's address on that thread, else the main one."""
    if offer.message and offer.message.sender and house.is_owner(offer.message.sender.email):
        return Address(offer.message.sender.name or owner.name, offer.message.sender.email)
    thread = [offer.message, *offer.conversation] if offer.message else offer.conversation
    on_thread = (
        address.email
        for message in thread
        if message
        for address in ((message.sender,) if message.sender else ()) + message.to + message.cc
        if house.is_owner(address.email)
    )
    return Address(owner.name, next(on_thread, owner.addresses[0]))


def bare_subject(subject: str) -> str:
    """The thread's subject without what mail programs stacked before it: 'RE: TR: AW[2]: Devis' → 'Devis'."""
    rest = one_line(subject)
    for _ in range(_DEEPEST_PREFIXES):
        prefix, colon, after = rest.partition(":")
        word = prefix.strip().rstrip("0123456789[]()").strip().lower()
        if not colon or word not in subject_prefixes():
            break
        rest = after.strip()
    return rest


def references(message: Message) -> tuple[str, ...]:
    """References of a reply (RFC 5322 §3.6.4): the parent's, else its In-Reply-To if single, then the parent itself.

    Of a very long line of ancestors the root and the latest are kept, as mail programs thread by these.
    """
    ancestors = message.references or (message.in_reply_to if len(message.in_reply_to) == 1 else ())
    chain = dict.fromkeys(each for each in (*ancestors, message.message_id) if is_message_id(each))
    line = [
        *(each for each in chain if each != message.message_id),
        *(each for each in chain if each == message.message_id),
    ]
    return tuple(line if len(line) <= MOST_REFERENCES else [line[0], *line[1 - MOST_REFERENCES :]])


def attribution(message: Message, letters: Letters, timezone: tzinfo) -> str:
    """The line that introduces the quotation: 'Le 5 mai 2026 à 16:02, Sylvie COURTIN <…> a écrit :'."""
    moment = message.sent_at.astimezone(timezone)
    sender = message.sender or Address("", "")
    author = f"{one_line(sender.name, 200)} <{one_line(sender.email, 300)}>".strip()
    line = letters.attribution
    return line.format(date=spoken_date(moment.date(), letters), time=spoken_time(moment, letters), author=author)


def quoted_lines(message: Message) -> tuple[str, ...]:
    """What the reply quotes: the message's whole text, cut where it grows too long, without trailing blank lines."""
    text = message.full_text or message.text
    lines = [line.rstrip() for line in text[:_MOST_QUOTED_CHARACTERS].strip("\r\n").splitlines()]
    cut = len(text) > _MOST_QUOTED_CHARACTERS or len(lines) > _MOST_QUOTED_LINES
    return (*lines[:_MOST_QUOTED_LINES], "[…]") if cut else tuple(lines)


def quotation(lines: Iterable[str]) -> str:
    """The lines behind '> '; a line that is a quotation itself gets one more '>' (RFC 3676 §4.5)."""
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines)
