"""What is about to be done, or was done, to a draft: written down before the server hears of it, so that a killed
process finds its way back. One row for each marker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.store.database import Database

Step = Literal["intended", "appending", "placed", "standing", "taking-back", "uncertain"]
"""intended: nothing was sent · appending: maybe stored · placed: the server said OK · standing: seen there, and in the
ledger · taking-back: to be removed, whatever is found · uncertain: nobody knows, the owner is asked."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A draft on its way. `message` are its bytes as they were, or are to be, appended; `uidvalidity` and `uidnext` are
    what Drafts said before the append; `uid` is where it lies, None while that is not known."""

    marker: str
    kind: str
    version: str
    step: Step
    message: bytes = b""
    answers: str = ""
    asked: bool = False
    uidvalidity: int = 0
    uidnext: int | None = None
    uid: int | None = None


class IntentStore:
    """The intents of one account. Every write is on the disk when it returns."""

    def __init__(self, database: Database, account: int) -> None:
        self._database = database
        self._account = account

    def save(self, intent: Intent) -> Intent:
        """Writes an intent, in the place of an earlier one with its marker."""
        with self._database.transaction() as connection, self._database.translated():
            connection.execute(
                "INSERT OR REPLACE INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (self._account, intent.marker, intent.kind, intent.version, intent.step, intent.message, intent.answers,
                 intent.asked, intent.uidvalidity, intent.uidnext, intent.uid),
            )  # fmt: skip
        return intent

    def drop(self, marker: str) -> None:
        with self._database.transaction() as connection, self._database.translated():
            connection.execute("DELETE FROM intents WHERE account = ? AND marker = ?", (self._account, marker))

    def get(self, marker: str) -> Intent | None:
        return next((i for i in self._select("AND marker = ?", marker)), None)

    def at(self, *steps: Step) -> list[Intent]:
        """The intents that have come to one of these steps, oldest first."""
        return [i for i in self._select("") if i.step in steps]

    def _select(self, condition: str, *values: object) -> list[Intent]:
        with self._database.translated():
            rows = self._database.connection.execute(
                "SELECT marker, kind, version, step, message, answers, asked, uidvalidity, uidnext, uid FROM intents"  # noqa: S608
                f" WHERE account = ? {condition} ORDER BY rowid",
                (self._account, *values),
            ).fetchall()
        return [_intent(*row) for row in rows]


def _intent(
    marker: str, kind: str, version: str, step: Step, message: bytes, answers: str, asked: int, *at: int
) -> Intent:
    return Intent(marker, kind, version, step, message, answers, bool(asked), *at)
