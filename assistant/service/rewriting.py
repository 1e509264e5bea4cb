"""A letter written once more, as the offer stood then: to know an untouched draft when nothing was noted about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from assistant.drafts import to_bytes
from assistant.errors import DraftRefused, TemplateBroken
from assistant.messages import parse_message
from assistant.resemblance import same_letter
from assistant.service.judging import Listing
from assistant.service.settling import Visit
from assistant.service.writing import write
from assistant.store.intents import Intent
from assistant.store.register import LedgerDraft


def is_untouched(visit: Visit, item: Listing | None, found: bytes, draft: LedgerDraft, intent: Intent | None) -> bool:
    """Whether these are the words we wrote: as noted here, or as they come out when the letter is written once more for
    the moment that it is dated (another computer's draft, a lost register). In doubt it is the owner's."""
    if intent is not None and intent.message and same_letter(intent.message, found):
        return True
    if item is None or not found.strip():
        return False
    at = parse_message(found, fallback=visit.now).sent_at
    again = written_then(visit, item, draft, at) if at <= visit.now else None
    return again is not None and same_letter(again, found)


def written_then(visit: Visit, item: Listing, draft: LedgerDraft, at: datetime) -> bytes | None:
    """The letter as this offer gave it at that moment; None where it can no longer be written."""
    valid_until = date.fromisoformat(draft.version.split(":")[1])
    then = _as_of(item, at, draft.answers)
    then = replace(then, verdict=replace(then.verdict, valid_until=valid_until))
    name = draft.marker or draft.message_id
    try:
        return to_bytes(write(visit.desk, then, at, kind=draft.kind, message_id=name))  # type: ignore[arg-type]
    except (DraftRefused, TemplateBroken):
        return None


def _as_of(item: Listing, at: datetime, answered: str) -> Listing:
    """The offer without what was written after the message that was answered, or, where that is unknown, after `at`."""
    offer = item.matter.offer
    at = next((m.sent_at for m in offer.conversation if m.message_id == answered), at)
    heard = tuple(m for m in offer.conversation if m.sent_at <= at)
    matter = replace(item.matter, offer=replace(offer, conversation=heard))
    return replace(item, matter=matter, timeline=tuple(e for e in item.timeline if e.at <= at))
