"""What was learnt from labelled messages, as data: the concepts, the model of two layers, and the network.

Each file is gzip: a line of JSON that says what lies where, then the numbers. They are written by concepts.py, train.py
and network/train.py in tests/judgement.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from assistant.marks import CLUSTERINGS, Concepts
from assistant.model import Head, Model, Second
from assistant.network import Floats, Layer, Linear, Network, Norm, unpacked
from assistant.network import Head as NetworkHead
from assistant.pieces import Pieces


@cache
def load_model(side: str) -> Model:
    """The trained model for 'customer' or 'owner', or of the owner's 'reaction'."""
    header, body = _models()
    entry = header[side]
    return Model(
        marks=np.frombuffer(_slice(body, entry["marks"]), "<u4"),
        sentence=_head(entry["sentence"], body),
        message=_head(entry["message"], body),
        first_look=_second(entry["first look"]),
        second_look=_second(entry["second look"]),
        concepts=load_concepts(),
    )


@cache
def _models() -> tuple[Mapping[str, Any], memoryview]:
    """The file of all sides, unpacked once: what is made of it are views."""
    return _unpacked("model.bin.gz")


@cache
def load_concepts() -> Concepts:
    """Words of one meaning, across the languages."""
    header, body = _unpacked("concepts.bin.gz")
    words = header["words"]
    return Concepts(
        np.frombuffer(body[: 4 * words], "<u4"), np.frombuffer(body[4 * words :], "<u2").reshape(words, CLUSTERINGS)
    )


@cache
def load_network() -> Network:
    """The network, for both sides and the reactions. All its parts are copies: the file's bytes are not kept."""
    header, body = _unpacked("network.bin.gz")
    parts = _Parts(header, body)
    names = bytes(_slice(body, header["pieces"])).decode().split("\n")
    scores = np.frombuffer(_slice(body, header["scores"]), "<f4").tolist()
    return Network(
        pieces=Pieces({name: (at, score) for at, (name, score) in enumerate(zip(names, scores, strict=True)) if name}),
        vectors=np.frombuffer(_slice(body, header["vectors"]), np.uint8).reshape(len(names), -1).copy(),
        places=parts.floats("places").reshape(-1, header["width"]),
        norm=parts.norm("norm"),
        layers=tuple(parts.layer(number) for number in range(header["layers"])),
        heads={
            side: NetworkHead(tuple(labels), parts.linear(f"{side}.look"), parts.linear(f"{side}.tell"))
            for side, labels in header["heads"].items()
        },
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of the network by name: weights in blocks of 4 bits, or in 8 bits with a scale for each output; the
    rest in half precision."""

    header: Mapping[str, Any]
    body: memoryview

    def floats(self, name: str) -> Floats:
        return np.frombuffer(_slice(self.body, self.header["floats"][name]), "<f2").astype(np.float32)

    def linear(self, name: str) -> Linear:
        biases = self.floats(f"{name}.bias")
        if name in self.header["blocks"]:
            blocks = np.frombuffer(_slice(self.body, self.header["blocks"][name]), np.uint8)
            return Linear(unpacked(blocks).reshape(len(biases), -1).T.copy(), biases)
        place = self.header["weights"][name]
        scales = self.floats(f"{name}.scale")[:, None]
        whole = np.frombuffer(_slice(self.body, place), np.int8).reshape(len(scales), -1)
        return Linear((whole * scales).T.copy(), biases)

    def norm(self, name: str) -> Norm:
        return Norm(self.floats(f"{name}.scale"), self.floats(f"{name}.shift"))

    def layer(self, number: int) -> Layer:
        return Layer(
            mix=self.linear(f"layers.{number}.mix"),
            out=self.linear(f"layers.{number}.out"),
            first=self.norm(f"layers.{number}.first"),
            up=self.linear(f"layers.{number}.up"),
            down=self.linear(f"layers.{number}.down"),
            second=self.norm(f"layers.{number}.second"),
        )


def _head(entry: Mapping[str, Any], body: memoryview) -> Head:
    labels = tuple(entry["labels"])
    weights = np.frombuffer(_slice(body, entry["weights"]), np.int8).reshape(-1, len(labels))
    return Head(labels, weights, np.array(entry["scales"]), np.array(entry["biases"]))


def _second(entry: Mapping[str, Any]) -> Second:
    return Second(np.array(entry["weights"]), np.array(entry["biases"]))


def _slice(body: memoryview, place: Sequence[int]) -> memoryview:
    start, length = place
    return body[start : start + length]


def _unpacked(name: str) -> tuple[Mapping[str, Any], memoryview]:
    header, _, body = gzip.decompress(files(__package__).joinpath(name).read_bytes()).partition(b"\n")
    return json.loads(header), memoryview(body)
