"""`python -m tests.judgement.train`: fits the model on all labelled messages and writes it where the program reads it.

The same messages give the same file, byte for byte, on one machine.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

import assistant.languages
from tests.judgement.data import load
from tests.judgement.learning import Corpus, Fitted, fit

TARGET = Path(assistant.languages.__file__).parent / "model.bin.gz"
STEPS = 24  # a weight is one of 49 steps: finer ones cost space and no message changes its kind
KEPT = {
    "customer": 90_000,
    "owner": 25_000,
    "reaction": 10_000,
}  # marks, those with the greatest weights: the file stays small


def main() -> None:
    header: dict[str, Any] = {}
    body = b""
    for side in KEPT:
        corpus = Corpus(load(side))
        fitted = fit(corpus, np.arange(len(corpus.messages)))
        entry, blob = packed(corpus, fitted, KEPT[side], len(body))
        header[side] = entry
        body += blob
    TARGET.write_bytes(gzip.compress(json.dumps(header).encode() + b"\n" + body, 9, mtime=0))
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


def packed(corpus: Corpus, fitted: Fitted, kept: int, start: int) -> tuple[dict[str, Any], bytes]:
    """A side as its entry in the header and its bytes, which begin at `start` of the body."""
    strength = (fitted.sentence.weights**2).sum(axis=1) + (fitted.message.weights**2).sum(axis=1)
    chosen = np.sort(np.argsort(-strength, kind="stable")[:kept])
    blob = corpus.marks[chosen].astype("<u4").tobytes()
    looks = {"first look": _look(fitted.first_look), "second look": _look(fitted.second_look)}
    entry: dict[str, Any] = {**looks, "marks": [start, len(blob)]}
    for name, linear in (("sentence", fitted.sentence), ("message", fitted.message)):
        scales, whole = _bytes(linear.weights[chosen])
        place = [start + len(blob), len(whole)]
        entry[name] = {
            "labels": linear.labels,
            "weights": place,
            "scales": scales.tolist(),
            "biases": linear.biases.tolist(),
        }
        blob += whole
    return entry, blob


def _bytes(weights: NDArray[np.float32]) -> tuple[NDArray[np.float32], bytes]:
    """Weights as small signed numbers, one scale for each label; outliers are cut at the 99.9th percentile."""
    scales = np.maximum(np.percentile(np.abs(weights), 99.9, axis=0), 1e-6) / STEPS
    return scales, np.clip(np.rint(weights / scales), -STEPS, STEPS).astype(np.int8).tobytes()


def _look(second: LogisticRegression) -> dict[str, Any]:
    return {"weights": np.round(second.coef_, 5).tolist(), "biases": np.round(second.intercept_, 5).tolist()}


if __name__ == "__main__":
    main()
