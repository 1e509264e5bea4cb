"""A sentence → the marks by which the linear model weighs it.

A mark is a number that stands for a run of one to three words, or of one to three *concepts*, or for a pair of concepts
a little apart. In a concept words of one meaning in any of the languages are one ('comité', 'committee', 'Gremium'), so
that what was learnt in one language serves the others; there are several sets of concepts, from coarse to fine.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

CLUSTERINGS = 5
SUBJECT = 0x5BD1E995  # sets the marks of a subject apart from those of a text
_TOKEN = re.compile(r"[^\W\d_]+|\d[\d.,]*|[?!%€$£]|[👍👌🤝✅🎉🙏❌🙂😊]|:\)|:\(")
_MAX_TOKENS = 300  # of one sentence: beyond, it is not one
_MAX_WORD = 24
_FULL = 0xFFFFFFFF
_PRIMES = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F)
_GAPS = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class Concepts:
    """Which words mean the same: `keys` are sorted hashes of words, `members` the concepts of each; one a set."""

    keys: Sequence[int]
    members: Sequence[int]

    def of(self, word: str) -> Sequence[int]:
        """The concepts of a plain word, one for each clustering; of its longest known beginning; none if unknown."""
        for end in range(len(word), max(3, len(word) - 4), -1):
            key = crc32(word[:end].encode())
            at = bisect_left(self.keys, key)
            if at < len(self.keys) and self.keys[at] == key:
                return self.members[CLUSTERINGS * at : CLUSTERINGS * (at + 1)]
        return ()


def plain(text: str) -> str:
    """Lower case, without accents; 'ß' as 'ss', curly apostrophes straight."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text: str) -> list[str]:
    """Words, signs that speak (?, !, €, 👍) and numbers of a sentence, plain; a number is '0'."""
    found = _TOKEN.findall(plain(text))[:_MAX_TOKENS]
    return ["0" if token[0].isdigit() else token[:_MAX_WORD] for token in found]


def marks(text: str, concepts: Concepts, apart: int = 0) -> frozenset[int]:
    """The marks of a sentence; of a subject with `apart=SUBJECT`."""
    words = ["^", *tokens(text), "$"]
    names = [crc32(word.encode("utf-8", "replace")) for word in words]
    found = set(_runs(names, apart))
    clusters = [concepts.of(word) if word.isalpha() else () for word in words]
    for clustering in range(CLUSTERINGS):
        salt = apart + _PRIMES[3] * (clustering + 1)
        meant = [of[clustering] + 1 if of else name for of, name in zip(clusters, names, strict=True)]
        found.update(_runs(meant, salt))
        found.update(_pairs(meant, salt))
    return frozenset(found)


def _runs(names: Sequence[int], salt: int) -> Iterator[int]:
    one, two, three = _PRIMES[:3]
    for at, first in enumerate(names):
        mark = (first * one) ^ salt
        yield _mixed(mark)
        for prime, name in zip((two, three), names[at + 1 : at + 3], strict=False):
            mark += (name + 1) * prime
            yield _mixed(mark)


def _pairs(names: Sequence[int], salt: int) -> Iterator[int]:
    one, two, _, four = _PRIMES
    for gap in _GAPS:
        for first, second in zip(names, names[gap:], strict=False):
            yield _mixed(((first * one) ^ salt) + (second * two ^ four))


def _mixed(mark: int) -> int:
    mark &= _FULL
    mark = ((mark ^ (mark >> 15)) * 0x2C1B3C6D) & _FULL
    return mark ^ (mark >> 13)
