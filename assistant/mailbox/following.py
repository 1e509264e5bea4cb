"""What happened to a folder since it was last read: by CONDSTORE and QRESYNC (RFC 7162), else by comparing UIDs.

The cursor is what the server said before it was asked for changes: what happens meanwhile is seen again the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from assistant.mailbox.answers import FolderStatus, Selected
from assistant.mailbox.connection import Connection
from assistant.mailbox.fetched import Fetched, Unreadable, Vanished
from assistant.mailbox.syntax import uid_sets, without


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder was read. `highestmodseq` is None where the server keeps none."""

    uidvalidity: int
    uidnext: int
    highestmodseq: int | None
    messages: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Since the cursor: `gone` UIDs, new `flags` of UIDs that stayed. `cursor` is the one for the next time.

    New messages are the UIDs from the old cursor's `uidnext` up to the new one's, without both.
    """

    cursor: Cursor
    gone: Sequence[range] = ()
    flags: Sequence[tuple[int, tuple[str, ...]]] = field(default=())


def is_unchanged(cursor: Cursor, status: FolderStatus | None) -> bool:
    """Whether STATUS alone shows that nothing happened (but flags, where there is no modification sequence)."""
    return status is not None and (
        status.uidvalidity == cursor.uidvalidity
        and status.uidnext == cursor.uidnext
        and status.messages == cursor.messages
        and status.highestmodseq == cursor.highestmodseq
    )


def is_reset(cursor: Cursor, selected: Selected) -> bool:
    """Whether the UIDs known mean nothing any more; a folder without UIDVALIDITY (0) never keeps them."""
    return selected.uidvalidity != cursor.uidvalidity or selected.uidvalidity == 0


def cursor_of(connection: Connection, selected: Selected, after: int | None = None) -> Cursor:
    """The cursor that SELECT tells. Where it does not say UIDNEXT, `after` is taken, or the highest UID asked for."""
    uidnext = selected.uidnext or after
    if uidnext is None:
        uidnext = max(connection.wire.search("UID *"), default=0) + 1
    trusted = connection.has("CONDSTORE") or connection.has("QRESYNC")
    return Cursor(selected.uidvalidity, uidnext, selected.highestmodseq if trusted else None, selected.messages)


def open_folder(connection: Connection, folder: str, cursor: Cursor | None) -> Selected:
    """EXAMINE, with QRESYNC from the cursor where both sides have what it takes."""
    known = None
    if cursor is not None and cursor.highestmodseq and connection.has("QRESYNC"):
        known = (cursor.uidvalidity, cursor.highestmodseq)
    return connection.wire.examine(folder, known=known)


def follow(
    connection: Connection, old: Cursor, selected: Selected, stored: Callable[[], Sequence[range]], *, thorough: bool
) -> Changes:
    """The changes of the open folder. `stored` gives the UIDs that the store has, when they must be compared.

    `thorough` compares them in any case: a server's word is checked now and then. Only then are changed flags seen
    where the server keeps no modification sequence.
    """
    new = cursor_of(connection, selected)
    if connection.has("QRESYNC") and old.highestmodseq and new.highestmodseq:
        gone, flags = _sorted_out(selected.earlier)
    else:
        gone, flags = [], _changed_flags(connection, old, new)
        thorough = thorough or not _only_additions(old, new)
    if thorough:
        gone = _missing(connection, old, stored())
    if thorough and not new.highestmodseq:
        flags = _all_flags(connection, without(stored(), gone))
    return Changes(new, gone, flags)


def _only_additions(old: Cursor, new: Cursor) -> bool:
    """UIDs only grow: as many more messages as new UIDs means that none of the old ones is gone."""
    return new.messages - old.messages == new.uidnext - old.uidnext


def _changed_flags(connection: Connection, old: Cursor, new: Cursor) -> list[tuple[int, tuple[str, ...]]]:
    """By CHANGEDSINCE; nothing where the server keeps no modification sequence or says it did not move."""
    if not old.highestmodseq or not new.highestmodseq or old.uidnext <= 1:
        return []
    if new.highestmodseq == old.highestmodseq or not connection.has("CONDSTORE"):
        return []
    found = connection.wire.fetch(
        f"1:{old.uidnext - 1}", "UID FLAGS", modifiers=f"CHANGEDSINCE {old.highestmodseq}"
    )  # fmt: skip
    return _sorted_out(found)[1]


def _sorted_out(
    answers: Iterable[Fetched | Vanished | Unreadable],
) -> tuple[list[range], list[tuple[int, tuple[str, ...]]]]:
    gone: list[range] = []
    flags: list[tuple[int, tuple[str, ...]]] = []
    for answer in answers:
        if isinstance(answer, Vanished):
            gone += answer.uids
        elif isinstance(answer, Fetched) and answer.flags is not None:
            flags.append((answer.uid, answer.flags))
    return gone, flags


def _missing(connection: Connection, old: Cursor, stored: Sequence[range]) -> list[range]:
    """Which of the stored UIDs the server no longer has."""
    if not stored:
        return []
    span = f"{stored[0].start}:{min(stored[-1].stop, old.uidnext) - 1}"
    return without(stored, connection.wire.search_ranges(f"UID {span}"))


def _all_flags(connection: Connection, uids: Sequence[range]) -> list[tuple[int, tuple[str, ...]]]:
    """The flags of these messages as they are now: for servers that do not tell what changed."""
    found = []
    for group in uid_sets(uids):
        found += _sorted_out(connection.wire.fetch(group, "UID FLAGS"))[1]
    return found
