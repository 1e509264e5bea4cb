"""A raw header block → Envelope: what the first reading of a mailbox keeps of each message (RFC 5322, 2047, 6532).

Made for hundreds of thousands of messages: the usual shapes go a short way, everything odd goes through fields.py. No
input makes it fail.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import NamedTuple, TypeVar

from assistant.fields import addresses as any_addresses
from assistant.fields import decode_words as any_words
from assistant.fields import message_ids as any_ids
from assistant.fields import one_line
from assistant.fields import sent_at as any_date
from assistant.messages import Address

FIELDS = (
    "DATE", "FROM", "TO", "CC", "REPLY-TO", "SUBJECT", "MESSAGE-ID", "IN-REPLY-TO", "REFERENCES", "THREAD-INDEX",
    "AUTO-SUBMITTED", "PRECEDENCE", "LIST-ID",
)  # fmt: skip
"""The fields to ask a server for."""

_PLACES = {spelling: place for place, name in enumerate(FIELDS) for spelling in (name.lower(), name.title(), name)}
_PLACES |= {"Message-ID": FIELDS.index("MESSAGE-ID")}

BLOCK_LIMIT = 256_000
VALUE_LIMIT = 64_000
CACHE_SIZE = 4_096
EARLIEST = 631_152_000  # 1990-01-01: before it nobody sent the mail we look for

_MONTHS = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11,
    "Dec": 12,
}  # fmt: skip
_ZONE = re.compile(r"[+-]\d{4}\Z")
_EPOCH = date(1970, 1, 1).toordinal()
_FAR = datetime(9000, 1, 1, tzinfo=UTC)
_MAILBOX = re.compile(r'\s*(?:"([^"\\]*)"|([^"<>@,;:()\\]*))\s*<([^<>\s,;:"()]+@[^<>\s,;:"()@]+)>\s*\Z')
_BARE = re.compile(r'\s*([^<>\s,;:"()@]+@[^<>\s,;:"()@]+)\s*\Z')
_Value = TypeVar("_Value")
_FOLD = re.compile(r"\r\n[ \t]")
_IDS = re.compile(r"<[!-;=?-~]{1,998}>(?: {1,3}<[!-;=?-~]{1,998}>){0,99}")


class Envelope(NamedTuple):
    """The outside of one message. Unknown is '' or empty or None, never invented; every text is one line.

    timestamp    the Date field in seconds since 1970 UTC; None where it is missing, unreadable or before 1990
    message_id, in_reply_to, references   with their angle brackets
    thread_index Exchange's conversation index, base64 as it came
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
    automatic: tuple[str, str, str] = ("", "", "")

    @property
    def sent_at(self) -> datetime | None:
        """`timestamp` as a moment in UTC."""
        return None if self.timestamp is None else datetime.fromtimestamp(self.timestamp, UTC)


NOTHING = ("", "", "")
_address_cache: dict[str, tuple[Address, ...]] = {}
_word_cache: dict[str, str] = {}
_day_cache: dict[str, int] = {}
_zone_cache: dict[str, int] = {}


def read_header(block: bytes) -> Envelope:
    """The envelope that a header block tells. Of a repeated field the first counts."""
    (sent, sender, to, cc, reply_to, subject, message_id, in_reply_to, references, index, automatic, precedence,
     list_id) = _values(block)  # fmt: skip
    people = read_addresses(sender)
    ids = read_ids(message_id)
    return Envelope(
        ids[0] if ids else "",
        read_date(sent),
        people[0] if people else None,
        read_addresses(to),
        read_addresses(cc) if cc else (),
        read_addresses(reply_to) if reply_to else (),
        read_words(subject),
        read_ids(in_reply_to) if in_reply_to else (),
        read_ids(references) if references else (),
        _line(index) if index else "",
        (_line(automatic), _line(precedence), _line(list_id)) if automatic or precedence or list_id else NOTHING,
    )


def _values(block: bytes) -> list[str]:
    """The values of FIELDS in their order, unfolded; '' for a missing one. 8-bit text is UTF-8, else Windows-1252."""
    try:
        text = block[:BLOCK_LIMIT].decode()
    except UnicodeDecodeError:
        text = block[:BLOCK_LIMIT].decode("windows-1252", "replace")
    values = [""] * len(FIELDS)
    for line in _FOLD.sub(" ", text).split("\r\n"):
        name, _, value = line.partition(":")
        place = _PLACES.get(name)
        if place is None:
            place = _PLACES.get(name.strip().lower())
        if place is not None and not values[place]:
            values[place] = value.strip()
    return values


