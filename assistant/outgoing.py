"""Header fields and bodies → the bytes of a message (RFC 5322, 2045-2047), safe against what names and subjects hold.

Written by hand rather than with email.message: the standard library turns long Message-IDs into encoded words.
"""

from __future__ import annotations

import hashlib
import quopri
import re
from collections.abc import Iterable
from email.header import Header

from assistant.messages import Address

_CRLF = "\r\n"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ATOM = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]{1,128}@[^\s<>()\[\],;:\\\"@]{1,255}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_FOLD_AT = 76
_REPLY = "Re: "


def one_line(text: str, limit: int = 500) -> str:
    """The text without line breaks, control characters and lone surrogates, its blanks collapsed, cut at `limit`."""
    clean = _LONE_SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text[: limit * 4]))
    return " ".join(clean.split())[:limit].rstrip()


def is_address(email: str) -> bool:
    """Whether the address can be written into a header as it is: no blanks, no brackets, one @."""
    return bool(_ADDRESS.fullmatch(email)) and not _CONTROL.search(email) and not _LONE_SURROGATE.search(email)


def is_message_id(value: str) -> bool:
    """Whether this is one printable msg-id in angle brackets that fits on a line (RFC 5322 §3.6.4, §2.1.1)."""
    return bool(_MESSAGE_ID.fullmatch(value))


def words_field(name: str, text: str) -> str:
    """An unstructured field such as Subject, as encoded words where it is not plain ASCII (RFC 2047)."""
    text = one_line(text)
    reply = _REPLY if text.startswith(_REPLY) else ""  # stays readable for the filters that look for it
    return f"{name}: {reply}{_encoded(text.removeprefix(reply), len(name) + len(reply) + 2)}"


def _encoded(text: str, used: int) -> str:
    """The text for a header; what looks like an encoded word already is encoded too, or a reader would decode it."""
    plain = text.isascii() and "=?" not in text and used + len(text) <= _FOLD_AT
    if plain:
        return text
    header = Header(text, "utf-8", maxlinelen=_FOLD_AT, header_name=" " * max(0, used - 2))
    return header.encode(splitchars="", linesep=_CRLF)


def addresses_field(name: str, addresses: Iterable[Address]) -> str:
    """An address list (RFC 5322 §3.4), one address a line; '' where none can be written."""
    written = [_mailbox(address) for address in addresses if is_address(address.email)]
    return f"{name}: " + f",{_CRLF} ".join(written) if written else ""


def _mailbox(address: Address) -> str:
    name = one_line(address.name, 200)
    if not name:
        return address.email
    if not name.isascii() or "=?" in name:
        return f"{_encoded(name, 10)}{_CRLF} <{address.email}>"
    if not _ATOM.fullmatch(name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{address.email}>"


def ids_field(name: str, ids: Iterable[str]) -> str:
    """In-Reply-To or References, one id a line; '' where there is none."""
    written = [each for each in ids if is_message_id(each)]
    return f"{name}: " + f"{_CRLF} ".join(written) if written else ""


def _part(subtype: str, text: str) -> str:
    """A text entity: its header, a blank line, its body as quoted-printable (lines of at most 76 characters)."""
    clean = _LONE_SURROGATE.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    body = quopri.encodestring(clean.encode("utf-8")).decode("ascii").replace("\n", _CRLF)
    head = f"Content-Type: text/{subtype}; charset=utf-8{_CRLF}Content-Transfer-Encoding: quoted-printable{_CRLF}"
    return f"{head}{_CRLF}{body}"


def message_bytes(fields: Iterable[str], text: str, html: str | None) -> bytes:
    """The whole message with CRLF line ends; multipart/alternative where there is HTML. Empty fields are left out.

    The boundary holds '=_', which quoted-printable cannot contain (RFC 2045 §6.7), and depends on nothing but the text.
    """
    head = _CRLF.join([*(field for field in fields if field), "MIME-Version: 1.0"]) + _CRLF
    plain = _part("plain", text)
    if html is None:
        return (head + plain).encode("utf-8")
    boundary = "=_" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
    opening = f'Content-Type: multipart/alternative; boundary="{boundary}"{_CRLF}{_CRLF}'
    parts = "".join(f"--{boundary}{_CRLF}{part}{_CRLF}" for part in (plain, _part("html", html)))
    return f"{head}{opening}{parts}--{boundary}--{_CRLF}".encode()
