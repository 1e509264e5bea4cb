"""A display name → given and family name: 'Bertrand LACAZE', 'Lacaze, Bertrand', '"LACAZE Bertrand (Achats)"'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from assistant.customers import fold
from assistant.languages.letters import office_words
from assistant.messages import Address

_BRACKETED = re.compile(r"[(\[<{|/][^()\[\]<>{}]{0,100}[)\]>}]?")
_INITIAL = re.compile(r"[^\W\d_]\.?(?:-?[^\W\d_]\.)*")
_PARTICLES = frozenset(("de", "da", "do", "dos", "das", "du", "des", "del", "della", "di", "la", "le", "d'"))
_PARTICLES |= frozenset(("van", "von", "der", "den", "zu", "zum", "ten", "ter", "y", "e"))
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class PersonName:
    """Both parts as one writes them in a sentence: 'Bertrand', 'de La Tour'."""

    given: str
    family: str

    def __str__(self) -> str:
        return f"{self.given} {self.family}"


def split_name(display: str, titles: frozenset[str] = frozenset()) -> PersonName | None:
    """The person's name, None where it is not certain which part is which, or that this is a person at all.

    Words that only offices have ('Service achats') show that it is none; `titles` are folded words that are no names.
    """
    bare = _BRACKETED.sub(" ", display[:_LONGEST]).strip(" \t\"'")
    family, comma, given = bare.partition(",")
    if comma:
        return _person(given.split(), family.split(), titles)
    words = bare.split()
    capitals = [_is_capitals(word) for word in words]
    if len(words) < 2 or all(capitals):
        return None
    if any(capitals):
        return _by_capitals(words, capitals, titles)
    if len(words) == 2 or fold(words[1]) in _PARTICLES:
        return _person(words[:1], words[1:], titles)
    return None


def is_person(address: Address) -> bool:
    """Whether the display name looks like somebody's: two words at least, none of an office."""
    words = _BRACKETED.sub(" ", address.name[:_LONGEST]).lower().split()
    return len(words) >= 2 and not any(word.strip(",.") in office_words() or "@" in word for word in words)


def _by_capitals(words: list[str], capitals: list[bool], titles: frozenset[str]) -> PersonName | None:
    """The family name is the run of words in capitals, at the beginning or at the end."""
    count = sum(capitals)
    if all(capitals[:count]):
        return _person(words[count:], words[:count], titles)
    if all(capitals[-count:]):
        return _person(words[:-count], words[-count:], titles)
    return None


def _is_capitals(word: str) -> bool:
    return word.isupper() and not _INITIAL.fullmatch(word)


def _person(given: list[str], family: list[str], titles: frozenset[str]) -> PersonName | None:
    words = [*given, *family]
    if not given or not family or len(words) > 6 or any(c.isdigit() or c == "@" for word in words for c in word):
        return None
    if any(word.lower() in office_words() or fold(word).strip(".") in titles for word in words):
        return None
    return PersonName(" ".join(map(_cased, given)), " ".join(map(_cased, family)))


def _cased(word: str) -> str:
    """'LACAZE' → 'Lacaze', 'DUPUIS-MEYER' → 'Dupuis-Meyer', 'DE' → 'de'; mixed case stays as its owner writes it."""
    if not _is_capitals(word):
        return word
    return word.lower() if fold(word) in _PARTICLES else word.title()


@lru_cache(maxsize=4096)
def name_words(address: Address) -> frozenset[str]:
    """The folded words by which a person may be called: of the display name and of the address before the @."""
    local = address.email.partition("@")[0]
    words = re.split(r"[^\w'’-]+|[._-]", fold(f"{_BRACKETED.sub(' ', address.name[:_LONGEST])} {local[:64]}"))
    return frozenset(word for word in words if len(word) >= 2)
