"""How a text is spelled in pieces for the network."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.pieces import UNKNOWN, Pieces

SCORES = {"▁we": (3, -2.0), "▁accept": (4, -5.0), "▁acc": (5, -4.0), "ept": (6, -4.0), "ed": (7, -3.0), "▁": (8, -3.0)}


def test_a_word_is_spelled_with_the_highest_sum_of_scores() -> None:
    assert Pieces(SCORES).of("we accepted", 10) == [3, 4, 7]


def test_a_word_that_no_piece_fits_is_unknown_letter_by_letter() -> None:
    assert Pieces(SCORES).of("xy", 10) == [8, UNKNOWN, UNKNOWN]


def test_a_word_met_before_is_spelled_the_same() -> None:
    pieces = Pieces(SCORES)

    assert pieces.of("accepted", 10) == pieces.of("accepted", 10) == [4, 7]


def test_of_a_word_that_is_none_only_the_beginning_is_read_and_remembered() -> None:
    pieces = Pieces(SCORES)

    assert len(pieces.of("x" * 200, 300)) == 33
    assert max(map(len, pieces._spelled)) == 32


def test_a_great_many_words_are_not_all_remembered() -> None:
    pieces = Pieces({"▁": (3, -1.0)})

    for start in range(0, 50_000, 100):
        pieces.of(" ".join(str(number) for number in range(start, start + 100)), 2_000)

    assert 10_000 <= len(pieces._spelled) <= 20_000


def test_of_a_long_text_the_beginning_and_the_end_are_kept() -> None:
    assert Pieces(SCORES).of("we " * 40 + "accepted", 12) == [3] * 10 + [4, 7]


def test_compatible_forms_of_letters_are_one() -> None:
    assert Pieces(SCORES).of("ｗｅ", 10) == [3]


@given(st.text(max_size=400))
def test_no_text_has_more_pieces_than_the_limit(text: str) -> None:
    assert len(Pieces(SCORES).of(text, 12)) <= 12
