"""A small linear model, evaluated without any library: which kind a message is, and which sentence shows it.

Two layers. The first weighs each sentence by its marks (features.py), and the message as a whole; a weight is one
signed byte, a table has one row for each bucket and one column for each label. The second combines what the first found
into one probability for each kind; it was fitted on messages that the first had not seen, which is what makes the
probabilities mean something. Training is tests/judgement/train.py; both use the functions of this module.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.features import Concepts, Marks, marks
from assistant.sentences import split_sentences

NONE = "none"  # the label of a sentence that shows no kind
_FLOOR = -6.0  # the log-probability of a sentence that is not there


@dataclass(frozen=True, slots=True)
class Table:
    """Weights of one layer-one classifier: `weights` is a signed-byte view, row by bucket, column by label."""

    labels: tuple[str, ...]
    weights: memoryview
    scales: tuple[float, ...]
    biases: tuple[float, ...]

    def scores(self, groups: Iterable[frozenset[int]]) -> list[float]:
        """Log-probability of every label for a text with these groups of buckets."""
        totals = list(self.biases)
        width = len(self.labels)
        for group in groups:
            if not group:
                continue
            rows = [self.weights[bucket * width : (bucket + 1) * width] for bucket in group]
            norm = 1 / math.sqrt(len(group))
            for at, column in enumerate(zip(*rows, strict=True)):
                totals[at] += sum(column) * norm * self.scales[at]
        return log_softmax(totals)


@dataclass(frozen=True, slots=True)
class Model:
    """The two layers for one side of the conversation."""

    sentence: Table
    message: Table
    weights: tuple[tuple[float, ...], ...]
    biases: tuple[float, ...]
    concepts: Concepts

    @property
    def kinds(self) -> tuple[str, ...]:
        return self.message.labels


@dataclass(frozen=True, slots=True)
class Weighing:
    """Probability of each kind, and for each kind the sentence that speaks most for it ('' in an empty message)."""

    probabilities: dict[str, float]
    evidence: dict[str, str]


def weigh(model: Model, subject: str, text: str) -> Weighing:
    """What the model makes of a message; a text without words is weighed by its subject alone."""
    sentences = split_sentences(text)
    found = [marks(sentence, model.concepts) for sentence in sentences]
    by_sentence = [model.sentence.scores(each.groups()) for each in found]
    by_message = model.message.scores(message_groups(found, marks(subject[:500], model.concepts, "s")))
    evidence = combined(by_message, by_sentence, text)
    totals = [
        bias + sum(weight * value for weight, value in zip(row, evidence, strict=True))
        for row, bias in zip(model.weights, model.biases, strict=True)
    ]
    probabilities = (math.exp(score) for score in log_softmax(totals))
    return Weighing(
        dict(zip(model.kinds, probabilities, strict=True)),
        {kind: _speaker(model.sentence.labels.index(kind), sentences, by_sentence) for kind in model.kinds},
    )


def message_groups(sentences: Sequence[Marks], subject: Marks) -> tuple[frozenset[int], ...]:
    """The groups of buckets of a whole message: those of its sentences together, and those of its subject."""
    words = frozenset[int]().union(*(each.words for each in sentences))
    pieces = frozenset[int]().union(*(each.pieces for each in sentences))
    concepts = frozenset[int]().union(*(each.concepts for each in sentences))
    return words, pieces, concepts, *subject.groups()


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


def _speaker(label: int, sentences: Sequence[str], scores: Sequence[Sequence[float]]) -> str:
    if not sentences:
        return ""
    return max(zip(scores, sentences, strict=True), key=lambda pair: pair[0][label])[1]
