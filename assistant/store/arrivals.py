"""Writing messages by the hundred: identity, thread, row and place, in few statements a batch."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, count

from assistant import threads
from assistant.headers import Envelope
from assistant.store.records import Added, Arrival, write_people

CLOCK_SKEW = 2 * 86400
_INSERT_MESSAGE = "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_KNOWN_MESSAGES = "SELECT identity, id FROM messages WHERE identity IN (SELECT value FROM json_each(?))"
_KNOWN_KEYS = (
    "SELECT key, coalesce(new, thread) FROM thread_keys LEFT JOIN merged_threads ON old = thread"
    " WHERE key IN (SELECT value FROM json_each(?))"
)
_INSERT_PLACE = "INSERT OR REPLACE INTO locations VALUES (?, ?, ?, ?)"


class ArrivalWriter:
    """Writes the messages of one account. Must be used inside a transaction, by one writer at a time."""

    def __init__(self, connection: sqlite3.Connection, account: int) -> None:
        self._connection = connection
        self._account = account
        self._salt = 0 if account == 1 else threads.key(f"account {account}")

    def add(self, folder: int, arrivals: Sequence[Arrival]) -> Added:
        """Store a batch: new messages get a row, known ones only a new place. Batches over some thousand are slow."""
        identities = [self._identity(arrival) for arrival in arrivals]
        known = self._numbers(_KNOWN_MESSAGES, identities)
        joined = self._join(arrivals)
        fresh = count(self._next_message())
        new: list[int] = []
        rows, places = [], []
        for arrival, identity, thread in zip(arrivals, identities, joined.threads, strict=True):
            message = known.get(identity)
            if message is None:
                message = known[identity] = next(fresh)
                new.append(message)
                rows.append(self._row(message, identity, thread, arrival))
            places.append((folder, arrival.uid, message, " ".join(arrival.flags)))
        execute = self._connection.executemany
        execute(_INSERT_MESSAGE, rows)
        execute(_INSERT_PLACE, places)
        if len(new) < len(arrivals):
            self._found_again(places)
        return Added(tuple(new), frozenset(joined.threads))

    def _join(self, arrivals: Sequence[Arrival]) -> threads.Joined:
        """The batch's threads; new keys and mergers are written."""
        names = [self._keys(arrival) for arrival in arrivals]
        known = self._numbers(_KNOWN_KEYS, set(chain.from_iterable(names)))
        fresh = count(self._next_thread())
        joined = threads.join(names, known, lambda: next(fresh))
        self._connection.executemany("INSERT OR REPLACE INTO thread_keys VALUES (?, ?)", joined.keys.items())
        self.merge(joined.merged)
        return joined

    def merge(self, merged: Mapping[int, int]) -> None:
        """Give the messages and keys of swallowed threads to the thread that swallowed them."""
        for old, new in merged.items():
            self._connection.execute("UPDATE messages SET thread = ? WHERE thread = ?", (new, old))
            self._connection.execute("UPDATE merged_threads SET new = ? WHERE new = ?", (new, old))
            self._connection.execute("INSERT OR REPLACE INTO merged_threads VALUES (?, ?)", (old, new))

    def thread_of(self, message_id: str) -> int | None:
        """The thread that a Message-ID belongs to or is referred to in; None for an unknown one."""
        return next(iter(self._numbers(_KNOWN_KEYS, [threads.key(message_id) ^ self._salt]).values()), None)

    def _keys(self, arrival: Arrival) -> tuple[int, ...]:
        names = threads.keys(arrival.envelope, arrival.server_thread)
        return names if not self._salt else tuple(name ^ self._salt for name in names)

    def _identity(self, arrival: Arrival) -> int:
        if arrival.server_id:
            return threads.key("server message " + arrival.server_id) ^ self._salt
        envelope = arrival.envelope
        sender = envelope.sender.email if envelope.sender else ""
        name = f"{envelope.message_id}\n{envelope.timestamp}\n{sender}\n{envelope.subject}"
        if not envelope.message_id:
            name += f"\n{arrival.size}"
        return threads.digest(name) ^ self._salt

    def _row(self, message: int, identity: int, thread: int, arrival: Arrival) -> tuple[object, ...]:
        envelope = arrival.envelope
        return (
            message, identity, self._account, thread, envelope.message_id, _moment(envelope, arrival.received_at),
            arrival.received_at, arrival.size, write_people((envelope.sender,)) if envelope.sender else "",
            write_people(envelope.to), write_people(envelope.cc), write_people(envelope.reply_to), envelope.subject,
            "".join(envelope.in_reply_to), "".join(envelope.references), envelope.thread_index,
            "\n".join(envelope.automatic) if any(envelope.automatic) else "",
            threads.starter_key(envelope), None, 0,
        )  # fmt: skip

    def _found_again(self, places: Sequence[tuple[int, int, int, str]]) -> None:
        """Messages that no folder held a moment ago were moved, not deleted."""
        self._connection.executemany(
            "UPDATE messages SET missing_since = NULL, gone = 0 WHERE id = ? AND missing_since IS NOT NULL",
            [(place[2],) for place in places],
        )

    def _numbers(self, select: str, values: Collection[int]) -> dict[int, int]:
        return dict(self._connection.execute(select, (json.dumps(list(values)),)))

    def _next_message(self) -> int:
        return self._after("SELECT max(id) FROM messages")

    def _next_thread(self) -> int:
        return max(self._after("SELECT max(thread) FROM messages"), self._after("SELECT max(old) FROM merged_threads"))

    def _after(self, select: str) -> int:
        return (self._connection.execute(select).fetchone()[0] or 0) + 1


def _moment(envelope: Envelope, received_at: int | None) -> int:
    """When it was sent: its Date, unless missing or in the future of its arrival."""
    sent = envelope.timestamp
    if received_at is None:
        return sent or 0
    return received_at if sent is None or sent > received_at + CLOCK_SKEW else sent
