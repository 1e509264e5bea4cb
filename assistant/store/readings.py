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
    automatic: str


def _emails(column: str) -> list[str]:
    return [line.partition("\t")[2] for line in column.split("\n")] if column else []


class ReadingStore:
    """The readings of one account's messages. A reading belongs to the version of the judgement that made it."""

    def __init__(self, database: Database, account: int, version: str) -> None:
        self._database = database
        self._account = account
        self._version = version

    def save(self, readings: Iterable[tuple[int, Understood]]) -> None:
        rows = [
            (key, self._version, u.sells if u.from_house else 0.0, zlib.compress(to_json(u).encode(), 3))
            for key, u in readings
        ]
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
        rows = self._database.connection.execute(
            "SELECT m.thread, r.content FROM readings r JOIN messages m ON m.id = r.message"
            " WHERE m.account = ? AND r.version = ? AND r.message IN (SELECT value FROM json_each(?))",
            (self._account, self._version, json.dumps(list(keys))),
        )
        return [(thread, from_json(Understood, zlib.decompress(content).decode())) for thread, content in rows]

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
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM readings WHERE message IN (SELECT value FROM json_each(?))", (json.dumps(list(keys)),)
            )

    # -- choosing among the mailbox -------------------------------------------------------------------------------

    def outsides(self, since: int | None = None) -> Iterator[Outside]:
        """Every message that a folder other than Drafts, Trash and Junk holds, or that was read before; from a moment
        (seconds since 1970) on."""
        rows = self._database.connection.execute(
            "SELECT m.id, m.thread, coalesce(m.sent_at, m.received_at, 0), m.sender, m.recipients, m.copies, m.subject,"
            " m.automatic FROM messages m WHERE m.account = ? AND coalesce(m.sent_at, m.received_at, 0) >= ?"
            " AND (EXISTS (SELECT 1 FROM locations l JOIN folders f ON f.id = l.folder WHERE l.message = m.id"
            " AND f.role NOT IN ('drafts', 'trash', 'junk'))"
            " OR EXISTS (SELECT 1 FROM readings r WHERE r.message = m.id))",
            (self._account, since if since is not None else -(2**62)),
        )
        for key, thread, at, sender, recipients, copies, subject, automatic in rows:
            people = [*_emails(recipients), *_emails(copies)]
            name, _, email = sender.split("\n", 1)[0].partition("\t")
            yield Outside(key, thread, at, name, email, people, subject, automatic)

    # -- which messages the judgement looks at --------------------------------------------------------------------

    def set_watched(self, keys: Collection[int]) -> None:
        """The messages that the offers are judged by; replaces those of the last time."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM watched WHERE account = ?", (self._account,))
            connection.executemany("INSERT INTO watched VALUES (?, ?)", ((self._account, key) for key in keys))

    def watched(self) -> list[int]:
        rows = self._database.connection.execute("SELECT message FROM watched WHERE account = ?", (self._account,))
        return [row[0] for row in rows]


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
