"""Bytes → Message (RFC 5322, 2045-2047, 6532): charsets, dates, and the writer's own words apart from the quoted ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox (RFC 5322 §3.4): display name, '' where there is none; the address in lower case."""

    name: str
    email: str

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the text: a file, an attached message, a calendar object.

    `content` is the decoded content (dropped once `text` was extracted); `text` what documents/ read from it, None
    where it was not or could not be read.
    """

    name: str
    content_type: str
    size: int = 0
    content: bytes = field(default=b"", repr=False)
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail, understood as far as its own bytes allow. Unknown is None or empty, never invented.

    message_id, in_reply_to, references   with their angle brackets; message_id is '' where the header is missing
    sent_at      the Date field, always with an offset; where it is missing or absurd the caller's fallback (INTERNALDATE)
    text         the writer's own new words: no quotation, no signature block, no legal disclaimer, no 'sent from my phone'
    quoted       what the writer quotes, without its marks
    signature    the block taken off the end of `text`
    full_text    the whole body as plain text, quotation included (a reply quotes this)
    html         the HTML body, None where the message has none
    fields       the header fields that the judgement needs, by lower-case name, decoded, each value on one line
    report       the delivery-status or disposition fields of a multipart/report (RFC 3464, 8098), as text, '' otherwise
    """

    message_id: str
    sent_at: datetime
    sender: Address | None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: str = ""
    quoted: str = ""
    signature: str = ""
    full_text: str = ""
    html: str | None = None
    content_type: str = "text/plain"
    attachments: tuple[Attachment, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    report: str = ""

    def header(self, name: str) -> str:
        """The first value of a header field, '' where it is missing."""
        return next(iter(self.fields.get(name.lower(), ())), "")
