"""A draft that is sent, as the judgement sees it: run as its owner runs it, on a case from the corpus."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from imaplib import Time2Internaldate
from pathlib import Path

import pytest

from tests.dovecot import Dovecot
from tests.mailbuilder import load_case
from tests.running import Owner, owner_of

CASE = load_case(Path(__file__).parent.parent / "cases" / "fr" / "silence-site-vitrine.toml")


@pytest.fixture
def owner(dovecot: Dovecot, mailbox_user: str, tmp_path: Path) -> Owner:
    """The draft stands."""
    made = owner_of(CASE, dovecot, mailbox_user, tmp_path)
    made.json("check", "--at", CASE.now.isoformat())
    return made


def send(owner: Owner, *, message_id: bytes | None, hours: int = 1) -> None:
    """The draft leaves Drafts and stands in Sent, perhaps under another Message-ID."""
    (raw,) = owner.messages("Drafts")
    at = CASE.now + timedelta(hours=hours)
    lines = raw.split(b"\r\n")
    for number, line in enumerate(lines):
        if line.startswith(b"Date:"):
            lines[number] = b"Date: " + format_datetime(at).encode()
        if message_id and line.startswith(b"Message-ID:"):
            lines[number] = b"Message-ID: " + message_id
    with owner.server.client(owner.user) as client:
        client.append("Sent", "(\\Seen)", Time2Internaldate(at), b"\r\n".join(lines))
        client.select("Drafts")
        client.store("1", "+FLAGS", "(\\Deleted)")
        client.expunge()


@pytest.mark.parametrize("message_id", [None, b"<CAGmail-1@mail.gmail.example>"])
def test_a_sent_notice_withdraws_the_offer_and_starts_the_clock(owner, message_id):
    send(owner, message_id=message_id)

    after = (CASE.now + timedelta(hours=2)).isoformat()
    (listed,) = owner.json("check", "--at", after)["offers"]

    assert (listed["state"], listed["draft"]["fate"]) == ("withdrawn", "sent")
    assert listed["outcome"] == {
        "came": "silence",
        "sent_at": (CASE.now + timedelta(hours=1)).isoformat(),
        "at": None,
    }
    if message_id:
        assert listed["draft"]["message_id"] == message_id.decode()
    (listed,) = owner.json("check", "--at", (CASE.now + timedelta(days=9)).isoformat())["offers"]
    assert listed["state"] == "withdrawn"
    assert owner.messages("Drafts") == []


def test_with_store_and_register_lost_it_stays_withdrawn(owner):
    send(owner, message_id=None)
    for path in (*owner.folder.glob("mail.sqlite*"), owner.folder / "offers.toml"):
        path.unlink()

    (listed,) = owner.json("check", "--at", (CASE.now + timedelta(days=2)).isoformat())["offers"]

    assert (listed["state"], listed["draft"]["fate"]) == ("withdrawn", "sent")
    assert owner.messages("Drafts") == []
