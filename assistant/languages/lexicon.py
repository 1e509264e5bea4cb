"""The word lists around offers (offers/XX.toml) and the free mail domains, read once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt")


@dataclass(frozen=True, slots=True)
class OfferWords:
    """All languages together: customers in Zürich or Brussels write in two under one subject."""

    announces: frozenset[str]
    foreign: frozenset[str]
    generic: frozenset[str]
    replaces: tuple[str, ...]
    other_subjects: frozenset[str]
    other_business: frozenset[str]


@cache
def offer_words() -> OfferWords:
    folder = files("assistant.languages") / "offers"
    tables = [tomllib.loads((folder / f"{code}.toml").read_text("utf-8")) for code in LANGUAGES]

    def union(key: str) -> frozenset[str]:
        return frozenset(word for table in tables for word in table[key])

    return OfferWords(
        announces=union("announces"),
        foreign=union("foreign"),
        generic=union("generic"),
        replaces=tuple(sorted(union("replaces"), key=len, reverse=True)),
        other_subjects=union("other_subjects"),
        other_business=union("other_business"),
    )


@cache
def freemail_domains() -> frozenset[str]:
    """Domains whose users are strangers to one another."""
    text = (files("assistant.languages") / "freemail.txt").read_text("utf-8")
    return frozenset(line for line in text.split() if "." in line and not line.startswith("#"))
