"""How letters are written: one TOML file per language, readable by a native speaker who does not program.

Each file holds months and dates, forms of address, greetings, closings, the names of a pilot, the line that introduces
a quotation, the prefixes that mail programs put before a subject, and what a good notice never says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt")
FALLBACK = "en"
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)  # one object per language: compared and hashed by identity
class Letters:
    """One language; the meaning of each key stands as a comment in fr.toml.

    Words that are compared are in lower case, except `formal` and `familiar`, whose capitals tell 'Sie' from 'sie'.
    """

    language: str
    months: Words
    date: str
    first_day: str
    number: str
    separators: str
    attribution: str
    time: str
    contractions: Mapping[str, str]
    reply_prefixes: Words
    forward_prefixes: Words
    formal: Words
    familiar: Words
    greetings: Words
    familiar_greetings: Words
    any_hour: Mapping[str, str]
    titles: Words
    links: Words
    offices: Words
    neutral_greeting: str
    named_greeting: str
    formal_closings: Words
    familiar_closings: Words
    pilots: Mapping[str, str]
    rules: Mapping[str, Words]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@lru_cache(maxsize=32)
def letters(language: str, country: str = "") -> Letters:
    """The language's letters, with what its `[country.XX]` table changes; English for a language that has no file."""
    code = language if language in LANGUAGES else FALLBACK
    table = tomllib.loads((files(__package__) / f"{code}.toml").read_text("utf-8"))
    changes = table.pop("country", {}).get(country, {})
    rules = {rule: tuple(words) for rule, words in table.pop("rules").items()}
    return Letters(language=code, rules=rules, **{key: _frozen(value) for key, value in (table | changes).items()})


@lru_cache(maxsize=1)
def subject_prefixes() -> frozenset[str]:
    """Every language's prefixes for replies and forwards, lower case: the customer's mail program chooses its own."""
    every = [letters(language) for language in LANGUAGES]
    return frozenset(prefix for each in every for prefix in (*each.reply_prefixes, *each.forward_prefixes))


@lru_cache(maxsize=1)
def office_words() -> frozenset[str]:
    """Every language's words for an office rather than a person ('achats', 'procurement'), lower case."""
    return frozenset(word for language in LANGUAGES for word in letters(language).offices)
