"""Which pieces the network knows: those of the labelled messages and of the commonest words of the languages."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
from wordfreq import top_n_list

from assistant.languages import LANGUAGES
from assistant.pieces import Pieces
from tests.judgement.data import load
from tests.judgement.network.pretrained import Pretrained

SPECIAL = ("<s>", "</s>", "<unk>")
COMMON_WORDS = 6000
_SEEN = 2  # a piece met once in the messages is spelled in smaller ones


def choose(encoder: Pretrained) -> list[int]:
    """The numbers, in the encoder's list, of the pieces to keep; the three marks first (assistant/pieces.py)."""
    number = {piece: at for at, piece in enumerate(encoder.pieces)}
    everything = {piece: (at, float(encoder.scores[at])) for piece, at in number.items() if piece not in SPECIAL}
    spell = Pieces(everything)
    count = Counter(piece for word in _words() for piece in spell.of(word, 40))
    for code in LANGUAGES:
        for word in top_n_list(code, COMMON_WORDS):
            for form in (word, word.capitalize()):
                count.update(dict.fromkeys(spell.of(form, 40), _SEEN))
    singles = (at for piece, at in everything.items() if len(piece.strip("▁")) <= 1 and _ours(piece))
    kept = {at for at, times in count.items() if times >= _SEEN} | {at for at, _ in singles}
    return [number[mark] for mark in SPECIAL] + sorted(kept - {number[mark] for mark in SPECIAL} - {number["<pad>"]})


def _words() -> Iterator[str]:
    for side in ("customer", "owner"):
        for message in load(side):
            yield from unicodedata.normalize("NFKC", f"{message.subject} {message.text}").split()


def _ours(piece: str) -> bool:
    """Whether all its letters are Latin, or it is a sign or a picture."""
    return all(ord(c) < 0x250 or 0x2000 <= ord(c) < 0x2C00 or ord(c) >= 0x1F300 for c in piece)


def spelling(encoder: Pretrained, kept: Iterable[int]) -> dict[str, tuple[int, float]]:
    """The kept pieces, each with its number in the network and its score."""
    return {
        encoder.pieces[old]: (new, float(np.round(encoder.scores[old], 3)))
        for new, old in enumerate(kept)
        if encoder.pieces[old] not in SPECIAL
    }


def proof_mask(spell: Pieces, text: str, proof: str, limit: int) -> list[int]:
    """A 1 for each piece of the text (as `spell.of` gives them) that lies in the proof."""
    start = text.find(proof) if proof else -1
    mask: list[int] = []
    for word in re.finditer(r"\S+", text):
        inside = start >= 0 and word.end() > start and word.start() < start + len(proof)
        mask += [int(inside)] * len(spell.of(word.group(), limit))
    if len(mask) <= limit:
        return mask
    ending = limit // 6
    return mask[: limit - ending] + mask[-ending:]
