"""What the daemon remembers: what the owner was told, and how each account is, for `status`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from assistant.store.database import Database


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """How an account is. `state` is online, offline, waiting or stopped; `code`, `message` and `hint` its last trouble,
    '' for none; `deadline` the next moment that the calendar brings, and which."""

    account: str
    state: str
    since: datetime
    code: str = ""
    message: str = ""
    hint: str = ""
    deadline: datetime | None = None
    deadline_what: str = ""
    deadline_offer: int = 0


class ToldStore:
    """The keys of the notices that were told. They are written before anything is shown: nothing is told twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def told(self, keys: Collection[str]) -> set[str]:
        """Those of these keys that were told."""
        rows = self._database.connection.execute(
            "SELECT key FROM told WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(list(keys)),)
        )
        return {row[0] for row in rows}

    def remember(self, keys: Iterable[str], at: datetime) -> None:
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO told VALUES (?, ?)", ((k, at.isoformat()) for k in keys))

    def forget(self, beginning: str) -> None:
        """What begins so may be told again: the trouble is over."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM told WHERE substr(key, 1, ?) = ?", (len(beginning), beginning))


class HealthStore:
    """How each account is, as the daemon last saw it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, health: AccountHealth) -> None:
        values = (
            health.account, health.state, health.since.isoformat(), health.code, health.message, health.hint,
            health.deadline.isoformat() if health.deadline else None, health.deadline_what, health.deadline_offer,
        )  # fmt: skip
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO health VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def last_cycle(self, account: str) -> tuple[datetime, str, str] | None:
        """When the last cycle of an account ended, its outcome, and its detail as JSON; whoever ran it."""
        row = self._database.connection.execute(
            "SELECT ended_at, outcome, detail FROM cycles WHERE account = ? ORDER BY id DESC LIMIT 1", (account,)
        ).fetchone()
        return (datetime.fromisoformat(row[0]), row[1], row[2]) if row else None

    def all(self) -> dict[str, AccountHealth]:
        rows = self._database.connection.execute(
            "SELECT account, state, since, code, message, hint, deadline, deadline_what, deadline_offer FROM health"
        )
        return {row[0]: _health(row) for row in rows}


def _health(row: tuple[str, str, str, str, str, str, str | None, str, int]) -> AccountHealth:
    account, state, since, code, message, hint, deadline, what, offer = row
    moment = datetime.fromisoformat(deadline) if deadline else None
    return AccountHealth(account, state, datetime.fromisoformat(since), code, message, hint, moment, what, offer)
