"""The marks by which the linear model weighs sentences."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.languages.models import load_concepts
from assistant.marks import SUBJECT, marks


def found(*sentences: str, apart: int = 0) -> set[int]:
    return set(marks(sentences, load_concepts(), apart)[0].tolist())


def test_a_mark_belongs_to_the_sentence_it_was_found_in() -> None:
    both, owner = marks(["We accept.", "Not yet."], load_concepts())

    assert set(both[owner == 0].tolist()) == found("We accept.")
    assert set(both[owner == 1].tolist()) == found("Not yet.")
    assert (np.diff(owner) >= 0).all()


def test_no_mark_reaches_from_one_sentence_into_the_next() -> None:
    assert found("We accept.", "Not yet.") == found("We accept.") | found("Not yet.")


def test_a_mark_counts_once_a_sentence() -> None:
    single, _ = marks(["yes yes yes yes yes yes"], load_concepts())

    assert len(single) == len(np.unique(single))


def test_a_word_of_another_language_shares_a_concept() -> None:
    shared = found("refused") & found("refusé")

    assert shared - (found("xqzzw") & found("refusé"))  # more than a beginning and an end


def test_an_unknown_ending_leaves_a_word_its_concepts() -> None:
    known, meant = load_concepts().of(["committee", "committeexx", "qqxzjw"])

    assert known.tolist() == [True, True, False]
    assert (meant[:, 0] == meant[:, 1]).all()


def test_the_order_of_words_tells() -> None:
    assert found("accept not offer") != found("offer not accept")


def test_a_subject_has_marks_of_its_own() -> None:
    assert not found("we accept", apart=SUBJECT) & found("we accept")


@pytest.mark.parametrize(
    "text", ["", "\n", "\ud800", "\u0301" * 6_000, "ﷺ" * 6_000, "9" * 6_000, "a " * 3_000, "🙏" * 6_000]
)
def test_no_sentence_makes_it_stumble(text: str) -> None:
    several, owner = marks([text, "", text], load_concepts())

    assert len(several) == len(owner) < 10_000
    assert set(owner.tolist()) == {0, 1, 2}


def test_without_a_sentence_there_is_no_mark() -> None:
    several, owner = marks([], load_concepts())

    assert len(several) == len(owner) == 0
