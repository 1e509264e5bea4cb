"""The name of a draft, and whether two messages are the same letter."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.markers import marker, revision, revisions
from assistant.outgoing import is_message_id
from assistant.resemblance import envelope_of, same_letter, same_outside, similar_words

VERSION = revision("withdrawal", date(2026, 3, 31), 0)


WORDS = "Bonjour Hélène,\n\nNotre offre a pris fin.\n"
FIELDS = {"From": "c@binalys.example", "To": "h@client.example", "Subject": "Re: Offre", "In-Reply-To": "<1@x.example>"}


def letter(text: str = WORDS, *, cte: str = "quoted-printable", **fields: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    for name, value in (FIELDS | fields).items():
        mail[name] = value
    mail.set_content(text, cte=cte)
    return mail.as_bytes()


def test_a_version_says_what_the_draft_is_made_for():
    assert VERSION == "withdrawal:2026-03-31:0"


def test_the_marker_is_the_same_on_every_computer_and_for_ever():
    """Another marker would make a second draft for every offer that has one: never change it."""
    name = marker("Camille@Binalys.example ", "<offer@binalys.example>", VERSION, "camille@binalys.example")

    assert name == "<f2a494bd9b8a39f003fff7d1578976279772acade09cc8ca04712e0e71ecc5fd@binalys.example>"


@pytest.mark.parametrize(
    ("user", "offer", "version"),
    [
        ("other@binalys.example", "<offer@binalys.example>", VERSION),
        ("camille@binalys.example", "<other@binalys.example>", VERSION),
        ("camille@binalys.example", "<offer@binalys.example>", revision("withdrawal", date(2026, 3, 31), 1)),
        ("camille@binalys.example", "<offer@binalys.example>", revision("reminder", date(2026, 3, 31), 0)),
        ("camille@binalys.example", "<offer@binalys.example>", revision("withdrawal", date(2026, 4, 30), 0)),
    ],
)
def test_every_part_makes_another_marker(user, offer, version):
    address = "camille@binalys.example"
    first = marker(address, "<offer@binalys.example>", VERSION, address)

    assert marker(user, offer, version, address) != first


@given(st.text(), st.text(), st.text(min_size=1))
def test_a_marker_can_always_be_written_into_a_header(user, offer, address):
    assert is_message_id(marker(user, offer, VERSION, f"camille@{address}"))


def test_a_domain_with_accents_is_written_in_ascii():
    assert marker("c", "<1@x>", VERSION, "c@société.example").endswith("@xn--socit-esab.example>")


def test_a_lost_register_looks_for_four_revisions_of_each_day():
    assert list(revisions(("withdrawal",), [date(2026, 3, 31)])) == [f"withdrawal:2026-03-31:{n}" for n in range(4)]


# -- the same letter --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (letter(cte="base64"), True),  # as a server may store it
        (letter(Date="Mon, 18 May 2026 09:00:00 +0200"), True),
        (letter(**{"Message-ID": "<rewritten@mail.example>", "X-Server": "1"}), True),
        (letter("Bonsoir Hélène,\n\nNotre offre a pris fin.\n"), False),
        (letter(Subject="Re: Autre offre"), False),
        (letter(To="x@client.example"), False),
        (letter(Cc="x@client.example"), False),
        (b"", False),
    ],
)
def test_a_letter_is_the_same_where_its_reader_would_not_see_a_difference(other, same):
    assert same_letter(letter(), other) is same


def test_an_attachment_makes_another_letter():
    mail = EmailMessage(policy=SMTP)
    mail["To"], mail["Subject"] = "h@client.example", "Re: Offre"
    mail.set_content("Bonjour.")
    bare = mail.as_bytes()
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="offre.pdf")

    assert not same_letter(bare, mail.as_bytes())


def test_the_outside_ignores_the_message_id_alone():
    one, other = letter(**{"Message-ID": "<a@x.example>"}), letter(**{"Message-ID": "<b@x.example>"})

    assert same_outside(envelope_of(one), envelope_of(other))
    assert not same_outside(envelope_of(one), envelope_of(letter(Subject="Re: Autre offre")))


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_no_bytes_upset_the_comparison(one, other):
    assert same_letter(one, other) is same_letter(other, one)


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [("a b c d", "d c b a", 1.0), ("a b c d", "a b x y", 0.5), ("a b", "a b c d", 0.5), ("", "", 0.0), ("a", "", 0.0)],
)
def test_similar_words_are_counted_on_the_longer_text(one, other, share):
    assert similar_words(one, other) == share
