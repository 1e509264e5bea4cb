"""Which kind of file it is, by its first bytes: the name and the announced type of an attachment are often wrong."""

from __future__ import annotations

from enum import StrEnum
from io import BytesIO
from zipfile import BadZipFile, ZipFile

TEXT_SUFFIXES = (".txt", ".md", ".text")
IMAGE_MARKS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.text"


class Format(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"
    TEXT = "text"
    IMAGE = "image"
    OTHER = "other"


def recognise(content: bytes, name: str, content_type: str) -> Format:
    """PDF readers accept up to 1,024 bytes of rubbish before the mark, so do we."""
    if b"%PDF-" in content[:1024]:
        return Format.PDF
    if content.startswith(b"PK\x03\x04"):
        return _of_zip(content)
    if content.startswith(IMAGE_MARKS) or content_type.startswith("image/"):
        return Format.IMAGE
    announced = content_type.partition(";")[0].strip().lower() == "text/plain"
    if (announced or name.lower().endswith(TEXT_SUFFIXES)) and b"\x00\x00" not in content[:1024]:
        return Format.TEXT
    return Format.OTHER


def _of_zip(content: bytes) -> Format:
    """ODF 1.3 part 2 §3.3 puts the stored `mimetype` first; Office Open XML names its parts."""
    if OPEN_DOCUMENT in content[30:120]:
        return Format.ODT
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.NameToInfo
    except (BadZipFile, ValueError, NotImplementedError, OSError):
        return Format.OTHER
    if "word/document.xml" in names:
        return Format.DOCX
    return Format.ODT if "content.xml" in names and "meta.xml" in names and "mimetype" in names else Format.OTHER
