"""When an automatic message is the customer's word all the same, and when one that looks written by a person is not."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conversation import BERTRAND, CAMILLE, HOUSE, PARIS, POLICY

from assistant import understanding
from assistant.kinds import By, Kind, Reading
from assistant.messages import Address, Message
from assistant.understanding import SURE_DECISION, SURE_MACHINE, Understood, understand

AT = datetime(2026, 5, 18, 9, 0, tzinfo=PARIS)


def heard(text: str, *, subject: str = "Re: offer", automatic: bool = False, sender: Address = BERTRAND) -> Understood:
    fields = {"auto-submitted": ("auto-replied",)} if automatic else {}
    to = (CAMILLE,) if sender == BERTRAND else (BERTRAND,)
    message = Message("<1@x.example>", AT, sender, to=to, subject=subject, text=text, full_text=text, fields=fields)
    return understand(message, HOUSE, POLICY, language="en")


def reads(monkeypatch: pytest.MonkeyPatch, kind: Kind, scores: dict[Kind, float]) -> None:
    """Makes the reading of words say this of every customer's message."""
    reading = Reading(kind, scores[kind], scores=scores)
    monkeypatch.setattr(understanding, "read_customer", lambda **_: reading)


def test_a_platform_s_no_is_the_customer_s() -> None:
    no = heard("This mailbox is not read. We have decided not to proceed.", automatic=True)

    assert (no.by, no.kind) == (By.CUSTOMER, Kind.REFUSAL)


def test_an_absence_is_a_machine_s() -> None:
    away = heard("I am out of the office until Monday.", subject="Automatic reply: offer", automatic=True)

    assert (away.by, away.kind) == (By.MACHINE, Kind.AUTO_REPLY)


@pytest.mark.parametrize(
    ("share", "by"), [(SURE_DECISION, By.CUSTOMER), (SURE_DECISION - 0.02, By.MACHINE)], ids=["sure", "unsure"]
)
def test_an_automatic_message_that_surely_decides_is_heard(
    monkeypatch: pytest.MonkeyPatch, share: float, by: By
) -> None:
    reads(monkeypatch, Kind.REFUSAL, {Kind.REFUSAL: share - 0.1, Kind.ACCEPTANCE: 0.1, Kind.AUTO_REPLY: 1 - share})

    assert heard("I am out of the office.", subject="Automatic reply: offer", automatic=True).by is by


@pytest.mark.parametrize(
    ("share", "by"), [(SURE_MACHINE, By.MACHINE), (SURE_MACHINE - 0.01, By.CUSTOMER)], ids=["sure", "unsure"]
)
def test_words_alone_make_a_machine_of_the_writer_only_where_they_are_sure(
    monkeypatch: pytest.MonkeyPatch, share: float, by: By
) -> None:
    reads(monkeypatch, Kind.AUTO_REPLY, {Kind.AUTO_REPLY: share, Kind.STALL: 1 - share})

    assert heard("Back on Monday.").by is by


def test_an_automatic_reply_of_the_owner_is_never_his_word(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, Kind.ACCEPTANCE, {Kind.ACCEPTANCE: 1.0})

    away = heard("Out of office.", subject="Automatic reply: offer", automatic=True, sender=CAMILLE)

    assert (away.by, away.kind) == (By.MACHINE, Kind.AUTO_REPLY)


@pytest.mark.parametrize("text", ["", "\n" * 20_000, "\ud800", "> " * 10_000])
@pytest.mark.parametrize("sender", [BERTRAND, CAMILLE], ids=["customer", "owner"])
def test_no_text_makes_it_stumble(text: str, sender: Address) -> None:
    read = heard(text, subject=text[:500], sender=sender)

    assert sum(read.reading.scores.values()) == pytest.approx(1)
