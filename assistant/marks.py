"""Sentences → the marks by which the linear model weighs them.

A mark is a number that stands for a run of one to three words, or of one to three *concepts*, or for a pair of concepts
a little apart. In a concept words of one meaning in any of the languages are one ('comité', 'committee', 'Gremium'), so
that what was learnt in one language serves the others; there are several sets of concepts, from coarse to fine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from assistant.features import tokens

CLUSTERINGS = 5
SUBJECT = 0x5BD1E995  # sets the marks of a subject apart from those of a text
Marks = NDArray[np.uint32]
_PRIMES = tuple(np.uint32(prime) for prime in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F))
_SALTS = np.array([number * 0x27D4EB2F & 0xFFFFFFFF for number in range(CLUSTERINGS + 1)], np.uint32)[:, None]
_GAPS = (2, 3, 4)
_ENDINGS = 4  # letters that may be missing at the end of a word for it to have the concepts of a known one
_STEM = 4  # letters that must be left


@dataclass(frozen=True, slots=True)
class Concepts:
    """Which words mean the same: `keys` are sorted hashes of words, `members` the concepts of each, one a set."""

    keys: Marks
    members: NDArray[np.uint16]

    def of(self, words: Sequence[str]) -> tuple[NDArray[np.bool_], Marks]:
        """Which of the plain words are known, by their longest known beginning; the concepts of each, a row a set."""
        at = np.zeros(len(words), np.int64)
        known = np.zeros(len(words), bool)
        for missing in range(_ENDINGS):
            stems = [crc32(word[: len(word) - missing].encode()) if _tells(word, missing) else 0 for word in words]
            hashes = np.array(stems, np.uint32)
            place = np.minimum(np.searchsorted(self.keys, hashes), len(self.keys) - 1)
            found = ~known & (self.keys[place] == hashes) & (hashes != 0)
            at[found] = place[found]
            known |= found
        return known, self.members[at].T.astype(np.uint32)


def _tells(word: str, missing: int) -> bool:
    return len(word) - missing >= _STEM and word.isalpha()


def marks(sentences: Sequence[str], concepts: Concepts, apart: int = 0) -> tuple[Marks, NDArray[np.int64]]:
    """The marks of all sentences, each once a sentence; and the number of the sentence that each belongs to, in order.

    Those of a subject are set apart with `apart=SUBJECT`.
    """
    words, owner = _words(sentences)
    names = np.array([crc32(word.encode("utf-8", "replace")) for word in words], np.uint32)
    known, meant = concepts.of(words)
    meant = np.where(known, meant + np.uint32(1), names)
    runs = _runs(np.vstack([names, meant]), owner, np.uint32(apart) + _SALTS)
    found, owners = zip(*runs, strict=True)
    both = np.unique(np.concatenate(owners) << np.uint64(32) | np.concatenate(found))
    return both.astype(np.uint32), (both >> np.uint64(32)).astype(np.int64)


def _words(sentences: Sequence[str]) -> tuple[list[str], NDArray[np.uint64]]:
    words: list[str] = []
    owner: list[int] = []
    for number, sentence in enumerate(sentences):
        found = ["^", *tokens(sentence), "$"]
        words += found
        owner += [number] * len(found)
    return words, np.array(owner, np.uint64)


def _runs(
    names: Marks, owner: NDArray[np.uint64], salts: Marks
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint64]]]:
    """Runs of one to three names, and pairs a little apart; `names` has a row for the words and one for each set of
    concepts. None reaches from one sentence into the next."""
    one, two, three, four = _PRIMES
    first = names * one ^ salts
    second = first[:, :-1] + (names[:, 1:] + np.uint32(1)) * two
    yield _within(first, owner, 0)
    yield _within(second, owner, 1)
    yield _within(second[:, :-1] + (names[:, 2:] + np.uint32(1)) * three, owner, 2)
    for gap in _GAPS:
        yield _within(first[1:, :-gap] + (names[1:, gap:] * two ^ four), owner, gap)


def _within(values: Marks, owner: NDArray[np.uint64], reach: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    begins = owner[: max(0, len(owner) - reach)]
    inside = begins == owner[reach:]
    return _mixed(values[:, inside]).astype(np.uint64).ravel(), np.tile(begins[inside], len(values))


def _mixed(mark: Marks) -> Marks:
    mark = (mark ^ (mark >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    return mark ^ (mark >> np.uint32(13))
