"""A small linear model, evaluated without any library: which kind a message is, and which sentence shows it.

Two layers. The first weighs each sentence by its marks (features.py), and the message as a whole. The second combines
what the first found into one probability for each kind; it was fitted on messages that the first had not seen, so that
the probabilities mean something. Training is tests/judgement/train.py; both use the functions of this module.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.features import SUBJECT, Concepts, marks
from assistant.sentences import split_sentences

NONE = "none"  # the label of a sentence that shows no kind
OPENING, ENDING = 5000, 1000  # characters weighed of a long text: its beginning and its end
_FLOOR = -6.0  # the log-probability of a sentence that is not there


@dataclass(frozen=True, slots=True)
class Head:
    """One layer-one classifier: a row of signed bytes for each mark, a column for each label."""

    labels: tuple[str, ...]
    weights: memoryview
    scales: tuple[float, ...]
    biases: tuple[float, ...]

    def scores(self, rows: Iterable[int], marked: int) -> list[float]:
        """Log-probability of every label for a text with `marked` marks, of which these rows are known."""
        width = len(self.labels)
        found = [self.weights[row * width : (row + 1) * width] for row in rows]
        if not found:
            return log_softmax(self.biases)
        norm = 1 / math.sqrt(marked)
        sums = map(sum, zip(*found, strict=True))
        return log_softmax(
            [total * norm * scale + bias for total, scale, bias in zip(sums, self.scales, self.biases, strict=True)]
        )


@dataclass(frozen=True, slots=True)
class Model:
    """Both layers for one side of the conversation; `marks` are the known marks, sorted; each is a row of the heads."""

    marks: Sequence[int]
    sentence: Head
    message: Head
    weights: tuple[tuple[float, ...], ...]
    biases: tuple[float, ...]
    concepts: Concepts

    @property
    def kinds(self) -> tuple[str, ...]:
        return self.message.labels

    def rows(self, found: Iterable[int]) -> dict[int, int]:
        """The rows of the marks that are known."""
        known: dict[int, int] = {}
        for mark in found:
            at = bisect_left(self.marks, mark)
            if at < len(self.marks) and self.marks[at] == mark:
                known[mark] = at
        return known


@dataclass(frozen=True, slots=True)
class Weighing:
    """Probability of each kind, and for each kind the sentence that speaks most for it ('' in an empty message)."""

    probabilities: dict[str, float]
    evidence: dict[str, str]


def weigh(model: Model, subject: str, text: str) -> Weighing:
    """What the model makes of a message; a text without words is weighed by its subject alone."""
    text = weighed_part(text)
    sentences = split_sentences(text)
    by_sentence, by_message = _first_layer(model, subject, sentences)
    values = combined(by_message, by_sentence, text)
    totals = [
        bias + sum(weight * value for weight, value in zip(row, values, strict=True))
        for row, bias in zip(model.weights, model.biases, strict=True)
    ]
    probabilities = (math.exp(score) for score in log_softmax(totals))
    return Weighing(
        dict(zip(model.kinds, probabilities, strict=True)),
        {kind: _speaker(model.sentence.labels.index(kind), sentences, by_sentence) for kind in model.kinds},
    )


def weighed_part(text: str) -> str:
    """The text, or the beginning and the end of a long one."""
    return text if len(text) <= OPENING + ENDING else f"{text[:OPENING]}\n{text[-ENDING:]}"


def subject_marks(subject: str, concepts: Concepts) -> frozenset[int]:
    return marks(subject[:300], concepts, SUBJECT)


def combined(by_message: Sequence[float], by_sentence: Sequence[Sequence[float]], text: str) -> list[float]:
    """The values that the second layer weighs: the message's scores, and for each label of the sentences the best, the
    second best, and all together; the length of the text and its questions."""
    values = list(by_message)
    for scores in zip(*by_sentence, strict=True):
        first, second = sorted((*scores, _FLOOR, _FLOOR), reverse=True)[:2]
        together = math.log(sum(math.exp(score) for score in scores))
        values += [first, second, together]
    if not by_sentence:
        values += [_FLOOR] * 3 * (len(by_message) + 1)
    values += [math.log1p(len(text)) / 5, min(text.count("?"), 3), float(text.rstrip().endswith("?"))]
    return values


def log_softmax(scores: Sequence[float]) -> list[float]:
    highest = max(scores)
    total = highest + math.log(sum(math.exp(score - highest) for score in scores))
    return [score - total for score in scores]


def _first_layer(model: Model, subject: str, sentences: Sequence[str]) -> tuple[list[list[float]], list[float]]:
    rows: dict[int, int] = {}
    everything: set[int] = set()
    by_sentence = []
    for sentence in sentences:
        found = marks(sentence, model.concepts)
        known = model.rows(found)
        by_sentence.append(model.sentence.scores(known.values(), len(found)))
        everything |= found
        rows |= known
    found = subject_marks(subject, model.concepts)
    rows |= model.rows(found)
    return by_sentence, model.message.scores(rows.values(), len(everything | found))


def _speaker(label: int, sentences: Sequence[str], scores: Sequence[Sequence[float]]) -> str:
    if not sentences:
        return ""
    return max(zip(scores, sentences, strict=True), key=lambda pair: pair[0][label])[1]
