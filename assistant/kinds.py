"""The vocabulary of the judgement: who wrote a message, what kind it is, and how sure we are.

The meaning of each kind is in docs/judgement.md, with examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class By(StrEnum):
    """Who speaks. A colleague is somebody else at the owner's own company."""

    OWNER = "owner"
    COLLEAGUE = "colleague"
    CUSTOMER = "customer"
    MACHINE = "machine"


class Kind(StrEnum):
    """What a message does to an offer. The first five are the owner's side's, `OTHER` is both sides'."""

    OFFER = "offer"
    FOLLOW_UP = "follow-up"
    EXTENSION = "extension"
    WITHDRAWAL = "withdrawal"
    OTHER = "other"
    ACCEPTANCE = "acceptance"
    REFUSAL = "refusal"
    STALL = "stall"
    QUESTION = "question"
    NEGOTIATION = "negotiation"
    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    CALENDAR = "calendar"


OWNER_KINDS = (Kind.OFFER, Kind.FOLLOW_UP, Kind.EXTENSION, Kind.WITHDRAWAL, Kind.OTHER)
CUSTOMER_KINDS = (
    Kind.ACCEPTANCE, Kind.REFUSAL, Kind.STALL, Kind.QUESTION, Kind.NEGOTIATION, Kind.AUTO_REPLY, Kind.OTHER,
)  # fmt: skip
MACHINE_KINDS = (Kind.AUTO_REPLY, Kind.BOUNCE, Kind.RECEIPT, Kind.CALENDAR)
DECISIVE = (Kind.ACCEPTANCE, Kind.REFUSAL)


@dataclass(frozen=True, slots=True)
class Reading:
    """How one message was understood.

    `confidence` is the calibrated probability that `kind` is right (0 to 1); `quote` the writer's sentence that shows
    it, verbatim, '' where structure alone decided; `promised` the decision date that a stall names; `scores` the
    probability of every kind that was weighed.
    """

    kind: Kind
    confidence: float
    quote: str = ""
    promised: date | None = None
    scores: Mapping[Kind, float] = field(default_factory=dict)
