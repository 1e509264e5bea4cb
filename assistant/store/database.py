"""Opening the SQLite file: its mode, its journal, its migrations, and what is wrong with it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import Busy, StoreUnreadable
from assistant.store.schema import MIGRATIONS

BUSY_SECONDS = 10.0
PAGE_CACHE_KIB = 12 * 1024
CHECKPOINT_PAGES = 2_000


class Database:
    """The open store. Used by one thread; readers and one writer may have it open in several processes (WAL).

    Every write goes through `transaction()`. `connection` is plain sqlite3, in autocommit mode outside of it.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, on the disk when it returns. Nested use joins the outer transaction."""
        if self.connection.in_transaction:
            yield self.connection
            return
        with self.translated():
            self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
            with self.translated():
                self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    @contextmanager
    def relaxed(self) -> Iterator[None]:
        """Transactions in here are not waited for: they survive a crash of the program, perhaps not one of the power.

        For what can be read again. The next ordinary transaction brings them to the disk with it.
        """
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.execute(f"PRAGMA wal_autocheckpoint = {4 * CHECKPOINT_PAGES}")
        try:
            yield
        finally:
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")

    @contextmanager
    def translated(self) -> Iterator[None]:
        """What sqlite3 raises → Busy or StoreUnreadable."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise _translation(error, self.path) from error

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_database(path: Path, *, migrations: Sequence[str] = MIGRATIONS) -> Database:
    """Open the store, making it (readable by its owner alone) and migrating it where needed.

    Raises StoreUnreadable for a damaged file, another kind of file, or one that a newer version wrote.
    """
    _make_private(path)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=64)
    database = Database(path, connection)
    try:
        with database.translated():
            _configure(connection)
            _migrate(database, migrations)
    except BaseException:
        connection.close()
        raise
    return database


def _make_private(path: Path) -> None:
    """Create the file with mode 0600; SQLite gives its -wal and -shm the mode of the file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if os.name == "posix" and path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise StoreUnreadable(
            f"the store {path} cannot be opened: {error.strerror}", hint="check [store] path and its permissions"
        ) from error


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA page_size = 8192")  # of a new file: fewer, larger writes
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{PAGE_CACHE_KIB}")
    connection.execute("PRAGMA foreign_keys = OFF")  # the code keeps them; checking would cost a lookup for every row
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute("PRAGMA trusted_schema = OFF")


def _migrate(database: Database, migrations: Sequence[str]) -> None:
    """Run what the file has not seen yet, each migration whole or not at all."""
    connection = database.connection
    if _version(connection) > len(migrations):
        raise StoreUnreadable(
            f"the store {database.path} was written by a newer version",
            hint="update offer-assistant, or move the file away: it is rebuilt from the mailbox",
        )
    for number, script in enumerate(migrations, 1):
        if _version(connection) >= number:
            continue
        with database.transaction():
            if _version(connection) >= number:  # another process was quicker
                continue
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; executescript would commit between them."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _translation(error: sqlite3.DatabaseError, path: Path) -> Exception:
    text = str(error)
    if "locked" in text or "busy" in text:
        return Busy("the store is in use by another process", hint="it is tried again")
    if "disk is full" in text or "full" in text.split():
        return StoreUnreadable(f"no room left to write {path}", hint="free some space on the disk")
    if isinstance(error, sqlite3.OperationalError | sqlite3.ProgrammingError | sqlite3.IntegrityError) and not any(
        word in text for word in ("unable to open", "disk I/O", "malformed", "readonly")
    ):
        return error  # a bug of ours, to be seen as one
    return StoreUnreadable(
        f"the store {path} cannot be read: {text}",
        hint=f"move it away, it is rebuilt from the mailbox: mv {path} {path}.broken",
    )


def copy_database(database: Database, path: Path) -> Database:
    """A copy of the open store at another path (for a run that must write nothing)."""
    _make_private(path)
    with database.translated():
        target = sqlite3.connect(path)
        database.connection.backup(target)
        target.close()
    return open_database(path)
