"""Full, read-only and damaged: nothing is lost, nothing is placed twice, and the owner reads one clear sentence."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from pathlib import Path

import pytest

from assistant.errors import StoreUnreadable
from assistant.store.register import Register
from tests.placing.lapsed_story import NOW, Story
from tests.servers.drafts_server import DraftsServer


@pytest.fixture
def story(tmp_path: Path):
    with DraftsServer() as server:
        told = Story(server, "camille@binalys.example", tmp_path / "one", offers=8).fill()
        yield told
        told.close()


class FullDisk(Register):
    """A register on a disk that is full from some moment on."""

    full = False

    def _write(self, text: str) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super()._write(text)


def test_a_full_disk_stops_before_the_append(story):
    with story.connected() as connection:
        story.judged(connection, NOW)
    database = story.desk.database.connection
    fill_up(database)

    with pytest.raises(StoreUnreadable) as full:
        story.cycle()

    assert full.value.hint == "free some space on the disk"
    appended = sum(c.startswith("APPEND") for c in story.server.commands)
    assert len(story.drafts()) == appended < 8  # those whose intent found room

    database.execute("PRAGMA max_page_count = 1000000")
    database.execute("DROP TABLE filler")
    story.cycle()
    assert len(story.drafts()) == 8


def fill_up(database: sqlite3.Connection) -> None:
    """Not a page is left: as a full disk looks to SQLite."""
    database.execute("CREATE TABLE filler (content BLOB)")
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages}")
    with contextlib.suppress(sqlite3.OperationalError):
        while True:
            database.execute("INSERT INTO filler VALUES (zeroblob(500))")


def test_a_disk_that_fills_up_during_the_append_loses_nothing(story):
    register = FullDisk(story.desk.register.path)
    story.desk.register = register
    story.server.before_append = lambda: setattr(register, "full", True)

    with pytest.raises(StoreUnreadable) as full:
        story.cycle()
    assert "No space left on device" in full.value.message
    assert len(story.drafts()) == 1

    story.server.before_append = lambda: None
    register.full = False
    story.cycle()
    story.cycle()
    assert len(story.drafts()) == 8
    assert story.fate() == "untouched"


def test_a_read_only_store_places_nothing(story):
    with story.connected() as connection:
        story.judged(connection, NOW)
    story.desk.database.connection.execute("PRAGMA query_only = ON")

    with pytest.raises(StoreUnreadable):
        story.cycle()

    assert story.drafts() == {}


def test_a_damaged_store_is_named_and_rebuilt_and_the_draft_known_again(story):
    story.cycle()
    story.close()
    path = story.folder / "mail.sqlite"
    for side in ("-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)
    path.write_bytes(b"not a database, " * 500)

    with pytest.raises(StoreUnreadable) as damaged:
        story.cycle()
    assert damaged.value.hint == f"move it away, it is rebuilt from the mailbox: mv {path} {path}.broken"

    path.rename(path.with_name("mail.sqlite.broken"))
    assert story.cycle() == []
    assert len(story.drafts()) == 8
    assert story.fate() == "untouched"


def test_a_damaged_register_stops_everything_and_is_not_overwritten(story):
    story.cycle()
    path = story.folder / "offers.toml"
    path.write_text("this is = not [toml", "utf-8")

    with pytest.raises(StoreUnreadable) as damaged:
        story.cycle()

    assert "nothing was changed" in damaged.value.hint
    assert path.read_text("utf-8") == "this is = not [toml"
    assert len(story.drafts()) == 8
