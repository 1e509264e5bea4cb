"""Evidence → probability: a logistic model of a few dozen named weights.

The weights are in languages/dates/weights.json, fitted to labelled messages in seven languages; they are the same for
all languages, since the features name what a word does, not the word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from math import exp


def log_odds(model: str, features: Mapping[str, float]) -> float:
    """How strongly the features speak for it, 0 is even odds. `model` is 'validity' or 'decision'."""
    weights = _weights()[model]
    return weights["constant"] + sum(weights.get(name, 0.0) * value for name, value in features.items())


def probability(log_odds: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, log_odds))))


@cache
def _weights() -> dict[str, dict[str, float]]:
    folder = resources.files("assistant.languages.dates")
    weights: dict[str, dict[str, float]] = json.loads(folder.joinpath("weights.json").read_text("utf-8"))
    return weights