def _line(value: str) -> str:
    value = value[:400]
    return value if value.isprintable() else one_line(value)


def read_words(value: str) -> str:
    """An unstructured field on one line, its encoded words decoded. Subjects come again: the last ones are kept."""
    if "=?" not in value and value.isprintable() and "  " not in value:
        return value
    known = _word_cache.get(value)
    if known is None:
        known = any_words(value[:10_000])
        _remember(_word_cache, value, known)
    return known


def read_ids(value: str) -> tuple[str, ...]:
    """Message-IDs with their angle brackets, in order, each once."""
    if _IDS.fullmatch(value):
        return (value,) if " " not in value else tuple(dict.fromkeys(value.split()))
    return any_ids(value)


def read_date(value: str) -> int | None:
    """Seconds since 1970 UTC; None for what is no date of mail.

    The usual form ('Sun, 27 Nov 2022 18:57:28 +0100') goes a short way.
    """
    try:
        day, clock, zone = value.rsplit(" ", 2)
        if len(clock) != 8 or clock[2] != ":" or clock[5] != ":":
            return _odd_date(value)
        seconds = _day(day) + int(clock[:2]) * 3600 + int(clock[3:5]) * 60 + int(clock[6:]) - _zone(zone)
    except (KeyError, ValueError):
        return _odd_date(value)
    return seconds if seconds >= EARLIEST else None


def _odd_date(value: str) -> int | None:
    moment = any_date(value, _FAR)
    return None if moment is _FAR or moment.timestamp() < EARLIEST else int(moment.timestamp())


def _day(text: str) -> int:
    """'Sun, 27 Nov 2022' or '27 Nov 2022' → seconds since 1970. KeyError or ValueError for anything else."""
    known = _day_cache.get(text)
    if known is None:
        day, month, year = text.rpartition(", ")[2].split(" ")
        known = (date(int(year), _MONTHS[month], int(day)).toordinal() - _EPOCH) * 86400
        _remember(_day_cache, text, known)
    return known


def _zone(text: str) -> int:
    known = _zone_cache.get(text)
    if known is None:
        if _ZONE.match(text) is None:
            raise ValueError(text)
        known = (int(text[1:3]) * 3600 + int(text[3:]) * 60) * (-1 if text[0] == "-" else 1)
        _remember(_zone_cache, text, known)
    return known


def read_addresses(value: str) -> tuple[Address, ...]:
    """The mailboxes of an address field. People write to the same people: the last few thousand of them are kept."""
    known = _address_cache.get(value)
    if known is not None or not value:
        return known or ()
    if "," in value:
        return _several_addresses(value)
    known = _one_address(value) or _any_addresses(value)
    _remember(_address_cache, value, known)
    return known


def _several_addresses(value: str) -> tuple[Address, ...]:
    """A list; where it holds nothing but the two usual forms each of them is looked up by itself."""
    if '"' in value or len(value) > VALUE_LIMIT:
        return _any_addresses(value)
    found: list[Address] = []
    for part in value.split(", "):
        one = _address_cache.get(part)
        if one is None:
            one = _one_address(part)
            if one is None:
                return _any_addresses(value)
            _remember(_address_cache, part, one)
        found += one
    return tuple(found)


def _any_addresses(value: str) -> tuple[Address, ...]:
    return tuple(Address(name, email) for name, email in any_addresses(value))


def _one_address(value: str) -> tuple[Address] | None:
    """The mailbox of a value in one of the two usual forms; None for any other."""
    if not value.isprintable():
        return None
    found = _MAILBOX.match(value)
    if found:
        return (Address(read_words((found[1] or found[2] or "").strip()), found[3].lower()),)
    bare = _BARE.match(value)
    return (Address("", bare[1].lower()),) if bare else None


def _remember(cache: dict[str, _Value], value: str, known: _Value) -> None:
    """Keep what was read, within bounds: long values do not come again, and a full cache starts anew."""
    if len(value) > 1_000:
        return
    if len(cache) >= CACHE_SIZE:
        cache.clear()
    cache[value] = known
