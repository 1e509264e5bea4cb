"""A sentence → the marks by which the linear model weighs it.

Three groups, each a set of bucket numbers: runs of one to three words; pieces of words, which see through inflection
and typing errors; runs of one to three *concepts*, where words of one meaning in any of the languages are one
('comité', 'committee', 'Gremium'), so that what was learnt in one language serves the others.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

BUCKETS = 1 << 17
GRANULARITIES = 3
_TOKEN = re.compile(r"[^\W\d_]+|\d[\d.,]*|[?!%€$£]|[👍👌🤝✅🎉🙏❌🙂😊]|:\)|:\(")
_MAX_TOKENS = 300  # of one sentence: beyond, it is not one
_MAX_WORD = 24


@dataclass(frozen=True, slots=True)
class Concepts:
    """Which words mean the same, coarsely to finely: `keys` are sorted hashes of words, `members` their concepts."""

    keys: Sequence[int]
    members: Sequence[int]

    def of(self, word: str) -> Sequence[int]:
        """The concepts of a plain word, one of each granularity; of its longest known beginning; none if unknown."""
        for end in range(len(word), max(3, len(word) - 4), -1):
            key = crc32(word[:end].encode())
            at = bisect_left(self.keys, key)
            if at < len(self.keys) and self.keys[at] == key:
                return self.members[GRANULARITIES * at : GRANULARITIES * (at + 1)]
        return ()


@dataclass(frozen=True, slots=True)
class Marks:
    """The buckets of one text, by group."""

    words: frozenset[int]
    pieces: frozenset[int]
    concepts: frozenset[int]

    def groups(self) -> tuple[frozenset[int], ...]:
        return self.words, self.pieces, self.concepts


def plain(text: str) -> str:
    """Lower case, without accents; 'ß' as 'ss', curly apostrophes straight."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text: str) -> list[str]:
    """Words, signs that speak (?, !, €, 👍) and numbers of a sentence, plain; a number is '0'."""
    found = _TOKEN.findall(plain(text))[:_MAX_TOKENS]
    return ["0" if token[0].isdigit() else token[:_MAX_WORD] for token in found]


def marks(text: str, concepts: Concepts, prefix: str = "") -> Marks:
    """The marks of a sentence (or of a subject: with a prefix of its own)."""
    words = tokens(text)
    runs = ["^", *words, "$"]
    return Marks(
        frozenset(_bucket(f"{prefix}w {run}") for run in _runs(runs)),
        frozenset(piece for word in words for piece in _pieces(word, prefix)),
        frozenset(_concept_buckets(runs, concepts, prefix)),
    )


def _runs(words: Sequence[str]) -> Iterator[str]:
    for at in range(len(words)):
        for length in (1, 2, 3):
            if at + length <= len(words):
                yield " ".join(words[at : at + length])


def _concept_buckets(words: Sequence[str], concepts: Concepts, prefix: str) -> Iterator[int]:
    of_words = [concepts.of(word) if word.isalpha() else () for word in words]
    for level in range(GRANULARITIES):
        names = [str(of[level]) if of else word for of, word in zip(of_words, words, strict=True)]
        for run in _runs(names):
            yield _bucket(f"{prefix}{level} {run}")


@lru_cache(maxsize=20_000)
def _pieces(word: str, prefix: str) -> tuple[int, ...]:
    edged = f"<{word}>"
    return tuple(
        _bucket(f"{prefix}p {edged[at : at + length]}")
        for length in (3, 4, 5)
        for at in range(max(1, len(edged) - length + 1))
    )


def _bucket(name: str) -> int:
    return crc32(name.encode("utf-8", "replace")) % BUCKETS
