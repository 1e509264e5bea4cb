"""What the network says of each labelled message when it was fitted without it: kept in a file, as it takes an hour.

The second layer is fitted on these, and the tables of `make judge` are made from them. A message is known by the hash of
its side, subject and text; a message written since is not in the file until `make network` was run.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.judgement.data import Labelled

FILE = Path(__file__).with_name("unseen.npz")


def load_unseen(messages: Sequence[Labelled]) -> NDArray[np.float64]:
    """The logarithms of the probabilities of the kinds, a row for each message of one side; NaN where it is unknown."""
    side = messages[0].side
    with np.load(FILE) as stored:
        rows = dict(zip(stored[f"{side}-keys"].tolist(), stored[f"{side}-told"].astype(np.float64), strict=True))
    unknown = np.full(len(next(iter(rows.values()))), np.nan)
    return np.array([rows.get(key_of(message), unknown) for message in messages])


def save_unseen(told: dict[str, tuple[Sequence[Labelled], NDArray[np.float64]]]) -> None:
    """Writes what is known of these sides; of the others what was known stays."""
    arrays = dict(np.load(FILE)) if FILE.exists() else {}
    for side, (messages, rows) in told.items():
        arrays[f"{side}-keys"] = np.array([key_of(message) for message in messages], np.uint64)
        arrays[f"{side}-told"] = rows.astype(np.float16)
    np.savez_compressed(FILE, **arrays)


def key_of(message: Labelled) -> int:
    """64 bits that stand for a message."""
    whole = "\0".join((message.side, message.subject, message.text)).encode()
    return int.from_bytes(blake2b(whole, digest_size=8).digest(), "little")
