"""FETCH answers → Fetched values: a quick way for the usual shape, a careful one for all others (RFC 3501 §7.4.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from assistant.mailbox.syntax import Malformed, Value, internal_date, read_uid_set, seconds_of, values


class Fetched(NamedTuple):
    """What one FETCH answer says about one message; what it does not say is None or empty.

    internal_date  seconds since 1970 UTC     size   RFC822.SIZE in bytes     modseq  RFC 7162, 0 where not said
    body           the first body section     sections  every body section by its name in upper case ('BODY[1]<0>')
    attributes     any other item by its name in upper case, as it came (X-GM-THRID, EMAILID, BODYSTRUCTURE …)
    """

    uid: int
    flags: tuple[str, ...] | None = None
    internal_date: int | None = None
    size: int | None = None
    modseq: int = 0
    body: bytes | None = None
    sections: Mapping[str, bytes] = {}
    attributes: Mapping[str, Value] = {}


class Vanished(NamedTuple):
    """UIDs that are gone (RFC 7162 §3.2.10)."""

    uids: list[range]


class Unreadable(NamedTuple):
    """One FETCH answer that made no sense; `uid` where it could be made out."""

    uid: int | None
    reason: str


_USUAL = re.compile(
    rb"\* \d+ FETCH \(UID (\d{1,10}) FLAGS \(([^()\r\n]*)\)"
    rb' INTERNALDATE "([ \d]\d-[A-Za-z]{3}-\d{4} \d\d:\d\d:\d\d [+-]\d{4})"'
    rb" RFC822\.SIZE (\d{1,12}) BODY\[[^\]\r\n]*\] \{(\d{1,7})\}\r\n"
)
_FETCH = re.compile(rb"\* \d+ FETCH (?=\()", re.IGNORECASE)
_VANISHED = re.compile(rb"\* VANISHED (?:\(EARLIER\) )?([\d:,]+)\Z", re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_flags: dict[bytes, tuple[str, ...]] = {}


def quick_read(buffer: bytes, position: int) -> tuple[int, list[Fetched]]:
    """The answers to the header command from `position` on, in the order asked for: (next position, what they say).

    None of them where the next one is not wholly there yet, or has another shape.
    """
    answers: list[Fetched] = []
    while found := _USUAL.match(buffer, position):
        uid, flags, arrived, size, length = found.groups()
        start = found.end()
        end = start + int(length)
        if buffer[end : end + 3] != b")\r\n":
            break
        position = end + 3
        answers.append(Fetched(int(uid), _flag_names(flags), seconds_of(arrived), int(size), 0, buffer[start:end]))
    return position, answers


def read(pieces: Sequence[bytes]) -> Fetched | Vanished | Unreadable | None:
    """Any untagged answer: None for what is neither FETCH nor VANISHED, or is a FETCH that names no UID."""
    gone = _VANISHED.match(pieces[0])
    if gone:
        return _vanished(gone[1].decode())
    found = _FETCH.match(pieces[0])
    if not found:
        return None
    try:
        (items, *_) = values(pieces, found.end()) or [None]
        return _fetched(items)
    except Malformed as error:
        uid = _UID.search(pieces[0])
        return Unreadable(int(uid[1]) if uid else None, str(error))


def _vanished(text: str) -> Vanished | Unreadable:
    try:
        return Vanished(read_uid_set(text, most=1 << 33))
    except Malformed as error:
        return Unreadable(None, str(error))


def _fetched(items: Value) -> Fetched | None:
    if not isinstance(items, list) or len(items) % 2:
        raise Malformed("a FETCH answer without pairs")
    named = {name.upper().decode("latin-1"): value for name, value in zip(items[::2], items[1::2], strict=True)
             if isinstance(name, bytes)}  # fmt: skip
    uid = named.pop("UID", None)
    if not isinstance(uid, int) or not 0 < uid < 1 << 32:
        return None
    flags, arrived, size = named.pop("FLAGS", None), named.pop("INTERNALDATE", None), named.pop("RFC822.SIZE", None)
    modseq = named.pop("MODSEQ", None)
    sections = {name: _bytes(value) for name, value in named.items() if name.startswith(("BODY[", "BINARY["))}
    return Fetched(
        uid,
        tuple(_text(flag) for flag in flags) if isinstance(flags, list) else None,
        internal_date(arrived) if isinstance(arrived, bytes) else None,
        size if isinstance(size, int) else None,
        modseq[0] if isinstance(modseq, list) and modseq and isinstance(modseq[0], int) else 0,
        next(iter(sections.values()), None),
        sections,
        {name: value for name, value in named.items() if name not in sections},
    )


def _bytes(value: Value) -> bytes:
    """A section's content. NIL is empty; a number came as an atom without quotes."""
    if isinstance(value, bytes):
        return value
    return b"" if not isinstance(value, int) else b"%d" % value


def _text(value: Value) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _flag_names(raw: bytes) -> tuple[str, ...]:
    names = _flags.get(raw)
    if names is None:
        names = tuple(raw.decode("latin-1").split())
        if len(_flags) < 1_000:
            _flags[raw] = names
    return names
