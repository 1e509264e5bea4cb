"""Bytes to and from the server: lines and literals (RFC 3501 §2.2, §4.3), with limits, deadlines and a trace.

A response is a list of pieces: line, literal, line, literal, …, line. Even places hold text without CRLF (the literal
marks `{n}` taken off), odd places the literals.
"""

from __future__ import annotations

import re
import socket
import time
import zlib
from collections.abc import Callable

from assistant.errors import OfferAssistantError
from assistant.mailbox.failures import broken_connection, nonsense

Trace = Callable[[str, str], None]
"""Called with '→' or '←' and a line; it never sees a literal, a secret or the inside of a FETCH answer."""

LITERAL_MARK = re.compile(rb"\{(\d{1,12})\+?\}\Z")
CHUNK = 1 << 18
LONGEST_LINE = 16 << 20
LONGEST_LITERAL = 64 << 20
MOST_PIECES = 2_000


class Stream:
    """The byte stream of one connection. After any error but a clean tagged NO or BAD it must be closed.

    `received` and `sent` count the bytes on the wire. `buffer` and `position` are open to the FETCH reader, which takes
    the usual answers out of them without a call per line.
    """

    def __init__(self, sock: socket.socket, host: str, *, buffered: bytes = b"", trace: Trace | None = None) -> None:
        self.socket = sock
        self.host = host
        self.buffer = buffered
        self.position = 0
        self.received = 0
        self.sent = 0
        self.closed = False
        self.trace = trace
        self._deadline = float("inf")
        self._silence = 300.0
        self._inflate: zlib._Decompress | None = None
        self._deflate: zlib._Compress | None = None
        self._deflated = b""

    def allow(self, total: float, silence: float = 300.0) -> None:
        """From now on the server may be silent for `silence` seconds and take `total` seconds in all."""
        self._deadline = time.monotonic() + total
        self._silence = silence

    def compress(self) -> None:
        """From now on both ways are deflated (RFC 4978)."""
        self._inflate = zlib.decompressobj(-15)
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        self._deflated = self.buffer[self.position :]
        self.buffer, self.position = b"", 0

    @property
    def is_compressed(self) -> bool:
        return self._deflate is not None

    def send(self, data: bytes) -> None:
        """Send all of it, or raise Unreachable; how much arrived is then unknown."""
        if self._deflate is not None:
            data = self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        self._check_open()
        try:
            self.socket.settimeout(self._patience())
            self.socket.sendall(data)
        except OSError as error:
            raise self._broken(error) from error
        self.sent += len(data)

    def fill(self) -> None:
        """Wait for more bytes and put them behind the ones that are not read yet."""
        data = self._receive()
        self.buffer = self.buffer[self.position :] + data if self.position < len(self.buffer) else data
        self.position = 0

    def pieces(self) -> list[bytes]:
        """The next response, whole."""
        found: list[bytes] = []
        while True:
            line = self._line()
            mark = LITERAL_MARK.search(line)
            if mark is None:
                found.append(line)
                return found
            found += (line[: mark.start()], self._literal(int(mark[1])))
            if len(found) > MOST_PIECES:
                raise self.corrupt("too many literals in one answer")

    def has_bytes(self) -> bool:
        """Whether something is buffered that no socket poll would show."""
        pending = getattr(self.socket, "pending", None)
        return self.position < len(self.buffer) or bool(self._deflated) or bool(pending and pending())

    def corrupt(self, what: str) -> OfferAssistantError:
        """Close, because the framing is lost; returns the error to raise."""
        self.close()
        return nonsense(what)

    def close(self) -> None:
        """Drop the connection without a word. Harmless when repeated."""
        self.closed = True
        try:
            self.socket.close()
        except OSError:
            pass

    def tell(self, direction: str, line: bytes) -> None:
        if self.trace is not None:
            self.trace(direction, line[:400].decode("ascii", "backslashreplace"))

    def _line(self) -> bytes:
        start = self.position
        while (end := self.buffer.find(b"\r\n", start)) < 0:
            waiting = len(self.buffer) - self.position
            if waiting > LONGEST_LINE:
                raise self.corrupt("a line without an end")
            self.fill()
            start = max(waiting - 1, 0)
        line = self.buffer[self.position : end]
        self.position = end + 2
        return line

    def _literal(self, size: int) -> bytes:
        if size > LONGEST_LITERAL:
            raise self.corrupt(f"a literal of {size} bytes")
        missing = size - (len(self.buffer) - self.position)
        if missing > 0:
            self._gather(missing)
        literal = self.buffer[self.position : self.position + size]
        self.position += size
        return literal

    def _gather(self, missing: int) -> None:
        """Receive at least `missing` more bytes, joining once: a large literal is not copied again for every packet."""
        parts = [self.buffer[self.position :]]
        while missing > 0:
            data = self._receive()
            parts.append(data)
            missing -= len(data)
        self.buffer, self.position = b"".join(parts), 0

    def _receive(self) -> bytes:
        while True:
            data = self._deflated or self._receive_raw()
            if self._inflate is None:
                return data
            try:
                data = self._inflate.decompress(
                    data, CHUNK
                )  # in bounded steps: a little data may inflate a thousandfold
            except zlib.error as error:
                raise self.corrupt("compressed data that cannot be read") from error
            self._deflated = self._inflate.unconsumed_tail
            if data:
                return data

    def _receive_raw(self) -> bytes:
        self._check_open()
        try:
            self.socket.settimeout(self._patience())
            data = self.socket.recv(CHUNK)
        except OSError as error:
            raise self._broken(error) from error
        if not data:
            raise self._broken(ConnectionResetError(0, "the server closed it"))
        self.received += len(data)
        return data

    def _patience(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self._broken(TimeoutError())
        return min(left, self._silence)

    def _check_open(self) -> None:
        if self.closed:
            raise broken_connection(ConnectionResetError(0, "it is closed"), self.host)

    def _broken(self, error: OSError) -> OfferAssistantError:
        self.close()
        return broken_connection(error, self.host)
