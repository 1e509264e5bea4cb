"""A MIME tree → its text, HTML, attachments and report (RFC 2045-2049, 3462, 3676), within limits.

Nothing here fails on what a sender wrote: a part that cannot be read is empty, a tree that is too deep or too wide is
cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message as Mime

from assistant.charsets import decode_bytes
from assistant.fields import decode_words, one_line, unescaped
from assistant.webpages import text_of_html

DEPTH_LIMIT = 50
PART_LIMIT = 500
TEXT_LIMIT = 256 * 1024
LINE_LIMIT = 10_000
HTML_LIMIT = 1024 * 1024

_REPORTS = ("message/delivery-status", "message/disposition-notification", "message/global-delivery-status",
            "message/global-disposition-notification")  # fmt: skip
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2009": " ", "\u3000": " ",
                         "\u200b": "", "\ufeff": "", "\u00ad": "", "\u2060": "", "\x00": ""})  # fmt: skip
_TYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,120}")
_LINE_END = re.compile(r"\r\n?|\x0b|\x0c|\u2028|\u2029|\x85")
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class File:
    """A part that is not the text."""

    name: str
    content_type: str
    content: bytes


@dataclass(slots=True)
class Body:
    """What a message says: `text` with plain spaces and line feeds, at most 256 KiB and 10,000 lines."""

    text: str = ""
    html: str | None = None
    files: list[File] = field(default_factory=list)
    report: str = ""


@dataclass(slots=True)
class _Words:
    """One stretch of text, in the versions that the sender offers."""

    plain: str = ""
    html: str = ""


def read_body(root: Mime) -> Body:
    """The text of a message, the best of its versions, and everything else that it carries."""
    body = Body()
    stretches: list[_Words] = []
    alternatives: dict[int, _Words] = {}
    for part, alternative in _leaves(root):
        kind = content_type(part)
        kind = "text/plain" if kind.startswith("multipart/") else kind  # its boundary is lost: read as it stands
        if kind in _REPORTS:
            body.report += _report_text(part)
        elif kind in ("text/plain", "text/html") and not _is_file(part):
            words = alternatives.get(alternative) if alternative else None
            if words is None or (words.html if kind == "text/html" else words.plain):
                stretches.append(words := _Words())
            if alternative:
                alternatives[alternative] = words
            _put(words, part, kind)
        else:
            body.files.append(File(_file_name(part), kind, _content(part)))
    body.text = clean("\n\n".join(filter(None, (_best(words) for words in stretches))))
    body.html = "\n".join(words.html for words in stretches if words.html) or None
    return body


def _leaves(root: Mime) -> Iterator[tuple[Mime, int]]:
    """The parts that are no multiparts, in order, each with the number of the multipart/alternative around it, or 0."""
    stack: list[tuple[Mime, int, int]] = [(root, 0, 0)]
    seen = 0
    while stack and seen < PART_LIMIT:
        part, depth, alternative = stack.pop()
        seen += 1
        if not part.is_multipart() or content_type(part).startswith("message/"):
            yield part, alternative
        elif depth < DEPTH_LIMIT:
            inner = seen if content_type(part) == "multipart/alternative" else alternative
            stack += [(child, depth + 1, inner) for child in reversed(children(part)[:PART_LIMIT])]


def children(part: Mime) -> list[Mime]:
    """The parts inside a part. Asking a simple part for its payload would decode it, by whatever charset it names."""
    payload = part.get_payload() if part.is_multipart() else []
    return [child for child in payload if isinstance(child, Mime)] if isinstance(payload, list) else []


def certified_letter(root: Mime) -> Mime | None:
    """The letter inside Italian certified mail (PEC, RFC 6109): its envelope only says that there is one."""
    if unescaped(root.get("x-trasporto", "")).strip().lower() != "posta-certificata":
        return None
    letters = (part for part, _ in _leaves(root) if content_type(part) == "message/rfc822")
    return next((children(part)[0] for part in letters if children(part)), None)


def content_type(part: Mime) -> str:
    """The type of a part in lower case, 'text/plain' where it is missing or unreadable."""
    try:
        found = _TYPE.match(part.get_content_type())
    except (ValueError, LookupError):
        return "text/plain"
    return found[0] if found else "text/plain"


def parameter(part: Mime, name: str, header: str = "content-type") -> str:
    """A parameter of a header field (RFC 2231), '' where it is missing or unreadable."""
    try:
        value = part.get_param(name, "", header)
    except (ValueError, LookupError):
        return ""
    if isinstance(value, tuple):
        value = decode_bytes(value[2].encode("latin-1", "replace"), value[0] or "utf-8")
    return unescaped(value)


def _is_file(part: Mime) -> bool:
    disposition = unescaped(part.get("content-disposition", ""))
    return disposition.lstrip()[:10].lower() == "attachment" or bool(_file_name(part))


def _file_name(part: Mime) -> str:
    """The bare file name of a part, without folders and control characters."""
    name = parameter(part, "filename", "content-disposition") or parameter(part, "name")
    return re.split(r"[/\\]", decode_words(name))[-1][:255].strip()


def _content(part: Mime) -> bytes:
    """The decoded content; of an attached message its header fields, and its text where it is simple."""
    if part.is_multipart():
        return b"".join(_simple_message(child) for child in children(part)[:1])
    try:
        decoded = part.get_payload(decode=True)
    except (ValueError, LookupError):
        return b""
    return decoded if isinstance(decoded, bytes) else b""


def _simple_message(inner: Mime) -> bytes:
    lines = [f"{name}: {one_line(unescaped(value))}" for name, value in inner.raw_items()]
    head = "\n".join(lines).encode("utf-8", "replace")
    return head + b"\n\n" + (b"" if inner.is_multipart() else _content(inner))


def _report_text(part: Mime) -> str:
    """The fields of a report, a blank line between its groups (RFC 3464 §2.1, RFC 8098 §3.1)."""
    if not part.is_multipart():
        return decode_bytes(_content(part)[:HTML_LIMIT], "utf-8").strip() + "\n\n"
    groups = children(part)[:PART_LIMIT]
    return "".join(decode_bytes(_simple_message(group), "utf-8").strip() + "\n\n" for group in groups)


def _put(words: _Words, part: Mime, kind: str) -> None:
    raw = _content(part)
    text = decode_bytes(raw[: HTML_LIMIT if kind == "text/html" else 2 * TEXT_LIMIT], parameter(part, "charset"))
    if kind == "text/html":
        words.html = text
    elif parameter(part, "format").lower() == "flowed":
        words.plain = unflow(text, delsp=parameter(part, "delsp").lower() == "yes")
    else:
        words.plain = text


def _best(words: _Words) -> str:
    """The plain version, unless it is a stub beside a real HTML version."""
    if not words.html or len(words.plain.strip()) > 150:
        return words.plain
    shown = text_of_html(words.html)
    return shown if len(shown.split()) > 3 * len(words.plain.split()) else words.plain


def unflow(text: str, *, delsp: bool = False) -> str:
    """Soft-broken lines joined again (RFC 3676): only lines of the same quote depth, never a signature mark."""
    paragraphs: list[tuple[str, str]] = []
    soft = False
    for line in text[: 2 * TEXT_LIMIT].replace("\r\n", "\n").split("\n")[:LINE_LIMIT]:
        rest = line.lstrip(">")
        marks = line[: len(line) - len(rest)]
        rest = rest[1:] if rest.startswith(" ") else rest
        if soft and marks == paragraphs[-1][0] and rest != "-- ":
            paragraphs[-1] = (marks, _without_soft_space(paragraphs[-1][1], delsp) + rest)
        else:
            paragraphs.append((marks, rest))
        soft = rest.endswith(" ") and rest != "-- "
    return "\n".join(f"{marks} {rest}" if marks else rest for marks, rest in paragraphs)


def _without_soft_space(text: str, delsp: bool) -> str:
    return text[:-1] if delsp and text.endswith(" ") else text


def clean(text: str) -> str:
    """`text` with line feeds only, plain spaces, no control characters, cut to the limits."""
    text = _LINE_END.sub("\n", text[: 2 * TEXT_LIMIT]).translate(_SPACES)
    text = _CONTROLS.sub("", text)[:TEXT_LIMIT]
    lines = text.split("\n", LINE_LIMIT)[:LINE_LIMIT]
    return "\n".join(lines).strip("\n")
