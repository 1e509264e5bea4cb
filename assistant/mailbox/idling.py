"""Waiting for news on a connection of its own (IDLE, RFC 2177). Everything pushed is a hint: the cursor is the truth.

The wait is renewed every 9 minutes, because routers drop silent connections and servers end a wait after 29. A renewal
that is not answered shows a connection that is open on our side only. After a suspend of the computer the sockets are
dropped at once: they would only fail later.
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Callable
from enum import Enum

from assistant.mailbox.connection import Connection
from assistant.mailbox.failures import broken_connection

RENEWAL_SECONDS = 540.0
HEARTBEAT_SECONDS = 60.0
ANSWER_SECONDS = 30.0
SUSPEND_SECONDS = 30.0

_EXISTS = re.compile(rb"\* (\d{1,10}) EXISTS\b", re.IGNORECASE)
_EXPUNGE = re.compile(rb"\* \d{1,10} EXPUNGE\b", re.IGNORECASE)
_VANISHED = re.compile(rb"\* VANISHED\b", re.IGNORECASE)


class Hint(Enum):
    """Why a wait ended."""

    CHANGED = "messages came or went"
    RESUMED = "the computer was asleep: the connection was dropped, open a new one"
    STOPPED = "somebody called stop()"
    TIME_IS_UP = "nothing happened"


class Idler:
    """Waits in one folder. `wait` belongs to one thread, `stop` may be called from any. A context manager.

    `wall` and `monotonic` are the two clocks whose difference shows a suspend. `wakeups` counts how often the wait left
    its sleep, for whatever reason.
    """

    def __init__(
        self, connection: Connection, folder: str, *,
        wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic,
        renewal: float = RENEWAL_SECONDS, heartbeat: float = HEARTBEAT_SECONDS,
    ) -> None:  # fmt: skip
        self._connection = connection
        self._wire = connection.wire
        self._folder = folder
        self._wall = wall
        self._monotonic = monotonic
        self._renewal = renewal
        self._heartbeat = heartbeat
        self._tag: bytes | None = None
        self._renew_at = 0.0
        self._messages = 0
        self._woken, self._waker = socket.socketpair()
        self.wakeups = 0

    def wait(self, seconds: float) -> Hint:
        """Wait until there is news, at most `seconds`. Raises Unreachable and its like when the connection is lost."""
        end = self._monotonic() + seconds
        if self._begin():
            return Hint.CHANGED
        while True:
            now = self._monotonic()
            if now >= end:
                return Hint.TIME_IS_UP
            if now >= self._renew_at and self._renew():
                return Hint.CHANGED
            hint = self._sleep(min(end, self._renew_at, self._monotonic() + self._heartbeat))
            if hint is not None:
                return hint

    def stop(self) -> None:
        """End the wait of another thread; a later wait ends at once."""
        self._waker.send(b"!")

    def __enter__(self) -> Idler:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop the connection: it is of no other use, and a server that idles would not hear a LOGOUT."""
        self._wire.stream.close()
        self._woken.close()
        self._waker.close()

    def _sleep(self, until: float) -> Hint | None:
        """Sleep until the server speaks, `stop` is called or it is time; None where that means nothing."""
        begin_wall, begin = self._wall(), self._monotonic()
        stream = self._wire.stream
        if not stream.has_bytes():
            try:
                ready = select.select([stream.socket, self._woken], [], [], max(0.0, until - begin))[0]
            except (OSError, ValueError) as error:  # closed by somebody else
                raise broken_connection(OSError(0, "it was closed"), stream.host) from error
            self.wakeups += 1
            if self._was_asleep(begin_wall, begin, until):
                stream.close()
                return Hint.RESUMED
            if self._woken in ready:
                return Hint.STOPPED
            if not ready:
                return None
        return Hint.CHANGED if self._listen() else None

    def _was_asleep(self, begin_wall: float, begin: float, until: float) -> bool:
        """Where the monotonic clock stops in a suspend the wall clock runs ahead; elsewhere the sleep takes too long.

        A wall clock that was set back tells nothing.
        """
        wall, monotonic = self._wall() - begin_wall, self._monotonic() - begin
        return wall - monotonic > SUSPEND_SECONDS or begin + monotonic - until > SUSPEND_SECONDS

    # -- speaking with the server ---------------------------------------------------------------------------------

    def _begin(self) -> bool:
        """Open the folder and start to idle; True where something came meanwhile."""
        if self._wire.selected != self._folder:
            self._messages = self._wire.examine(self._folder).messages
        return self._start() if self._tag is None else False

    def _start(self) -> bool:
        """IDLE, up to the server's '+'. News in the same packet as the '+' counts."""
        self._renew_at = self._monotonic() + self._renewal
        if not self._connection.has("IDLE"):
            return False
        self._wire.stream.allow(ANSWER_SECONDS)
        self._tag = self._wire.start(b"IDLE")
        news = False
        while not self._wire.is_completed(self._tag):
            pieces = self._wire.next_answer()
            if pieces and pieces[0].startswith(b"+"):
                break
            news = self._is_news(pieces) or news
        else:
            tag, self._tag = self._tag, None
            self._wire.conclude(tag)
        return (self._listen() or news) if self._wire.stream.has_bytes() else news

    def _renew(self) -> bool:
        """End the wait and begin another; where there is no IDLE, ask with NOOP. True where something came."""
        if self._tag is None and not self._connection.has("IDLE"):
            self._renew_at = self._monotonic() + self._renewal
            return self._any_news(self._wire.run(b"NOOP", seconds=ANSWER_SECONDS))
        news = False
        if self._tag is not None:
            self._wire.stream.allow(ANSWER_SECONDS)
            self._wire.stream.send(b"DONE\r\n")
            tag, self._tag = self._tag, None
            news = self._any_news(list(self._wire.answers(tag)))
        return self._start() or news

    def _listen(self) -> bool:
        """Read all that has come; True for news. Keep-alives of the server (`* OK Still here`) are none."""
        self._wire.stream.allow(ANSWER_SECONDS)
        news = self._is_news(self._wire.next_answer())
        while self._wire.stream.has_bytes():
            news = self._is_news(self._wire.next_answer()) or news
        if self._tag is not None and self._wire.is_completed(self._tag):  # the server ended the wait by itself
            tag, self._tag = self._tag, None
            self._wire.conclude(tag)
            news = self._start() or news
        return news

    def _any_news(self, answers: list[list[bytes]]) -> bool:
        return True in [self._is_news(pieces) for pieces in answers]

    def _is_news(self, pieces: list[bytes] | None) -> bool:
        """Whether an answer tells of messages that came or went. An EXISTS that repeats the known number does not."""
        if not pieces:
            return False
        exists = _EXISTS.match(pieces[0])
        if exists:
            before, self._messages = self._messages, int(exists[1])
            return before != self._messages
        if _EXPUNGE.match(pieces[0]):
            self._messages -= 1
            return True
        return _VANISHED.match(pieces[0]) is not None
