"""What was understood of each message, so that it is read once; and how the last cycles went."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from assistant.store.database import Database
from assistant.store.plain import from_json, to_json
from assistant.understanding import Understood


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle of an account: `outcome` is 'done' or the code of an error; `detail` JSON for `status`."""

    account: str
    started_at: datetime
    ended_at: datetime
    outcome: str
    detail: str = ""


class Outside(NamedTuple):
    """The few things of a message that tell whether it may matter; cheap enough to walk a whole mailbox."""

    key: int
    thread: int
    at: int
    name: str
    sender: str
    recipients: list[str]
    subject: str


def _emails(column: str) -> list[str]:
    return [line.partition("\t")[2] for line in column.split("\n")] if column else []


class ReadingStore:
    """The readings of one account's messages. A reading belongs to the version of the judgement that made it.

    Those that were loaded once are kept: a cycle judges several times.
    """

    def __init__(self, database: Database, account: int, version: str) -> None:
        self._database = database
        self._account = account
        self._version = version
        self._kept: dict[int, Understood] = {}

    def save(self, readings: Iterable[tuple[int, Understood]]) -> None:
        rows = [
            (key, self._version, u.sells if u.from_house else 0.0, zlib.compress(to_json(u).encode(), 3))
            for key, u in readings
        ]
        self._drop(row[0] for row in rows)
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?)", rows)

    def missing(self, keys: Collection[int]) -> list[int]:
        """Those of these messages that this version of the judgement has not read."""
        rows = self._database.connection.execute(
            "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT message FROM readings WHERE version = ?)",
            (json.dumps(list(keys)), self._version),
        )
        return [row[0] for row in rows]

    def load(self, keys: Collection[int]) -> list[tuple[int, Understood]]:
        """(thread, reading) of these messages; what another version wrote is left out."""
        self._keep([key for key in keys if key not in self._kept])
        known = [key for key in keys if key in self._kept]
        rows = self._database.connection.execute(
            "SELECT id, thread FROM messages WHERE account = ? AND id IN (SELECT value FROM json_each(?))",
            (self._account, json.dumps(known)),
        )
        return [(thread, self._kept[key]) for key, thread in rows]

    def _keep(self, keys: Collection[int]) -> None:
        rows = self._database.connection.execute(
            "SELECT message, content FROM readings WHERE version = ? AND message IN (SELECT value FROM json_each(?))",
            (self._version, json.dumps(list(keys))),
        )
        for key, content in rows:
            self._kept[key] = from_json(Understood, zlib.decompress(content).decode())

    def _drop(self, keys: Iterable[int]) -> None:
        for key in keys:
            self._kept.pop(key, None)

    def selling_threads(self, least: float) -> list[int]:
        """Threads in which a message of the owner's side may be an offer."""
        rows = self._database.connection.execute(
            "SELECT DISTINCT m.thread FROM readings r JOIN messages m ON m.id = r.message"
            " WHERE m.account = ? AND r.version = ? AND r.sells >= ?",
            (self._account, self._version, least),
        )
        return [row[0] for row in rows]

    def forget(self, keys: Collection[int]) -> None:
        """These messages are to be read again (the owner corrected one)."""
        self._drop(keys)
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM readings WHERE message IN (SELECT value FROM json_each(?))", (json.dumps(list(keys)),)
            )

    # -- choosing among the mailbox -------------------------------------------------------------------------------

    def outsides(self, threads: Collection[int] | None = None) -> Iterator[Outside]:
        """Every message that a folder other than Drafts, Trash and Junk holds, or that was read before; of these
        threads alone where they are given."""
        chosen = "" if threads is None else " AND m.thread IN (SELECT value FROM json_each(?))"
        rows = self._database.connection.execute(
            "SELECT m.id, m.thread, m.sent_at, m.sender, m.recipients, m.copies, m.subject FROM messages m"  # noqa: S608
            f" WHERE m.account = ?{chosen} AND (EXISTS (SELECT 1 FROM locations l JOIN folders f ON f.id = l.folder"
            " WHERE l.message = m.id AND f.role NOT IN ('drafts', 'trash', 'junk'))"
            " OR EXISTS (SELECT 1 FROM readings r WHERE r.message = m.id))",
            (self._account,) if threads is None else (self._account, json.dumps(list(threads))),
        )
        for key, thread, at, sender, recipients, copies, subject in rows:
            people = [*_emails(recipients), *_emails(copies)]
            name, _, email = sender.split("\n", 1)[0].partition("\t")
            yield Outside(key, thread, at, name, email, people, subject)

    # -- which messages the judgement looks at --------------------------------------------------------------------

    def set_watched(self, keys: Collection[int], mark: str) -> None:
        """The messages that the offers are judged by. `mark` names what else they were chosen by: see `fresh`."""
        before, after = set(self.watched()), set(keys)
        with self._database.transaction() as connection:
            for statement, changed in (
                ("DELETE FROM watched WHERE account = ? AND message = ?", before - after),
                ("INSERT INTO watched VALUES (?, ?)", after - before),
            ):
                connection.executemany(statement, [(self._account, key) for key in changed])
            connection.execute(
                "INSERT OR REPLACE INTO sifted SELECT ?, ?, coalesce(max(id), 0) FROM messages",
                (self._account, f"{self._version} {mark}"),
            )

    def watched(self) -> list[int]:
        rows = self._database.connection.execute("SELECT message FROM watched WHERE account = ?", (self._account,))
        return [row[0] for row in rows]

    def fresh(self, mark: str) -> list[tuple[int, int]] | None:
        """(key, thread) of the messages that came since `set_watched` with this mark; None where there was none."""
        row = self._database.connection.execute(
            "SELECT upto FROM sifted WHERE account = ? AND mark = ?", (self._account, f"{self._version} {mark}")
        ).fetchone()
        if row is None:
            return None
        rows = self._database.connection.execute(
            "SELECT id, thread FROM messages WHERE id > ? AND account = ?", (row[0], self._account)
        )
        return rows.fetchall()

    def threads_of(self, keys: Collection[int]) -> set[int]:
        rows = self._database.connection.execute(
            "SELECT DISTINCT thread FROM messages WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        return {row[0] for row in rows}


class CycleStore:
    """How the last cycles went, for `status` and the daemon."""

    KEPT = 200

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, cycle: Cycle) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO cycles (account, started_at, ended_at, outcome, detail) VALUES (?, ?, ?, ?, ?)",
                (cycle.account, cycle.started_at.isoformat(), cycle.ended_at.isoformat(), cycle.outcome, cycle.detail),
            )
            connection.execute("DELETE FROM cycles WHERE id <= (SELECT max(id) FROM cycles) - ?", (self.KEPT,))

    def last(self, account: str) -> Cycle | None:
        row = self._database.connection.execute(
            "SELECT account, started_at, ended_at, outcome, detail FROM cycles WHERE account = ?"
            " ORDER BY id DESC LIMIT 1",
            (account,),
        ).fetchone()
        if row is None:
            return None
        return Cycle(row[0], datetime.fromisoformat(row[1]), datetime.fromisoformat(row[2]), row[3], row[4])
