"""Where sentences end."""

from __future__ import annotations

from assistant.sentences import MAX_SENTENCES, split_sentences


def test_sentences_are_verbatim_pieces_of_the_text() -> None:
    text = "Bonjour M. Martin,\n\nMerci !  Nous revenons vers vous… bientôt.\nPaul"

    assert split_sentences(text) == (
        "Bonjour M. Martin,",
        "Merci !",
        "Nous revenons vers vous…",
        "bientôt.",
        "Paul",
    )


def test_a_line_broken_by_the_mail_program_stays_one_sentence() -> None:
    text = "Nous avons bien étudié votre proposition et nous vous remercions\nde votre patience. À bientôt"

    assert split_sentences(text) == (
        "Nous avons bien étudié votre proposition et nous vous remercions\nde votre patience.",
        "À bientôt",
    )


def test_a_text_without_words_has_no_sentence() -> None:
    assert split_sentences(" \n--\n\n...") == ()


def test_a_text_of_countless_sentences_is_cut() -> None:
    assert len(split_sentences("Oui. " * 5000)) <= MAX_SENTENCES
