"""A text → its words as the readers compare them."""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(r"[^\W\d_]+|\d[\d.,]*|[?!%€$£]|[👍👌🤝✅🎉🙏❌🙂😊]|:\)|:\(")
_MAX_TOKENS = 300  # of one sentence: beyond, it is not one
_MAX_WORD = 24


def plain(text: str) -> str:
    """Lower case, without accents; 'ß' as 'ss', curly apostrophes straight."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text: str) -> list[str]:
    """Words, signs that speak (?, !, €, 👍) and numbers of a sentence, plain; a number is '0'."""
    found = _TOKEN.findall(plain(text))[:_MAX_TOKENS]
    return ["0" if token[0].isdigit() else token[:_MAX_WORD] for token in found]
