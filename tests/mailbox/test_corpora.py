"""Real and broken messages by the thousand: every one is stored or set aside, none is lost, nothing crashes.

The corpora are not part of the project: OFFER_ASSISTANT_CORPORA names the folder that holds them, any files below it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assistant.messages import MessageUnreadable, parse_message
from assistant.service.reading import fetch_contents, read_mailbox
from assistant.store import MailStore, open_database
from tests.dovecot import Dovecot
from tests.mailbox.backends import Backend, on_dovecot
from tests.servers.fake_imap import FakeImap

CORPORA = os.environ.get("OFFER_ASSISTANT_CORPORA", "")
NOW = datetime(2026, 11, 25, tzinfo=UTC)

pytestmark = [
    pytest.mark.skipif(not CORPORA, reason="OFFER_ASSISTANT_CORPORA names no folder"),
    pytest.mark.timeout(600),
]


def messages() -> Iterator[tuple[str, bytes]]:
    """Every file that may be a message, with the line ends that IMAP wants."""
    for path in sorted(Path(CORPORA).rglob("*")):
        if path.is_file() and path.suffix not in (".jsonl", ".json", ".md", ".py", ".toml") and path.stat().st_size:
            yield str(path), path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MailStore]:
    with open_database(tmp_path / "store.db") as database:
        yield MailStore(database, "test")


def account_for_every_message(served: Backend, store: MailStore, count: int) -> None:
    with served.connect() as connection:
        report = read_mailbox(connection, store, served.account, since=date(1970, 1, 2), now=NOW)
        places = store.database.connection.execute("SELECT count(*) FROM locations").fetchone()[0]
        assert report.complete
        assert places + len(store.quarantined()) == count
        contents = dict(fetch_contents(connection, store, report.new))
    assert len(contents) + len(store.quarantined()) >= len(report.new)
    for content in contents.values():
        try:
            parse_message(content, fallback=NOW)
        except MessageUnreadable:
            pass


def test_every_message_of_the_corpora_is_stored_or_set_aside(dovecot: Dovecot, store: MailStore) -> None:
    served = on_dovecot(dovecot)
    client, count = dovecot.login(served.account.user), 0
    for path, raw in messages():
        status, answer = client.append("INBOX", "", None, raw)  # type: ignore[arg-type]
        assert status == "OK", (path, answer)
        count += 1
    client.logout()
    assert count > 100
    account_for_every_message(served, store, count)


def test_a_server_that_hands_out_nul_bytes_and_8_bit_headers_as_they_are(store: MailStore) -> None:
    with FakeImap() as server:
        for _, raw in messages():
            server.folders["INBOX"].deliver(raw + b"\0")
        from tests.mailbox.backends import on_fake

        account_for_every_message(on_fake(server), store, len(server.folders["INBOX"].messages))
