"""A Listing as --json prints it (docs/json.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from assistant.kinds import By
from assistant.service.judging import Listing
from assistant.service.outcomes import outcome


def offers_json(listings: list[Listing], problems: list[dict[str, str]], now: datetime) -> dict[str, Any]:
    return {"now": now.isoformat(), "offers": [listing_json(item) for item in listings], "problems": problems}


def listing_json(item: Listing) -> dict[str, Any]:
    offer, verdict, draft = item.matter.offer, item.verdict, item.draft
    return {
        "id": item.id,
        "account": item.account,
        "reference": offer.reference,
        "client": offer.client,
        "contact": offer.contact.email if offer.contact else None,
        "title": offer.title,
        "message_id": offer.message.message_id if offer.message else None,
        "offered_on": _iso(offer.offered_on),
        "valid_until": _iso(verdict.valid_until),
        "state": verdict.state.value,
        "hold_until": _iso(verdict.hold_until),
        "pilot": verdict.pilot,
        "attention": {"code": verdict.attention.code, "question": verdict.attention.question}
        if verdict.attention
        else None,
        "draft": {"message_id": draft.message_id, "folder": draft.folder, "kind": draft.kind, "fate": draft.fate}
        if draft
        else None,
        "outcome": _outcome(item),
        "reasons": [
            {"rule": r.rule, "text": r.text, "quote": r.quote, "message_id": r.message_id} for r in verdict.reasons
        ],
        "timeline": [
            {
                "message_id": e.message_id,
                "at": e.at.isoformat(),
                "by": e.by.value,
                "kind": e.kind.value,
                "confidence": e.confidence,
                "quote": e.quote if e.by is not By.MACHINE or e.quote else "",
                **({"promised": e.promised.isoformat()} if e.promised else {}),
            }
            for e in item.timeline
        ],
    }


def _outcome(item: Listing) -> dict[str, Any] | None:
    found = outcome(item)
    if found is None:
        return None
    return {"came": found.came.value, "sent_at": found.sent_at.isoformat(), "at": _iso(found.at)}


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None
