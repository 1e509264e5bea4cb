"""IMAP's own notation, both ways, without any I/O: names, sets of UIDs, and answers as nested lists (RFC 3501 §9)."""

from __future__ import annotations

import binascii
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache

from imapclient import imap_utf7

Value = bytes | int | None | list["Value"]
"""An answer's value: a string or atom, a number, NIL, or a parenthesised list."""

DEEPEST = 60
MOST_VALUES = 200_000
_TOKEN = re.compile(
    rb'"((?:[^"\\]|\\.)*+)"'  # 1 a quoted string
    rb"|(\()|(\))"  # 2, 3
    rb"|([A-Za-z0-9.]++\[[^\]]*\](?:<\d+>)?)"  # 4 a section: BODY[HEADER.FIELDS (A B)]<0>
    rb'|([^\s()"]+)'  # 5 an atom or a number
)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH_NUMBER = {name.lower(): number for number, name in enumerate(_MONTHS, 1)}
_INTERNALDATE = re.compile(rb"[ \d]\d-[A-Za-z]{3}-\d{4} \d\d:\d\d:\d\d [+-]\d{4}\Z")
_days: dict[bytes, int] = {}
_EPOCH = date(1970, 1, 1).toordinal()


class Malformed(ValueError):
    """An answer that the grammar does not allow; the message says what, never with its content."""


def quoted(text: str) -> bytes:
    """A quoted string. ValueError for what must not go into a command: controls and anything but ASCII."""
    if not text.isascii() or any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise ValueError("not allowed in a quoted string")
    return b'"' + text.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"'


def folder_argument(name: str) -> bytes:
    """A folder's name as an argument: modified UTF-7 (RFC 3501 §5.1.3), quoted."""
    return quoted(imap_utf7.encode(name).decode("ascii"))


def folder_name(raw: bytes) -> str:
    """The name of a folder as people see it; a name in broken UTF-7 is returned as it stands."""
    try:
        return str(imap_utf7.decode(raw))
    except (UnicodeError, binascii.Error, ValueError):
        return raw.decode("latin-1")


def uid_sets(uids: Iterable[range], *, longest: int = 900) -> Iterator[str]:
    """Sets of UIDs in few characters each ('4:7,9'), every one at most `longest` long: servers limit their lines."""
    line = ""
    for run in uids:
        part = str(run.start) if len(run) == 1 else f"{run.start}:{run.stop - 1}"
        if line and len(line) + 1 + len(part) > longest:
            yield line
            line = ""
        line = f"{line},{part}" if line else part
    if line:
        yield line


def runs(uids: Iterable[int]) -> list[range]:
    """UIDs in any order → disjoint ranges, ascending."""
    found: list[range] = []
    first = last = None
    for uid in sorted(set(uids)):
        if first is None or last is None:
            first = uid
        elif uid != last + 1:
            found.append(range(first, last + 1))
            first = uid
        last = uid
    return [*found, range(first, last + 1)] if first is not None and last is not None else found


def without(uids: Iterable[range], others: Iterable[range]) -> list[range]:
    """What of `uids` is not among `others`; both disjoint and ascending."""
    found: list[range] = []
    rest = deque(others)
    for run in uids:
        start = run.start
        while rest and rest[0].stop <= start:
            rest.popleft()
        for other in rest:
            if other.start >= run.stop:
                break
            if other.start > start:
                found.append(range(start, other.start))
            start = max(start, other.stop)
        if start < run.stop:
            found.append(range(start, run.stop))
    return found


def read_uid_set(text: str, *, most: int = 5_000_000) -> list[range]:
    """'4:7,9' → [range(4, 8), range(9, 10)]. Malformed for anything else, a `*` included, and for absurd sizes."""
    ranges, total = [], 0
    for part in text.split(","):
        first, _, last = part.partition(":")
        if not (first.isdigit() and (last or first).isdigit()):
            raise Malformed("not a set of UIDs")
        low, high = sorted((int(first), int(last or first)))
        total += high - low + 1
        if total > most:
            raise Malformed("a set of too many UIDs")
        ranges.append(range(low, high + 1))
    return ranges


def imap_date(day: date) -> str:
    """A date as SEARCH wants it: 3-Mar-2026, whatever the locale."""
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04d}"


def internal_date(raw: bytes) -> int | None:
    """An INTERNALDATE ('27-Nov-2022 18:57:28 +0100') in seconds since 1970 UTC; None where it is absurd."""
    return seconds_of(raw) if _INTERNALDATE.match(raw) else None


def seconds_of(raw: bytes) -> int | None:
    """`internal_date` of what has its form."""
    try:
        seconds = _day(raw[:11]) + int(raw[12:14]) * 3600 + int(raw[15:17]) * 60 + int(raw[18:20])
    except (KeyError, ValueError):
        return None
    return seconds - _offset(raw[21:])


@lru_cache(256)
def _offset(zone: bytes) -> int:
    """'+0130' in seconds."""
    seconds = int(zone[1:3]) * 3600 + int(zone[3:]) * 60
    return -seconds if zone[:1] == b"-" else seconds


def _day(raw: bytes) -> int:
    """'27-Nov-2022' in seconds since 1970. Mail comes by the day: the last few thousand days are kept."""
    known = _days.get(raw)
    if known is None:
        day, month, year = raw.decode().split("-")
        known = (date(int(year), MONTH_NUMBER[month.lower()], int(day)).toordinal() - _EPOCH) * 86400
        if len(_days) >= 4_096:
            _days.clear()
        _days[raw] = known
    return known


def values(pieces: Sequence[bytes], start: int = 0) -> list[Value]:
    """A response's pieces → its values, from character `start` of the first piece; Malformed for broken ones."""
    stack: list[list[Value]] = [[]]
    count = 0
    for index, piece in enumerate(pieces):
        if index % 2:
            stack[-1].append(piece)
            continue
        count += _read_line(piece, start if index == 0 else 0, stack)
        if count > MOST_VALUES:
            raise Malformed("too many values")
    if len(stack) != 1:
        raise Malformed("a list without an end")
    return stack[0]


def _read_line(line: bytes, start: int, stack: list[list[Value]]) -> int:
    """Read one line's tokens into the innermost open list of `stack`; returns their number."""
    count = 0
    for token in _TOKEN.finditer(line, start):
        count += 1
        kind = token.lastindex
        if kind == 2:
            fresh: list[Value] = []
            stack[-1].append(fresh)
            stack.append(fresh)
            if len(stack) > DEEPEST:
                raise Malformed("lists nested too deep")
        elif kind == 3:
            stack.pop()
            if not stack:
                raise Malformed("a closing bracket too many")
        else:
            stack[-1].append(_value(kind, token[kind or 0]))
    return count


def _value(kind: int | None, raw: bytes) -> Value:
    if kind == 1:
        return _ESCAPE.sub(rb"\1", raw) if b"\\" in raw else raw
    if kind == 5:
        if raw.isdigit() and len(raw) < 20:
            return int(raw)
        if raw.upper() == b"NIL":
            return None
    return raw
