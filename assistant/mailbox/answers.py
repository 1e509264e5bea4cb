"""The answers to LIST, STATUS, SELECT and SEARCH as values (RFC 3501 §7.2-7.3, RFC 4731, 5819, 7162)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.mailbox.failures import response_code
from assistant.mailbox.fetched import Fetched, Unreadable, Vanished, read
from assistant.mailbox.syntax import Value, read_uid_set, runs, values


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """STATUS (RFC 3501 §6.3.10, RFC 7162 §3.1.7); None where the server did not say."""

    messages: int | None = None
    uidnext: int | None = None
    uidvalidity: int | None = None
    highestmodseq: int | None = None


@dataclass(frozen=True, slots=True)
class ListedFolder:
    """A line of LIST: attributes in lower case ('\\\\sent'), the separator, the status where it came along."""

    name: str
    attributes: frozenset[str]
    separator: str | None
    status: FolderStatus | None = None


@dataclass(frozen=True, slots=True)
class Selected:
    """What SELECT or EXAMINE said. `highestmodseq` is None where the folder keeps none (NOMODSEQ).

    `earlier` is what changed since the cursor given with QRESYNC (RFC 7162 §3.2.5): VANISHED and FETCH answers.
    """

    uidvalidity: int
    uidnext: int | None
    messages: int
    highestmodseq: int | None
    read_only: bool
    earlier: tuple[Fetched | Vanished | Unreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """Where APPEND put the message (APPENDUID, RFC 4315); None where the server does not tell."""

    uidvalidity: int | None
    uid: int | None


_EXISTS = re.compile(rb"\* (\d{1,10}) EXISTS\Z", re.IGNORECASE)
_OK_CODE = re.compile(rb"\* OK (\[.*)\Z", re.IGNORECASE | re.DOTALL)
_SEARCH = re.compile(rb"\* SEARCH\b([\d ]*)", re.IGNORECASE)
_ESEARCH_ALL = re.compile(rb"\* ESEARCH\b(?: \(TAG [^)]{1,80}\))?(?: UID)? ALL ([\d:,]+)", re.IGNORECASE)


def list_line(pieces: list[bytes]) -> tuple[bytes, frozenset[str], str | None] | None:
    if pieces[0][:7].upper() != b"* LIST ":
        return None
    try:
        attributes, separator, name, *_ = values(pieces, 7)
    except ValueError:  # Malformed, or too few values
        return None
    if isinstance(name, int):
        name = b"%d" % name
    if not isinstance(attributes, list) or not isinstance(name, bytes):
        return None
    lower = frozenset(item.decode("latin-1").lower() for item in attributes if isinstance(item, bytes))
    return name, lower, separator.decode("latin-1") if isinstance(separator, bytes) else None


def status_line(pieces: list[bytes]) -> tuple[bytes, FolderStatus] | None:
    if pieces[0][:9].upper() != b"* STATUS ":
        return None
    try:
        name, items, *_ = values(pieces, 9)
    except ValueError:
        return None
    if not isinstance(items, list):
        return None
    numbers = dict(zip(items[::2], items[1::2], strict=False)) if len(items) % 2 == 0 else {}
    raw = b"%d" % name if isinstance(name, int) else name
    return (raw, _folder_status(numbers)) if isinstance(raw, bytes) else None


def _folder_status(numbers: dict[Value, Value]) -> FolderStatus:
    def number(key: bytes) -> int | None:
        found = numbers.get(key)
        return found if isinstance(found, int) else None

    return FolderStatus(
        number(b"MESSAGES"), number(b"UIDNEXT"), number(b"UIDVALIDITY"), number(b"HIGHESTMODSEQ") or None
    )


def selected(answers: list[list[bytes]], *, read_only: bool) -> Selected:
    messages, codes, earlier = 0, {}, []
    for pieces in answers:
        exists, code = _EXISTS.match(pieces[0]), _OK_CODE.match(pieces[0])
        if exists:
            messages = int(exists[1])
        elif code:
            name, argument = response_code(code[1].decode("latin-1"))
            codes[name] = int(argument) if argument.isdigit() else 0
        elif (known := read(pieces)) is not None:
            earlier.append(known)
    return Selected(
        codes.get("UIDVALIDITY", 0), codes.get("UIDNEXT") or None, messages, codes.get("HIGHESTMODSEQ") or None,
        read_only, tuple(earlier),
    )  # fmt: skip


def found_uids(answers: Sequence[Sequence[bytes]]) -> list[range]:
    """The UIDs that SEARCH or ESEARCH found: disjoint ranges, ascending. Malformed for what is none."""
    found: list[range] = []
    for pieces in answers:
        plain, extended = _SEARCH.match(pieces[0]), _ESEARCH_ALL.match(pieces[0])
        if plain:
            found += runs(map(int, plain[1].split()))
        elif extended:
            found += read_uid_set(extended[1].decode())
    return sorted(found, key=lambda run: run.start)
