"""Drafts that left: found among the sent mail by their Message-ID, or, where it was replaced, by what they say; or
thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from assistant.kinds import By
from assistant.mailbox.drafts import lies_in
from assistant.messages import Message, parse_message
from assistant.resemblance import SIMILAR, similar_words
from assistant.service.judging import Listing
from assistant.service.rewriting import written_then
from assistant.service.settling import Visit
from assistant.store.intents import Intent
from assistant.store.register import LedgerDraft

SENT_ROLES = ("sent", "all", "archive", "inbox")


def left_as(
    visit: Visit, item: Listing | None, draft: LedgerDraft, intent: Intent | None
) -> tuple[str, datetime] | None:
    """(Message-ID, moment) of the message that a draft was sent as; None while it was not."""
    for name in dict.fromkeys([draft.message_id, draft.marker or draft.message_id]):
        at = sent_at(visit, name)
        if at is not None:
            return name, at
    return _under_another_name(visit, item, draft, intent) if item is not None else None


def sent_at(visit: Visit, message_id: str) -> datetime | None:
    """When a message with this Message-ID left: it lies in a folder of sent mail, and is no draft (Gmail's All Mail
    shows drafts too)."""
    mail = visit.desk.mail(visit.account)
    for stored in mail.find(message_id):
        for place in mail.locations(stored.key):
            draft = any(flag.lower() == "\\draft" for flag in place.flags)
            if place.role in SENT_ROLES and not draft:
                return stored.sent_at.astimezone(visit.desk.config.policy.timezone)
    return None


def lies_in_trash(visit: Visit, name: str) -> bool:
    """Whether the owner threw a draft with this marker away, here or on another computer."""
    return "trash" in visit.roles and lies_in(visit.connection, visit.roles["trash"].name, name)


def read_anew(visit: Visit, message_id: str) -> None:
    """A notice that left is a withdrawal whatever its words: what was understood of it before is void."""
    mail = visit.desk.mail(visit.account)
    visit.desk.readings(visit.account).forget([stored.key for stored in mail.find(message_id)])


def _under_another_name(
    visit: Visit, item: Listing, draft: LedgerDraft, intent: Intent | None
) -> tuple[str, datetime] | None:
    """The owner's own mail that answers the same message, to one of the same people, in much the same words: Gmail and
    Outlook may give a sent draft another Message-ID."""
    possible = list(_owners_answers(visit, item, draft))
    ours = _letter(visit, item, draft, intent) if possible else None
    if ours is None:
        return None
    people = {a.email for a in ours.to}
    for message in possible:
        alike = similar_words(ours.text, message.text) >= SIMILAR
        if alike and people & {a.email for a in message.to}:
            return message.message_id, message.sent_at
    return None


def _owners_answers(visit: Visit, item: Listing, draft: LedgerDraft) -> Iterator[Message]:
    """What the owner sent in answer to the message that the draft answers, since it was placed."""
    since = draft.placed_at.replace(microsecond=0)
    for heard in item.matter.heard:
        message = heard.message
        answers = heard.by is By.OWNER and bool(draft.answers) and draft.answers in message.in_reply_to
        if answers and message.sent_at >= since and sent_at(visit, message.message_id):
            yield message


def _letter(visit: Visit, item: Listing, draft: LedgerDraft, intent: Intent | None) -> Message | None:
    """The draft as we wrote it, or would have at the time."""
    raw = intent.message if intent is not None and intent.message else written_then(visit, item, draft, draft.placed_at)
    return parse_message(raw, fallback=visit.now) if raw else None
