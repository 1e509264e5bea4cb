"""Turns a case (tests/cases/FORMAT.md) into real messages: quoting styles of mail programs, real PDF, DOCX and ODT files,
DSN and MDN reports (RFC 3464, 8098), calendar objects (RFC 6047)."""

from __future__ import annotations

import html as html_escape
import io
import tomllib
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_string, policy
from email.message import EmailMessage, Message, MIMEPart
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Any

MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    "it": [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    "nl": [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "pt": [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
}
# What each program writes above a quotation: From, Sent, To, Cc, Subject of Outlook; the attribution line of the others.
OUTLOOK = {
    "fr": ("De", "Envoyé", "À", "Cc", "Objet"),
    "en": ("From", "Sent", "To", "Cc", "Subject"),
    "de": ("Von", "Gesendet", "An", "Cc", "Betreff"),
    "es": ("De", "Enviado el", "Para", "CC", "Asunto"),
    "it": ("Da", "Inviato", "A", "Cc", "Oggetto"),
    "nl": ("Van", "Verzonden", "Aan", "CC", "Onderwerp"),
    "pt": ("De", "Enviada", "Para", "Cc", "Assunto"),
}
WROTE = {
    "fr": "Le {day} à {time}, {who} a écrit :",
    "en": "On {day}, at {time}, {who} wrote:",
    "de": "Am {day} um {time} schrieb {who}:",
    "es": "El {day}, a las {time}, {who} escribió:",
    "it": "Il giorno {day} alle ore {time} {who} ha scritto:",
    "nl": "Op {day} om {time} schreef {who}:",
    "pt": "{who} escreveu no dia {day} às {time}:",
}
THUNDERBIRD = {
    "fr": "Le {short} à {time}, {name} a écrit :",
    "en": "On {short} {time}, {name} wrote:",
    "de": "Am {short} um {time} schrieb {name}:",
    "es": "El {short} a las {time}, {name} escribió:",
    "it": "Il {short} {time}, {name} ha scritto:",
    "nl": "Op {short} om {time} schreef {name}:",
    "pt": "Às {time} de {short}, {name} escreveu:",
}
PHONE = {
    "fr": "Envoyé de mon iPhone",
    "en": "Sent from my iPhone",
    "de": "Von meinem iPhone gesendet",
    "es": "Enviado desde mi iPhone",
    "it": "Inviato da iPhone",
    "nl": "Verstuurd vanaf mijn iPhone",
    "pt": "Enviado do meu iPhone",
}


@dataclass(frozen=True)
class Case:
    path: Path
    title: str
    language: str
    now: datetime
    owner: tuple[str, ...]
    country: str
    registered: tuple[dict[str, Any], ...]
    messages: tuple[dict[str, Any], ...]
    expected: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"


def load_case(path: Path) -> Case:
    raw = tomllib.loads(path.read_text("utf-8"))
    return Case(
        path=path,
        title=raw["title"],
        language=raw["language"],
        now=raw["now"],
        owner=tuple(raw["owner"]),
        country=raw["country"],
        registered=tuple(raw.get("registered", ())),
        messages=tuple(raw.get("message", ())),
        expected=tuple(raw.get("expect", {}).get("offer", ())),
    )


def message_id(case: Case, handle: str) -> str:
    domain = case.owner[0].rpartition("@")[2]
    return f"<{case.path.stem}.{handle}@{domain}>"


def build(case: Case) -> list[tuple[str, bytes, datetime]]:
    """(folder role, message bytes, date) of each message of the case, in the order of the file."""
    by_handle = {m["id"]: m for m in case.messages}
    return [(_folder(case, m), _message(case, m, by_handle), m["date"]) for m in case.messages]


def _folder(case: Case, message: dict[str, Any]) -> str:
    if "folder" in message:
        return str(message["folder"])
    return "sent" if _from_owner_side(case, message) else "inbox"


def _from_owner_side(case: Case, message: dict[str, Any]) -> bool:
    """The owner's own messages stand in Sent; a colleague's arrive in the inbox."""
    return parseaddr(message["from"])[1].lower() in {a.lower() for a in case.owner}


def _message(case: Case, m: dict[str, Any], by_handle: dict[str, dict[str, Any]]) -> bytes:
    mail = EmailMessage(policy=policy.SMTP.clone(utf8=False))
    mail["From"] = m["from"]
    mail["To"] = ", ".join(m["to"])
    if m.get("cc"):
        mail["Cc"] = ", ".join(m["cc"])
    mail["Date"] = format_datetime(m["date"])
    mail["Subject"] = m["subject"]
    mail["Message-ID"] = message_id(case, m["id"])
    if "reply_to" in m:
        mail["In-Reply-To"] = message_id(case, m["reply_to"])
        mail["References"] = " ".join(message_id(case, h) for h in _ancestors(m, by_handle))
    for name, value in m.get("headers", {}).items():
        mail[name] = value
    text = _with_quotation(case, m, by_handle)
    report = {"bounce": _delivery_status, "receipt": _disposition}.get(m["kind"])
    if report:
        _report(mail, m, text, report(case, m, by_handle))
    else:
        mail.set_content(text, cte="quoted-printable")
        if m.get("html"):
            mail.add_alternative(_html(text), subtype="html", cte="quoted-printable")
        for attachment in m.get("attachment", ()):
            _attach(mail, attachment["name"], attachment["text"])
    return mail.as_bytes()


def _ancestors(m: dict[str, Any], by_handle: dict[str, dict[str, Any]]) -> list[str]:
    chain: list[str] = []
    while "reply_to" in m:
        chain.insert(0, m["reply_to"])
        m = by_handle[m["reply_to"]]
    return chain


def _with_quotation(case: Case, m: dict[str, Any], by_handle: dict[str, dict[str, Any]]) -> str:
    body = m["body"].strip("\n") + "\n"
    style = m.get("quote")
    if not style or "reply_to" not in m:
        return body
    answered = by_handle[m["reply_to"]]
    quoted = _with_quotation(case, answered, by_handle).strip("\n")
    language, when = case.language, answered["date"]
    name, email = parseaddr(answered["from"])
    fields = {
        "day": f"{when.day} {MONTHS[language][when.month - 1]} {when.year}",
        "short": f"{when:%m/%d/%Y}" if case.country == "US" else f"{when:%d/%m/%Y}",
        "time": f"{when:%H:%M}",
        "who": f"{name} <{email}>",
        "name": name or email,
    }
    if style == "outlook":
        return f"{body}\n{_outlook_header(language, answered, fields)}\n\n{quoted}\n"
    marked = "\n".join(
        ("> " + line).rstrip() if not line.startswith(">") else ">" + line for line in quoted.split("\n")
    )
    if style == "phone":
        return f"{body}\n{PHONE[language]}\n\n{WROTE[language].format(**fields)}\n\n{marked}\n"
    if style == "thunderbird":
        return f"{body}\n{THUNDERBIRD[language].format(**fields)}\n{marked}\n"
    return f"{body}\n{WROTE[language].format(**fields)}\n\n{marked}\n"


def _outlook_header(language: str, answered: dict[str, Any], fields: dict[str, str]) -> str:
    labels = OUTLOOK[language]
    space = " " if language == "fr" else ""
    values = [
        fields["who"],
        f"{fields['day']} {fields['time']}",
        "; ".join(answered["to"]),
        "; ".join(answered.get("cc", ())),
        answered["subject"],
    ]
    lines = [f"{label}{space}: {value}" for label, value in zip(labels, values, strict=True) if value]
    return "________________________________\n" + "\n".join(lines)


def _html(text: str) -> str:
    paragraphs = (
        f"<p>{html_escape.escape(p).replace(chr(10), '<br>' + chr(10))}</p>" for p in text.strip().split("\n\n")
    )
    return "<html><body>\n" + "\n".join(paragraphs) + "\n</body></html>\n"


def _report(mail: EmailMessage, m: dict[str, Any], text: str, machine: tuple[str, str]) -> None:
    kind, fields = machine
    human = MIMEPart(policy=policy.SMTP)
    human.set_content(text, cte="quoted-printable")
    status = Message()
    status["Content-Type"] = f"message/{kind}"
    # RFC 3464 §2.1: groups of fields, each parsed as a message of its own.
    status.set_payload([message_from_string(group + "\n") for group in fields.split("\n\n")])
    mail["Content-Type"] = f'multipart/report; report-type={kind}; boundary="report-boundary"'
    mail["MIME-Version"] = "1.0"
    mail.set_payload([human, status])


def _delivery_status(case: Case, m: dict[str, Any], by_handle: dict[str, dict[str, Any]]) -> tuple[str, str]:
    failed = m.get("headers", {}).get("X-Failed-Recipients") or _recipient_of_original(m, by_handle)
    return "delivery-status", (
        f"Reporting-MTA: dns; mx.{m['from'].rpartition('@')[2].strip('>')}\n\n"
        f"Final-Recipient: rfc822; {failed}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 recipient rejected\n"
    )


def _recipient_of_original(m: dict[str, Any], by_handle: dict[str, dict[str, Any]]) -> str:
    if "reply_to" in m:
        return parseaddr(by_handle[m["reply_to"]]["to"][0])[1]
    words = [w.strip("<>,;:()") for w in m["body"].split() if "@" in w]
    return next((w for w in words if w not in m["to"][0]), "unknown@invalid.example")


def _disposition(case: Case, m: dict[str, Any], by_handle: dict[str, dict[str, Any]]) -> tuple[str, str]:
    original = f"Original-Message-ID: {message_id(case, m['reply_to'])}\n" if "reply_to" in m else ""
    who = parseaddr(m["from"])[1]
    return "disposition-notification", (
        f"Final-Recipient: rfc822; {who}\n{original}Disposition: manual-action/MDN-sent-manually; displayed\n"
    )


def _attach(mail: EmailMessage, name: str, text: str) -> None:
    suffix = name.rpartition(".")[2].lower()
    if suffix == "ics":
        method = next((x.partition(":")[2].strip() for x in text.splitlines() if x.startswith("METHOD:")), "REQUEST")
        mail.add_attachment(
            text.strip().replace("\n", "\r\n"), subtype="calendar", filename=name, params={"method": method}
        )
        return
    maker, content_type = {
        "pdf": (pdf, "application/pdf"),
        "docx": (docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        "odt": (odt, "application/vnd.oasis.opendocument.text"),
    }.get(suffix, (lambda t: t.encode(), "application/octet-stream"))
    maintype, _, subtype = content_type.partition("/")
    mail.add_attachment(maker(text.strip("\n")), maintype=maintype, subtype=subtype, filename=name)


@lru_cache(maxsize=512)
def pdf(text: str) -> bytes:
    """A real PDF, one line of `text` a line."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    y = 800
    canvas.setFont("Helvetica", 9)
    for line in text.split("\n"):
        canvas.drawString(50, y, line)
        y -= 14
        if y < 40:
            canvas.showPage()
            canvas.setFont("Helvetica", 9)
            y = 800
    canvas.save()
    return out.getvalue()


@lru_cache(maxsize=512)
def docx(text: str) -> bytes:
    from docx import Document

    document = Document()
    for line in text.split("\n"):
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@lru_cache(maxsize=512)
def odt(text: str) -> bytes:
    paragraphs = "".join(f"<text:p>{html_escape.escape(line)}</text:p>" for line in text.split("\n"))
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
        f"<office:body><office:text>{paragraphs}</office:text></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content)
    return out.getvalue()


def as_register(case: Case) -> str:
    """The case's registered proposals as a CSV file in the form that `import` reads."""
    import csv

    out = io.StringIO()
    writer = csv.DictWriter(out, ["reference", "client", "contact", "title", "amount", "sent_on", "valid_until"])
    writer.writeheader()
    for row in case.registered:
        writer.writerow({k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()})
    return out.getvalue()
