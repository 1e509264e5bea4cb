"""What every server must give the program, whatever it is: Dovecot, Dovecot with less, and the dialects of the fake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from assistant.errors import FolderMissing
from assistant.service.reading import ReadReport, fetch_contents, read_mailbox
from assistant.store import MailStore, open_database
from tests.dovecot import Dovecot
from tests.mailbox.backends import KINDS, Backend, backend

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AGO = date(2020, 1, 1)


def mail(number: int, *, subject: str = "Proposition", answers: int | None = None, body: str = "Bonjour") -> bytes:
    reference = f"In-Reply-To: <{answers}@binalys.example>\r\n" if answers is not None else ""
    return (
        f"From: Claire Morel <claire@binalys.example>\r\nTo: p.ferrand@sogedec.example\r\nSubject: {subject}\r\n"
        f"Date: Mon, 2 Mar 2026 10:{number:02}:00 +0100\r\nMessage-ID: <{number}@binalys.example>\r\n{reference}\r\n"
        f"{body}\r\n"
    ).encode()


@pytest.fixture(scope="module", params=KINDS)
def served(request: pytest.FixtureRequest, dovecot: Dovecot) -> Iterator[Backend]:
    with backend(request.param, dovecot) as found:
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MailStore]:
    with open_database(tmp_path / "store.db") as database:
        yield MailStore(database, "test")


def read(served: Backend, store: MailStore, now: datetime = NOW) -> ReadReport:
    with served.connect() as connection:
        return read_mailbox(connection, store, served.account, since=LONG_AGO, now=now)


def test_a_mailbox_is_read_followed_and_its_contents_fetched(served: Backend, store: MailStore) -> None:
    sent, inbox = served.name("sent"), served.name("inbox")
    offer = served.deliver(sent, mail(1))
    served.deliver(inbox, mail(2, subject="Re: Proposition", answers=1))
    other = served.deliver(inbox, mail(3, subject="Facture"))

    first = read(served, store)
    assert len(first.new) == 3
    assert first.complete
    assert [[m.envelope.message_id for m in thread] for thread in store.threads(first.threads)] == [
        ["<1@binalys.example>", "<2@binalys.example>"],
        ["<3@binalys.example>"],
    ]

    quiet = read(served, store, NOW + timedelta(minutes=5))
    assert (quiet.new, quiet.gone, quiet.first, quiet.threads) == ([], [], [], set())

    served.deliver(inbox, mail(4, subject="Re: Proposition", answers=2))
    served.remove(inbox, other)
    news = read(served, store, NOW + timedelta(minutes=10))
    assert [store.message(key).envelope.message_id for key in news.new] == ["<4@binalys.example>"]  # type: ignore[union-attr]
    assert read(served, store, NOW + timedelta(minutes=15)).gone == [store.find("<3@binalys.example>")[0].key]

    keys = [message.key for message in store.find("<1@binalys.example>")]
    with served.connect() as connection:
        assert dict(fetch_contents(connection, store, keys)) == {keys[0]: mail(1)}
    assert store.content(keys[0]) == mail(1)
    served.remove(sent, offer)


def test_a_message_that_moves_is_neither_new_nor_gone(served: Backend, store: MailStore) -> None:
    if "all" in served.roles:
        pytest.skip("on Gmail mail never moves out of All Mail")
    inbox, archive = served.name("inbox"), served.roles.get("archive")
    if archive is None:
        pytest.skip("no archive here")
    uid = served.deliver(inbox, mail(11, subject="Bientôt rangé"))
    known = read(served, store).new
    served.deliver(archive.name, mail(11, subject="Bientôt rangé"))
    served.remove(inbox, uid)
    reports = [read(served, store, NOW + timedelta(minutes=minutes)) for minutes in (5, 10, 15)]
    assert [report.new for report in reports] == [[], [], []]
    assert [report.gone for report in reports] == [[], [], []]
    assert known
    assert [place.role for place in store.locations(known[-1])] == ["archive"]


def test_a_draft_is_appended_with_its_flags_and_taken_back(served: Backend) -> None:
    drafts = served.name("drafts")
    with served.connect() as connection:
        wire = connection.wire
        placed = wire.append(drafts, mail(20, subject="Brouillon"))
        wire.select(drafts)
        uid = placed.uid or max(wire.search("ALL"))
        (found,) = wire.fetch(str(uid), "UID FLAGS BODY.PEEK[]")
        assert {"\\Draft", "\\Seen"} <= set(found.flags or ())
        assert found.body == mail(20, subject="Brouillon")
        if connection.has("UIDPLUS"):
            wire.store(uid, "+FLAGS.SILENT", ["\\Deleted"])
            wire.expunge(uid)
            assert uid not in wire.search("ALL")


def test_appending_to_a_folder_that_is_not_there_is_refused_before_the_message_is_sent(served: Backend) -> None:
    with served.connect() as connection:
        with pytest.raises(FolderMissing):
            connection.wire.append("Nowhere", mail(30))
        connection.wire.noop()  # the connection is still good


def test_nothing_read_is_marked_as_read(served: Backend, store: MailStore) -> None:
    inbox = served.name("inbox")
    uid = served.deliver(inbox, mail(40, subject="Non lu"))
    key = read(served, store).new
    with served.connect() as connection:
        list(fetch_contents(connection, store, key))
        connection.wire.examine(inbox)
        (found,) = connection.wire.fetch(str(uid), "UID FLAGS")
        assert "\\Seen" not in (found.flags or ())
