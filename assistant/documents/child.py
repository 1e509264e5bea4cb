"""The child process that reads one document after another, and may die of it.

Started by its path, so that it needs nothing of the package. Reads from standard input, again and again: eight bytes of
length, one byte for the format (P, D or O), the document; writes to standard output one line of JSON: [text, reason].
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

MEMORY_BYTES = 512 * 2**20
CPU_SECONDS = 10
MAX_PAGES = 30
MAX_CHARACTERS = 200_000
MAX_XML_BYTES = 20 * 2**20

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"


class RefusedError(Exception):
    """The document is not read; the message says why."""


def limit_memory() -> None:
    """No effect where the system has no such limit (Windows; macOS ignores it)."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass


def limit_processor_time() -> None:
    """Ten more seconds than were used so far; the system then ends the process."""
    try:
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS + 1, hard))
    except (ImportError, ValueError, OSError):
        pass


def pdf_text(content: bytes) -> tuple[str, str]:
    """Page by page; pdfium keeps the cells of a row on one line."""
    import pypdfium2 as pdfium

    pdf = pdfium.PdfDocument(content)
    pages, size = [], 0
    for number in range(min(len(pdf), MAX_PAGES)):
        page = pdf[number]
        text = page.get_textpage().get_text_range().replace("\r\n", "\n").replace("\ufffe", "-")
        pages.append(text)
        size += len(text)
        if size > MAX_CHARACTERS:
            break
    if not "".join(pages).strip():
        raise RefusedError("no text in it, probably a scan; images and scans are not read")
    return "\n".join(pages), f"only the first {MAX_PAGES} pages were read" if len(pdf) > MAX_PAGES else ""


def checked_zip(content: bytes) -> ZipFile:
    """The archive, if its XML unpacks to 20 MiB at most (zipfile never reads more than the size a part declares)."""
    archive = ZipFile(BytesIO(content))
    parts = archive.infolist()
    if len(parts) > 2000 or sum(part.file_size for part in parts if not is_media(part.filename)) > MAX_XML_BYTES:
        raise RefusedError("unpacks to more than 20 MiB")
    return archive


def is_media(name: str) -> bool:
    return "media/" in name or name.startswith(("Pictures/", "word/fonts/"))


def docx_text(content: bytes) -> tuple[str, str]:
    """Headers, body with text boxes, footers, notes."""
    from docx2python import docx2python

    checked_zip(content).close()
    with docx2python(BytesIO(content)) as document:
        lines = [line for table in document.document for row in table for line in docx_row(row)]
    return "\n".join(lines), ""


def docx_row(cells: list[list[str]]) -> list[str]:
    """A row of a table as one line; what is in no table comes as a single cell, and keeps its paragraphs."""
    if len(cells) == 1:
        return cells[0]
    return [" | ".join(" ".join(filter(None, cell)) for cell in cells)]


def odt_text(content: bytes) -> tuple[str, str]:
    """OpenDocument 1.3: headers and footers of styles.xml, then the body of content.xml."""
    from defusedxml.ElementTree import fromstring

    with checked_zip(content) as archive:
        styles = fromstring(archive.read("styles.xml")) if "styles.xml" in archive.namelist() else None
        body = fromstring(archive.read("content.xml")).find(f".//{{{OFFICE}}}text")
    masters = styles.find(f"{{{OFFICE}}}master-styles") if styles is not None else None
    return "\n".join(line for part in (masters, body) if part is not None for line in odt_lines(part)), ""


def odt_lines(element: Any) -> Iterator[str]:
    """Paragraphs and headings as lines, the cells of a table row joined on one; deleted text is left out."""
    if element.tag == f"{{{TABLE}}}table-row":
        yield " | ".join(" ".join(odt_lines(cell)) for cell in element)
    elif element.tag in (f"{{{TEXT}}}p", f"{{{TEXT}}}h"):
        yield "".join(odt_pieces(element))
    elif element.tag != f"{{{TEXT}}}tracked-changes":
        for child in element:
            yield from odt_lines(child)


def odt_pieces(element: Any) -> Iterator[str]:
    """The text of a paragraph; tabs, spaces and line breaks are elements of their own, text boxes stand inside."""
    blanks = {f"{{{TEXT}}}tab": "\t", f"{{{TEXT}}}s": " ", f"{{{TEXT}}}line-break": "\n"}
    yield element.text or ""
    for child in element:
        yield blanks.get(child.tag, "")
        yield from odt_pieces(child)
        yield ("\n" if child.tag == f"{{{TEXT}}}p" else "") + (child.tail or "")


READERS = {b"P": pdf_text, b"D": docx_text, b"O": odt_text}


def read(kind: bytes, content: bytes) -> tuple[str | None, str]:
    """The text and '', or None and why. The only place where any exception is caught: the libraries raise them all."""
    try:
        text, reason = READERS[kind](content)
    except RefusedError as refused:
        return None, str(refused)
    except MemoryError:
        return None, "reading took too much memory"
    except BadZipFile:
        return None, "the archive is damaged"
    except Exception as error:  # noqa: BLE001
        return None, f"the document could not be read ({type(error).__name__})"
    if len(text) > MAX_CHARACTERS:
        return text[:MAX_CHARACTERS], "only the first 200,000 characters were read"
    return text, reason


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answers until the parent closes the pipe."""
    while len(size := incoming.read(8)) == 8:
        kind, content = incoming.read(1), incoming.read(int.from_bytes(size, "big"))
        limit_processor_time()
        outgoing.write(json.dumps(read(kind, content)).encode() + b"\n")
        outgoing.flush()


if __name__ == "__main__":
    limit_memory()
    serve(sys.stdin.buffer, sys.stdout.buffer)
