"""The Drafts folder: what lies in it, placing a draft, and taking back one's own. The only changes made to a mailbox.

Nothing here decides: service/placing.py keeps the protocol that makes it exactly one draft (docs/reliability.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from assistant.errors import FolderMissing, NeedsOwner
from assistant.headers import Envelope, read_header
from assistant.mailbox.connection import Connection
from assistant.mailbox.failures import CommandRefused
from assistant.mailbox.fetched import Fetched
from assistant.mailbox.folders import Folder, Role
from assistant.mailbox.wire import Appended, AppendRefused

DRAFT_LIMIT = 1 << 20
_OUTSIDE = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE SUBJECT FROM TO IN-REPLY-TO)]"
_FULL_CODES = ("OVERQUOTA", "LIMIT", "TOOBIG")
_FULL_PHRASES = ("quota", "mailbox is full", "mailbox full", "no space", "too large", "too big")


class MailboxFull(NeedsOwner):
    """The server has no room for a draft, or takes none of its size (RFC 9208, RFC 7889)."""

    code = "mailbox-full"


@dataclass(frozen=True, slots=True)
class Seen:
    """A message in Drafts: its UID, its flags in lower case, and its outside."""

    uid: int
    flags: frozenset[str]
    envelope: Envelope

    @property
    def deleted(self) -> bool:
        """Marked for removal: the owner's mail program no longer shows it."""
        return "\\deleted" in self.flags


@dataclass(frozen=True, slots=True)
class DraftsFolder:
    """Drafts as it is now, ascending by UID. `uidnext` is None where the server does not say."""

    name: str
    uidvalidity: int
    uidnext: int | None
    seen: tuple[Seen, ...]

    def bearing(self, message_id: str) -> list[Seen]:
        """The messages with this Message-ID, the lowest UID first."""
        return [s for s in self.seen if s.envelope.message_id == message_id]


@dataclass(frozen=True, slots=True)
class Whole:
    """A draft with its bytes (at most DRAFT_LIMIT of them) and its modification sequence, None where none is kept."""

    uid: int
    message: bytes
    modseq: int | None


class Taken(Enum):
    """How taking back ended."""

    GONE = auto()
    CHANGED = auto()
    IMPOSSIBLE = auto()


def drafts_folder(roles: Mapping[Role, Folder]) -> str:
    """The name of the Drafts folder. Raises FolderMissing where there is none."""
    if "drafts" not in roles:
        raise FolderMissing(
            "no Drafts folder was found in this mailbox",
            hint='make one in your mail program, or name it in [account]: folders = { drafts = "…" }',
        )
    return roles["drafts"].name


def look(connection: Connection, name: str, *, settle: bool = False) -> DraftsFolder:
    """What lies in Drafts, read from its messages, as a search may lag; `settle` asks for CHECK (RFC 3501 §6.4.1)."""
    wire = connection.wire
    selected = wire.examine(name)
    if settle:
        wire.check()
        selected = wire.examine(name)
    seen = {}
    for found in wire.fetch("1:*", f"UID FLAGS {_OUTSIDE}") if selected.messages else ():
        if isinstance(found, Fetched) and found.body is not None:
            flags = frozenset(flag.lower() for flag in found.flags or ())
            seen[found.uid] = Seen(found.uid, flags, read_header(found.body))
    return DraftsFolder(name, selected.uidvalidity, selected.uidnext, tuple(seen[uid] for uid in sorted(seen)))


def read_draft(connection: Connection, folder: str, uid: int) -> Whole | None:
    """One draft of the folder, whole; None when it is gone. The folder is opened read-only unless it is open."""
    if connection.wire.selected != folder:
        connection.wire.examine(folder)
    condstore = connection.has("CONDSTORE") or connection.has("QRESYNC")
    items = f"UID FLAGS{' MODSEQ' if condstore else ''} BODY.PEEK[]<0.{DRAFT_LIMIT}>"
    answers = list(connection.wire.fetch(str(uid), items))  # to its end, or the connection would be closed
    found = (a for a in answers if isinstance(a, Fetched) and a.uid == uid)
    return next((Whole(uid, f.body, f.modseq or None) for f in found if f.body is not None), None)


def place(connection: Connection, folder: str, message: bytes) -> Appended:
    """Appends a draft, flags and all in one command. Raises what Wire.append raises, and MailboxFull."""
    _check_size(connection, message)
    try:
        return connection.wire.append(folder, message)
    except AppendRefused as refused:
        said = refused.text.lower()
        if refused.response_code in _FULL_CODES or any(phrase in said for phrase in _FULL_PHRASES):
            raise _full(refused.text) from refused
        raise


def _check_size(connection: Connection, message: bytes) -> None:
    """The limit that a server announces (APPENDLIMIT, RFC 7889 §3)."""
    for capability in connection.capabilities:
        name, _, value = capability.partition("=")
        if name == "APPENDLIMIT" and value.isdigit() and len(message) > int(value):
            raise _full(f"it takes no message over {value} bytes")


def _full(said: str) -> MailboxFull:
    return MailboxFull(
        f"the mailbox is full, no draft was placed: {said}",
        hint="make room in it; the draft is placed at the next check",
    )


def can_take_back(connection: Connection, roles: Mapping[Role, Folder]) -> bool:
    """Whether the server lets one message be removed and no other: UIDPLUS; on Gmail MOVE and a Trash folder."""
    if connection.provider.deletes_by_moving:
        return connection.has("MOVE") and "trash" in roles
    return connection.has("UIDPLUS")


def take_back(
    connection: Connection, roles: Mapping[Role, Folder], drafts: DraftsFolder, uid: int, known: str
) -> Taken:
    """Removes one untouched draft of ours, and no other message; `known` is its fingerprint.

    With UIDPLUS it is marked and expunged by its UID, on Gmail moved to Trash; elsewhere it stays (IMPOSSIBLE), as a
    plain EXPUNGE would take along what others marked. CHANGED where it is no longer what we placed (RFC 7162 §3.1.3).
    """
    from assistant.resemblance import fingerprint

    wire = connection.wire
    if not can_take_back(connection, roles):
        return Taken.IMPOSSIBLE
    if wire.select(drafts.name).uidvalidity != drafts.uidvalidity:
        return Taken.CHANGED
    whole = read_draft(connection, drafts.name, uid)
    if whole is None:
        return Taken.GONE
    if fingerprint(whole.message) != known:
        return Taken.CHANGED
    try:
        return _remove(connection, roles, whole)
    finally:
        wire.selected = None  # open for changes: whoever reads next opens it anew


def _remove(connection: Connection, roles: Mapping[Role, Folder], whole: Whole) -> Taken:
    wire = connection.wire
    try:
        if connection.provider.deletes_by_moving:
            wire.move(whole.uid, roles["trash"].name)
            return Taken.GONE
        if not wire.store(whole.uid, "+FLAGS.SILENT", ["\\Deleted"], unchanged_since=whole.modseq):
            return Taken.CHANGED
        wire.expunge(whole.uid)
    except CommandRefused:  # a folder without the right to delete (RFC 4314)
        return Taken.IMPOSSIBLE
    return Taken.GONE


def lies_in(connection: Connection, folder: str, message_id: str) -> bool:
    """Whether a folder holds a message with this Message-ID of ours."""
    from assistant.mailbox.syntax import quoted

    connection.wire.examine(folder)
    return bool(connection.wire.search(f"HEADER MESSAGE-ID {quoted(message_id).decode('ascii')}"))
