"""Whether two messages are the same letter: servers store mail in a spelling of their own, drafts get edited."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256

from assistant.headers import Envelope, read_header
from assistant.messages import Message, MessageUnreadable, parse_message

SIMILAR = 0.6
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_CHARACTERS = 40_000
_WORD = re.compile(r"\w+")


def fingerprint(raw: bytes) -> str:
    """What tells this message from any other, to the byte."""
    return sha256(raw).hexdigest()


def envelope_of(raw: bytes) -> Envelope:
    """The outside of a message whose lines end in CRLF."""
    return read_header(raw.partition(b"\r\n\r\n")[0])


def same_outside(one: Envelope, other: Envelope) -> bool:
    """The same moment, people, subject and place in the thread, whatever the Message-ID."""
    return (
        one.timestamp == other.timestamp
        and {a.email for a in one.to} == {a.email for a in other.to}
        and one.subject == other.subject
        and one.in_reply_to == other.in_reply_to
    )


def same_letter(one: bytes, other: bytes) -> bool:
    """Whether people, subject, thread, words and attachments are the same; dates and encodings may differ."""
    if one == other:
        return True
    first, second = _read(one), _read(other)
    return first is not None and second is not None and _essence(first) == _essence(second)


def _read(raw: bytes) -> Message | None:
    try:
        return parse_message(raw, fallback=_NEVER)
    except MessageUnreadable:
        return None


def _essence(message: Message) -> tuple[object, ...]:
    return (
        [a.email for a in message.to],
        [a.email for a in message.cc],
        message.subject,
        message.in_reply_to,
        message.full_text.split(),
        (message.html or "").split(),
        [(a.name, a.size, a.content) for a in message.attachments],
    )


def similar_words(one: str, other: str) -> float:
    """How much of their words two texts share (0 to 1), measured on the longer one; their order does not count."""
    first, second = (Counter(_WORD.findall(text[:_MOST_CHARACTERS].casefold())) for text in (one, other))
    longer = max(first.total(), second.total())
    return (first & second).total() / longer if longer else 0.0
