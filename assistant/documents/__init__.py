"""PDF, DOCX, ODT, plain text → text, as far as it helps to find a reference, a date and a validity clause.

    extract_texts([Document(content, name, content_type), …])  → one Extraction for each, never an exception

Documents come from strangers, and the libraries that read them crash on hostile ones. So they are read in one child
process that can be killed (child.py): 512 MiB of memory and 10 s of processor time where the system has such limits
(not on Windows), 10 s on the clock everywhere, 30 pages, 200,000 characters. Images and scans are not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

from assistant.documents.formats import Format, recognise
from assistant.documents.process import Reader

MAX_DOCUMENT_BYTES = 20 * 2**20
MAX_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it came with a message."""

    content: bytes = field(repr=False)
    name: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What could be read. `text` is None where nothing was; `reason` says why, or what is missing ('' = all read)."""

    text: str | None
    reason: str = ""


def extract_text(content: bytes, name: str, content_type: str) -> Extraction:
    """The text of one document; rows of tables stay on one line."""
    return extract_texts([Document(content, name, content_type)])[0]


def extract_texts(documents: Sequence[Document]) -> list[Extraction]:
    """The text of several documents, in their order, read by one child process as long as none of them kills it."""
    with closing(Reader()) as reader:
        return [_extract(document, reader) for document in documents]


def _extract(document: Document, reader: Reader) -> Extraction:
    """Only what is worth a process goes to the child: plain text is decoded here, the rest is refused."""
    if len(document.content) > MAX_DOCUMENT_BYTES:
        return Extraction(None, "larger than 20 MiB")
    match recognise(document.content, document.name, document.content_type):
        case Format.TEXT:
            return _shortened(_decoded(document.content))
        case Format.IMAGE:
            return Extraction(None, "an image; images and scans are not read")
        case Format.OTHER:
            return Extraction(None, "not a PDF, DOCX, ODT or plain text file")
        case kind:
            text, reason = reader.read(kind, document.content)
            return Extraction(text, reason)


def _shortened(text: str) -> Extraction:
    reason = "only the first 200,000 characters were read" if len(text) > MAX_CHARACTERS else ""
    return Extraction(text[:MAX_CHARACTERS], reason)


def _decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with its mark, else Western European (which reads any byte)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
