"""The stream is cut, stalled and split at every point of a session: nothing is lost, nothing is read twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assistant.config import Account
from assistant.errors import Temporary
from assistant.mailbox import Deadlines, open_connection
from assistant.service.reading import fetch_contents, read_mailbox
from assistant.store import MailStore, open_database
from tests.dovecot import Dovecot
from tests.mailbox.backends import PASSWORD, Backend, on_dovecot
from tests.servers.proxy import Proxy

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
COUNT = 12


def mail(number: int) -> bytes:
    return (
        f"From: claire@binalys.example\r\nTo: paul@sogedec.example\r\nSubject: Nr {number}\r\n"
        f"Date: Mon, 2 Mar 2026 10:00:{number:02} +0100\r\nMessage-ID: <{number}@binalys.example>\r\n\r\nBonjour\r\n"
    ).encode()


@pytest.fixture(scope="module")
def served(dovecot: Dovecot) -> Backend:
    found = on_dovecot(dovecot)
    for number in range(COUNT):
        found.deliver("INBOX" if number % 2 else "Sent", mail(number))
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MailStore]:
    with open_database(tmp_path / "store.db") as database:
        yield MailStore(database, "test")


def session(account: Account, store: MailStore) -> None:
    """Read everything, contents included."""
    with open_connection(account, PASSWORD, deadlines=Deadlines(connect=5, answer=2)) as connection:
        read_mailbox(connection, store, account, since=date(2020, 1, 1), now=NOW)
        list(fetch_contents(connection, store, range(1, COUNT + 1)))


def whole_length(served: Backend, tmp_path: Path) -> int:
    with Proxy(served.account.port) as proxy, open_database(tmp_path / "whole.db") as database:
        session(replace(served.account, port=proxy.port), MailStore(database, "test"))
        return proxy.passed


def test_a_session_cut_at_every_point_is_finished_by_the_next(served: Backend, tmp_path: Path) -> None:
    length = whole_length(served, tmp_path)
    for cut in range(1, length, 601):
        with open_database(tmp_path / f"cut{cut}.db") as database:
            store = MailStore(database, "test")
            with Proxy(served.account.port, cut_after=cut) as proxy, pytest.raises(Temporary):
                session(replace(served.account, port=proxy.port), store)
            session(served.account, store)
            assert store.count() == COUNT, f"cut after {cut} bytes"
            assert store.without_content(range(1, COUNT + 1)) == []
            assert store.quarantined() == []


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_stream_in_tiny_pieces_says_the_same(served: Backend, store: MailStore, size: int) -> None:
    with Proxy(served.account.port, slice_size=size) as proxy:
        session(replace(served.account, port=proxy.port), store)
    assert store.count() == COUNT
    assert store.content(store.find("<3@binalys.example>")[0].key) == mail(3)


def test_a_stalled_server_is_given_up(served: Backend, store: MailStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.mailbox.dialogue.SILENCE_SECONDS", 0.2)
    monkeypatch.setattr("assistant.mailbox.wire.SILENCE_SECONDS", 0.2)
    with Proxy(served.account.port, stall_after=1_500) as proxy, pytest.raises(Temporary):
        session(replace(served.account, port=proxy.port), store)
