"""A client that parses nothing: the limit to which the program is compared, and the loader of its mailbox."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence

from tests.dovecot import PASSWORD, Dovecot

ITEMS = (
    "UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE"
    " BODY.PEEK[HEADER.FIELDS (DATE FROM TO CC SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES)]"
)
STATUS = "MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ"


class Raw:
    """One connection: sends lines and swallows the answers."""

    def __init__(self, server: Dovecot, user: str) -> None:
        self._socket = socket.create_connection((server.host, server.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = memoryview(bytearray(1 << 18))
        self._number = 0
        self._swallow(b"* OK")
        self.command(f"LOGIN {user} {PASSWORD}")

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.command("LOGOUT")
        self._socket.close()

    def command(self, line: str) -> None:
        self._number += 1
        tag = b"r%d " % self._number
        self._socket.sendall(tag + line.encode() + b"\r\n")
        self._swallow(tag)

    def append(self, folder: str, messages: Sequence[bytes]) -> None:
        self._number += 1
        tag = b"r%d " % self._number
        parts = [tag + f"APPEND {folder}".encode()]
        for message in messages:
            parts += [b" {%d+}\r\n" % len(message), message]
        self._socket.sendall(b"".join([*parts, b"\r\n"]))
        self._swallow(tag)

    def idle(self) -> None:
        """Wait until the server says that a message came."""
        self._socket.sendall(b"i IDLE\r\n")
        self._swallow(b"+ idling")
        seen = b""
        while b" EXISTS" not in seen:
            seen = seen[-64:] + self._socket.recv(4096)

    def close(self) -> None:
        self._socket.close()

    def _swallow(self, mark: bytes) -> None:
        """Read until the last complete line begins with `mark`."""
        tail = b""
        while True:
            count = self._socket.recv_into(self._buffer)
            if not count:
                raise EOFError(tail)
            tail = (tail + bytes(self._buffer[max(0, count - 512) : count]))[-1024:]
            last = tail.removesuffix(b"\r\n").rpartition(b"\r\n")[2]
            if tail.endswith(b"\r\n") and last.startswith(mark):
                return


def drain(server: Dovecot, user: str) -> float:
    """Seconds in which the server hands out the index items of everything."""
    with Raw(server, user) as raw:
        began = time.perf_counter()
        for folder in ("INBOX", "Sent", "Archive", "Drafts"):
            raw.command(f"EXAMINE {folder}")
            raw.command(f"UID FETCH 1:* ({ITEMS})")
        return time.perf_counter() - began


def look(server: Dovecot, user: str) -> float:
    """Seconds of one LIST-STATUS."""
    with Raw(server, user) as raw:
        began = time.perf_counter()
        raw.command(f'LIST "" "*" RETURN (STATUS ({STATUS}))')
        return time.perf_counter() - began
