"""Messages in bounded ranges: small ones whole; of large ones the parts that matter, as one MIME message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from assistant.errors import FolderMissing
from assistant.mailbox.connection import Connection
from assistant.mailbox.failures import CommandRefused
from assistant.mailbox.fetched import Fetched
from assistant.mailbox.structure import Part, is_document, is_notice, is_text, read_structure
from assistant.mailbox.syntax import Malformed, runs, uid_sets

RANGE = 1 << 20
HEADER_LIMIT = 256 << 10


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in bytes, as encoded.

    Up to `whole` a message is fetched as it is. Of a larger one come `texts` parts of at most `text`, and `documents`
    attachments that are no larger than `document`; the rest is named, not fetched. `group` goes into one command.
    """

    whole: int = 192 << 10
    text: int = 128 << 10
    texts: int = 4
    document: int = 12 << 20
    documents: int = 4
    group: int = 8 << 20


LIMITS = Limits()
Refusal = Callable[[int, str], None]
"""Called with a UID and the reason for a message that the server will not hand out."""


def fetch_messages(
    connection: Connection, folder: str, uids: Sequence[int], limits: Limits = LIMITS,
    refused: Refusal = lambda uid, reason: None,
) -> Iterator[tuple[int, bytes]]:  # fmt: skip
    """(uid, bytes) of each message that is still there; the bytes are one message that a MIME parser can read."""
    if connection.wire.selected != folder:
        connection.wire.examine(folder)
    sizes = _sizes(connection, uids)
    for group in _groups(sorted(uid for uid in sizes if sizes[uid] <= limits.whole), sizes, limits.group):
        yield from _whole(connection, group, limits, refused)
    for uid in sorted(uid for uid in sizes if sizes[uid] > limits.whole):
        try:
            yield uid, _reduced(connection, uid, limits)
        except (CommandRefused, FolderMissing) as error:
            refused(uid, error.message)


def _sizes(connection: Connection, uids: Iterable[int]) -> dict[int, int]:
    sizes = {}
    for group in uid_sets(runs(uids)):
        for found in connection.wire.fetch(group, "UID RFC822.SIZE"):
            if isinstance(found, Fetched) and found.size is not None:
                sizes[found.uid] = found.size
    return sizes


def _groups(uids: Sequence[int], sizes: dict[int, int], most: int) -> Iterator[list[int]]:
    group: list[int] = []
    total = 0
    for uid in uids:
        if group and (total + sizes[uid] > most or len(group) >= 100):
            yield group
            group, total = [], 0
        group.append(uid)
        total += sizes[uid]
    if group:
        yield group


def _whole(connection: Connection, uids: list[int], limits: Limits, refused: Refusal) -> Iterator[tuple[int, bytes]]:
    """A group of small messages. A server that refuses the group is asked for its halves, down to the one it means."""
    left = set(uids)
    try:
        for group in uid_sets(runs(uids)):
            # a range, because a server may be wrong about the size (Exchange estimates it)
            for found in connection.wire.fetch(group, f"UID BODY.PEEK[]<0.{4 * limits.whole}>"):
                if isinstance(found, Fetched) and found.body is not None and found.uid in left:
                    left.discard(found.uid)
                    yield found.uid, found.body
    except CommandRefused as error:
        rest = sorted(left)
        if len(rest) == 1:
            refused(rest[0], error.message)
            return
        for half in (rest[: len(rest) // 2], rest[len(rest) // 2 :]):
            yield from _whole(connection, half, limits, refused) if half else ()


def _reduced(connection: Connection, uid: int, limits: Limits) -> bytes:
    """The header, and of the parts what matters; the first bytes as they are where the structure makes no sense."""
    try:
        structure = _structure(connection, uid)
    except Malformed:
        return _section(connection, uid, "", limits.whole)
    header = _section(connection, uid, "HEADER", HEADER_LIMIT)
    if not structure.children:
        return header + _section(connection, uid, "TEXT", _wanted(structure, limits, [0, 0]))
    return _with_body(header, _Assembly(connection, uid, limits).body(structure))


def _structure(connection: Connection, uid: int) -> Part:
    found = [each for each in connection.wire.fetch(str(uid), "UID BODYSTRUCTURE") if isinstance(each, Fetched)]
    for each in found:
        if each.uid == uid and "BODYSTRUCTURE" in each.attributes:
            return read_structure(each.attributes["BODYSTRUCTURE"])
    raise Malformed("no BODYSTRUCTURE")


def _section(connection: Connection, uid: int, section: str, limit: int) -> bytes:
    """The first `limit` bytes of a section, in ranges; '' where the server has nothing."""
    content = b""
    while len(content) < limit:
        size = min(RANGE, limit - len(content))
        piece = b""
        for found in connection.wire.fetch(str(uid), f"UID BODY.PEEK[{section}]<{len(content)}.{size}>"):
            if isinstance(found, Fetched) and found.uid == uid and found.body is not None:
                piece = found.body
        content += piece
        if len(piece) < size:
            break
    return content


def _wanted(part: Part, limits: Limits, seen: list[int]) -> int:
    """How many bytes of a part to fetch; `seen` counts the texts and documents taken so far."""
    if is_notice(part):
        return limits.text
    if is_text(part):
        seen[0] += 1
        return limits.text if seen[0] <= limits.texts else 0
    if is_document(part) and part.size <= limits.document:
        seen[1] += 1
        return part.size if seen[1] <= limits.documents else 0
    return 0


class _Assembly:
    """The body of one message, rebuilt with its own tree of parts (a report stays a report, alternatives stay ones)."""

    def __init__(self, connection: Connection, uid: int, limits: Limits) -> None:
        self._connection = connection
        self._uid = uid
        self._limits = limits
        self._seen = [0, 0]

    def body(self, part: Part) -> tuple[str, bytes]:
        """The Content-Type of a multipart and its body."""
        boundary = sha256(f"{self._uid} {part.number}".encode()).hexdigest()[:40]
        lines = []
        for child in part.children:
            lines += [b"--" + boundary.encode(), self._child(child)]
        lines.append(b"--" + boundary.encode() + b"--\r\n")
        report = '; report-type="delivery-status"' if part.content_type == "multipart/report" else ""
        return f'{part.content_type}; boundary="{boundary}"{report}', b"\r\n".join(lines)

    def _child(self, part: Part) -> bytes:
        if part.children:
            content_type, body = self.body(part)
            return f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace") + body
        header = _section(self._connection, self._uid, f"{part.number}.MIME", 16 << 10)
        header = header.rstrip(b"\r\n") + b"\r\n\r\n"
        wanted = _wanted(part, self._limits, self._seen)
        return header + (_section(self._connection, self._uid, part.number, wanted) if wanted else b"")


def _with_body(header: bytes, body: tuple[str, bytes]) -> bytes:
    """The message's header with the new Content-Type in the place of its own, and the body."""
    kept, skipping = [], False
    for line in header.rstrip(b"\r\n").split(b"\r\n"):
        if not line.startswith((b" ", b"\t")):
            skipping = line.lower().startswith((b"content-type:", b"content-transfer-encoding:"))
        if not skipping:
            kept.append(line)
    kept.append(b"Content-Type: " + body[0].encode("latin-1", "replace"))
    return b"\r\n".join(kept) + b"\r\n\r\n" + body[1]
