"""The vocabulary of the judgement: who wrote a message, what kind it is, and how sure we are.

The meaning of each kind is in tests/cases/FORMAT.md.
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


class Reaction(StrEnum):
    """What the owner's side makes of the customer's last word: presses for a decision, goes on after a yes, takes note
    of a no, or just answers."""

    CHASES = "chases"
    CONFIRMS = "confirms"
    REGRETS = "regrets"
    ANSWERS = "answers"


OWNER_KINDS = (Kind.OFFER, Kind.FOLLOW_UP, Kind.EXTENSION, Kind.WITHDRAWAL, Kind.OTHER)
CUSTOMER_KINDS = (
    Kind.ACCEPTANCE, Kind.REFUSAL, Kind.STALL, Kind.QUESTION, Kind.NEGOTIATION, Kind.AUTO_REPLY, Kind.OTHER,
)  # fmt: skip
MACHINE_KINDS = (Kind.AUTO_REPLY, Kind.BOUNCE, Kind.RECEIPT, Kind.CALENDAR)
DECISIVE = (Kind.ACCEPTANCE, Kind.REFUSAL)
ANSWER_NEEDED = (Kind.QUESTION, Kind.NEGOTIATION)
LOUD = (*DECISIVE, *ANSWER_NEEDED)  # after any of these a withdrawal would be wrong in public
QUIET = (Kind.STALL, Kind.OTHER, Kind.AUTO_REPLY)
DANGER_COST = 2.0  # what it costs to take a loud message for a quiet one, in other mistakes


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


def decide_kind(scores: Mapping[Kind, float], danger_cost: float = DANGER_COST) -> Kind:
    """The kind with the least expected cost: a mistake costs 1, a loud message taken for a quiet one `danger_cost`."""
    return min(scores, key=lambda kind: (_expected_cost(kind, scores, danger_cost), -scores[kind]))


def _expected_cost(chosen: Kind, scores: Mapping[Kind, float], danger_cost: float) -> float:
    return sum(
        probability * (danger_cost if kind in LOUD and chosen in QUIET else 1.0)
        for kind, probability in scores.items()
        if kind is not chosen
    )
