"""An IMAP server in memory that speaks a dialect and can be told to misbehave. It passes the same contract as Dovecot.

A `Dialect` is what a kind of server offers and how it words things; a `twist` gets every answer before it is sent:

    def twist(verb: str, arguments: str, answer: bytes) -> bytes: …

What it returns is sent instead; CUT at its end drops the connection after it.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

CUT = b"\x00CUT"
Twist = Callable[[str, str, bytes], bytes]

_PARTIAL = re.compile(r"<(\d+)\.(\d+)>$")


@dataclass
class Dialect:
    """What a server offers. FETCH items come back in `fetch_order`, or as asked for where that is empty."""

    name: str = "plain"
    capabilities: str = "IMAP4rev1 UIDPLUS"
    greeting: str = "OK ready"
    login_code: bool = True
    separator: str = "/"
    fetch_order: tuple[str, ...] = ()
    uidnext: bool = True
    refused_login: str = "NO [AUTHENTICATIONFAILED] Invalid credentials"

    def has(self, capability: str) -> bool:
        return capability in self.capabilities.split()


@dataclass
class FakeMessage:
    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)
    internal_date: str = "02-Mar-2026 10:00:00 +0100"
    number: int = 0
    thread: int = 0
    modseq: int = 1


@dataclass
class FakeFolder:
    name: str
    attributes: str = ""
    uidvalidity: int = 1000
    uidnext: int = 1
    messages: list[FakeMessage] = field(default_factory=list)
    modseq: int = 1

    def deliver(self, raw: bytes, *, flags: set[str] | None = None, number: int = 0, thread: int = 0) -> int:
        self.modseq += 1
        message = FakeMessage(self.uidnext, raw, flags or set(), number=number, thread=thread, modseq=self.modseq)
        self.messages.append(message)
        self.uidnext += 1
        return message.uid

    def remove(self, uid: int) -> None:
        self.modseq += 1
        self.messages = [message for message in self.messages if message.uid != uid]


class FakeImap:
    """One server, started by `with`. `commands` lists what clients sent (never passwords); `logins` counts tries."""

    def __init__(self, dialect: Dialect | None = None, *, password: str = "pass", twist: Twist | None = None) -> None:
        self.dialect = dialect or Dialect()
        self.password = password
        self.twist = twist
        self.folders: dict[str, FakeFolder] = {}
        for name, attributes in (("INBOX", ""), ("Sent", "\\Sent"), ("Archive", "\\Archive"), ("Drafts", "\\Drafts")):
            self.add(FakeFolder(name, attributes))
        self.commands: list[str] = []
        self.logins = 0
        self.host = "127.0.0.1"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def add(self, folder: FakeFolder) -> FakeFolder:
        self.folders[folder.name] = folder
        return folder

    def __enter__(self) -> FakeImap:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)

    def push(self, line: str) -> None:
        """Say something unasked on every open connection."""
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.sendall(line.encode() + b"\r\n")

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(sock)
            self._start(Session(self, sock).run)


class Session:
    """One connection's dialogue."""

    def __init__(self, server: FakeImap, sock: socket.socket) -> None:
        self.server = server
        self.dialect = server.dialect
        self.sock = sock
        self.file = sock.makefile("rb")
        self.folder: FakeFolder | None = None

    def run(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.send("GREETING", "", f"* {self.dialect.greeting}\r\n".encode())
            while line := self.file.readline():
                self.answer(line.rstrip(b"\r\n").decode("latin-1"))
        self.file.close()

    def send(self, verb: str, arguments: str, answer: bytes) -> bytes:
        if self.server.twist:
            answer = self.server.twist(verb, arguments, answer)
        cut = answer.endswith(CUT)
        self.sock.sendall(answer.removesuffix(CUT))
        if cut:
            self.sock.shutdown(socket.SHUT_RDWR)
            raise OSError("cut")
        return answer

    def answer(self, line: str) -> None:
        tag, _, rest = line.partition(" ")
        verb, _, arguments = rest.partition(" ")
        if verb.upper() == "UID":
            verb, _, arguments = arguments.partition(" ")
        verb = verb.upper()
        self.server.commands.append(verb if verb in ("LOGIN", "AUTHENTICATE") else f"{verb} {arguments}".strip())
        handler = getattr(self, f"do_{verb.lower()}", None)
        if handler is None:
            self.send(verb, arguments, f"{tag} BAD unknown command\r\n".encode())
            return
        self.send(verb, arguments, handler(tag, arguments))

    # -- before a folder is open ----------------------------------------------------------------------------------

    def do_capability(self, tag: str, _: str) -> bytes:
        return f"* CAPABILITY {self.dialect.capabilities}\r\n{tag} OK done\r\n".encode()

    def do_login(self, tag: str, arguments: str) -> bytes:
        self.server.logins += 1
        if not arguments.endswith(f'"{self.server.password}"'):
            return f"{tag} {self.dialect.refused_login}\r\n".encode()
        code = f"[CAPABILITY {self.dialect.capabilities}] " if self.dialect.login_code else ""
        return f"{tag} OK {code}welcome\r\n".encode()

    def do_logout(self, tag: str, _: str) -> bytes:
        return f"* BYE see you\r\n{tag} OK done\r\n".encode() + CUT

    def do_noop(self, tag: str, _: str) -> bytes:
        return f"{tag} OK done\r\n".encode()

    do_check = do_noop

    def do_enable(self, tag: str, arguments: str) -> bytes:
        return f"* ENABLED {arguments}\r\n{tag} OK done\r\n".encode()

    def do_list(self, tag: str, arguments: str) -> bytes:
        lines = []
        for folder in self.server.folders.values():
            lines.append(f'* LIST ({folder.attributes}) "{self.dialect.separator}" "{folder.name}"')
            if "STATUS" in arguments:
                lines.append(self._status(folder))
        return "".join(f"{line}\r\n" for line in [*lines, f"{tag} OK done"]).encode()

    def _status(self, folder: FakeFolder) -> str:
        modseq = f" HIGHESTMODSEQ {folder.modseq}" if self.dialect.has("CONDSTORE") else ""
        numbers = f"MESSAGES {len(folder.messages)} UIDNEXT {folder.uidnext} UIDVALIDITY {folder.uidvalidity}{modseq}"
        return f'* STATUS "{folder.name}" ({numbers})'

    def do_examine(self, tag: str, arguments: str) -> bytes:
        self.folder = self.server.folders.get(arguments.split('"')[1])
        if self.folder is None:
            return f"{tag} NO [NONEXISTENT] no such folder\r\n".encode()
        lines = [f"* {len(self.folder.messages)} EXISTS", f"* OK [UIDVALIDITY {self.folder.uidvalidity}] valid"]
        if self.dialect.uidnext:
            lines.append(f"* OK [UIDNEXT {self.folder.uidnext}] next")
        if self.dialect.has("CONDSTORE"):
            lines.append(f"* OK [HIGHESTMODSEQ {self.folder.modseq}] highest")
        return "".join(f"{line}\r\n" for line in [*lines, f"{tag} OK [READ-ONLY] open"]).encode()

    do_select = do_examine

    # -- in a folder ----------------------------------------------------------------------------------------------

    def do_idle(self, tag: str, _: str) -> bytes:
        self.send("IDLE+", "", b"+ idling\r\n")
        line = self.file.readline().rstrip(b"\r\n")
        if line.upper() == b"DONE":
            return f"{tag} OK done\r\n".encode()
        self.answer(line.decode("latin-1"))  # a twist has ended the wait already
        return b""

    def do_search(self, tag: str, arguments: str) -> bytes:
        found = self._messages(re.sub(r"RETURN \(ALL\) ?", "", arguments))
        uids = [str(message.uid) for message in found]
        if "RETURN" in arguments:
            everything = f" ALL {','.join(uids)}" if uids else ""
            return f'* ESEARCH (TAG "{tag}") UID{everything}\r\n{tag} OK done\r\n'.encode()
        return f"* SEARCH {' '.join(uids)}\r\n{tag} OK done\r\n".encode()

    def _messages(self, criteria: str) -> list[FakeMessage]:
        assert self.folder is not None
        wanted = re.search(r"UID ([\d:,*]+)", criteria)
        numbers = _in_set(wanted[1], self.folder) if wanted else None
        return [message for message in self.folder.messages if numbers is None or message.uid in numbers]

    def do_fetch(self, tag: str, arguments: str) -> bytes:
        assert self.folder is not None
        uids, _, rest = arguments.partition(" ")
        since = re.search(r"\(CHANGEDSINCE (\d+)\)", rest)
        items = _items(re.sub(r" \(CHANGEDSINCE \d+\)", "", rest).strip()[1:-1])
        wanted, lines = _in_set(uids, self.folder), []
        for number, message in enumerate(self.folder.messages, 1):
            if message.uid in wanted and (not since or message.modseq > int(since[1])):
                lines.append(f"* {number} FETCH (".encode() + self._fetched(message, items) + b")\r\n")
        return b"".join(lines) + f"{tag} OK done\r\n".encode()

    def _fetched(self, message: FakeMessage, items: list[str]) -> bytes:
        order = self.dialect.fetch_order
        if order:
            items = sorted(items, key=lambda item: order.index(item) if item in order else len(order))
        return b" ".join(self._item(message, item) for item in items)

    def _item(self, message: FakeMessage, item: str) -> bytes:
        simple = {
            "UID": str(message.uid),
            "FLAGS": f"({' '.join(sorted(message.flags))})",
            "INTERNALDATE": f'"{message.internal_date}"',
            "RFC822.SIZE": str(len(message.raw)),
            "MODSEQ": f"({message.modseq})",
            "X-GM-MSGID": str(message.number),
            "X-GM-THRID": str(message.thread),
            "BODYSTRUCTURE": '("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "8BIT" 10 1 NIL NIL NIL NIL)',
        }
        if item in simple:
            return f"{item} {simple[item]}".encode()
        section = _PARTIAL.sub("", item.replace("BODY.PEEK", "BODY"))
        content = _section(message.raw, section[5:-1])
        partial = _PARTIAL.search(item)
        if partial:
            start, size = int(partial[1]), int(partial[2])
            content, section = content[start : start + size], f"{section}<{start}>"
        return f"{section} {{{len(content)}}}\r\n".encode() + content

    def do_append(self, tag: str, arguments: str) -> bytes:
        name = arguments.split('"')[1]
        size = int(arguments.rpartition("{")[2].rstrip("}"))
        folder = self.server.folders.get(name)
        if folder is None:
            return f"{tag} NO [TRYCREATE] no such folder\r\n".encode()
        if not self.send("APPEND+", arguments, b"+ go on\r\n").startswith(b"+"):
            return b""
        raw = self.file.read(size)
        self.file.readline()
        uid = folder.deliver(raw, flags=set(re.findall(r"\\\w+", arguments)))
        code = f"[APPENDUID {folder.uidvalidity} {uid}] " if self.dialect.has("UIDPLUS") else ""
        return f"{tag} OK {code}stored\r\n".encode()

    def do_store(self, tag: str, arguments: str) -> bytes:
        assert self.folder is not None
        uid, _, rest = arguments.partition(" ")
        guard = re.search(r"UNCHANGEDSINCE (\d+)", rest)
        for message in self.folder.messages:
            if message.uid == int(uid):
                if guard and message.modseq > int(guard[1]):
                    return f"{tag} OK [MODIFIED {uid}] somebody was quicker\r\n".encode()
                message.flags |= set(re.findall(r"\\\w+", rest))
        return f"{tag} OK done\r\n".encode()

    def do_expunge(self, tag: str, arguments: str) -> bytes:
        assert self.folder is not None
        for message in [m for m in self.folder.messages if str(m.uid) == arguments and "\\Deleted" in m.flags]:
            self.folder.remove(message.uid)
        return f"{tag} OK done\r\n".encode()

    def do_move(self, tag: str, arguments: str) -> bytes:
        assert self.folder is not None
        uid, name = int(arguments.split(" ")[0]), arguments.split('"')[1]
        for message in [m for m in self.folder.messages if m.uid == uid]:
            self.server.folders[name].deliver(message.raw, number=message.number, thread=message.thread)
            self.folder.remove(uid)
        return f"{tag} OK done\r\n".encode()


def _in_set(text: str, folder: FakeFolder) -> set[int]:
    last = max((message.uid for message in folder.messages), default=0)
    wanted: set[int] = set()
    for part in text.replace("*", str(last)).split(","):
        first, _, second = part.partition(":")
        low, high = sorted((int(first), int(second or first)))
        wanted |= {message.uid for message in folder.messages if low <= message.uid <= high}
    return wanted


def _items(text: str) -> list[str]:
    """'UID BODY.PEEK[HEADER.FIELDS (A B)]<0.9> FLAGS' → its items."""
    return re.findall(r"[A-Z0-9.\-]+(?:\[[^\]]*\](?:<[\d.]+>)?)?", text)


def _section(raw: bytes, name: str) -> bytes:
    header, _, body = raw.partition(b"\r\n\r\n")
    if name.startswith("HEADER.FIELDS"):
        wanted = {field.lower() for field in name.partition("(")[2].rstrip(")").split()}
        fields = re.split(rb"\r\n(?![ \t])", header)
        kept = [each for each in fields if each.partition(b":")[0].decode("latin-1").lower() in wanted]
        return b"\r\n".join([*kept, b"", b""])
    return {"": raw, "HEADER": header + b"\r\n\r\n", "TEXT": body, "1": body}.get(name, b"")
