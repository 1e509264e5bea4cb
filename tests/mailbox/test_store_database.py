"""The store's file: private, migrated forward, and clear about what is wrong with it."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from assistant.errors import Busy, StoreUnreadable
from assistant.store import Database, MailStore, open_database
from assistant.store.schema import MIGRATIONS


def test_the_file_and_its_companions_are_for_the_owners_eyes_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "store.db"
    with open_database(path) as database:
        MailStore(database, "test")
        modes = {each.name: os.stat(each).st_mode & 0o777 for each in path.parent.iterdir()}
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch(0o644)
    with open_database(path):
        assert path.stat().st_mode & 0o777 == 0o600


def test_every_migration_from_every_version_ends_in_the_same_schema(tmp_path: Path) -> None:
    def schema(path: Path) -> list[tuple[str, ...]]:
        with open_database(path) as database:
            return database.connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()

    fresh = schema(tmp_path / "fresh.db")
    for version in range(1, len(MIGRATIONS)):
        path = tmp_path / f"from{version}.db"
        open_database(path, migrations=MIGRATIONS[:version]).close()
        assert schema(path) == fresh


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_database(path, migrations=(*MIGRATIONS, "CREATE TABLE later (id INTEGER);")).close()
    with pytest.raises(StoreUnreadable, match="newer version"):
        open_database(path)


@pytest.mark.parametrize("content", [b"this is no database at all" * 50, b"SQLite format 3\0" + b"\xff" * 5_000])
def test_a_damaged_file_is_refused_with_the_way_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises(StoreUnreadable) as caught:
        open_database(path)
    assert f"mv {path}" in caught.value.hint


def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnreadable):
        open_database(tmp_path / "file" / "store.db")


def test_a_failed_migration_leaves_no_half_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_database(path).close()
    with pytest.raises(sqlite3.OperationalError):
        open_database(
            path, migrations=(*MIGRATIONS, "CREATE TABLE half (id INTEGER);\nCREATE TABLE half (id INTEGER);")
        )
    with open_database(path) as database:
        assert database.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchone() is None


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    def fail_half_way(database: Database) -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO accounts (name) VALUES ('x')")
            raise ZeroDivisionError

    with open_database(tmp_path / "store.db") as database:
        with pytest.raises(ZeroDivisionError):
            fail_half_way(database)
        assert database.connection.execute("SELECT count(*) FROM accounts").fetchone() == (0,)


def test_a_store_that_another_process_writes_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.store.database.BUSY_SECONDS", 0.1)
    path = tmp_path / "store.db"
    with open_database(path) as one, open_database(path) as other, one.transaction() as connection:
        connection.execute("INSERT INTO accounts (name) VALUES ('x')")
        with pytest.raises(Busy), other.transaction():
            pass
