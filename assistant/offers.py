"""Threads + register → Offers: which of the owner's messages are offers, to whom, and which conversation is about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assistant.messages import Address, Message


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
    owner_addresses, colleague_domain   tell the owner's side from the customer's
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
