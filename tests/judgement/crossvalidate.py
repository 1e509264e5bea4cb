"""How well messages are read, measured on messages that the model has not seen: tables in Markdown.

Messages whose wording is nearly the same are always on the same side of a fold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from assistant.kinds import LOUD, QUIET, Kind, Reaction, decide_kind
from tests.judgement.data import LANGUAGES, load
from tests.judgement.learning import Corpus, Floats, cross_validate

THRESHOLDS = (0.5, 0.3, 0.2, 0.1, 0.05)
Mask = NDArray[np.bool_]


def report(side: str) -> Iterator[str]:
    """Lines of Markdown for one side of the conversation."""
    corpus = Corpus(load(side))
    probabilities = cross_validate(corpus)
    real = corpus.counted
    yield f"#### {side.capitalize()} messages: {int(real.sum())}, cross-validated"
    yield ""
    yield from tables(corpus, probabilities, real)


def tables(corpus: Corpus, probabilities: Floats, chosen: Mask) -> Iterator[str]:
    """Share right by language, confusion of kinds, danger; of the chosen messages."""
    scores = [dict(zip(corpus.kinds, map(float, row), strict=True)) for row in probabilities]
    read = np.array([_read(each) for each in scores])
    yield from _by_language(corpus, read == corpus.kind, chosen)
    yield from _confusion(corpus, read, chosen)
    yield from _calibration(
        np.array([each[k] for each, k in zip(scores, read, strict=True)]), read == corpus.kind, chosen
    )
    if Kind.STALL in corpus.kinds:
        loud = np.array([loudness({Kind(k): p for k, p in each.items()}) for each in scores])
        yield from _danger(corpus, read, loud, chosen)


def _read(scores: Mapping[str, float]) -> str:
    """What the program reads: the kind with the least expected cost; of reactions the most probable."""
    if Reaction.CHASES in scores:
        return max(scores, key=lambda each: scores[each])
    return str(decide_kind({Kind(kind): probability for kind, probability in scores.items()}))


def loudness(scores: Mapping[Kind, float]) -> float:
    """The probability that the message decides, or waits for an answer of the owner."""
    return sum(scores.get(kind, 0.0) for kind in LOUD)


def _by_language(corpus: Corpus, right: Mask, chosen: Mask) -> Iterator[str]:
    yield "| | all | " + " | ".join(LANGUAGES) + " |"
    yield "|---" * (len(LANGUAGES) + 2) + "|"
    shares = [f"{right[chosen & (corpus.language == language)].mean():.1%}" for language in LANGUAGES]
    yield f"| right | {right[chosen].mean():.1%} | " + " | ".join(shares) + " |"
    yield ""


def _confusion(corpus: Corpus, read: NDArray[np.str_], chosen: Mask) -> Iterator[str]:
    yield "| is ↓ read → | " + " | ".join(corpus.kinds) + " |"
    yield "|---" * (len(corpus.kinds) + 1) + "|"
    for kind in corpus.kinds:
        counts = [str(int(((corpus.kind == kind) & (read == other) & chosen).sum())) for other in corpus.kinds]
        yield f"| {kind} | " + " | ".join(counts) + " |"
    yield ""


def _calibration(confidence: Floats, right: Mask, chosen: Mask) -> Iterator[str]:
    yield "| confidence | messages | right |"
    yield "|---|---|---|"
    for low, high in ((0.0, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 1.01)):
        within = chosen & (confidence >= low) & (confidence < high)
        if within.any():
            yield f"| {low:.0%} to {min(high, 1):.0%} | {int(within.sum())} | {right[within].mean():.1%} |"
    yield ""


def _danger(corpus: Corpus, read: NDArray[np.str_], loud: Floats, chosen: Mask) -> Iterator[str]:
    is_loud = np.isin(corpus.kind, [str(kind) for kind in LOUD]) & chosen
    is_quiet = ~np.isin(corpus.kind, [str(kind) for kind in LOUD]) & chosen
    dangerous = is_loud & np.isin(read, [str(kind) for kind in QUIET])
    share = dangerous.sum() / is_loud.sum()
    yield f"Loud messages (acceptance, refusal, question, negotiation) read as quiet: {share:.1%}."
    yield ""
    yield "| a message counts as quiet when P(loud) is under | loud ones let through | quiet ones held back |"
    yield "|---|---|---|"
    for threshold in THRESHOLDS:
        missed, held = (loud < threshold)[is_loud].mean(), (loud >= threshold)[is_quiet].mean()
        yield f"| {threshold} | {missed:.1%} | {held:.1%} |"
    yield ""


def main() -> None:
    for side in ("customer", "owner", "reaction"):
        print("\n".join(report(side)))


if __name__ == "__main__":
    main()
