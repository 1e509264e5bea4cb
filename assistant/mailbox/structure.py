"""BODYSTRUCTURE → the tree of a message's parts (RFC 3501 §7.4.2), and which of them are worth fetching. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.mailbox.syntax import Malformed, Value

DEEPEST = 12
MOST_PARTS = 200
_DOCUMENTS = (".pdf", ".docx", ".odt", ".ics", ".doc", ".rtf")
_DOCUMENT_TYPES = frozenset((
    "application/pdf", "application/x-pdf", "application/ics", "text/calendar",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
))  # fmt: skip
_NOTICES = frozenset(("message/delivery-status", "message/disposition-notification", "message/global-delivery-status",
                      "text/rfc822-headers"))  # fmt: skip
_TEXTS = frozenset(("text/plain", "text/html"))


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its number for BODY[…] ('' for the whole message), its type in lower case, `size` as it is encoded.

    `name` is its file name, `children` the parts of a multipart.
    """

    number: str
    content_type: str
    size: int = 0
    name: str = ""
    attached: bool = False
    children: tuple[Part, ...] = ()

    def leaves(self) -> Iterator[Part]:
        """The parts that hold something, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def read_structure(value: Value) -> Part:
    """The tree of a BODYSTRUCTURE. Malformed for what cannot be understood, nested too deep, or in too many parts."""
    counter = [0]
    return _part(value, "", 0, counter)


def _part(value: Value, number: str, depth: int, counter: list[int]) -> Part:
    counter[0] += 1
    if not isinstance(value, list) or not value or depth > DEEPEST or counter[0] > MOST_PARTS:
        raise Malformed("a BODYSTRUCTURE that cannot be followed")
    if not isinstance(value[0], list):
        return _leaf(value, number or "1")
    prefix = number + "." if number else ""
    children, position = [], 0
    while position < len(value) and isinstance(value[position], list):
        children.append(_part(value[position], f"{prefix}{position + 1}", depth + 1, counter))
        position += 1
    kind = _text(value[position]) if position < len(value) else "mixed"
    return Part(number, f"multipart/{kind}", children=tuple(children))


def _leaf(value: list[Value], number: str) -> Part:
    """(type subtype (parameters) id description encoding size …): what comes after differs by type."""
    if len(value) < 7:
        raise Malformed("a part without its seven basic values")
    parameters = _pairs(value[2])
    name, attached = parameters.get("name", ""), False
    for extra in value[7:]:
        if (
            isinstance(extra, list)
            and len(extra) == 2
            and isinstance(extra[0], bytes)
            and isinstance(extra[1], list | None)
        ):
            disposition = _pairs(extra[1])
            attached = attached or _text(extra[0]) == "attachment"
            name = disposition.get("filename", name)
    size = value[6] if isinstance(value[6], int) else 0
    return Part(number, f"{_text(value[0])}/{_text(value[1])}", size, name, attached)


def _pairs(value: Value) -> dict[str, str]:
    if not isinstance(value, list):
        return {}
    return {
        _text(name).partition("*")[0]: item.decode("utf-8", "replace")
        for name, item in zip(value[::2], value[1::2], strict=False)
        if isinstance(item, bytes)
    }


def _text(value: Value) -> str:
    return value.decode("latin-1").lower() if isinstance(value, bytes) else ""


def is_text(part: Part) -> bool:
    """Whether the part may be what the writer wrote."""
    return part.content_type in _TEXTS and not part.attached


def is_notice(part: Part) -> bool:
    """Whether the part says what became of another message (RFC 3464, 8098)."""
    return part.content_type in _NOTICES or part.content_type == "message/rfc822"


def is_document(part: Part) -> bool:
    """Whether the part may be an offer, an order or an appointment."""
    return part.content_type in _DOCUMENT_TYPES or part.name.lower().endswith(_DOCUMENTS)
