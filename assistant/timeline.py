"""What happened when, by whom: an Offer's conversation → Events, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from assistant.kinds import By, Kind


@dataclass(frozen=True, slots=True)
class Event:
    """One message of the conversation as it was understood.

    `valid_until` is the last day of validity that an offer or an extension states; `promised` the decision date that a
    stall names; `quote` the sentence that shows the kind, or the validity clause.
    """

    message_id: str
    at: datetime
    by: By
    kind: Kind
    confidence: float
    quote: str = ""
    promised: date | None = None
    valid_until: date | None = None
    validity_quote: str = ""


Timeline = tuple[Event, ...]
