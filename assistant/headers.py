"""A raw header block → Envelope: what the first reading of a mailbox keeps of each message (RFC 5322, 2047, 6532).

Made for hundreds of thousands of messages: the usual shapes go a short way, everything odd goes through fields.py. No
input makes it fail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from assistant.fields import addresses as any_addresses
from assistant.fields import decode_words as any_words
from assistant.fields import message_ids as any_ids
from assistant.fields import one_line
from assistant.fields import sent_at as any_date
from assistant.messages import Address

FIELDS = (
    "DATE", "FROM", "TO", "CC", "REPLY-TO", "SUBJECT", "MESSAGE-ID", "IN-REPLY-TO", "REFERENCES", "THREAD-INDEX",
    "AUTO-SUBMITTED", "PRECEDENCE", "LIST-ID", "CONTENT-TYPE",
)  # fmt: skip
"""The fields to ask a server for."""

BLOCK_LIMIT = 256_000
CACHE_SIZE = 4_096
EARLIEST = 631_152_000  # 1990-01-01: before it nobody sent the mail we look for

_DATE = re.compile(
    r"(?:[A-Za-z]{3}, +)?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))? ([+-])(\d\d)(\d\d)(?: \([^()]*\))?\Z"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}
_EPOCH = date(1970, 1, 1).toordinal()
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_FAR = datetime(9000, 1, 1, tzinfo=UTC)
_MAILBOX = re.compile(r'\s*(?:"([^"\\]*)"|([^"<>@,;:()\\]*))\s*<([^<>\s,;:"()]+@[^<>\s,;:"()@]+)>\s*\Z')
_BARE = re.compile(r'\s*([^<>\s,;:"()@]+@[^<>\s,;:"()@]+)\s*\Z')
_ID = re.compile(r"<[^<>\s]{1,998}>")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The outside of one message. Unknown is '' or empty or None, never invented; every text is one line.

    timestamp    the Date field in seconds since 1970 UTC; None where it is missing, unreadable or before 1990
    message_id, in_reply_to, references   with their angle brackets
    thread_index Exchange's conversation index, base64 as it came; content_type the whole field, in lower case
    automatic    Auto-Submitted, Precedence and List-Id in this order, where they are there ('auto-replied', '', '')
    """

    message_id: str = ""
    timestamp: int | None = None
    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    thread_index: str = ""
    content_type: str = ""
    automatic: tuple[str, str, str] = ("", "", "")

    @property
    def sent_at(self) -> datetime | None:
        """`timestamp` as a moment in UTC."""
        return None if self.timestamp is None else datetime.fromtimestamp(self.timestamp, UTC)


_NOTHING = ("", "", "")
_address_cache: dict[str, tuple[Address, ...]] = {}


def read_header(block: bytes) -> Envelope:
    """The envelope that a header block tells. Of a repeated field the first counts."""
    field = split_fields(block)
    get = field.get
    sender = read_addresses(get("from", ""))
    ids = read_ids(get("message-id", ""))
    automatic = _NOTHING
    if "list-id" in field or "auto-submitted" in field or "precedence" in field:
        automatic = (
            one_line(get("auto-submitted", "")[:200]),
            one_line(get("precedence", "")[:200]),
            one_line(get("list-id", "")[:400]),
        )
    return Envelope(
        ids[0] if ids else "",
        read_date(get("date", "")),
        sender[0] if sender else None,
        read_addresses(get("to", "")),
        read_addresses(field["cc"]) if "cc" in field else (),
        read_addresses(field["reply-to"]) if "reply-to" in field else (),
        read_words(get("subject", "")),
        read_ids(field["in-reply-to"]) if "in-reply-to" in field else (),
        read_ids(field["references"]) if "references" in field else (),
        one_line(field["thread-index"][:200]) if "thread-index" in field else "",
        one_line(get("content-type", "")[:300]).lower(),
        automatic,
    )


def split_fields(block: bytes) -> dict[str, str]:
    """The first value of every field, unfolded, by lower-case name. 8-bit text is UTF-8, else Windows-1252."""
    try:
        text = block[:BLOCK_LIMIT].decode()
    except UnicodeDecodeError:
        text = block[:BLOCK_LIMIT].decode("windows-1252", "replace")
    text = text.replace("\r\n", "\n")
    if "\n " in text or "\n\t" in text:
        text = text.replace("\n ", " ").replace("\n\t", " ")
    found: dict[str, str] = {}
    for line in text.split("\n"):
        name, _, value = line.partition(":")
        if value:
            found.setdefault(name.lower().rstrip(), value.strip())
    return found


def read_words(value: str) -> str:
    """An unstructured field on one line, its encoded words decoded."""
    if "=?" not in value and value.isprintable() and "  " not in value:
        return value
    return any_words(value[:10_000])


def read_ids(value: str) -> tuple[str, ...]:
    """Message-IDs with their angle brackets, in order, each once."""
    found = _ID.findall(value)
    if len(found) == 1 and len(found[0]) == len(value):
        return (value,)
    if not found or len(found) != value.count("<") or len(found) > 100:
        return any_ids(value)
    return tuple(dict.fromkeys(found))


def read_date(value: str) -> int | None:
    """Seconds since 1970 UTC; None for what is no date of mail."""
    found = _DATE.match(value)
    if found is None:
        moment = any_date(value, _FAR)
        return None if moment is _FAR or moment.timestamp() < EARLIEST else int(moment.timestamp())
    day, month, year, hour, minute, second, sign, zone_hour, zone_minute = found.groups()
    try:
        days = date(int(year), _MONTHS[month], int(day)).toordinal() - _EPOCH
    except (KeyError, ValueError):
        return None
    seconds = days * 86400 + int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    offset = int(zone_hour) * 3600 + int(zone_minute) * 60
    seconds += -offset if sign == "+" else offset
    return seconds if seconds >= EARLIEST else None


def read_addresses(value: str) -> tuple[Address, ...]:
    """The mailboxes of an address field. People write to the same people: the last few thousand values are kept."""
    if not value:
        return ()
    known = _address_cache.get(value)
    if known is None:
        known = _addresses(value)
        if len(_address_cache) >= CACHE_SIZE:
            _address_cache.clear()
        if len(value) < 2_000:
            _address_cache[value] = known
    return known


def _addresses(value: str) -> tuple[Address, ...]:
    found = _MAILBOX.match(value)
    if found and value.isprintable():
        return (Address(read_words((found[1] or found[2] or "").strip()), found[3].lower()),)
    bare = _BARE.match(value)
    if bare and value.isprintable():
        return (Address("", bare[1].lower()),)
    return tuple(Address(name, email) for name, email in any_addresses(value))
