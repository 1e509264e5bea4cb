"""Fitting the two-layer model on labelled messages (scikit-learn's companions numpy and scipy; for development only).

Training and use share the marks (assistant/marks.py) and the second layer's values (assistant/model.py), so that
what is learnt here is what is weighed there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from assistant.languages.models import load_concepts
from assistant.marks import Concepts, marks
from assistant.model import NONE, SURE, combined, subject_marks, weighed_part
from assistant.sentences import split_sentences
from tests.judgement.data import Labelled, near_duplicates, overlaps
from tests.judgement.network.unseen import load_unseen

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FOLDS = 4
MIN_ROWS = 3  # a mark seen in one message alone (in its sentence, its proof, its whole) teaches nothing
LAYER_ONE = {"strength": 4.0, "rounds": 30}
LAYER_TWO_STRENGTH = 0.1


class Corpus:
    """Labelled messages of one side as matrices: a row for each sentence (and each proof), one for each message."""

    def __init__(self, messages: list[Labelled]) -> None:
        self.messages = messages
        self.kinds = sorted({message.kind for message in messages})
        self.kind = np.array([message.kind for message in messages])
        self.language = np.array([message.language for message in messages])
        self.origin = np.array([message.origin for message in messages])
        self.group = np.array(near_duplicates(messages))
        self.told = load_unseen(
            messages
        )  # what the network says of each when fitted without it; NaN where it never did
        self._read()

    @property
    def counted(self) -> NDArray[np.bool_]:
        """The real messages of which the network was asked when fitted without them: they fit the second layer, and fill
        the tables."""
        return (self.origin != "phrase") & ~np.isnan(self.told).any(axis=1)

    def _read(self) -> None:
        concepts = load_concepts()
        rows, proofs, wholes = [], [], []
        owner_of, label, proof_of = [], [], []
        for number, message in enumerate(self.messages):
            sentences = split_sentences(weighed_part(message.text))
            found = [_marks(sentence, concepts) for sentence in sentences]
            rows += found
            owner_of += [number] * len(found)
            label += [message.kind if overlaps(sentence, message.proof) else NONE for sentence in sentences]
            wholes.append(frozenset(subject_marks(message.subject, concepts).tolist()).union(*found))
            if message.proof:
                proofs.append(_marks(message.proof, concepts))
                proof_of.append(number)
        self.sentences = len(rows)
        self.owner_of = np.array(owner_of + proof_of)
        self.label = np.array(label + [self.messages[number].kind for number in proof_of])
        self.marks, matrix = _matrix(rows + proofs + wholes)
        self.by_sentence, self.by_message = matrix[: len(self.owner_of)], matrix[len(self.owner_of) :]


def _marks(sentence: str, concepts: Concepts) -> frozenset[int]:
    return frozenset(marks([sentence], concepts)[0].tolist())


def _matrix(rows: list[frozenset[int]]) -> tuple[NDArray[np.uint32], csr_matrix]:
    """The marks that occur in more than `MIN_ROWS` rows, and a matrix with a column for each of them."""
    lengths = np.array([len(row) for row in rows])
    every = np.fromiter((mark for row in rows for mark in sorted(row)), dtype=np.uint32, count=int(lengths.sum()))
    known, place, count = np.unique(every, return_inverse=True, return_counts=True)
    values = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    matrix = csr_matrix((values, place.astype(np.int32), starts), shape=(len(rows), len(known)))
    often = np.flatnonzero(count > MIN_ROWS)
    return known[often], matrix[:, often].tocsr()


@dataclass
class Linear:
    """A fitted layer-one classifier: weights by mark and label."""

    labels: list[str]
    weights: NDArray[np.float32]
    biases: Floats

    def scores(self, matrix: csr_matrix) -> Floats:
        totals = np.asarray(matrix @ self.weights + self.biases, dtype=np.float64)
        totals -= totals.max(axis=1, keepdims=True)
        return totals - np.log(np.exp(totals).sum(axis=1, keepdims=True))


def fit_linear(matrix: csr_matrix, labels: NDArray[Any], strength: float, rounds: int) -> Linear:
    """Multinomial logistic regression, rare labels weighing more (by the square root), on idf-weighted marks; the
    idf is folded into the weights, so that use needs none."""
    used, count = np.unique(matrix.indices, return_counts=True)
    used, count = used[count > 1], count[count > 1]
    idf = np.log((1 + matrix.shape[0]) / (1 + count)) + 1
    names, number = np.unique(labels, return_inverse=True)
    inner = (matrix[:, used] @ diags(idf.astype(np.float32))).tocsr()
    solution = _minimum(inner, number, len(names), strength, rounds)
    weights = np.zeros((matrix.shape[1], len(names)), dtype=np.float32)
    weights[used] = solution[: -len(names)].reshape(len(used), len(names)) * idf[:, None]
    return Linear([str(name) for name in names], weights, solution[-len(names) :])


def _minimum(matrix: csr_matrix, number: Ints, width: int, strength: float, rounds: int) -> Floats:
    count = np.bincount(number, minlength=width)
    weight = np.sqrt(len(number) / (width * count))[number].astype(np.float32)[:, None]
    truth = np.zeros((len(number), width), dtype=np.float32)
    truth[np.arange(len(number)), number] = 1
    columns = matrix.T.tocsr()

    def loss(vector: Floats) -> tuple[float, Floats]:
        flat = vector.astype(np.float32)
        weights, biases = flat[:-width].reshape(-1, width), flat[-width:]
        scores = matrix @ weights + biases
        scores -= scores.max(axis=1, keepdims=True)
        scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
        surplus = weight * (np.exp(scores) - truth)
        gradient = columns @ surplus + weights / strength
        value = -(weight * truth * scores).sum() + (weights * weights).sum() / (2 * strength)
        return float(value), np.concatenate([gradient.ravel(), surplus.sum(axis=0)]).astype(np.float64)

    start = np.zeros(matrix.shape[1] * width + width)
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": rounds, "maxcor": 6}).x)


@dataclass
class Fitted:
    """Both layers, fitted on some of a corpus's messages."""

    sentence: Linear
    message: Linear
    first_look: LogisticRegression
    second_look: LogisticRegression


