"""Real files, made here, and hostile ones."""

from __future__ import annotations

import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import docx
import pytest
from docx.oxml import parse_xml
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from assistant.documents import Document, Extraction, extract_text, extract_texts
from assistant.documents.formats import Format
from assistant.documents.process import Reader

ODT_HEAD = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:text>'
)
ODT_TAIL = "</office:text></office:body></office:document-content>"


def pdf(*lines: str, pages: int = 1) -> bytes:
    file = BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for page in range(pages):
        for number, line in enumerate(lines):
            canvas.drawString(72, 760 - 18 * number, line.format(page=page + 1))
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def pdf_table(rows: list[list[str]]) -> bytes:
    file = BytesIO()
    style = getSampleStyleSheet()["Normal"]
    cells = [[Paragraph(cell, style) for cell in row] for row in rows]
    SimpleDocTemplate(file, pagesize=A4).build([Table(cells)])
    return file.getvalue()


def odt(inside: str) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text", ZIP_STORED)
        archive.writestr("content.xml", ODT_HEAD + inside + ODT_TAIL, ZIP_DEFLATED)
    return file.getvalue()


def word(document: docx.document.Document) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def test_a_pdf_gives_its_lines() -> None:
    got = extract_text(pdf("Devis 26-009", "Validité : 31/03/2026"), "devis.pdf", "application/pdf")

    assert got.text is not None
    assert got.text.splitlines() == ["Devis 26-009", "Validité : 31/03/2026"]
    assert got.reason == ""


def test_the_cells_of_a_pdf_row_stay_on_one_line() -> None:
    got = extract_text(pdf_table([["Angebot", "A-77"], ["Gültig bis", "30.06.2026"]]), "a.pdf", "application/pdf")

    assert got.text is not None
    assert [" ".join(line.split()) for line in got.text.splitlines()] == ["Angebot A-77", "Gültig bis 30.06.2026"]


def test_a_word_file_gives_header_table_rows_and_paragraphs() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Paris, le 27 janvier 2026"
    document.add_paragraph("Notre proposition")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Fin de validité", "15/10/2026"

    got = extract_text(word(document), "proposition.docx", "application/octet-stream")

    assert got.text is not None
    assert [line for line in got.text.splitlines() if line] == [
        "Paris, le 27 janvier 2026",
        "Notre proposition",
        "Fin de validité | 15/10/2026",
    ]


def test_a_word_file_gives_the_text_of_its_text_boxes() -> None:
    document = docx.Document()
    box = (
        '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:v="urn:schemas-microsoft-com:vml">'
        "<w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>Valable 30 jours</w:t></w:r></w:p></w:txbxContent>"
        "</v:textbox></v:shape></w:pict></w:r>"
    )
    document.add_paragraph("Devis 7")._p.append(parse_xml(box))

    text = extract_text(word(document), "devis.docx", "").text

    assert text is not None
    assert "Valable 30 jours" in text


def test_an_open_document_gives_paragraphs_with_tabs_and_table_rows() -> None:
    content = odt(
        "<text:p>Preventivo<text:tab/>17</text:p><table:table><table:table-row>"
        "<table:table-cell><text:p>Validità</text:p></table:table-cell>"
        "<table:table-cell><text:p>60 giorni</text:p></table:table-cell></table:table-row></table:table>"
    )

    assert extract_text(content, "preventivo.odt", "") == Extraction("Preventivo\t17\nValidità | 60 giorni", "")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Validité : 2 mois".encode(), "Validité : 2 mois"),
        ("Validité : 2 mois".encode("cp1252"), "Validité : 2 mois"),
        ("Validité : 2 mois".encode("utf-16"), "Validité : 2 mois"),
        ("Validité : 2 mois".encode("utf-8-sig"), "Validité : 2 mois"),
    ],
)
def test_plain_text_is_decoded_whatever_its_charset(content: bytes, text: str) -> None:
    assert extract_text(content, "devis.txt", "text/plain") == Extraction(text, "")


