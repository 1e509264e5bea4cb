"""What the owner's answer tells of the customer's message."""

from __future__ import annotations

import pytest

from assistant.context import seen_after, seen_with
from assistant.kinds import Kind, Reaction
from assistant.replies import read_reaction

UNSURE = {Kind.ACCEPTANCE: 0.4, Kind.REFUSAL: 0.2, Kind.STALL: 0.4}


def test_whoever_is_reminded_afterwards_has_not_said_yes() -> None:
    assert seen_with({Reaction.CHASES: 1.0}, UNSURE)[Kind.STALL] > 0.85


def test_whoever_is_thanked_for_the_order_has_said_yes() -> None:
    assert seen_with({Reaction.CONFIRMS: 1.0}, UNSURE)[Kind.ACCEPTANCE] > 0.9


def test_a_no_that_the_owner_regrets_was_one() -> None:
    assert seen_with({Reaction.REGRETS: 1.0}, UNSURE)[Kind.REFUSAL] > 0.8


def test_a_mere_answer_changes_little() -> None:
    seen = seen_with({Reaction.ANSWERS: 1.0}, UNSURE)

    assert seen[Kind.ACCEPTANCE] == pytest.approx(0.4, abs=0.03)


def test_thanks_for_more_time_are_no_order() -> None:
    after = seen_after(Kind.EXTENSION, {Kind.ACCEPTANCE: 0.6, Kind.OTHER: 0.2, Kind.STALL: 0.2})

    assert after[Kind.ACCEPTANCE] < 0.3


def test_a_message_that_answers_nothing_of_ours_is_read_by_its_words_alone() -> None:
    assert seen_after(Kind.OTHER, UNSURE) == UNSURE


def test_without_a_reaction_nothing_changes() -> None:
    assert seen_with({}, UNSURE) == UNSURE


@pytest.mark.parametrize(
    ("text", "reaction"),
    [
        ("Bonjour Paul, avez-vous pu avancer sur notre proposition ? J'attends votre retour.", Reaction.CHASES),
        ("Thank you very much for your order, we start on Monday.", Reaction.CONFIRMS),
        ("Schade, dass Sie sich anders entschieden haben. Vielleicht beim nächsten Mal.", Reaction.REGRETS),
        ("Sí, el precio incluye el transporte.", Reaction.ANSWERS),
    ],
)
def test_the_owner_s_reaction_is_read(text: str, reaction: Reaction) -> None:
    read = read_reaction(text=text)

    assert max(read, key=lambda each: read[each]) is reaction
