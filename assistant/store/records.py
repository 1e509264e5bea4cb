"""What goes into the mail tables and comes out of them, and how people are written in a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from assistant.headers import Envelope
from assistant.messages import Address


@dataclass(frozen=True, slots=True)
class FolderState:
    """How far one folder was read: the cursor, as it stood before the answers that it covers were asked for.

    uidnext        every UID below it was read, or belongs to the backfill
    highestmodseq  RFC 7162; None where the server keeps none
    backfill       UIDs below it are still to be read, back to `since`; 0 when nothing is left
    checked_at     when all UIDs were last compared, in seconds since 1970
    failures       how often in a row reading broke off between the UIDs `failed_low` and `failed_high`
    """

    id: int
    name: str
    role: str
    uidvalidity: int
    uidnext: int
    highestmodseq: int | None
    messages: int
    backfill: int
    since: date
    checked_at: int = 0
    failures: int = 0
    failed_low: int = 0
    failed_high: int = 0


class Arrival(NamedTuple):
    """One message as a folder shows it; the server's own identifiers are X-GM-MSGID and X-GM-THRID, or RFC 8474's."""

    uid: int
    flags: tuple[str, ...]
    received_at: int | None
    size: int
    envelope: Envelope
    server_id: str = ""
    server_thread: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """What a batch came to: keys of messages never seen before, and the threads of all messages in it."""

    new: tuple[int, ...]
    threads: frozenset[int]


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as the store knows it; `key` and `thread` are its own numbers.

    Of its outside the fields that only tell the thread are not kept, nor Reply-To: in `envelope` they are empty.
    `gone`: no folder holds it any more. `draft`: it lies in Drafts or bears \\Draft; it was not sent.
    """

    key: int
    thread: int
    envelope: Envelope
    sent_at: datetime
    received_at: datetime | None
    size: int
    gone: bool
    draft: bool


@dataclass(frozen=True, slots=True)
class Location:
    """Where a message is: the folder and its role, UIDVALIDITY, UID, and the flags seen last."""

    folder: str
    role: str
    uidvalidity: int
    uid: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A message that could not be read in `attempts`; after an upgrade of the program it is tried once more."""

    folder: str
    uid: int
    reason: str
    attempts: int


COLUMNS = (
    "id, thread, message_id, sent_at, received_at, size, sender, recipients, copies, subject, automatic, gone,"
    " EXISTS (SELECT 1 FROM locations JOIN folders ON folders.id = folder WHERE message = messages.id"
    " AND (role = 'drafts' OR flags LIKE '%\\Draft%'))"
)


def write_people(people: Sequence[Address]) -> str:
    """Name TAB address, one a line; names hold neither (headers.py puts them on one line)."""
    if not people:
        return ""
    if len(people) == 1:
        return f"{people[0].name}\t{people[0].email}"
    return "\n".join([f"{person.name}\t{person.email}" for person in people])


def read_people(column: str) -> tuple[Address, ...]:
    return tuple(Address(*line.split("\t", 1)) for line in column.split("\n")) if column else ()


def read_row(row: tuple[object, ...]) -> StoredMessage:
    """A row of COLUMNS → StoredMessage."""
    key, thread, message_id, sent, received, size, sender, to, cc, subject, automatic, gone, draft = row
    people = read_people(str(sender))
    words = str(automatic).split("\n") if automatic else ["", "", ""]
    envelope = Envelope(
        str(message_id), int(str(sent)), people[0] if people else None, read_people(str(to)), read_people(str(cc)),
        subject=str(subject), automatic=(words[0], words[1], words[2]),
    )  # fmt: skip
    return StoredMessage(
        int(str(key)), int(str(thread)), envelope, datetime.fromtimestamp(int(str(sent)), UTC),
        None if received is None else datetime.fromtimestamp(int(str(received)), UTC), int(str(size)),
        bool(gone), bool(draft),
    )  # fmt: skip
