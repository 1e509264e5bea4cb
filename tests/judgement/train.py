"""`python -m tests.judgement.train`: fits the model on all labelled messages and writes it where the program reads it.

The same messages give the same file, byte for byte, on one machine.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

import assistant.languages
from tests.judgement.data import load
from tests.judgement.learning import Corpus, Fitted, Linear, fit

TARGET = Path(assistant.languages.__file__).parent / "model.bin.gz"
FORGOTTEN = 0.05  # weights below this part of the largest byte are dropped: they say nothing and cost space


def main() -> None:
    header: dict[str, Any] = {}
    body = b""
    for side in ("customer", "owner"):
        corpus = Corpus(load(side))
        fitted = fit(corpus, np.arange(len(corpus.messages)))
        header[side] = {"stack": _stack(fitted)}
        for name, linear in (("sentence", fitted.sentence), ("message", fitted.message)):
            table, entry = packed(linear)
            header[side][name] = {**entry, "start": len(body), "length": len(table)}
            body += table
    TARGET.write_bytes(gzip.compress(json.dumps(header).encode() + b"\n" + body, 9, mtime=0))
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


def packed(linear: Linear) -> tuple[bytes, dict[str, Any]]:
    """The weights as signed bytes, one scale for each label; outliers are cut at the 99.9th percentile."""
    nonzero = np.abs(linear.weights[np.abs(linear.weights).sum(axis=1) > 0])
    scales = np.maximum(np.percentile(nonzero, 99.9, axis=0), 1e-6) / 127
    whole = np.clip(np.rint(linear.weights / scales), -127, 127)
    whole[np.abs(whole) < FORGOTTEN * 127] = 0
    entry = {"labels": linear.labels, "scales": scales.tolist(), "biases": linear.biases.tolist()}
    return whole.astype(np.int8).tobytes(), entry


def _stack(fitted: Fitted) -> dict[str, Any]:
    return {
        "weights": np.round(fitted.second.coef_, 5).tolist(),
        "biases": np.round(fitted.second.intercept_, 5).tolist(),
    }


if __name__ == "__main__":
    main()
