"""A small model of two layers: which kind a message is, and which sentence shows it.

The first layer weighs each sentence by its marks (marks.py), and the message as a whole. The second combines what the
first found into one probability for each kind; it was fitted on messages that the first had not seen, so that the
probabilities mean something. Where they leave a doubt, the network (network.py) is asked, which costs many times as
much, and what it tells is combined with the rest. Training is tests/judgement/train.py; both use the functions of this
module.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.marks import SUBJECT, Concepts, Marks, marks
from assistant.sentences import split_sentences

NONE = "none"  # the label of a sentence that shows no kind
OPENING, ENDING = 5000, 1000  # characters weighed of a long text: its beginning and its end
SURE = 0.8  # the probability from which the network is not asked: about half of the messages
_FLOOR = -6.0  # the log-probability of a sentence that is not there
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Head:
    """One layer-one classifier: a row of signed bytes for each mark, a column for each label."""

    labels: tuple[str, ...]
    weights: NDArray[np.int8]
    scales: Floats
    biases: Floats

    def scores(self, sums: Floats, marked: NDArray[np.int64]) -> Floats:
        """Log-probability of every label for texts with `marked` marks, of which the known ones have these sums."""
        return log_softmax(sums / np.sqrt(np.maximum(marked, 1))[:, None] * self.scales + self.biases)


@dataclass(frozen=True, slots=True)
class Second:
    """The second layer: a row of weights for each kind."""

    weights: Floats
    biases: Floats

    def probabilities(self, values: Floats) -> Floats:
        probable: Floats = np.exp(log_softmax((self.weights @ values + self.biases)[None, :])[0])
        return probable


@dataclass(frozen=True, slots=True)
class Model:
    """Both layers for one side of the conversation; `marks` are the known marks, sorted; each is a row of the heads.
    `first_look` combines what the first layer found, `second_look` that and what the network tells."""

    marks: Marks
    sentence: Head
    message: Head
    first_look: Second
    second_look: Second
    concepts: Concepts

    @property
    def kinds(self) -> tuple[str, ...]:
        return self.message.labels

    def rows(self, found: Marks) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The rows of the marks, and which of them are known."""
        at = np.minimum(np.searchsorted(self.marks, found), len(self.marks) - 1)
        return at, self.marks[at] == found


@dataclass(frozen=True, slots=True)
class Marked:
    """A message as the first layer sees it: the marks of its sentences, the sentence of each; all its marks, once."""

    sentences: Sequence[str]
    found: Marks
    owner: NDArray[np.int64]
    everything: Marks


@dataclass(frozen=True, slots=True)
class Weighing:
    """Probability of each kind, and for each kind the sentence that speaks most for it ('' in an empty message)."""

    probabilities: dict[str, float]
    evidence: dict[str, str]


def marked(concepts: Concepts, subject: str, text: str) -> Marked:
    """The marks of a message; of a long one those of its beginning and its end."""
    sentences = split_sentences(weighed_part(text))
    found, owner = marks(sentences, concepts)
    return Marked(sentences, found, owner, np.union1d(found, subject_marks(subject, concepts)))


def weigh(model: Model, message: Marked, text: str, ask: Callable[[], Mapping[str, float]] | None) -> Weighing:
    """What the model makes of a message; a text without words is weighed by its subject alone.

    `ask` asks the network for the logarithms of the probabilities; it is called where the first look leaves a doubt;
    None: the first look is enough.
    """
    by_sentence = _by_sentence(model, message)
    values = combined(_by_message(model, message), by_sentence, weighed_part(text))
    probable = model.first_look.probabilities(values)
    if ask is not None and probable.max() < SURE:
        told = ask()
        probable = model.second_look.probabilities(np.concatenate([values, [told[kind] for kind in model.kinds]]))
    return Weighing(
        dict(zip(model.kinds, probable.tolist(), strict=True)),
        {
            kind: _speaker(label, message.sentences, by_sentence)
            for label, kind in enumerate(model.sentence.labels)
            if kind in model.kinds
        },
    )


def weighed_part(text: str) -> str:
    """The text, or the beginning and the end of a long one."""
    return text if len(text) <= OPENING + ENDING else f"{text[:OPENING]}\n{text[-ENDING:]}"


def subject_marks(subject: str, concepts: Concepts) -> Marks:
    return marks([subject[:300]], concepts, SUBJECT)[0]


def combined(by_message: Floats, by_sentence: Floats, text: str) -> Floats:
    """The values that the second layer weighs: the message's scores, and for each label of the sentences the best, the
    second best, and all together; the length of the text and its questions."""
    if len(by_sentence):
        floors = np.full((2, by_sentence.shape[1]), _FLOOR)
        second, first = np.sort(np.concatenate([floors, by_sentence]), axis=0)[-2:]
        best = np.stack([first, second, np.log(np.exp(by_sentence).sum(axis=0))], axis=1).ravel()
    else:
        best = np.full(3 * by_sentence.shape[1], _FLOOR)
    shape = [math.log1p(len(text)) / 5, min(text.count("?"), 3), float(text.rstrip().endswith("?"))]
    return np.concatenate([by_message, best, shape])


def log_softmax(scores: Floats) -> Floats:
    """Row by row."""
    scores = scores - scores.max(axis=1, keepdims=True)
    normalised: Floats = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return normalised


def _by_sentence(model: Model, message: Marked) -> Floats:
    rows, known = model.rows(message.found)
    count = len(message.sentences)
    sums = np.zeros((count, len(model.sentence.labels)))
    np.add.at(sums, message.owner[known], model.sentence.weights[rows[known]])
    return model.sentence.scores(sums, np.bincount(message.owner, minlength=count))


def _by_message(model: Model, message: Marked) -> Floats:
    rows, known = model.rows(message.everything)
    sums = model.message.weights[rows[known]].sum(axis=0, dtype=np.float64)
    scores: Floats = model.message.scores(sums[None, :], np.array([len(message.everything)]))[0]
    return scores


def _speaker(label: int, sentences: Sequence[str], scores: Floats) -> str:
    return sentences[int(scores[:, label].argmax())] if sentences else ""