def test_the_format_is_told_by_the_bytes_not_by_the_name() -> None:
    assert "Devis 7" in (extract_text(pdf("Devis 7"), "devis.docx", "application/msword").text or "")


@pytest.mark.parametrize(
    ("content", "name", "content_type", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n", "devis.png", "image/png", "an image; images and scans are not read"),
        (b"\x00\x01\x02", "devis.bin", "application/octet-stream", "not a PDF, DOCX, ODT or plain text file"),
        (b"{\\rtf1 Devis}", "devis.rtf", "application/rtf", "not a PDF, DOCX, ODT or plain text file"),
        (b"PK\x03\x04rubbish", "devis.docx", "", "not a PDF, DOCX, ODT or plain text file"),
        (b"%PDF-1.7 rubbish", "devis.pdf", "", "the document could not be read (PdfiumError)"),
        (b" " * (20 * 2**20 + 1), "devis.txt", "text/plain", "larger than 20 MiB"),
    ],
)
def test_what_cannot_be_read_gives_a_reason(content: bytes, name: str, content_type: str, reason: str) -> None:
    assert extract_text(content, name, content_type) == Extraction(None, reason)


def test_a_scan_is_not_read() -> None:
    got = extract_text(pdf(), "scan.pdf", "application/pdf")

    assert got == Extraction(None, "no text in it, probably a scan; images and scans are not read")


def test_a_long_pdf_is_read_up_to_page_thirty() -> None:
    got = extract_text(pdf("page {page}", pages=40), "contrat.pdf", "application/pdf")

    assert got.text is not None
    assert "page 30" in got.text
    assert "page 31" not in got.text
    assert got.reason == "only the first 30 pages were read"


def test_an_archive_that_unpacks_to_gigabytes_is_refused() -> None:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("word/document.xml", b" " * (64 * 2**20))

    assert extract_text(file.getvalue(), "bombe.docx", "") == Extraction(None, "unpacks to more than 20 MiB")


def test_entities_that_multiply_are_refused() -> None:
    file = BytesIO()
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text", ZIP_STORED)
        archive.writestr("content.xml", bomb)

    got = extract_text(file.getvalue(), "bombe.odt", "")

    assert got == Extraction(None, "the document could not be read (EntitiesForbidden)")


def test_a_pdf_that_unpacks_to_gigabytes_costs_no_more_than_the_limit() -> None:
    got = extract_text(pdf_bomb(), "bombe.pdf", "application/pdf")

    assert got.text is None
    assert got.reason != ""


def test_a_document_that_kills_the_child_does_not_take_the_next_one_with_it() -> None:
    got = extract_texts([Document(pdf("Devis 1")), Document(pdf_bomb()), Document(pdf("Devis 2"))])

    assert [extraction.text is not None for extraction in got] == [True, False, True]


def test_a_document_that_takes_too_long_is_given_up() -> None:
    reader = Reader(wall_seconds=-4.999)  # start-up allowance included: the child is killed at once

    assert reader.read(Format.PDF, pdf("Devis 1")) == (None, "reading took too long")


def pdf_bomb() -> bytes:
    """A page whose content stream unpacks to 600 MiB of drawing commands."""
    packer = zlib.compressobj(9)
    stream = b"".join(packer.compress(b"q " * 2**20) for _ in range(300)) + packer.flush()
    stream = zlib.compress(stream, 9)
    filters = b"[/FlateDecode /FlateDecode]"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>",
        b"<</Length %d/Filter%s>>stream\n%s\nendstream" % (len(stream), filters, stream),
    ]
    body = b"%PDF-1.4\n"
    for number, content in enumerate(objects, 1):
        body += b"%d 0 obj%s endobj\n" % (number, content)
    return body + b"trailer<</Root 1 0 R>>\n%%EOF"
