"""Writing messages by the hundred: which are known, their threads, rows and places, in few statements a batch.

A message is known by one name: the server's own number for it, else its Message-ID, else its outside. `thread_keys`
holds these names beside those that only join threads. Of two messages that bear one Message-ID the second gets a name
of its own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count
from zlib import crc32

from assistant import threads
from assistant.headers import NOTHING
from assistant.store.records import Added, Arrival, write_people

CLOCK_SKEW = 2 * 86400
_INSERT_MESSAGE = (
    "INSERT INTO messages (id, account, thread, outside, message_id, sent_at, received_at, size, sender, recipients,"
    " copies, subject, automatic, subject_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_KNOWN = (
    "SELECT key, coalesce(new, k.thread), message, outside FROM thread_keys AS k"
    " LEFT JOIN merged_threads ON old = k.thread LEFT JOIN messages ON id = message"
    " WHERE key IN (SELECT value FROM json_each(?))"
)
_INSERT_KEY = "INSERT OR REPLACE INTO thread_keys VALUES (?, ?, ?)"
_INSERT_PLACE = "INSERT OR REPLACE INTO locations VALUES (?, ?, ?, ?)"
_NOBODY = (None, 0)
_Row = tuple[object, ...]


class ArrivalWriter:
    """Writes the messages of one account. Must be used inside a transaction, by one writer at a time."""

    def __init__(self, connection: sqlite3.Connection, account: int) -> None:
        self._connection = connection
        self._account = account
        self._salt = 0 if account == 1 else threads.key(f"account {account}")

    def add(self, folder: int, arrivals: Sequence[Arrival]) -> Added:
        """Store a batch: new messages get a row, known ones only a new place. Batches over some thousand are slow."""
        outsides = [_outside(arrival) for arrival in arrivals]
        keys = [self._keys(arrival) for arrival in arrivals]
        names = list(map(self._name, arrivals, keys, outsides))
        known, bearers = self._known({*names, *chain.from_iterable(keys)})
        joined = threads.join(keys, known, count(self._next_thread()).__next__)
        written = dict(joined.keys)
        fresh = count(self._next_message())
        new: list[int] = []
        rows, places = [], []
        for arrival, name, outside, thread in zip(arrivals, names, outsides, joined.threads, strict=True):
            if name in bearers and bearers[name][1] != outside:
                name = self._other_name(name, outside, bearers)
            if name not in bearers:
                bearers[name] = next(fresh), outside
                written[name] = thread
                new.append(bearers[name][0])
                rows.append(self._row(new[-1], outside, thread, arrival))
            places.append((folder, arrival.uid, bearers[name][0], " ".join(arrival.flags)))
        self._write(rows, places, [(name, written[name], bearers.get(name, _NOBODY)[0]) for name in sorted(written)])
        self.merge(joined.merged)
        if len(new) < len(arrivals):
            self._found_again(places)
        return Added(tuple(new), frozenset(joined.threads))

    def _known(self, names: Iterable[int]) -> tuple[dict[int, int], dict[int, tuple[int, int]]]:
        """Of these names the thread, and of those that a message bears its number and outside."""
        found, bearers = {}, {}
        for name, thread, message, outside in self._connection.execute(_KNOWN, (json.dumps(list(names)),)):
            found[name] = thread
            if message is not None:
                bearers[name] = message, outside
        return found, bearers

    def _other_name(self, name: int, outside: int, bearers: dict[int, tuple[int, int]]) -> int:
        """The name of a message whose own is taken by one that looks otherwise; who bears it is added to `bearers`."""
        other = threads.key(f"{name} {outside}")
        bearers |= self._known([other])[1]
        return other

    def _write(self, rows: Sequence[_Row], places: Sequence[_Row], keys: Sequence[_Row]) -> None:
        self._connection.executemany(_INSERT_MESSAGE, rows)
        self._connection.executemany(_INSERT_PLACE, places)
        self._connection.executemany(_INSERT_KEY, keys)  # in their order: neighbours share a page

    def merge(self, merged: Mapping[int, int]) -> None:
        """Give the messages and keys of swallowed threads to the thread that swallowed them."""
        for old, new in merged.items():
            self._connection.execute("UPDATE messages SET thread = ? WHERE thread = ?", (new, old))
            self._connection.execute("UPDATE merged_threads SET new = ? WHERE new = ?", (new, old))
            self._connection.execute("INSERT OR REPLACE INTO merged_threads VALUES (?, ?)", (old, new))

    def thread_of(self, message_id: str) -> int | None:
        """The thread that a Message-ID belongs to or is referred to in; None for an unknown one."""
        return next(iter(self._known([threads.key(message_id) ^ self._salt])[0].values()), None)

    def _keys(self, arrival: Arrival) -> tuple[int, ...]:
        names = threads.keys(arrival.envelope, arrival.server_thread)
        return names if not self._salt else tuple(name ^ self._salt for name in names)

    def _name(self, arrival: Arrival, keys: Sequence[int], outside: int) -> int:
        """By which a message is known: the server's number for it, else its Message-ID, else its outside and size."""
        if arrival.server_id:
            return threads.key("server message " + arrival.server_id) ^ self._salt
        if arrival.envelope.message_id:
            return keys[0]
        return threads.key(f"nameless {outside} {arrival.size}") ^ self._salt

    def _row(self, message: int, outside: int, thread: int, arrival: Arrival) -> _Row:
        envelope = arrival.envelope
        message_id, sent, sender, to, cc, _, subject, _, _, _, automatic = envelope
        return (
            message, self._account, thread, outside, message_id, _moment(sent, arrival.received_at),
            arrival.received_at, arrival.size, write_people((sender,)) if sender else "", write_people(to),
            write_people(cc), subject, "" if automatic == NOTHING else "\n".join(automatic),
            threads.starter_key(envelope),
        )  # fmt: skip

    def _found_again(self, places: Sequence[tuple[int, int, int, str]]) -> None:
        """Messages that no folder held a moment ago were moved, not deleted."""
        self._connection.executemany(
            "UPDATE messages SET missing_since = NULL, gone = 0 WHERE id = ? AND missing_since IS NOT NULL",
            [(place[2],) for place in places],
        )

    def _next_message(self) -> int:
        return self._after("SELECT max(id) FROM messages")

    def _next_thread(self) -> int:
        return max(self._after("SELECT max(thread) FROM messages"), self._after("SELECT max(old) FROM merged_threads"))

    def _after(self, select: str) -> int:
        return (self._connection.execute(select).fetchone()[0] or 0) + 1


def _outside(arrival: Arrival) -> int:
    """What tells two messages with one name apart: date, sender, subject. The server's own numbers are given once."""
    if arrival.server_id:
        return 0
    envelope = arrival.envelope
    text = f"{envelope.sender.email}\n{envelope.subject}" if envelope.sender else envelope.subject
    return crc32(text.encode("utf-8", "surrogatepass"), (envelope.timestamp or 0) & 0xFFFFFFFF)


def _moment(sent: int | None, received_at: int | None) -> int:
    """When it was sent: its Date, unless missing or in the future of its arrival."""
    if received_at is None:
        return sent or 0
    return received_at if sent is None or sent > received_at + CLOCK_SKEW else sent
