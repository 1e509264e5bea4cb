"""Bytes → text, whatever their declared charset is worth (RFC 2045 §5.1, WHATWG Encoding)."""

from __future__ import annotations

import codecs

# What programs call themselves against what they mean: the browsers' reading, which is the wider one.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "tis-620": "cp874",
}
# Codecs that are no charsets of mail: some are quadratic in the length of their input, some run escapes.
_NO_CHARSET = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem", "palmos"}


def decode_bytes(raw: bytes, charset: str) -> str:
    """The text of `raw`. Never fails: UTF-8 where that fits, the declared charset, else Windows-1252.

    UTF-8 goes first because text in another charset is practically never valid UTF-8, while UTF-8 under a wrong label
    is common.
    """
    if raw.isascii() and b"\x1b" not in raw and b"+" not in raw and b"~" not in raw and b"\x00" not in raw:
        return raw.decode("ascii")
    codec = _codec(charset)
    for name in (codec,) if codec.startswith(("utf-16", "utf-32", "utf-7", "iso2022", "hz")) else ("utf-8", codec):
        try:
            return raw.decode(name)
        except (UnicodeError, LookupError):
            continue
    return raw.decode("utf-8" if _mostly_utf8(raw) else "cp1252", "replace")


def _codec(charset: str) -> str:
    """The codec that a charset's name means; Windows-1252 for names that mean nothing."""
    try:
        name = codecs.lookup(charset.strip("\"' ")).name
    except (LookupError, ValueError, UnicodeError):
        return "cp1252"
    return "cp1252" if name in _NO_CHARSET else _MEANT.get(name, name)


def _mostly_utf8(raw: bytes) -> bool:
    """Whether damaged text was UTF-8: cut in the middle of a character, say."""
    text = raw.decode("utf-8", "replace")
    return text.count("\ufffd") * 10 <= sum(not char.isascii() for char in text)
