"""The bytes of a draft parse back to the same message, whatever names and subjects hold."""

from __future__ import annotations

import time
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from draft_story import BERTRAND, NOW, OFFERED, STALLED, SYLVIE, YANIS, draft
from hypothesis import given
from hypothesis import strategies as st

from assistant.drafts import Draft, to_bytes
from assistant.messages import Address
from assistant.outgoing import one_line

FIELDS = ["Date", "From", "To", "Cc", "Subject", "Message-ID", "In-Reply-To", "References", "MIME-Version"]


def test_a_plain_reply_is_written_to_the_letter() -> None:
    made = replace(draft(OFFERED, STALLED), text="Bonjour,\n\nC'est échu.\n", subject="Re: Devis – été")
    assert to_bytes(made) == (
        b"Date: Mon, 18 May 2026 09:00:00 +0200\r\n"
        b"From: Camille Rouvier <camille@binalys.example>\r\n"
        b"To: Bertrand LACAZE <b.lacaze@valmontel.example>\r\n"
        b"Subject: Re: =?utf-8?b?RGV2aXMg4oCTIMOpdMOp?=\r\n"
        b"Message-ID: <marker@binalys.example>\r\n"
        b"In-Reply-To: <8@mail.example>\r\n"
        b"References: <0@mail.example>\r\n <8@mail.example>\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n"
        b"\r\n"
        b"Bonjour,\r\n\r\nC'est =C3=A9chu.\r\n"
    )


def test_html_travels_beside_the_text() -> None:
    made = draft(OFFERED, replace(STALLED, html="<p>x</p>"))
    parsed = message_from_bytes(to_bytes(made), policy=default)
    assert [part.get_content_type() for part in parsed.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    plain, html = (part.get_content().replace("\r\n", "\n") for part in parsed.iter_parts())  # type: ignore[attr-defined]
    assert plain == made.text
    assert html.strip() == (made.html or "").strip()


def test_the_same_draft_gives_the_same_bytes() -> None:
    made = draft(OFFERED, replace(STALLED, html="<p>x</p>"))
    assert to_bytes(made) == to_bytes(made)


hostile = st.text(max_size=300) | st.sampled_from(
    [
        "a\r\nBcc: all@example.org",
        "\n\nbody",
        "=?utf-8?q?x?=",
        'a "b" \\c',
        "x" * 2000,
        "\u2028Bcc: y",
        "\ud800",
        "a,b<c>",
    ]
)


def sent(subject: str, name: str, text: str) -> Draft:
    return Draft(
        message_id="<marker@binalys.example>",
        kind="withdrawal",
        sender=Address(name, "camille@binalys.example"),
        to=(replace(BERTRAND, name=name), SYLVIE),
        cc=(YANIS,),
        subject=subject,
        in_reply_to="<8@mail.example>",
        references=("<0@mail.example>", "<" + "r" * 800 + "@mail.example>", "<8@mail.example>"),
        date=NOW,
        text=text,
    )


@given(hostile, hostile, hostile)
def test_nothing_hostile_adds_a_header_or_is_lost(subject: str, name: str, text: str) -> None:
    raw = to_bytes(sent(subject, name, text))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    parsed = message_from_bytes(raw, policy=default)
    assert parsed.keys() == [*FIELDS, "Content-Type", "Content-Transfer-Encoding"]
    assert " ".join(str(parsed["Subject"]).split()) == one_line(subject)
    assert [a.addr_spec for a in parsed["To"].addresses] == [BERTRAND.email, SYLVIE.email]
    assert str(parsed["References"]).split() == list(sent("", "", "").references)
    clean = text.replace("\ud800", "\ufffd").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    assert parsed.get_content().replace("\r\n", "\n") == clean


def test_addresses_and_ids_that_cannot_be_written_are_left_out() -> None:
    made = replace(
        sent("s", "n", "t"),
        to=(Address("", "a b@example.org"), Address("", "x@y@z"), BERTRAND),
        references=("<a b>", "no-brackets", "<ok@example.org>"),
    )
    parsed = message_from_bytes(to_bytes(made), policy=default)
    assert [a.addr_spec for a in parsed["To"].addresses] == [BERTRAND.email]
    assert parsed["References"] == "<ok@example.org>"


@pytest.mark.parametrize("blob", ["\n", "> ", "a ", "1", "(", "De : a\n", "bonjour, ", "."])
def test_no_text_and_no_crowd_takes_long(blob: str) -> None:
    crowd = tuple(Address(f"Jean Numéro {n}", f"n{n}@valmontel.example") for n in range(5_000))
    text = blob * (1_000_000 // len(blob))
    sent_by_owner = replace(OFFERED, to=crowd, text=text, full_text=text, subject=text)
    answer = replace(STALLED, text=text, full_text=text, signature=text, subject=text, html=text)
    before = time.process_time()
    raw = to_bytes(draft(sent_by_owner, answer))
    assert time.process_time() - before < 5
    assert len(raw) < 200_000
