"""The watcher against a real server: what it notices, and what it makes of losing the connection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from assistant.config import Account, Credential
from assistant.errors import LoginRefused
from assistant.mailbox import Connection, open_connection
from assistant.service.errand import Trouble
from assistant.service.watcher import Watcher
from tests.daemon.daemon_story import eventually, newsletter
from tests.dovecot import PASSWORD, Dovecot

NOW = datetime(2026, 5, 18, 9, tzinfo=UTC)


class Notes:
    """A listener that writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def online(self) -> None:
        self.heard.append("online")

    def news(self) -> None:
        self.heard.append("news")

    def troubled(self, trouble: Trouble) -> None:
        self.heard.append(trouble.code)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@contextmanager
def watching(
    account: Account, notes: Notes, *, look_seconds: float = 300.0, password: str = PASSWORD
) -> Iterator[Watcher]:
    def connect() -> Connection:
        return open_connection(account, Credential("password", password))

    watcher = Watcher(account, connect, notes, look_seconds=look_seconds)
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.stop()
        watcher.join(5)


def account_of(server: Dovecot, user: str) -> Account:
    return Account("work", server.host, user, server.port, "none")


def deliver(server: Dovecot, user: str, folder: str, number: int) -> None:
    with server.client(user) as client:
        client.append(folder, None, None, newsletter(number, NOW))


def test_mail_that_arrives_is_news_at_once(dovecot: Dovecot, mailbox_user: str, notes: Notes) -> None:
    with watching(account_of(dovecot, mailbox_user), notes):
        eventually(lambda: notes.heard == ["online", "news"])
        begun = time.monotonic()
        deliver(dovecot, mailbox_user, "INBOX", 1)
        eventually(lambda: notes.heard.count("news") == 2, 5)
        assert time.monotonic() - begun < 2


def test_what_happens_in_another_folder_is_noticed_at_the_next_look(
    dovecot: Dovecot, mailbox_user: str, notes: Notes
) -> None:
    with watching(account_of(dovecot, mailbox_user), notes, look_seconds=0.3):
        eventually(lambda: notes.heard.count("online") >= 2)
        assert notes.heard.count("news") == 1  # a look that finds nothing is none
        deliver(dovecot, mailbox_user, "Sent", 1)
        eventually(lambda: notes.heard.count("news") == 2, 5)


def test_reading_a_message_is_no_news(dovecot: Dovecot, mailbox_user: str, notes: Notes) -> None:
    deliver(dovecot, mailbox_user, "INBOX", 1)
    with watching(account_of(dovecot, mailbox_user), notes, look_seconds=0.3):
        eventually(lambda: notes.heard.count("online") >= 2)
        with dovecot.client(mailbox_user) as client:
            client.select("INBOX")
            client.store("1", "+FLAGS", "\\Seen")
        looks = notes.heard.count("online")
        eventually(lambda: notes.heard.count("online") >= looks + 3)
        assert notes.heard.count("news") == 1


def test_a_refused_login_is_not_tried_again(dovecot: Dovecot, mailbox_user: str, notes: Notes) -> None:
    with watching(account_of(dovecot, mailbox_user), notes, password="wrong"):
        eventually(lambda: notes.heard == ["login-refused"])
        time.sleep(0.5)
        assert notes.heard == ["login-refused"]


def test_when_the_owner_has_acted_it_is_tried_once_more(dovecot: Dovecot, mailbox_user: str, notes: Notes) -> None:
    with watching(account_of(dovecot, mailbox_user), notes, password="wrong") as watcher:
        eventually(lambda: notes.heard == ["login-refused"])
        watcher.hurry()
        eventually(lambda: notes.heard == ["login-refused"] * 2)


def test_a_session_that_expires_is_no_refused_login(dovecot: Dovecot, mailbox_user: str, notes: Notes) -> None:
    account = account_of(dovecot, mailbox_user)
    connections = 0

    class Expiring(Notes):
        def online(self) -> None:
            super().online()
            if connections == 1:
                raise LoginRefused("the server ended the session: the access has expired")

    def connect() -> Connection:
        nonlocal connections
        connections += 1
        return open_connection(account, Credential("password", PASSWORD))

    listener = Expiring()
    watcher = Watcher(account, connect, listener)
    watcher.start()
    eventually(lambda: "session-ended" in listener.heard)
    watcher.hurry()
    eventually(lambda: listener.heard.count("online") == 2)
    watcher.stop()
    watcher.join(5)
    assert "login-refused" not in listener.heard
