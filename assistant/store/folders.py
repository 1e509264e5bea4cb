"""Folders with their cursors, what could not be read in them, and how much was transferred in a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from assistant import __version__
from assistant.store.database import Database
from assistant.store.records import FolderState, Quarantined

_COLUMNS = (
    "name, role, uidvalidity, uidnext, highestmodseq, messages, backfill, since, checked_at, failures, failed_low,"
    " failed_high"
)
_ROOM = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"


class FolderStore:
    """The folders of one account. Every method that writes is a transaction of its own, or joins the caller's."""

    def __init__(self, database: Database, account: str) -> None:
        self.database = database
        self.transaction = database.transaction
        self._connection = database.connection
        with database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO accounts (name) VALUES (?)", (account,))
        self.account: int = self._connection.execute("SELECT id FROM accounts WHERE name = ?", (account,)).fetchone()[0]

    def folders(self) -> dict[str, FolderState]:
        """The folders read so far, by name."""
        rows = self._connection.execute(
            f"SELECT id, {_COLUMNS} FROM folders WHERE account = ? ORDER BY id",  # noqa: S608  (no value is put in)
            (self.account,),
        )
        return {row[1]: FolderState(*(*row[:8], date.fromisoformat(row[8]), *row[9:])) for row in rows}

    def save_folder(self, state: FolderState) -> FolderState:
        """Insert (`id` 0) or update a folder's cursor; the state with its id."""
        values = (state.name, state.role, state.uidvalidity, state.uidnext, state.highestmodseq, state.messages,
                  state.backfill, state.since.isoformat(), state.checked_at, state.failures, state.failed_low,
                  state.failed_high)  # fmt: skip
        with self.transaction() as connection:
            if state.id:
                connection.execute(
                    f"UPDATE folders SET ({_COLUMNS}) = ({_ROOM}) WHERE id = ?",  # noqa: S608
                    (*values, state.id),
                )
                return state
            row = connection.execute(
                f"INSERT INTO folders (account, {_COLUMNS}) VALUES (?, {_ROOM}) RETURNING id",  # noqa: S608
                (self.account, *values),
            ).fetchone()
        return replace(state, id=row[0])

    def forget_places(self, folder: int, now: datetime) -> None:
        """All UIDs of a folder are void (UIDVALIDITY changed, or it is gone); its messages count as missing for now."""
        with self.transaction() as connection:
            self.remove(folder, [range(1, 1 << 33)], now)
            connection.execute("DELETE FROM quarantine WHERE folder = ?", (folder,))

    def remove_folder(self, folder: int, now: datetime) -> None:
        """A folder that is not there any more, or plays no role any more."""
        with self.transaction() as connection:
            self.forget_places(folder, now)
            connection.execute("DELETE FROM folders WHERE id = ?", (folder,))

    def remove(self, folder: int, gone: Iterable[range], now: datetime) -> None:
        """These UIDs are no longer in the folder. Their messages may turn up elsewhere; `settle` tells."""
        runs = [(folder, run.start, run.stop - 1) for run in gone]
        with self.transaction() as connection:
            connection.executemany(
                "UPDATE messages SET missing_since = ?4 WHERE missing_since IS NULL AND id IN"
                " (SELECT message FROM locations WHERE folder = ?1 AND uid BETWEEN ?2 AND ?3)",
                [(*run, int(now.timestamp())) for run in runs],
            )
            connection.executemany("DELETE FROM locations WHERE folder = ? AND uid BETWEEN ? AND ?", runs)

    def quarantine(self, folder: int, uid: int, reason: str, at: datetime | None = None) -> None:
        """Leave one message alone until the program is upgraded; another failure raises its count of attempts."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO quarantine VALUES (?, ?, ?, 1, ?, ?) ON CONFLICT (folder, uid) DO UPDATE SET"
                " reason = excluded.reason, attempts = attempts + 1, last_at = excluded.last_at,"
                " version = excluded.version",
                (folder, uid, reason[:200], int(at.timestamp()) if at else None, __version__),
            )

    def set_aside_before(self) -> dict[int, list[int]]:
        """Folder → the UIDs that another version of the program set aside: this one may read them."""
        rows = self._connection.execute(
            "SELECT folder, uid FROM quarantine WHERE version <> ? AND folder IN"
            " (SELECT id FROM folders WHERE account = ?) ORDER BY folder, uid", (__version__, self.account),
        )  # fmt: skip
        found: dict[int, list[int]] = {}
        for folder, uid in rows:
            found.setdefault(folder, []).append(uid)
        return found

    def release(self, folder: int) -> None:
        """What another version had set aside in a folder is read now, or not there any more."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM quarantine WHERE folder = ? AND version <> ?", (folder, __version__))

    def quarantined(self) -> list[Quarantined]:
        """What was set aside, for `doctor`."""
        rows = self._connection.execute(
            "SELECT f.name, q.uid, q.reason, q.attempts FROM quarantine q JOIN folders f ON f.id = q.folder"
            " WHERE f.account = ? ORDER BY f.name, q.uid", (self.account,),
        )  # fmt: skip
        return [Quarantined(*row) for row in rows]

    def quarantined_uids(self, folder: int) -> list[int]:
        rows = self._connection.execute("SELECT uid FROM quarantine WHERE folder = ? ORDER BY uid", (folder,))
        return [row[0] for row in rows]

    def traffic(self, day: date) -> int:
        """Bytes transferred with the account's server on a day."""
        row = self._connection.execute(
            "SELECT bytes FROM traffic WHERE account = ? AND day = ?", (self.account, day.isoformat())
        ).fetchone()
        return int(row[0]) if row else 0

    def add_traffic(self, day: date, count: int) -> None:
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO traffic VALUES (?, ?, ?)"
                " ON CONFLICT (account, day) DO UPDATE SET bytes = bytes + excluded.bytes",
                (self.account, day.isoformat(), count),
            )
