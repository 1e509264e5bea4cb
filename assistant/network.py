"""A small network that reads a whole message: how probable each kind is, and where in the text that shows.

Twelve layers of attention (Vaswani et al., 'Attention Is All You Need', 2017, with the norms after each part as in
BERT) over the pieces of the text, then for each side of the conversation a head that looks at some pieces more than at
others. It is a multilingual encoder (multilingual-e5-small, Wang et al. 2024, MIT), of which the upper four layers and
the heads were trained on the labelled messages (tests/judgement/network). It runs on numpy alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.pieces import BEGIN, END, Pieces

Floats = NDArray[np.float32]
SUBJECT_PIECES, TEXT_PIECES = 40, 240  # of a longer text the beginning and the end are read
BLOCK, BLOCK_BYTES = 32, 18  # weights that share a scale, and what they take: the scale, then two in each byte
_ATTENTION_HEADS = 12
_EPSILON = np.float32(1e-12)


@dataclass(frozen=True, slots=True)
class Linear:
    weights: Floats
    biases: Floats

    def __call__(self, x: Floats) -> Floats:
        return x @ self.weights + self.biases


@dataclass(frozen=True, slots=True)
class Norm:
    """Each row to mean 0 and variance 1, then scaled and shifted."""

    scale: Floats
    shift: Floats

    def __call__(self, x: Floats) -> Floats:
        x = x - x.mean(axis=1, keepdims=True)
        spread = np.sqrt(np.einsum("ij,ij->i", x, x)[:, None] / np.float32(x.shape[1]) + _EPSILON)
        normed: Floats = x / spread * self.scale + self.shift
        return normed


@dataclass(frozen=True, slots=True)
class Layer:
    """Each piece takes in what it finds in the others; then each is thought over by itself."""

    mix: Linear
    out: Linear
    first: Norm
    up: Linear
    down: Linear
    second: Norm

    def __call__(self, x: Floats) -> Floats:
        x = self.first(x + self.out(_attended(self.mix(x))))
        return self.second(x + self.down(_gelu(self.up(x))))


@dataclass(frozen=True, slots=True)
class Head:
    labels: tuple[str, ...]
    look: Linear
    tell: Linear


@dataclass(frozen=True, slots=True)
class Network:
    """`vectors` are the pieces' vectors in 4 bits: blocks of 32 weights that share a half-precision scale."""

    pieces: Pieces
    vectors: NDArray[np.uint8]
    places: Floats
    norm: Norm
    layers: Sequence[Layer]
    heads: Mapping[str, Head]

    def read(self, subject: str, text: str) -> Floats:
        """What the network makes of each piece of a message, a row each; heads tell what it means."""
        found = spelled(self.pieces, subject, text)
        x = self.norm(unpacked(self.vectors[found]).reshape(len(found), -1) + self.places[: len(found)])
        for layer in self.layers:
            x = layer(x)
        return x

    def tell(self, side: str, x: Floats) -> dict[str, float]:
        """The logarithm of the probability of each kind of a side ('customer', 'owner')."""
        head = self.heads[side]
        both = np.concatenate([x.mean(axis=0), _softmax(head.look(x)[:, 0]) @ x])
        totals = head.tell(both[None, :])[0].astype(np.float64)
        totals -= totals.max()
        totals -= np.log(np.exp(totals).sum())
        return dict(zip(head.labels, totals.tolist(), strict=True))


def spelled(pieces: Pieces, subject: str, text: str) -> list[int]:
    """The pieces of a message as the network reads them: its subject, then its text."""
    return [BEGIN, *pieces.of(subject, SUBJECT_PIECES), END, *pieces.of(text, TEXT_PIECES), END]


def unpacked(blocks: NDArray[np.uint8]) -> Floats:
    """Weights in blocks of 18 bytes: a half-precision scale, then 32 weights of 4 bits, low halves first."""
    rows = blocks.reshape(-1, BLOCK_BYTES)
    scales = rows[:, :2].copy().view("<f2").astype(np.float32)
    halves = np.concatenate([rows[:, 2:] & 15, rows[:, 2:] >> 4], axis=1).astype(np.float32) - np.float32(8)
    return halves * scales


def _attended(mixed: Floats) -> Floats:
    length, width = mixed.shape[0], mixed.shape[1] // 3
    q, k, v = mixed.reshape(length, 3, _ATTENTION_HEADS, -1).transpose(1, 2, 0, 3)
    shares = _softmax(q @ k.transpose(0, 2, 1) * np.float32((width // _ATTENTION_HEADS) ** -0.5))
    return (shares @ v).transpose(1, 0, 2).reshape(length, width)


def _softmax(x: Floats) -> Floats:
    shares: Floats = np.exp(x - x.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return shares


def _gelu(x: Floats) -> Floats:
    inner = x * (np.float32(0.7978845608) + np.float32(0.0356774081) * x * x)
    bent: Floats = np.float32(0.5) * x * (1 + np.tanh(inner))
    return bent
