"""Reading headers: a plan of windows over all folders, newest first, in few large commands without waiting between."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from assistant.errors import FolderMissing, ServerUnavailable
from assistant.headers import FIELDS
from assistant.mailbox.connection import Connection
from assistant.mailbox.failures import CommandRefused
from assistant.mailbox.fetched import Fetched, Unreadable
from assistant.mailbox.following import Cursor, cursor_of
from assistant.mailbox.syntax import runs, without

HEADER_SECTION = f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS)})]"
FIRST_WINDOW, WINDOW = 200, 2_000
IN_FLIGHT = 4


@dataclass(frozen=True, slots=True)
class Survey:
    """What is to be read in a folder: how it was found, and the UIDs (disjoint ranges, ascending)."""

    folder: str
    cursor: Cursor
    uids: Sequence[range]


@dataclass(slots=True)
class Window:
    """Some UIDs of a folder, and what came of asking for everything from the lowest to the highest of them.

    `unreadable` are answers that made no sense; `refused` is the server's reason where it answered NO.
    """

    folder: str
    uidvalidity: int
    uids: Sequence[range]
    messages: list[Fetched] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    refused: str = ""

    @property
    def low(self) -> int:
        return self.uids[0].start

    @property
    def high(self) -> int:
        return self.uids[-1].stop - 1

    @property
    def is_single(self) -> bool:
        return self.low == self.high

    def missing(self) -> list[range]:
        """What was asked for and did not come: expunged meanwhile, or forgotten by the server."""
        came = [message.uid for message in self.messages] + [each.uid for each in self.unreadable if each.uid]
        return without(self.uids, runs(came))


def header_items(connection: Connection) -> str:
    """What to ask for each message; the server's own identifiers where it has some (Gmail, RFC 8474)."""
    extra = ""
    if connection.has("X-GM-EXT-1"):
        extra = " X-GM-MSGID X-GM-THRID"
    elif connection.has("OBJECTID"):
        extra = " EMAILID THREADID"
    return f"UID FLAGS INTERNALDATE RFC822.SIZE{extra} {HEADER_SECTION}"


def survey(connection: Connection, wishes: Sequence[tuple[str, str]]) -> list[Survey]:
    """For each (folder, search criteria): how the folder is, and which of its messages are to be read. One round trip.

    A folder that cannot be opened is left out.
    """
    wire = connection.wire
    tags = [(name, wire.start_examine(name), wire.start_search(criteria)) for name, criteria in wishes]
    found = []
    for name, opened, searched in tags:
        try:
            selected = wire.examined(opened, name)
        except (CommandRefused, FolderMissing):
            wire.settle(searched)
            continue
        uids = wire.searched(searched)
        after = uids[-1].stop if uids else 1
        found.append(Survey(name, cursor_of(connection, selected, after), uids))
    return found


def plan(surveys: Sequence[tuple[Survey, int]]) -> Iterator[Window]:
    """The windows of all folders: the newest of each first, for the screen; then folder by folder, newest first.

    Each survey comes with the size of its windows (smaller ones after failures).
    """
    queues = [_windows(each, size) for each, size in surveys]
    for queue in queues:
        yield from islice(queue, 1)
    for queue in queues:
        yield from queue


def _windows(found: Survey, size: int) -> Iterator[Window]:
    """Cut the UIDs into windows of `size` messages, from the newest down; the first of them is small."""
    part: list[range] = []
    left = min(FIRST_WINDOW, size)
    for run in reversed(found.uids):
        stop = run.stop
        while stop > run.start:
            start = max(run.start, stop - left)
            part.insert(0, range(start, stop))
            left -= stop - start
            stop = start
            if not left:
                yield Window(found.folder, found.cursor.uidvalidity, part)
                part, left = [], size
    if part:
        yield Window(found.folder, found.cursor.uidvalidity, part)


def fetch_headers(connection: Connection, windows: Iterable[Window], *, ahead: int = IN_FLIGHT) -> Iterator[Window]:
    """Fill the windows, in their order, with up to `ahead` commands under way at once, changes of folder included.

    With 1 a lost connection shows which command broke it: what was answered before has been read.
    ServerUnavailable where a folder's UIDs were renumbered meanwhile.
    """
    wire, items = connection.wire, header_items(connection)
    waiting: deque[tuple[Window, bytes | None, bytes]] = deque()
    opened, todo = wire.selected, iter(windows)
    while True:
        while len(waiting) < ahead and (window := next(todo, None)):
            opening = None if window.folder == opened else wire.start_examine(window.folder)
            opened = window.folder
            waiting.append((window, opening, wire.start_fetch(f"{window.low}:{window.high}", items)))
        if not waiting:
            return
        window, opening, tag = waiting.popleft()
        if opening is not None and wire.examined(opening, window.folder).uidvalidity != window.uidvalidity:
            wire.stream.close()
            raise ServerUnavailable(f"{window.folder} was renumbered while it was read", hint="it is tried again")
        _fill(connection, window, tag, [other for other, _, _ in waiting if other.folder == window.folder])
        yield window


def _fill(connection: Connection, window: Window, tag: bytes, others: Sequence[Window]) -> None:
    """Read the answers up to the end of `tag`. Servers may mingle answers: the UID tells whose it is."""
    low, high = window.low, window.high
    try:
        for found in connection.wire.fetched(tag):
            if isinstance(found, Fetched):
                if found.body is None:
                    continue
                if low <= found.uid <= high:
                    window.messages.append(found)
                else:
                    _hand_over(found, others)
            elif isinstance(found, Unreadable):
                window.unreadable.append(found)
    except CommandRefused as refused:
        window.refused = refused.message


def _hand_over(found: Fetched, others: Sequence[Window]) -> None:
    for other in others:
        if other.low <= found.uid <= other.high:
            other.messages.append(found)
            return
