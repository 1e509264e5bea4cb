"""Writing the fitted network where the program reads it (assistant/languages/models.py).

What was not trained stays in the four bits in which it came: the vectors of the pieces, the lower layers. Other weights
are whole numbers of eight bits with a scale for each output; the rest is in half precision.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from tests.judgement.network.fitting import FROZEN, WIDTH, Net
from tests.judgement.network.pretrained import PARTS, Pretrained
from tests.judgement.network.vocabulary import SPECIAL


def packed(net: Net, encoder: Pretrained, kept: Sequence[int], heads: Mapping[str, Sequence[str]]) -> bytes:
    """The whole file. `heads` are the kinds of each side, in the order of the network's."""
    file = _File({"width": WIDTH, "layers": len(net.layers), "heads": {k: list(v) for k, v in heads.items()}})
    names = [encoder.pieces[at] if encoder.pieces[at] not in SPECIAL else "" for at in kept]
    file.header["pieces"] = file.add("\n".join(names).encode())
    file.header["scores"] = file.add(encoder.scores[list(kept)].astype("<f4").tobytes())
    file.header["vectors"] = file.add(encoder.blocks["emb.word"][list(kept)].tobytes())
    file.floats("places", net.places.weight.detach().numpy())
    for name, part in net.named_modules():
        plain = name.removeprefix("heads.")
        _, number, inner = f"{plain}..".split(".")[:3]
        if inner in PARTS and int(number) < FROZEN:
            file.frozen(plain, part, [encoder.blocks[f"l{number}.{name}.w"] for name in PARTS[inner]])
        elif isinstance(part, nn.Linear):
            file.linear(plain, part)
        elif isinstance(part, nn.LayerNorm):
            file.floats(f"{plain}.scale", part.weight.detach().numpy())
            file.floats(f"{plain}.shift", part.bias.detach().numpy())
    return gzip.compress(json.dumps(file.header).encode() + b"\n" + bytes(file.body), 9, mtime=0)


class _File:
    """A header that says what lies where, and the body."""

    def __init__(self, header: dict[str, Any]) -> None:
        self.header = {**header, "weights": {}, "blocks": {}, "floats": {}}
        self.body = bytearray()

    def add(self, data: bytes) -> tuple[int, int]:
        self.body += data
        return len(self.body) - len(data), len(data)

    def floats(self, name: str, values: NDArray[np.float32]) -> None:
        self.header["floats"][name] = self.add(values.astype("<f2").tobytes())

    def frozen(self, name: str, part: nn.Module, blocks: Sequence[NDArray[np.uint8]]) -> None:
        assert isinstance(part, nn.Linear)
        self.floats(f"{name}.bias", part.bias.detach().numpy())
        self.header["blocks"][name] = self.add(b"".join(each.tobytes() for each in blocks))

    def linear(self, name: str, part: nn.Linear) -> None:
        weights = part.weight.detach().numpy()
        scales = np.maximum(np.abs(weights).max(axis=1), 1e-6) / 127
        self.floats(f"{name}.scale", scales)
        self.floats(f"{name}.bias", part.bias.detach().numpy())
        whole = np.rint(weights / scales.astype("<f2").astype(np.float32)[:, None])
        self.header["weights"][name] = self.add(np.clip(whole, -127, 127).astype(np.int8).tobytes())
