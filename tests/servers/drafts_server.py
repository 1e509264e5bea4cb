"""Servers that do to drafts what real ones were seen to do: no UIDPLUS, OK without storing, storing and hanging up,
other Message-IDs, a full mailbox, Gmail's Drafts.

A child process may be killed at any moment of its dialogue with them; what they keep is in memory and can be compared.
"""

from __future__ import annotations

import contextlib
import copy
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass

from tests.servers.fake_imap import CUT, Dialect, FakeFolder, FakeImap, FakeMessage, Session

MODERN = Dialect("modern", "IMAP4rev1 UIDPLUS ENABLE CONDSTORE MOVE SPECIAL-USE")
BARE = Dialect("bare", "IMAP4rev1")
GMAIL = Dialect("gmail", "IMAP4rev1 UIDPLUS ENABLE CONDSTORE MOVE SPECIAL-USE X-GM-EXT-1", login_code=False)


@dataclass
class Ways:
    """How APPEND misbehaves. `refusal` is answered before the literal, `late_refusal` after it; neither stores."""

    stores: bool = True
    drops_after_storing: bool = False
    drops_before_storing: bool = False
    rewrites_ids: bool = False
    refusal: str = ""
    late_refusal: str = ""


class DraftsServer(FakeImap):
    """The folders that every test knows; `before_append` is called when the client has said APPEND."""

    def __init__(self, dialect: Dialect = MODERN, ways: Ways | None = None) -> None:
        super().__init__(dialect)
        self.ways = ways or Ways()
        self.before_append: Callable[[], None] = lambda: None
        self.folders.clear()
        names = GMAIL_FOLDERS if dialect is GMAIL else PLAIN_FOLDERS
        for name, attributes in names:
            self.add(FakeFolder(name, attributes))

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or pipelined answers wait 40 ms for each other
            self._sockets = [s for s in self._sockets if s.fileno() >= 0]
            self._threads = [t for t in self._threads if t.is_alive()]
            self._sockets.append(sock)
            self._start(DraftsSession(self, sock).run)

    def snapshot(self) -> dict[str, FakeFolder]:
        return copy.deepcopy(self.folders)

    def restore(self, folders: dict[str, FakeFolder]) -> None:
        """Everything as it was. Sessions that are still open keep the folders of before."""
        self.folders = copy.deepcopy(folders)


PLAIN_FOLDERS = (
    ("INBOX", ""),
    ("Sent", "\\Sent"),
    ("Archive", "\\Archive"),
    ("Drafts", "\\Drafts"),
    ("Trash", "\\Trash"),
    ("Junk", "\\Junk"),
)
GMAIL_FOLDERS = (
    ("INBOX", ""),
    ("[Gmail]/Tous les messages", "\\All"),
    ("[Gmail]/Brouillons", "\\Drafts"),
    ("[Gmail]/Messages envoy&AOk-s", "\\Sent"),
    ("[Gmail]/Corbeille", "\\Trash"),
)


class DraftsSession(Session):
    """One connection to a DraftsServer."""

    server: DraftsServer

    def run(self) -> None:
        try:
            with contextlib.suppress(OSError, ValueError):
                self.send("GREETING", "", f"* {self.dialect.greeting}\r\n".encode())
                while (line := self.file.readline()).endswith(b"\n"):  # half a line is no command
                    self.answer(line.rstrip(b"\r\n").decode("latin-1"))
        finally:
            self.file.close()
            self.sock.close()

    def do_status(self, tag: str, arguments: str) -> bytes:
        folder = self.server.folders.get(arguments.split('"')[1])
        if folder is None:
            return f"{tag} NO [NONEXISTENT] no such folder\r\n".encode()
        return f"{self._status(folder)}\r\n{tag} OK done\r\n".encode()

    def _messages(self, criteria: str) -> list[FakeMessage]:
        wanted = re.search(r'HEADER MESSAGE-ID "([^"]*)"', criteria)
        found = super()._messages(criteria)
        return [m for m in found if wanted is None or wanted[1].encode() in m.raw.partition(b"\r\n\r\n")[0]]

    def do_append(self, tag: str, arguments: str) -> bytes:
        ways, name = self.server.ways, arguments.split('"')[1]
        self.server.before_append()
        if ways.refusal:
            return f"{tag} {ways.refusal}\r\n".encode()
        if name not in self.server.folders:
            return f"{tag} NO [TRYCREATE] no such folder\r\n".encode()
        size = int(arguments.rpartition("{")[2].rstrip("}"))
        self.send("APPEND+", arguments, b"+ go on\r\n")
        raw = self.file.read(size)
        if len(raw) < size or not self.file.readline().endswith(b"\n"):
            raise OSError("the client is gone: a partial literal is not stored (RFC 3501 §6.3.11)")
        if ways.drops_before_storing:
            self._hang_up()
        if ways.late_refusal:
            return f"{tag} {ways.late_refusal}\r\n".encode()
        return self._store(tag, name, raw, set(re.findall(r"\\\w+", arguments)))

    def _store(self, tag: str, name: str, raw: bytes, flags: set[str]) -> bytes:
        ways, folder = self.server.ways, self.server.folders[name]
        if not ways.stores:
            return f"{tag} OK stored\r\n".encode()
        if ways.rewrites_ids:
            fresh = f"Message-ID: <server.{folder.uidvalidity}.{folder.uidnext}@mail.example>".encode()
            raw = re.sub(rb"Message-ID: [^\r\n]*", fresh, raw, count=1)
        uid = folder.deliver(raw, flags=flags)
        if ways.drops_after_storing:
            self._hang_up()
        code = f"[APPENDUID {folder.uidvalidity} {uid}] " if self.dialect.has("UIDPLUS") else ""
        return f"{tag} OK {code}stored\r\n".encode()

    def _hang_up(self) -> None:
        self.sock.shutdown(socket.SHUT_RDWR)
        raise OSError("hung up")


__all__ = ["BARE", "CUT", "GMAIL", "MODERN", "DraftsServer", "Ways"]
