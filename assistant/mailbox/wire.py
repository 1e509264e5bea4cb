"""The IMAP commands the program needs, streaming and strict: LIST, STATUS, SELECT, FETCH, SEARCH, APPEND, STORE, MOVE.

Folders are named by str as people see them. Every FETCH answer must carry its UID; sequence numbers are never used.
Only `select`, `append`, `store`, `expunge` and `move` can change anything on the server; `examine` cannot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.errors import OfferAssistantError, Unreachable
from assistant.mailbox.answers import (
    Appended,
    FolderStatus,
    ListedFolder,
    Selected,
    found_uids,
    list_line,
    selected,
    status_line,
)
from assistant.mailbox.dialogue import COMMAND_SECONDS, SILENCE_SECONDS, STREAM_SECONDS, Dialogue
from assistant.mailbox.failures import CommandRefused, response_code
from assistant.mailbox.fetched import Fetched, Unreadable, Vanished, quick_read, read
from assistant.mailbox.stream import Stream
from assistant.mailbox.syntax import Malformed, folder_argument, folder_name

__all__ = ["AppendRefused", "AppendUncertain", "Appended", "FolderStatus", "ListedFolder", "Selected", "Wire"]


class AppendRefused(CommandRefused):
    """APPEND was answered NO or BAD. `after_literal`: False → nothing is stored; True → most likely not, look."""

    def __init__(self, refused: OfferAssistantError, *, after_literal: bool) -> None:
        text = refused.text if isinstance(refused, CommandRefused) else refused.message
        super().__init__("NO", response_code(text)[0], text, "APPEND")
        self.after_literal = after_literal


class AppendUncertain(Unreachable):
    """The connection was lost during APPEND. `sent_whole`: the whole literal left us, so the message may be stored."""

    def __init__(self, lost: OfferAssistantError, *, sent_whole: bool) -> None:
        super().__init__(lost.message, hint=lost.hint)
        self.sent_whole = sent_whole


_STATUS_ITEMS = b"MESSAGES UIDNEXT UIDVALIDITY"
_APPENDUID = re.compile(r"(\d{1,10}) (\d{1,10})\Z")


class Wire(Dialogue):
    """One logged-in connection. `capabilities` in upper case, as the server gave them after the login."""

    def __init__(self, stream: Stream, capabilities: frozenset[str]) -> None:
        super().__init__(stream)
        self.capabilities = capabilities
        self.selected: str | None = None
        self._enabled = False
        self._enabling: bytes | None = None

    # -- looking around -------------------------------------------------------------------------------------------

    def list_folders(self, *, with_status: bool = True) -> list[ListedFolder]:
        """Every folder, in one round trip; with status where LIST-STATUS (RFC 5819) is offered.

        A line that does not parse is left out. An empty list is a failure, never an empty account.
        """
        returns = (
            [b"SPECIAL-USE"] if "SPECIAL-USE" in self.capabilities and "LIST-EXTENDED" in self.capabilities else []
        )
        if with_status and "LIST-STATUS" in self.capabilities:
            returns.append(b"STATUS (%s)" % self._status_items())
        line = b'LIST "" "*"' + (b" RETURN (%s)" % b" ".join(returns) if returns else b"")
        answers = self.run(line)
        statuses = dict(filter(None, map(status_line, answers)))
        return [
            ListedFolder(folder_name(raw), attributes, separator, statuses.get(raw))
            for raw, attributes, separator in filter(None, map(list_line, answers))
        ]

    def status(self, folder: str) -> FolderStatus:
        """Numbers of a folder without selecting it. FolderMissing or CommandRefused where it cannot be had."""
        for pieces in self.run(b"STATUS %s (%s)" % (folder_argument(folder), self._status_items())):
            found = status_line(pieces)
            if found:
                return found[1]
        return FolderStatus()

    def examine(self, folder: str, *, known: tuple[int, int] | None = None) -> Selected:
        """Open a folder read-only. `known`: (UIDVALIDITY, modseq) asks what happened since (QRESYNC)."""
        return self._open(b"EXAMINE", folder, known)

    def select(self, folder: str) -> Selected:
        """Open a folder for changes. Only ever Drafts and the folder of withdrawn drafts."""
        return self._open(b"SELECT", folder, None)

    def enable(self) -> None:
        """ENABLE what helps following, once, before the first SELECT (RFC 7162).

        Its answer is not waited for: ENABLE may be pipelined without limits (RFC 5161 §3.1).
        """
        if self._enabled:
            return
        self._enabled = True
        wanted = [name for name in ("CONDSTORE", "QRESYNC") if name in self.capabilities]
        if wanted and "ENABLE" in self.capabilities:
            self._enabling = self.start(b"ENABLE " + " ".join(wanted).encode())

    def _open(self, verb: bytes, folder: str, known: tuple[int, int] | None) -> Selected:
        self.enable()
        line = verb + b" " + folder_argument(folder)
        if known and "QRESYNC" in self.capabilities:
            line += b" (QRESYNC (%d %d))" % known
        return self._opened(self.start(line), folder, verb == b"EXAMINE")

    def start_examine(self, folder: str) -> bytes:
        """Send EXAMINE without waiting. What is sent after it already runs in that folder (RFC 3501 §5.5)."""
        self.enable()
        return self.start(b"EXAMINE " + folder_argument(folder))

    def examined(self, tag: bytes, folder: str) -> Selected:
        """The answer to a started EXAMINE."""
        return self._opened(tag, folder, True)

    def _opened(self, tag: bytes, folder: str, read_only: bool) -> Selected:
        self.selected = None
        self.stream.allow(COMMAND_SECONDS, SILENCE_SECONDS)
        if self._enabling is not None:
            enabling, self._enabling = self._enabling, None
            self.settle(enabling)
        answers = list(self.answers(tag))
        self.selected = folder
        return selected(answers, read_only=read_only or "[READ-ONLY]" in self.last_text.upper())

    def _status_items(self) -> bytes:
        modseq = "CONDSTORE" in self.capabilities or "QRESYNC" in self.capabilities
        return _STATUS_ITEMS + (b" HIGHESTMODSEQ" if modseq else b"")

    # -- reading --------------------------------------------------------------------------------------------------

    def search(self, criteria: str = "ALL") -> list[int]:
        """UIDs in the selected folder, ascending; for few, `search_ranges` for many."""
        return [uid for run in self.search_ranges(criteria) for uid in run]

    def search_ranges(self, criteria: str = "ALL") -> list[range]:
        """UIDs in the selected folder: disjoint ranges, ascending. `criteria` never hold a stranger's text."""
        return self.searched(self.start_search(criteria))

    def start_search(self, criteria: str) -> bytes:
        """Send UID SEARCH without waiting."""
        extended = "ESEARCH" in self.capabilities
        return self.start(b"UID SEARCH " + (b"RETURN (ALL) " if extended else b"") + criteria.encode("ascii"))

    def searched(self, tag: bytes) -> list[range]:
        """The answer to a started SEARCH."""
        self.stream.allow(COMMAND_SECONDS, SILENCE_SECONDS)
        try:
            return found_uids(list(self.answers(tag)))
        except Malformed as error:
            raise self.stream.corrupt(f"SEARCH: {error}") from error

    def fetch(self, uids: str, items: str, *, modifiers: str = "") -> Iterator[Fetched | Vanished | Unreadable]:
        """Stream what UID FETCH says, in the server's order. `uids` a set in IMAP notation (`syntax.uid_set`)."""
        return self.fetched(self.start_fetch(uids, items, modifiers=modifiers))

    def start_fetch(self, uids: str, items: str, *, modifiers: str = "") -> bytes:
        """Send a UID FETCH without waiting, so that the next one can be under way while this one is read."""
        line = f"UID FETCH {uids} ({items})" + (f" ({modifiers})" if modifiers else "")
        return self.start(line.encode("ascii"))

    def fetched(self, tag: bytes) -> Iterator[Fetched | Vanished | Unreadable]:
        """The answers of a started FETCH. Dropping the iterator before its end closes the connection."""
        stream, finished = self.stream, False
        stream.allow(STREAM_SECONDS, SILENCE_SECONDS)
        try:
            while not self.is_completed(tag):
                stream.position, quick = quick_read(stream.buffer, stream.position)
                if quick:
                    yield from quick
                    continue
                pieces = self.next_answer()
                known = read(pieces) if pieces else None
                if known is not None:
                    yield known
            finished = True
        finally:
            if not finished:
                stream.close()
        self.conclude(tag)

    # -- changing -------------------------------------------------------------------------------------------------

    def append(self, folder: str, message: bytes, *, flags: Sequence[str] = ("\\Draft", "\\Seen")) -> Appended:
        """Store a message whose lines end in CRLF, flags in the same command (a later STORE duplicates on DavMail).

        Raises AppendRefused or AppendUncertain, which tell how far it came; any other error (FolderMissing, …) means
        that nothing was sent.
        """
        self.stream.allow(COMMAND_SECONDS)
        line = b"APPEND %s (%s) {%d}" % (folder_argument(folder), " ".join(flags).encode("ascii"), len(message))
        tag = self.start(line)
        self._wait_for_plus(tag)
        try:
            self.stream.send(message + b"\r\n")
        except Unreachable as lost:
            raise AppendUncertain(lost, sent_whole=False) from lost
        try:
            text = self.finish(tag)
        except OfferAssistantError as error:
            if self.stream.closed:  # lost, or a BYE of any kind: the message may be stored
                raise AppendUncertain(error, sent_whole=True) from error
            raise AppendRefused(error, after_literal=True) from error
        code, argument = response_code(text)
        found = _APPENDUID.match(argument) if code == "APPENDUID" else None
        return Appended(int(found[1]), int(found[2])) if found else Appended(None, None)

    def _wait_for_plus(self, tag: bytes) -> None:
        while not self.is_completed(tag):
            pieces = self.next_answer()
            if pieces and pieces[0].startswith(b"+"):
                return
        try:
            self.conclude(tag)
        except CommandRefused as refused:
            raise AppendRefused(refused, after_literal=False) from refused
        raise self.stream.corrupt("APPEND completed before its message was sent")

    def store(self, uid: int, change: str, flags: Sequence[str], *, unchanged_since: int | None = None) -> bool:
        """Change flags of one message: `change` is '+FLAGS.SILENT' or '-FLAGS.SILENT'.

        With `unchanged_since` (RFC 7162 §3.1.3) False is returned where somebody was quicker.
        """
        guard = f" (UNCHANGEDSINCE {unchanged_since})" if unchanged_since is not None else ""
        self.run(f"UID STORE {uid}{guard} {change} ({' '.join(flags)})".encode("ascii"))
        return response_code(self.last_text)[0] != "MODIFIED"

    def expunge(self, uid: int) -> None:
        """Remove one message marked \\Deleted, and no other (UIDPLUS, RFC 4315). Needs the capability."""
        if "UIDPLUS" not in self.capabilities:
            raise CommandRefused("NO", "CANNOT", "UIDPLUS is not offered", "UID EXPUNGE")
        self.run(b"UID EXPUNGE %d" % uid)

    def move(self, uid: int, folder: str) -> None:
        """Move one message (RFC 6851). Needs the capability MOVE."""
        if "MOVE" not in self.capabilities:
            raise CommandRefused("NO", "CANNOT", "MOVE is not offered", "UID MOVE")
        self.run(b"UID MOVE %d %s" % (uid, folder_argument(folder)))

    def compress(self) -> None:
        """Deflate both ways from now on (COMPRESS=DEFLATE, RFC 4978), once, where it is offered."""
        if "COMPRESS=DEFLATE" not in self.capabilities or self.stream.is_compressed:
            return
        self.run(b"COMPRESS DEFLATE")
        self.stream.compress()

    def noop(self) -> None:
        self.run(b"NOOP", seconds=60)

    def check(self) -> None:
        """Ask the server to settle the folder's state (RFC 3501 §6.4.1)."""
        self.run(b"CHECK")
