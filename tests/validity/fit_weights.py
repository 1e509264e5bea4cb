"""Fits assistant/languages/dates/weights.json to the labelled messages and cases, and measures it by cross-validation.

    python -m tests.validity.fit_weights             measures only: five folds, no wording on both sides
    python -m tests.validity.fit_weights --write     fits to everything and writes the file

The vocabulary is not fitted: a word that is missing in a language file shows here as a clause that is not found.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from datetime import date
from zlib import crc32

from sklearn.linear_model import LogisticRegression

from assistant.clauses import Candidate, candidates
from assistant.evidence import of_decision, of_validity
from assistant.validity import counted_from
from assistant.weighing import probability
from tests.validity.labelled import TESTS, Example, examples

WEIGHTS = TESTS.parent / "assistant" / "languages" / "dates" / "weights.json"
FOLDS = 5
CONFIDENT = 0.5
# Too rare to be learnt, and hardly ever wrong: another thing is valid, or it is the old date, or a wish put as a
# question; nobody speaks of deciding.
BY_HAND = {
    "validity": {
        "warranty-owns": -4.5,
        "gift-owns": -4.0,
        "moved-from": -4.0,
        "dates-the-offer": -4.0,
        "elapsed": -3.0,
        "loose": -3.0,
        "refers": -1.0,
        "long": -4.0,
        "asks-else": -3.0,
        "sole": 2.2,  # less than fitted: a day out of nothing costs more than a missed one
    },
    "decision": {"unsaid": -2.5},
}

Row = tuple[date, dict[str, float]]


def _features(example: Example, candidate: Candidate, rivals: int) -> dict[str, float]:
    if example.decision:
        return of_decision(candidate.here, example.sent_on)
    return of_validity(candidate.here, example.sent_on, rivals)


def rows(example: Example) -> list[Row]:
    """Every candidate of an example: the day it comes to, and its features."""
    learnt: list[Row] = []
    for text in example.texts:
        place = (text, example.sent_on, example.language, example.country)
        start = example.sent_on if example.decision else counted_from(*place)
        found = candidates(text, counted_from=start, language=example.language, country=example.country)
        for each in found:
            features = _features(example, each, len(found) - 1)
            learnt.append((each.day, {name: value for name, value in features.items() if value}))
    return learnt


def fit(model: str, learnt: list[tuple[Example, list[Row]]]) -> dict[str, float]:
    names = sorted({name for _, found in learnt for _, features in found for name in features})
    matrix = [[features.get(name, 0.0) for name in names] for _, found in learnt for _, features in found]
    right = [day == example.wanted for example, found in learnt for day, _ in found]
    regression = LogisticRegression(max_iter=3000).fit(matrix, right)
    weights = {name: round(float(weight), 2) for name, weight in zip(names, regression.coef_[0], strict=True)}
    return {"constant": round(float(regression.intercept_[0]), 2), **weights, **BY_HAND[model]}


def read(found: list[Row], weights: dict[str, float]) -> date | None:
    scored = [
        (weights["constant"] + sum(weights.get(k, 0.0) * v for k, v in features.items()), day)
        for day, features in found
    ]
    odds, day = max(scored, key=lambda pair: pair[0], default=(-99.0, None))
    return day if probability(odds) >= CONFIDENT else None


def measure(model: str, known: list[tuple[Example, list[Row]]]) -> None:
    """Right, all, and days named where there is none, per language; the drills are learnt from, but not counted."""
    tally: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for fold in range(FOLDS):
        weights = fit(model, [pair for pair in known if pair[0].drill or not _in_fold(pair[0], fold)])
        for example, found in known:
            if _in_fold(example, fold) and not example.drill:
                got = read(found, weights)
                counts = tally[example.language]
                counts[0] += got == example.wanted
                counts[1] += 1
                counts[2] += example.wanted is None and got is not None
    for language, (right, total, false) in sorted(tally.items()):
        print(f"{model:9} {language}  {right:4} of {total:4} right ({right / total:.1%}), {false} out of nothing")


def _in_fold(example: Example, fold: int) -> bool:
    return crc32(example.texts[0].encode()) % FOLDS == fold


def main() -> None:
    known = [(example, rows(example)) for example in examples()]
    models = {
        "validity": [pair for pair in known if not pair[0].decision],
        "decision": [pair for pair in known if pair[0].decision],
    }
    for model, pairs in models.items():
        measure(model, pairs)
    if "--write" in sys.argv:
        WEIGHTS.write_text(json.dumps({model: fit(model, pairs) for model, pairs in models.items()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
