"""Offer + Timeline + Policy + now → Verdict, with the reasons that decided it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal


class State(StrEnum):
    """Tested in this order; the first that fits holds (docs/judgement.md)."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    UNDELIVERED = "undelivered"
    YOUR_TURN = "your-turn"
    LAPSED = "lapsed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the judgement: the rule that applied, in words, and the sentence of the mail that proves it."""

    rule: str
    text: str
    quote: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Attention:
    """Something only the owner can settle: a stable code, and one clear question."""

    code: str
    question: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`due` says which draft must stand in Drafts now, None for none; `hold_until` the day before which nothing is drafted."""

    state: State
    valid_until: date | None
    reasons: tuple[Reason, ...]
    pilot: bool = False
    pilot_until: date | None = None
    hold_until: date | None = None
    attention: Attention | None = None
    due: Literal["withdrawal"] | None = None
