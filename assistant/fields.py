"""The values of header fields (RFC 5322 §3.6): words, addresses, dates and Message-IDs, read leniently in linear time.

Every text that comes out is one line without control characters, so that it may be shown and put into another header.
"""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from assistant.charsets import decode_bytes

VALUE_LIMIT = 65_536
ADDRESS_LIMIT = 1_000
ID_LIMIT = 1_000

_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000})\?=")
_GAP = re.compile(r"(\?=)[ \t\r\n]+(?==\?)")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\s]+")
_MESSAGE_ID = re.compile(r"<([^<>]{1,998})>")
_ADDRESS_TOKEN = re.compile(
    r'"(?P<quoted>(?:[^"\\]|\\.)*+)"?|\((?P<comment>[^()]*+)\)?|<(?P<angle>[^<>]*+)>?|(?P<mark>[,;:>)\\])|[^"(<,;:>)\\]++',
    re.DOTALL,
)
_SPACES = re.compile(r"\s+")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_CLOCK_SKEW = timedelta(days=2)


def one_line(text: str) -> str:
    """`text` without line breaks, control and direction characters, each run of spaces made one."""
    return _UNPRINTABLE.sub(" ", text).strip()


def unescaped(value: object) -> str:
    """The text of a raw field as the parser kept it: its 8-bit bytes are UTF-8 (RFC 6532), else Windows-1252."""
    text = str(value)[:VALUE_LIMIT]
    if text.isascii():
        return text
    try:
        return decode_bytes(text.encode("utf-8", "surrogateescape"), "")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")


def decode_words(text: str) -> str:
    """`text` with its encoded words (RFC 2047) decoded, on one line; what cannot be decoded stays as it is."""
    if "=?" in text:
        text = _joined_words(_GAP.sub(r"\1", text))
    return one_line(text)


def _joined_words(text: str) -> str:
    """Neighbouring words of one charset are decoded together: some programs split a character between two."""
    out: list[str] = []
    pending, charset, end = b"", "", 0
    for word in _ENCODED_WORD.finditer(text):
        if pending and (word.start() != end or word[1].lower() != charset):
            out.append(decode_bytes(pending, charset))
            pending = b""
        out.append(text[end : word.start()])
        charset = word[1].lower()
        pending += _word_bytes(word[2], word[3])
        end = word.end()
    if pending:
        out.append(decode_bytes(pending, charset.partition("*")[0]))
    out.append(text[end:])
    return "".join(out)


def _word_bytes(encoding: str, payload: str) -> bytes:
    raw = payload.encode("ascii", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    try:
        return binascii.a2b_base64(raw + b"==")
    except binascii.Error:
        return raw


def addresses(value: str) -> tuple[tuple[str, str], ...]:
    """The (name, address) pairs of an address list (RFC 5322 §3.4), at most 1,000; groups are flattened.

    Names are decoded, addresses in lower case. An entry without an '@' is kept only when it names a mailbox
    (`<mailer-daemon>`, or a single word), as bounces do.
    """
    found: list[tuple[str, str]] = []
    words: list[str] = []
    angle: str | None = None
    comment = ""
    for token in _ADDRESS_TOKEN.finditer(value[:VALUE_LIMIT]):
        mark = token["mark"]
        if mark in (",", ";") or (mark == ":" and angle is None and "@" not in "".join(words)):
            if mark != ":":
                found += _mailbox(words, angle, comment)
            words, angle, comment = [], None, ""
            if len(found) >= ADDRESS_LIMIT:
                return tuple(found[:ADDRESS_LIMIT])
        elif token["angle"] is not None:
            angle = token["angle"]
        elif token["comment"] is not None:
            comment = token["comment"]
        elif token["quoted"] is not None:
            words.append(re.sub(r"\\(.)", r"\1", token["quoted"]))
        elif mark is None:
            words.append(token[0])
    found += _mailbox(words, angle, comment)
    return tuple(found[:ADDRESS_LIMIT])


def _mailbox(words: list[str], angle: str | None, comment: str) -> list[tuple[str, str]]:
    name = decode_words("".join(words))
    if angle is not None:
        email = _SPACES.sub("", one_line(angle)).rpartition(":")[2].lower()
        return [(name, email)] if email else []
    if "@" in name:
        *before, email = name.split()[-1:] if " " not in name else _last_address(name)
        return [(decode_words(comment) or " ".join(before), email.strip("<>").lower())]
    return [(decode_words(comment), name.lower())] if name and " " not in name else []


def _last_address(name: str) -> list[str]:
    """A list without commas or brackets ('Paul paul@x.example'): the words, the address last."""
    words = name.split()
    email = next((word for word in words if "@" in word), words[-1])
    words.remove(email)
    return [*words, email]


def message_ids(value: str) -> tuple[str, ...]:
    """The Message-IDs of a field with their angle brackets, in order, at most 1,000, each once.

    A lone identifier without brackets gets them. Folding inside an identifier is undone.
    """
    ids = [f"<{_SPACES.sub('', found[1])}>" for found in _MESSAGE_ID.finditer(value[:VALUE_LIMIT])]
    bare = value.strip()
    if not ids and "@" in bare and " " not in bare and len(bare) < 998:
        ids = [f"<{bare.strip('<>')}>"]
    return tuple(dict.fromkeys(one_line(found) for found in ids))[-ID_LIMIT:]


def sent_at(value: str, fallback: datetime) -> datetime:
    """The moment a Date field names, with its offset; `fallback` where it is missing, unreadable or absurd.

    Absurd is before 1990, or more than two days after `fallback`, the moment at which the server received it.
    """
    fields = parsedate_tz(value[:200]) if value else None
    if fields is None:
        return fallback
    try:
        moment = datetime(*fields[:6], tzinfo=_zone(fields[9]))
    except (ValueError, OverflowError):
        return fallback
    return moment if _EARLIEST <= moment <= fallback + _CLOCK_SKEW else fallback


def _zone(seconds: int | None) -> timezone:
    return UTC if not seconds else timezone(timedelta(seconds=seconds))
