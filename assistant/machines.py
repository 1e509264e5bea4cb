"""Mail that machines write: bounces, receipts, calendar objects, automatic replies, bulk mail.

Told by structure first (the reports of RFC 3464 and 8098, the calendar objects of RFC 6047), then by several signs
that agree: sender, subject, header fields (RFC 3834), text. Never by header fields alone: bounces carry Auto-Submitted,
and a tender platform that says no does too.
"""

from __future__ import annotations

import re

from assistant.bounces import failed_recipients, original_message_id, reported, returned
from assistant.kinds import Kind, Reading
from assistant.messages import Attachment, Message
from assistant.phrases import folded
from assistant.signs import begins, expression, is_reply, line_saying, says

__all__ = ["failed_recipients", "is_bulk", "machine_kind", "original_message_id"]

_TICKET_NUMBER = re.compile(r"\[[^\]\s]{0,12}\d{3,12}\]|[#n][°ºr.:]?\s?\d{3,12}|\b[a-z]{2,6}-\d{3,12}\b|##")


def machine_kind(message: Message) -> Reading | None:
    """BOUNCE, RECEIPT, CALENDAR or AUTO_REPLY where a machine wrote the message; None where a person may have.

    None does not say that a person did: an automatic reply without a header field, and a decision that a platform
    sends, are left to the reading of the text.
    """
    for judge in (reported, _calendar, _receipt, returned, _auto_reply):
        reading = judge(message)
        if reading:
            return reading
    return None


def is_bulk(message: Message) -> bool:
    """Whether a message went to many: newsletters and lists (RFC 2369, 2919), not the answers of people below them."""
    if message.header("list-id") or message.header("mailing-list"):
        return True
    precedence = message.header("precedence").lower()
    listed = bool(message.header("list-unsubscribe")) or precedence in ("bulk", "list", "junk")
    return listed and not message.in_reply_to and not _is_auto_replied(message)


# Receipts


def _receipt(message: Message) -> Reading | None:
    """'Read: …' with a text that says nothing but that, or a delivery notice."""
    if len(message.full_text) > 1_500 or is_reply(message):
        return None
    for subject, text in (("read_subject", "read_text"), ("delivered_subject", "delivered_text")):
        if begins(message.subject, subject) and (says(message.full_text, text) or not message.full_text.strip()):
            return (
                None
                if _is_talkative(message, text)
                else Reading(Kind.RECEIPT, 0.95, line_saying(message.full_text, text))
            )
    return None


def _is_talkative(message: Message, key: str) -> bool:
    """Whether a person added words of his own to what the program says."""
    beside = [line for line in message.text.split("\n") if len(line.split()) > 3 and ":" not in line]
    return sum(not expression(key).search(folded(line)) for line in beside) > 2 or "?" in message.text


# Calendar objects


def _calendar(message: Message) -> Reading | None:
    """An iMIP message (RFC 6047), unless a person wrote a letter around it."""
    parts = [a for a in message.attachments if _is_calendar(a)]
    subject = begins(message.subject, "accepted_subject")
    said = says(message.full_text, "accepted_text")
    short = len(message.text) < 400
    if not parts:
        return (
            Reading(Kind.CALENDAR, 0.9, line_saying(message.full_text, "accepted_text"))
            if subject and said and short
            else None
        )
    if _decides(message) or ("?" in message.text and not said):
        return None
    method = _method(parts[0])
    if subject or said or method in ("REPLY", "CANCEL", "COUNTER", "DECLINECOUNTER") or not message.text:
        return Reading(Kind.CALENDAR, 0.97)
    if message.content_type == "text/calendar" or (short and message.content_type == "multipart/alternative"):
        return Reading(Kind.CALENDAR, 0.93)
    return None


def _is_calendar(attachment: Attachment) -> bool:
    return attachment.content_type in ("text/calendar", "application/ics") or attachment.name.lower().endswith(".ics")


def _method(attachment: Attachment) -> str:
    found = re.search(rb"^METHOD:([A-Za-z]{1,20})", attachment.content[:4_096], re.M)
    return found[1].decode("ascii").upper() if found else ""


# Automatic replies (RFC 3834)


def _auto_reply(message: Message) -> Reading | None:
    """Header fields and text that agree. A decision is no automatic reply, nor is a question without header fields."""
    replied, hinted = _is_auto_replied(message), _is_hinted(message)
    named = begins(message.subject, "auto_subject")
    absence = next((key for key in ("absence_text", "ticket_text") if says(message.full_text, key)), "")
    if _decides(message) and not (named and absence):
        return None
    quote = line_saying(message.full_text, absence) if absence else ""
    if replied or named:
        return Reading(Kind.AUTO_REPLY, 0.97 if absence or (named and replied) else 0.9, quote)
    away = not is_reply(message) and begins(message.subject, "absence_subject")
    if hinted and (absence or away):
        return Reading(Kind.AUTO_REPLY, 0.93, quote)
    if away and absence == "absence_text" and "?" not in message.text:
        return Reading(Kind.AUTO_REPLY, 0.9, quote)
    ticket = absence == "ticket_text" and bool(_TICKET_NUMBER.search(folded(message.subject)))
    return Reading(Kind.AUTO_REPLY, 0.88, quote) if ticket and not is_reply(message) else None


def _is_auto_replied(message: Message) -> bool:
    return (
        message.header("auto-submitted").lower().startswith("auto-replied")
        or message.header("precedence").lower() in ("auto_reply", "auto-reply")
        or any(message.header(name) for name in ("x-autoreply", "x-auto-reply", "x-autorespond"))
    )


def _is_hinted(message: Message) -> bool:
    """Whether a header field says that a machine wrote, not what for. Lists set such fields on people's mail."""
    if message.header("list-id") or message.header("list-unsubscribe") or message.header("mailing-list"):
        return False
    return (
        message.header("auto-submitted").lower().startswith("auto-")
        or message.header("precedence").lower() in ("bulk", "junk")
        or message.header("return-path") == "<>"
        or any(message.header(name) for name in ("x-auto-response-suppress", "x-autogenerated"))
    )


def _decides(message: Message) -> bool:
    """Whether the writer's own words, or the subject, have what only decisions say."""
    return says(f"{message.subject}\n{message.text}", "verdict")
