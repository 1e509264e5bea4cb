"""What came of a notice that was sent: the clock starts when it left, and the first word of the customer stops it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from assistant.kinds import By, Kind
from assistant.service.judging import Listing

PROMPT = timedelta(hours=48)


class Came(StrEnum):
    """An order within 48 hours is what the notice hopes for; silence is what it was before."""

    PROMPT_ORDER = "order-within-48h"
    ORDER = "order-later"
    REFUSAL = "refusal"
    QUESTION = "question"
    ANSWER = "answer"
    SILENCE = "silence"

    @property
    def in_words(self) -> str:
        return _WORDS[self]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came, and when; `at` is None while nothing has."""

    came: Came
    sent_at: datetime
    at: datetime | None = None


def outcome(item: Listing) -> Outcome | None:
    """What came of the last notice to this customer that was sent; None where none was.

    A decision counts before whatever was said on the way to it.
    """
    sent = [d.sent_at for d in item.entry.drafts if d.fate == "sent" and d.kind == "withdrawal" and d.sent_at]
    if not sent:
        return None
    since = [e for e in item.timeline if e.by is By.CUSTOMER and e.at > sent[-1] and e.kind is not Kind.AUTO_REPLY]
    for came, kinds in _WEIGHT:
        found = next((e for e in since if e.kind in kinds), None)
        if found is not None:
            prompt = came is Came.ORDER and found.at - sent[-1] <= PROMPT
            return Outcome(Came.PROMPT_ORDER if prompt else came, sent[-1], found.at)
    return Outcome(Came.SILENCE, sent[-1])


_WORDS = {
    Came.PROMPT_ORDER: "an order came within 48 hours",
    Came.ORDER: "an order came, later than 48 hours",
    Came.REFUSAL: "the customer declined",
    Came.QUESTION: "the customer asked something",
    Came.ANSWER: "the customer answered without deciding",
    Came.SILENCE: "no answer yet",
}
_WEIGHT = (
    (Came.ORDER, (Kind.ACCEPTANCE,)),
    (Came.REFUSAL, (Kind.REFUSAL,)),
    (Came.QUESTION, (Kind.QUESTION, Kind.NEGOTIATION)),
    (Came.ANSWER, tuple(Kind)),
)
