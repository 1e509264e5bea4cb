"""Which messages are watched: whether chosen anew or only among what came, they are the same."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assistant.config import Account
from assistant.headers import Envelope
from assistant.host.paths import Places
from assistant.kinds import By, Kind, Reading
from assistant.messages import Address, Message
from assistant.service.desk import Desk, open_desk
from assistant.service.sifting import _Sifting
from assistant.settings import read_config
from assistant.store import Arrival, FolderState
from assistant.store.register import Contents
from assistant.understanding import Understood

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
OWNER = Address("Camille Rouvier", "camille.rouvier@binalys.example")
PEOPLE = [Address(f"Person {'ABCDEFGH'[n]}lice", f"p{n}@customer{n % 4}.example") for n in range(8)]
DAEMON = Address("Mail Delivery", "mailer-daemon@mx.example")
RAW = {
    "owner": {"name": OWNER.name, "addresses": [OWNER.email], "country": "FR"},
    "account": {"host": "127.0.0.1", "user": "camille", "security": "none"},
}


class Mailbox:
    """Messages that come by and by; one in eight of the owner's is an offer."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.desk: Desk = open_desk(read_config(RAW), Places(folder / "mail.sqlite", folder / "offers.toml"))
        self.account: Account = self.desk.config.accounts[0]
        self.mail = self.desk.mail(self.account)
        self.folder = self.mail.save_folder(FolderState(0, "INBOX", "inbox", 1, 1, None, 0, 0, date.min)).id
        self.uid = 0

    def receive(self, count: int) -> None:
        for _ in range(count):
            self.uid += 1
            ours = self.chance.random() < 0.4
            other = DAEMON if self.chance.random() < 0.1 else self.chance.choice(PEOPLE)
            earlier = self.chance.randrange(1, self.uid + 1)
            answered = (f"<{earlier}@x>",) if self.chance.random() < 0.4 else ()
            people = (OWNER, (other,)) if ours else (other, (OWNER,))
            seconds = int(AT.timestamp()) + self.uid * 43_200
            envelope = Envelope(f"<{self.uid}@x>", seconds, *people, subject=f"Affaire {self.uid}", references=answered)
            self.mail.add(self.folder, [Arrival(self.uid, (), seconds, 100, envelope)])
        self.mail.adopt_lost_replies()

    def read(self, keys: Collection[int]) -> int:
        """Stands in for what fetches and understands."""
        readings = []
        for stored in self.mail.messages(keys):
            envelope = stored.envelope
            ours = envelope.sender == OWNER
            message = Message(envelope.message_id, stored.sent_at, envelope.sender, to=envelope.to)
            offers = int(envelope.message_id[1:-3]) % 8 == 0
            by, kind = (By.OWNER, Kind.OFFER) if ours else (By.CUSTOMER, Kind.OTHER)
            readings.append((stored.key, Understood(message, by, Reading(kind, 0.9), "fr", sells=0.9 * offers)))
        self.desk.readings(self.account).save(readings)
        return len(readings)

    def sift(self) -> list[int]:
        _Sifting(self.desk, self.account, Contents()).run(self)  # type: ignore[arg-type]
        return sorted(self.desk.readings(self.account).watched())


@pytest.fixture
def mailbox(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Mailbox]:
    made = Mailbox(tmp_path, request.param)
    yield made
    made.desk.close()


@pytest.mark.parametrize("mailbox", range(12), indirect=True)
def test_watching_what_came_is_watching_all(mailbox: Mailbox) -> None:
    for count in (20, 1, 1, 3, 1, 1, 1, 5, 1, 1):
        mailbox.receive(count)
        by_and_by = mailbox.sift()
        mailbox.desk.database.connection.execute("DELETE FROM sifted")
        assert by_and_by == mailbox.sift()


@pytest.mark.parametrize("mailbox", [3], indirect=True)
def test_a_message_of_a_known_customer_is_found_without_looking_at_the_whole_mailbox(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.receive(40)
    watched = mailbox.sift()
    seen: list[int] = []
    store = mailbox.desk.readings(mailbox.account)
    outsides = store.outsides

    def noted(threads: Collection[int] | None = None) -> Iterator[object]:
        for outside in outsides(threads):
            seen.append(outside.key)
            yield outside

    monkeypatch.setattr(store, "outsides", noted)
    assert mailbox.sift() == watched
    near = store.threads_of(watched)
    assert {message.thread for message in mailbox.mail.messages(seen)} <= near
