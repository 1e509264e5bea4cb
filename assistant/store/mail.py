"""The mailbox as the store knows it: folders with their cursors, messages with their places and threads, contents."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from assistant.store.arrivals import ArrivalWriter
from assistant.store.database import Database
from assistant.store.records import (
    COLUMNS,
    Added,
    Arrival,
    FolderState,
    Location,
    Quarantined,
    StoredMessage,
    read_row,
)


class MailStore:
    """One account's mail. Every method that writes is a transaction of its own, or joins the caller's:

    with mail.transaction():
        mail.add(folder, arrivals)
        mail.save_folder(state)
    """

    def __init__(self, database: Database, account: str) -> None:
        self.database = database
        self.transaction = database.transaction
        self._connection = database.connection
        with database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO accounts (name) VALUES (?)", (account,))
        self.account: int = self._connection.execute("SELECT id FROM accounts WHERE name = ?", (account,)).fetchone()[0]
        self._arrivals = ArrivalWriter(self._connection, self.account)

    # -- folders --------------------------------------------------------------------------------------------------

    def folders(self) -> dict[str, FolderState]:
        """The folders read so far, by name."""
        rows = self._connection.execute(
            "SELECT id, name, role, uidvalidity, uidnext, highestmodseq, messages, backfill, since FROM folders"
            " WHERE account = ?", (self.account,),
        )  # fmt: skip
        return {row[1]: FolderState(*(*row[:8], date.fromisoformat(row[8]))) for row in rows}

    def save_folder(self, state: FolderState) -> FolderState:
        """Insert (`id` 0) or update a folder's cursor; the state with its id."""
        values = (self.account, state.name, state.role, state.uidvalidity, state.uidnext, state.highestmodseq,
                  state.messages, state.backfill, state.since.isoformat())  # fmt: skip
        with self.transaction() as connection:
            row = connection.execute(
                "INSERT INTO folders"
                " (account, name, role, uidvalidity, uidnext, highestmodseq, messages, backfill, since)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, name) DO UPDATE SET role = excluded.role,"
                " uidvalidity = excluded.uidvalidity, uidnext = excluded.uidnext,"
                " highestmodseq = excluded.highestmodseq, messages = excluded.messages,"
                " backfill = excluded.backfill, since = excluded.since RETURNING id",
                values,
            ).fetchone()
        return replace(state, id=row[0])

    def forget_places(self, folder: int) -> None:
        """All UIDs of a folder are void (UIDVALIDITY changed, or it is gone); its messages stay for now."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM locations WHERE folder = ?", (folder,))
            connection.execute("DELETE FROM quarantine WHERE folder = ?", (folder,))

    def remove_folder(self, folder: int) -> None:
        with self.transaction() as connection:
            self.forget_places(folder)
            connection.execute("DELETE FROM folders WHERE id = ?", (folder,))

    # -- arrivals and departures ----------------------------------------------------------------------------------

    def add(self, folder: int, arrivals: Sequence[Arrival]) -> Added:
        """Store a batch of messages of one folder."""
        with self.transaction():
            return self._arrivals.add(folder, arrivals)

    def set_flags(self, folder: int, flags: Iterable[tuple[int, tuple[str, ...]]]) -> None:
        with self.transaction() as connection:
            connection.executemany(
                "UPDATE locations SET flags = ? WHERE folder = ? AND uid = ?",
                ((" ".join(names), folder, uid) for uid, names in flags),
            )

    def remove(self, folder: int, gone: Iterable[range]) -> None:
        """These UIDs are no longer in the folder."""
        with self.transaction() as connection:
            connection.executemany(
                "DELETE FROM locations WHERE folder = ? AND uid BETWEEN ? AND ?",
                [(folder, run.start, run.stop - 1) for run in gone],
            )

    def uids(self, folder: int) -> list[int]:
        """The UIDs stored for a folder, ascending."""
        return [row[0] for row in self._connection.execute("SELECT uid FROM locations WHERE folder = ?", (folder,))]

    def flags(self, folder: int) -> dict[int, tuple[str, ...]]:
        rows = self._connection.execute("SELECT uid, flags FROM locations WHERE folder = ?", (folder,))
        return {uid: tuple(flags.split()) for uid, flags in rows}

    # -- messages -------------------------------------------------------------------------------------------------

    def message(self, key: int) -> StoredMessage | None:
        return next(iter(self.messages([key])), None)

    def messages(self, keys: Collection[int]) -> list[StoredMessage]:
        return self._select("id IN (SELECT value FROM json_each(?))", json.dumps(list(keys)))

    def thread(self, thread: int) -> list[StoredMessage]:
        """The messages of a conversation, oldest first; those no folder holds any more included (`gone`)."""
        return self._select("thread = ?", thread)

    def threads(self, threads: Collection[int]) -> Iterator[list[StoredMessage]]:
        """Each of these conversations, oldest message first."""
        for thread in sorted(threads):
            found = self.thread(thread)
            if found:
                yield found

    def thread_numbers(self) -> list[int]:
        """All conversations of the account, the one with the latest news first."""
        rows = self._connection.execute(
            "SELECT thread FROM messages WHERE account = ? GROUP BY thread ORDER BY max(sent_at) DESC", (self.account,)
        )
        return [row[0] for row in rows]

    def threads_written_by(self, addresses: Collection[str], *, within: Collection[int] | None = None) -> list[int]:
        """Conversations in which one of these (lower-case) addresses wrote, the latest first.

        `within` limits the search to some threads.
        """
        condition = "AND thread IN (SELECT value FROM json_each(?))" if within is not None else ""
        rows = self._connection.execute(
            "SELECT thread FROM messages WHERE account = ? AND substr(sender, instr(sender, char(9)) + 1)"  # noqa: S608
            f" IN (SELECT value FROM json_each(?)) {condition} GROUP BY thread ORDER BY max(sent_at) DESC",
            (self.account, json.dumps(list(addresses)), *([json.dumps(list(within))] if within is not None else [])),
        )
        return [row[0] for row in rows]

    def find(self, message_id: str) -> list[StoredMessage]:
        """The messages with this Message-ID (angle brackets included); usually one, none where it is unknown."""
        thread = self._arrivals.thread_of(message_id)
        found = self.thread(thread) if thread is not None else []
        return [message for message in found if message.envelope.message_id == message_id]

    def locations(self, key: int) -> list[Location]:
        """Where a message is now; empty when it is gone."""
        rows = self._connection.execute(
            "SELECT f.name, f.role, f.uidvalidity, l.uid, l.flags FROM locations l JOIN folders f ON f.id = l.folder"
            " WHERE l.message = ? ORDER BY f.id, l.uid", (key,),
        )  # fmt: skip
        return [Location(*(*row[:4], tuple(row[4].split()))) for row in rows]

    def count(self) -> int:
        """How many messages the account's folders hold, each counted once."""
        statement = "SELECT count(*) FROM messages WHERE account = ? AND missing_since IS NULL"
        return int(self._connection.execute(statement, (self.account,)).fetchone()[0])

    def _select(self, condition: str, *values: object) -> list[StoredMessage]:
        rows = self._connection.execute(
            f"SELECT {COLUMNS} FROM messages WHERE account = ? AND {condition} ORDER BY sent_at, id",  # noqa: S608
            (self.account, *values),
        )
        return [read_row(row) for row in rows]

    # -- contents -------------------------------------------------------------------------------------------------

    def save_content(self, key: int, mime: bytes) -> None:
        """Keep a message's reduced bytes."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO contents VALUES (?, ?)", (key, zlib.compress(mime, 6)))

    def content(self, key: int) -> bytes | None:
        """A message's reduced bytes; None while they were not fetched."""
        row = self._connection.execute("SELECT mime FROM contents WHERE message = ?", (key,)).fetchone()
        return zlib.decompress(row[0]) if row else None

    def without_content(self, keys: Collection[int]) -> list[int]:
        """Those of the messages whose bytes are still to be fetched."""
        rows = self._connection.execute(
            "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT message FROM contents)",
            (json.dumps(list(keys)),),
        )
        return [row[0] for row in rows]

    # -- what could not be read -----------------------------------------------------------------------------------

    def quarantine(self, folder: int, uid: int, reason: str, at: datetime) -> None:
        """Leave one message alone from now on; another failure raises its count of attempts."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO quarantine VALUES (?, ?, ?, 1, ?) ON CONFLICT (folder, uid) DO UPDATE SET"
                " reason = excluded.reason, attempts = attempts + 1, last_at = excluded.last_at",
                (folder, uid, reason[:200], int(at.timestamp())),
            )

    def quarantined(self) -> list[Quarantined]:
        rows = self._connection.execute(
            "SELECT f.name, q.uid, q.reason, q.attempts FROM quarantine q JOIN folders f ON f.id = q.folder"
            " WHERE f.account = ? ORDER BY f.name, q.uid", (self.account,),
        )  # fmt: skip
        return [Quarantined(*row) for row in rows]
