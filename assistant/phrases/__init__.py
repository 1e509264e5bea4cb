"""What mail programs, servers and politeness say without meaning it: one TOML file per language.

These are fixed phrases (an attribution line, 'Sent from my phone', 'Undelivered Mail Returned to Sender'). What people
say about an offer is in `languages/`. All languages are searched together: servers seldom speak the customer's.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib import resources

LANGUAGES = ("en", "fr", "de", "es", "it", "nl", "pt", "other")

_ACCENTS = re.compile("[\u0300-\u036f]+")
_APOSTROPHES = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "：": ":", "ø": "o", "ł": "l"}
)


def folded(text: str) -> str:
    """`text` in lower case without accents, with plain apostrophes: what phrases are compared in. Keeps line breaks."""
    if text.isascii():
        return text.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))).casefold()


@lru_cache(maxsize=64)
def phrases(section: str, key: str) -> tuple[str, ...]:
    """The phrases of all languages under `[section] key`, folded, the longest first."""
    found = {folded(phrase) for table in _tables() for phrase in table.get(section, {}).get(key, ())}
    return tuple(sorted(found, key=lambda phrase: (-len(phrase), phrase)))


@lru_cache(maxsize=64)
def pattern(section: str, key: str) -> str:
    """A regular expression for any of these phrases: a space is any white space, '…' up to 60 characters."""
    return "(?:" + "|".join(_expression(phrase) for phrase in phrases(section, key)) + ")"


def _expression(phrase: str) -> str:
    words = [".{0,60}?" if word == folded("…") else re.escape(word) for word in phrase.split()]
    start = r"\b" if phrase[0].isalnum() else ""
    end = r"\b" if phrase[-1].isalnum() else ""
    return start + r"\s{1,4}".join(words).replace(r"\s{1,4}.{0,60}?\s{1,4}", r"\s.{0,60}?\s") + end


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, dict[str, list[str]]], ...]:
    folder = resources.files(__package__)
    return tuple(tomllib.loads((folder / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES)
