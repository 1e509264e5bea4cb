"""`python -m tests.judgement.network.train`: fits the network three times on two thirds of the messages, to learn what it
says of messages it has not seen (unseen.npz), then on all of them, and writes it where the program reads it.

Needs the packages of the group `train`; takes about an hour on two cores. `train.py` beside this folder, which fits the
two layers, comes after. `final` as an argument leaves the three out and keeps what unseen.npz holds.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

import assistant.languages
from assistant.network import SUBJECT_PIECES, TEXT_PIECES, spelled
from assistant.pieces import Pieces
from tests.judgement.data import Labelled, load, near_duplicates
from tests.judgement.network import pretrained
from tests.judgement.network.fitting import Example, Net, add_reactions, begun, fit, log_probabilities
from tests.judgement.network.packing import packed
from tests.judgement.network.pretrained import Pretrained
from tests.judgement.network.unseen import save_unseen
from tests.judgement.network.vocabulary import choose, proof_mask, spelling

TARGET = Path(assistant.languages.__file__).parent / "network.bin.gz"
FOLDS = 3
PHRASE_WEIGHT = 0.5  # of a single phrase, beside a whole message


@dataclass(frozen=True, slots=True)
class Side:
    """The labelled messages of one side, as the network is shown them; near duplicates share a group."""

    messages: Sequence[Labelled]
    kinds: Sequence[str]
    examples: Sequence[Example]
    groups: Sequence[int]

    def folds(self) -> list[NDArray[np.int64]]:
        split = GroupKFold(FOLDS, shuffle=True, random_state=1).split(self.messages, groups=self.groups)
        return [held for _, held in split]


def main() -> None:
    torch.set_num_threads(2)
    encoder = pretrained.load()
    kept = choose(encoder)
    sides = _sides(encoder, kept)
    if "final" not in sys.argv:
        _measure(encoder, kept, sides)
    net = _net(encoder, kept, sides)
    fit(net, [e for side in sides.values() for e in side.examples])
    finish(net, encoder, kept, sides)


def finish(net: Net, encoder: Pretrained, kept: Sequence[int], sides: Mapping[str, Side]) -> None:
    """Adds the head for reactions and writes the file."""
    reactions = _side("reaction", Pieces(spelling(encoder, kept)))
    heard = replace(reactions, examples=begun(net, reactions.examples))
    save_unseen({"reaction": (heard.messages, add_reactions(net, heard.examples, heard.groups))})
    kinds = {name: side.kinds for name, side in (*sides.items(), ("reaction", heard))}
    TARGET.write_bytes(packed(net, encoder, kept, kinds))
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


def _measure(encoder: Pretrained, kept: Sequence[int], sides: Mapping[str, Side]) -> None:
    told = {name: np.full((len(side.messages), len(side.kinds)), np.nan) for name, side in sides.items()}
    for fold in range(FOLDS):
        held = {name: set(side.folds()[fold].tolist()) for name, side in sides.items()}
        net = _net(encoder, kept, sides)
        fit(net, [e for name, side in sides.items() for at, e in enumerate(side.examples) if at not in held[name]])
        for name, side in sides.items():
            numbers = sorted(held[name])
            told[name][numbers] = log_probabilities(net, [side.examples[at] for at in numbers])
            right = told[name][numbers].argmax(1) == [side.examples[at].kind for at in numbers]
            print(f"part {fold + 1} of {FOLDS}, {name}: {right.mean():.1%} of {len(right)} right", flush=True)
        save_unseen({name: (side.messages, told[name]) for name, side in sides.items()})


def _net(encoder: Pretrained, kept: Sequence[int], sides: Mapping[str, Side]) -> Net:
    return Net(encoder, kept, {name: len(side.kinds) for name, side in sides.items()})


def _sides(encoder: Pretrained, kept: Sequence[int]) -> dict[str, Side]:
    sides = {side: _side(side, Pieces(spelling(encoder, kept))) for side in ("customer", "owner")}
    net = _net(encoder, kept, sides)
    return {name: replace(side, examples=begun(net, side.examples)) for name, side in sides.items()}


def _side(side: str, pieces: Pieces) -> Side:
    messages = load(side)
    kinds = sorted({message.kind for message in messages})
    examples = [_example(message, kinds, pieces) for message in messages]
    return Side(messages, kinds, examples, near_duplicates(messages))


def _example(message: Labelled, kinds: Sequence[str], pieces: Pieces) -> Example:
    whole = spelled(pieces, message.subject, message.text)
    proof = proof_mask(pieces, message.text, message.proof, TEXT_PIECES)
    before = len(pieces.of(message.subject, SUBJECT_PIECES)) + 2
    if len(proof) != len(whole) - before - 1:  # a very long text, of which the middle was left out before spelling
        proof = [0] * (len(whole) - before - 1)
    weight = PHRASE_WEIGHT if message.origin == "phrase" else 1.0
    return Example(message.side, whole, [0] * before + proof + [0], kinds.index(message.kind), weight)


if __name__ == "__main__":
    main()
