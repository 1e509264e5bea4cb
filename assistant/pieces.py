"""A text → the numbers of the pieces it is made of: what the network reads instead of words.

Pieces are words and parts of words ('▁accept', 'ons') from a list with a score for each, the logarithm of how often it
occurs; of all ways to spell a word in pieces the one with the highest sum is taken (unigram language model: Kudo,
'Subword Regularization', 2018; the list is a part of XLM-R's). A piece never spans a blank, so that words are
spelled one by one, and a word seen before costs nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import islice

BEGIN, END = 0, 1  # the marks around a text
UNKNOWN = 2
_LONGEST_WORD = 32  # characters: what is longer is no word, and its beginning is enough
_REMEMBERED = 20_000
_UNKNOWN_COST = -30.0


class Pieces:
    """A list of pieces; remembers how it spelled the words it met (up to 20,000)."""

    def __init__(self, scores: Mapping[str, tuple[int, float]]) -> None:
        self._scores = scores
        self._longest = max(map(len, scores))
        self._spelled: dict[str, tuple[int, ...]] = {}

    def of(self, text: str, limit: int) -> Sequence[int]:
        """The pieces of a text; of one with more than `limit`, the first five sixths and the last sixth of these."""
        if len(text) > 12 * limit:
            text = f"{text[: 10 * limit]} {text[-2 * limit :]}"
        found = [piece for word in unicodedata.normalize("NFKC", text).split() for piece in self._word(word)]
        if len(found) <= limit:
            return found
        ending = limit // 6
        return found[: limit - ending] + found[-ending:]

    def _word(self, word: str) -> tuple[int, ...]:
        word = word[:_LONGEST_WORD]
        known = self._spelled.get(word)
        if known is not None:
            return known
        if len(self._spelled) >= _REMEMBERED:
            for old in list(islice(self._spelled, _REMEMBERED // 2)):
                del self._spelled[old]
        spelled = self._spelled[word] = self._best("▁" + word)
        return spelled

    def _best(self, word: str) -> tuple[int, ...]:
        """The best spelling (Viterbi): for each place in the word the best way to have come there."""
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)]  # the sum, where the last piece began, its number
        for end in range(1, len(word) + 1):
            ways = [(best[end - 1][0] + _UNKNOWN_COST, end - 1, UNKNOWN)]
            for start in range(max(0, end - self._longest), end):
                known = self._scores.get(word[start:end])
                if known is not None:
                    ways.append((best[start][0] + known[1], start, known[0]))
            best.append(max(ways))
        found: list[int] = []
        at = len(word)
        while at:
            _, at, piece = best[at]
            found.append(piece)
        return tuple(reversed(found))
