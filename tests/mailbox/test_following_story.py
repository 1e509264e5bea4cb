"""Whatever another client does, following a mailbox ends in the same store as reading it afresh.

A hypothesis state machine plays the other client on a real Dovecot: it delivers, moves, deletes, flags, renames, and
renumbers a folder; now and then the program looks. The long version is marked slow.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from assistant.config import Account
from assistant.mailbox import open_connection
from assistant.service.reading import read_mailbox
from assistant.store import MailStore, open_database
from tests.dovecot import Dovecot
from tests.mailbox.backends import PASSWORD, account

FOLDERS = ("INBOX", "Sent", "Archive", "Drafts")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
_users = itertools.count(1)
folders = st.sampled_from(FOLDERS)


def snapshot(store: MailStore) -> tuple[dict[str, object], set[frozenset[str]]]:
    """What a store holds, without its own numbers: places with flags, and conversations."""
    places: dict[str, object] = {}
    names: dict[int, str] = {}
    for name, state in store.folders().items():
        rows = store.database.connection.execute(
            "SELECT uid, flags, message_id, message FROM locations JOIN messages ON id = message WHERE folder = ?",
            (state.id,),
        ).fetchall()
        if rows:
            places[name] = {uid: (sorted(set(flags.split()) - {"\\Recent"}), own) for uid, flags, own, _ in rows}
        names.update({key: f"{own} {key}" for _, _, own, key in rows})
    groups: dict[int, set[str]] = {}
    for key in names:
        message = store.message(key)
        assert message is not None
        assert not message.gone
        groups.setdefault(message.thread, set()).add(message.envelope.message_id)
    return places, {frozenset(group) for group in groups.values()}


class OtherClient(RuleBasedStateMachine):
    """Random acts of a second client, and looks of ours."""

    server: ClassVar[Dovecot]

    @initialize()
    def begin(self) -> None:
        self.user = f"story{next(_users)}@binalys.example"
        self.account: Account = account(self.server.port, self.user)
        self.client = self.server.login(self.user)
        self.folder = tempfile.TemporaryDirectory()
        self.database = open_database(Path(self.folder.name) / "followed.db")
        self.store = MailStore(self.database, "test")
        self.numbers = itertools.count(1)
        self.now = NOW
        self.dirty = False

    # -- the other client -----------------------------------------------------------------------------------------

    @rule(folder=folders, answers=st.integers(0, 8), flagged=st.booleans())
    def deliver(self, folder: str, answers: int, flagged: bool) -> None:
        number = next(self.numbers)
        reference = f"References: <{answers}@x>\r\n" if answers else ""
        raw = (
            f"From: a@x.example\r\nTo: b@y.example\r\nSubject: Sujet {number % 3}\r\nMessage-ID: <{number}@x>\r\n"
            f"Date: Mon, 2 Mar 2026 10:{number % 60:02}:00 +0100\r\n{reference}\r\nx\r\n"
        )
        self.client.append(folder, "(\\Flagged)" if flagged else "", None, raw.encode())  # type: ignore[arg-type]
        self.dirty = True

    @rule(folder=folders, to=folders, place=st.integers(0, 9))
    def move(self, folder: str, to: str, place: int) -> None:
        if folder != to and (uid := self._uid(folder, place)):
            self.client.uid("MOVE", uid, to)
            self.dirty = True

    @rule(folder=folders, place=st.integers(0, 9))
    def delete(self, folder: str, place: int) -> None:
        if uid := self._uid(folder, place):
            self.client.uid("STORE", uid, "+FLAGS", "(\\Deleted)")
            self.client.expunge()
            self.dirty = True

    @rule(folder=folders, place=st.integers(0, 9), flag=st.sampled_from(["\\Seen", "\\Answered", "$Label1"]))
    def flag(self, folder: str, place: int, flag: str) -> None:
        if uid := self._uid(folder, place):
            self.client.uid("STORE", uid, "+FLAGS", f"({flag})")
            self.dirty = True

    @rule(folder=st.sampled_from(["Sent", "Archive"]))
    def renumber(self, folder: str) -> None:
        """Another UIDVALIDITY: the folder is made anew with the same messages."""
        self.client.select(folder)
        self.client.create("Aside")
        self.client.uid("COPY", "1:*", "Aside")
        self.client.close()
        self.client.delete(folder)
        self.client.rename("Aside", folder)
        self.dirty = True

    def _uid(self, folder: str, place: int) -> str | None:
        self.client.select(folder)
        uids = self.client.uid("SEARCH", "ALL")[1][0].split()
        return uids[place % len(uids)].decode() if uids else None

    # -- we look --------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.dirty)
    @rule(hours=st.sampled_from([0, 0, 0, 30]))
    def look(self, hours: int) -> None:
        self._read(self.store, hours)
        self.dirty = False

    def _read(self, store: MailStore, hours: int = 0) -> None:
        self.now += timedelta(hours=hours, minutes=5)
        with open_connection(self.account, PASSWORD) as connection:
            read_mailbox(connection, store, self.account, since=date(2020, 1, 1), now=self.now)

    @invariant()
    def following_equals_a_fresh_reading(self) -> None:
        if self.dirty:
            return
        with tempfile.TemporaryDirectory() as folder, open_database(Path(folder) / "fresh.db") as database:
            fresh = MailStore(database, "test")
            self._read(fresh)
            places, conversations = snapshot(self.store)
            fresh_places, fresh_conversations = snapshot(fresh)
        assert places == fresh_places
        # a message that is gone still joins what it once joined; a fresh reading cannot know it
        assert all(any(group <= known for known in conversations) for group in fresh_conversations)
        assert conversations == fresh_conversations or self._has_lost_some()

    def _has_lost_some(self) -> bool:
        select = "SELECT count(*) FROM messages WHERE missing_since IS NOT NULL"
        return bool(self.database.connection.execute(select).fetchone()[0])

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.client.logout()
            self.folder.cleanup()


_DOVECOT = "IMAP4rev1 LITERAL+ ENABLE IDLE NAMESPACE UIDPLUS MOVE CHILDREN SPECIAL-USE LIST-EXTENDED ESEARCH CONDSTORE"


@pytest.fixture(scope="module", params=["with QRESYNC", "with CONDSTORE alone"])
def server(request: pytest.FixtureRequest, dovecot: Dovecot) -> Iterator[Dovecot]:
    if request.param == "with QRESYNC":
        yield dovecot
        return
    limited = Dovecot(capability=_DOVECOT).start()
    yield limited
    limited.stop()


def play(server: Dovecot, examples: int, steps: int) -> None:
    OtherClient.server = server
    run_state_machine_as_test(
        OtherClient,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=examples < 20,
        ),
    )


def test_following_ends_in_the_same_store_as_a_fresh_reading(server: Dovecot) -> None:
    play(server, examples=6, steps=15)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_following_ends_in_the_same_store_after_long_stories(server: Dovecot) -> None:
    play(server, examples=60, steps=40)
