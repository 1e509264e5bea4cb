"""Reading messages: all headers of a folder in few pipelined commands, newest first; bodies in bounded ranges."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.headers import FIELDS
from assistant.mailbox.connection import Connection
from assistant.mailbox.fetched import Fetched, Unreadable
from assistant.mailbox.syntax import uid_set

HEADER_SECTION = f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS)})]"
FIRST_WINDOW, WINDOW = 200, 2_000
IN_FLIGHT = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in bytes: a message up to `whole` is fetched as it is."""

    whole: int = 256 << 10
    text: int = 64 << 10
    attachment: int = 1 << 20
    attachments: int = 4


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Window:
    """The messages of a folder with UIDs from `low` to `high`, and what made no sense among them."""

    low: int
    high: int
    messages: list[Fetched]
    unreadable: list[Unreadable]


def header_items(connection: Connection) -> str:
    """What to ask for each message; the server's own identifiers where it has some (Gmail, RFC 8474)."""
    extra = ""
    if connection.has("X-GM-EXT-1"):
        extra = " X-GM-MSGID X-GM-THRID"
    elif connection.has("OBJECTID"):
        extra = " EMAILID THREADID"
    return f"UID FLAGS INTERNALDATE RFC822.SIZE{extra} {HEADER_SECTION}"


def windows(uids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ascending UIDs → ranges to fetch, the newest first: a small one for the screen, then large ones."""
    end, size = len(uids), FIRST_WINDOW
    while end > 0:
        start = max(0, end - size)
        yield uids[start], uids[end - 1]
        end, size = start, WINDOW


def fetch_headers(connection: Connection, ranges: Iterable[tuple[int, int]]) -> Iterator[Window]:
    """The headers of the selected folder, window by window; the next command is always under way already."""
    wire, items = connection.wire, header_items(connection)
    waiting: deque[tuple[Window, bytes]] = deque()
    todo = iter(ranges)
    while True:
        while len(waiting) < IN_FLIGHT and (following := next(todo, None)):
            low, high = following
            waiting.append((Window(low, high, [], []), wire.start_fetch(f"{low}:{high}", items)))
        if not waiting:
            return
        window, tag = waiting.popleft()
        _read_window(connection, window, tag, [other for other, _ in waiting])
        yield window


def _read_window(connection: Connection, window: Window, tag: bytes, others: Sequence[Window]) -> None:
    """Read the answers up to the end of `tag`. Servers may mingle answers: the UID tells whose it is."""
    low, high = window.low, window.high
    for found in connection.wire.fetched(tag):
        if isinstance(found, Fetched):
            if found.body is None:
                continue
            if low <= found.uid <= high:
                window.messages.append(found)
            else:
                for other in others:
                    if other.low <= found.uid <= other.high:
                        other.messages.append(found)
        elif isinstance(found, Unreadable):
            window.unreadable.append(found)


def fetch_messages(
    connection: Connection, folder: str, uids: Sequence[int], limits: Limits = LIMITS
) -> Iterator[tuple[int, bytes]]:
    """(uid, bytes) of each message that is still there, in the server's order; the bytes are one parseable message."""
    if connection.wire.selected != folder:
        connection.wire.examine(folder)
    for group in uid_set(uids):
        for found in connection.wire.fetch(group, f"UID BODY.PEEK[]<0.{limits.whole}>"):
            if isinstance(found, Fetched) and found.body is not None:
                yield found.uid, found.body
