"""What an offer is: as the owner registered it, as mail shows it, and with the conversation about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from assistant.messages import Address, Message

if TYPE_CHECKING:
    from assistant.understanding import Understood


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
    """An Offer with what its messages say, oldest first.

    versions  the messages that offered; the last one stands
    loose     messages of other threads that belong to it by customer alone
    shared    messages of the customer that may as well be about this offer as about another one
    """

    offer: Offer
    heard: tuple[Understood, ...]
    versions: tuple[str, ...] = ()
    loose: frozenset[str] = frozenset()
    shared: tuple[Understood, ...] = ()
