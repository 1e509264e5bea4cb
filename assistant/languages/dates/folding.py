"""Text as the patterns see it: lower case, no accents, straight quotes; every character stays in its place."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

SPECIAL = {"’": "'", "‘": "'", "´": "'", "`": "'", "–": "-", "—": "-", "‑": "-", "−": "-", "ı": "i", "ø": "o", "œ": "o"}


def fold(text: str) -> str:
    """The same text for comparing; as long as the original, so that places in one are places in the other."""
    return text.lower() if text.isascii() else "".join(map(_folded, text))


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    if character in SPECIAL:
        return SPECIAL[character]
    if character.isspace() and character != "\n":
        return " "
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character
