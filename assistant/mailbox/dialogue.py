"""Commands and their answers on one connection: tags, pipelining, completions, goodbyes (RFC 3501 §2.2, §7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

from assistant.errors import Unreachable
from assistant.mailbox.failures import CommandRefused, goodbye, refused_command
from assistant.mailbox.stream import Stream

_STATUS = re.compile(rb"(OK|NO|BAD)\b ?(.*)\Z", re.DOTALL | re.IGNORECASE)
COMMAND_SECONDS = 300.0
STREAM_SECONDS = 3600.0
SILENCE_SECONDS = 300.0


class Dialogue:
    """Sends commands and hands out the untagged answers that belong to them.

    Commands may be pipelined: start several, then read the answers of each in the order of the start. When an answer is
    left unread (an iterator is dropped half-way) the connection is closed: nothing after it could be trusted.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.notices: list[str] = []
        """What the server said with [ALERT]: for the owner's eyes (RFC 3501 §7.1 demands it)."""
        self._numbers = count(1)
        self._names: dict[bytes, str] = {}
        self._completed: dict[bytes, str] = {}

    def start(self, line: bytes) -> bytes:
        """Send a command without waiting; returns its tag."""
        tag = b"a%d" % next(self._numbers)
        name = line.split(b" ", 2)
        self._names[tag] = (name[1] if name[0] == b"UID" and len(name) > 1 else name[0]).decode("ascii")
        self.stream.tell("→", tag + b" " + line)
        self.stream.send(tag + b" " + line + b"\r\n")
        return tag

    def answers(self, tag: bytes) -> Iterator[list[bytes]]:
        """The untagged answers until `tag` is completed, each as pieces. Raises what a NO, BAD or BYE means."""
        finished = False
        try:
            while tag not in self._completed:
                pieces = self.next_answer()
                if pieces is not None:
                    yield pieces
            finished = True
        finally:
            if not finished:
                self.stream.close()
        self.conclude(tag)

    def run(self, line: bytes, *, seconds: float = COMMAND_SECONDS) -> list[list[bytes]]:
        """Send a command and wait for its end; its untagged answers."""
        self.stream.allow(seconds, SILENCE_SECONDS)
        return list(self.answers(self.start(line)))

    def finish(self, tag: bytes) -> str:
        """Wait for the end of a started command; the text of its OK."""
        for _ in self.answers(tag):
            pass
        return self.last_text

    def settle(self, tag: bytes) -> None:
        """Wait for the end of a started command, whatever it is: one that depended on another that was refused."""
        try:
            self.finish(tag)
        except CommandRefused:
            pass

    last_text = ""
    """The text of the last tagged OK, with its response code."""

    def conclude(self, tag: bytes) -> None:
        """Take note of a command's end: returns after OK, raises for NO and BAD."""
        name, text = self._names.pop(tag, ""), self._completed.pop(tag)
        status, _, rest = text.partition(" ")
        if status != "OK":
            raise refused_command(status, rest, name)
        self.last_text = rest

    def is_completed(self, tag: bytes) -> bool:
        return tag in self._completed

    def next_answer(self) -> list[bytes] | None:
        """Read one response. An untagged one is returned; a tagged one is kept for `conclude`, and None returned."""
        pieces = self.stream.pieces()
        line = pieces[0]
        if line.startswith(b"* "):
            self._overhear(line)
            return pieces
        if line.startswith(b"+"):
            return pieces
        self._complete(line)
        return None

    def _complete(self, line: bytes) -> None:
        tag, _, rest = line.partition(b" ")
        found = _STATUS.match(rest)
        if tag not in self._names or not found:
            raise self.stream.corrupt("an answer that belongs to no command")
        self.stream.tell("←", line)
        self._completed[tag] = f"{found[1].decode().upper()} {found[2].decode('utf-8', 'replace')}"

    def _overhear(self, line: bytes) -> None:
        head = line[2:10].upper()
        if head.startswith((b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH")):
            self.stream.tell("←", line)
            text = line.decode("utf-8", "replace")
            if "[ALERT]" in text.upper() and len(self.notices) < 20:
                self.notices.append(text[2:])
            if head.startswith(b"BYE") and not self.leaving:
                self.stream.close()
                raise goodbye(text[6:])

    leaving = False
    """Whether we said LOGOUT, so that a BYE is what we wait for."""

    def logout(self) -> None:
        """Say goodbye and close; a server that does not answer within seconds is left alone."""
        self.leaving = True
        try:
            self.run(b"LOGOUT", seconds=5)
        except Unreachable:
            pass
        finally:
            self.stream.close()