def fit(corpus: Corpus, numbers: Ints) -> Fitted:
    """Both layers on the messages with these numbers; the second on what the first says of messages it has not seen."""
    return Fitted(*fit_first(corpus, numbers), *fit_second(corpus, numbers, unseen_values(corpus, numbers)))


def unseen_values(corpus: Corpus, numbers: Ints, folds: int = FOLDS) -> Floats:
    """What the first layer says of each message when fitted without it and without any of like wording."""
    result: Floats | None = None
    for train, held in _folds(corpus, numbers, folds):
        found = values(corpus, numbers[held], *fit_first(corpus, numbers[train]))
        result = np.zeros((len(numbers), found.shape[1])) if result is None else result
        result[held] = found
    assert result is not None
    return result


def fit_first(corpus: Corpus, numbers: Ints) -> tuple[Linear, Linear]:
    chosen = np.isin(corpus.owner_of, numbers)
    sentence = fit_linear(corpus.by_sentence[chosen], corpus.label[chosen], **LAYER_ONE)
    return sentence, fit_linear(corpus.by_message[numbers], corpus.kind[numbers], **LAYER_ONE)


def fit_second(corpus: Corpus, numbers: Ints, found: Floats) -> tuple[LogisticRegression, LogisticRegression]:
    """The second layer without and with what the network tells; on real messages only: single phrases teach words, not
    proportions."""
    real = corpus.counted[numbers]
    kinds = corpus.kind[numbers][real]
    return _second(found[real], kinds), _second(np.hstack([found[real], corpus.told[numbers][real]]), kinds)


def _second(found: Floats, kinds: NDArray[Any]) -> LogisticRegression:
    return LogisticRegression(C=LAYER_TWO_STRENGTH, max_iter=3000).fit(found, kinds)


def values(corpus: Corpus, numbers: Ints, sentence: Linear, message: Linear) -> Floats:
    """What the second layer weighs beside what the network tells, a row for each message."""
    by_message = message.scores(corpus.by_message[numbers])
    owner_of = corpus.owner_of[: corpus.sentences]
    by_sentence = sentence.scores(corpus.by_sentence[: corpus.sentences])
    found = []
    for row, number in enumerate(numbers):
        start, end = np.searchsorted(owner_of, [number, number + 1])
        text = weighed_part(corpus.messages[number].text)
        found.append(combined(by_message[row], by_sentence[start:end], text))
    return np.array(found)


def cross_validate(corpus: Corpus) -> Floats:
    """Probabilities of every kind for every message, by models that saw no message of its group; NaN where the network
    has not been asked."""
    everything = np.arange(len(corpus.messages))
    found = unseen_values(corpus, everything)
    result = np.full((len(everything), len(corpus.kinds)), np.nan)
    for train, held in _folds(corpus, everything, FOLDS):
        first, second = fit_second(corpus, train, found[train])
        asked = held[corpus.counted[held]]
        result[asked] = first.predict_proba(found[asked])
        again = second.predict_proba(np.hstack([found[asked], corpus.told[asked]]))
        doubtful = result[asked].max(axis=1) < SURE
        result[asked[doubtful]] = again[doubtful]
    return result


def _folds(corpus: Corpus, numbers: Ints, folds: int) -> Iterator[tuple[Ints, Ints]]:
    splitter = GroupKFold(folds, shuffle=True, random_state=1)
    return iter(splitter.split(numbers, groups=corpus.group[numbers]))
