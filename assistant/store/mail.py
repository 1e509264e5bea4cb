"""The mailbox as the store knows it: messages with their places and threads, and their contents."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from assistant import threads
from assistant.store.arrivals import ArrivalWriter
from assistant.store.database import Database
from assistant.store.folders import FolderStore
from assistant.store.records import COLUMNS, Added, Arrival, Location, StoredMessage, read_row

REMEMBERED = timedelta(days=30)
"""How long a conversation stays in the store after the last of its messages has left the mailbox."""


class MailStore(FolderStore):
    """One account's mail. Every method that writes is a transaction of its own, or joins the caller's:

    with mail.transaction():
        mail.add(folder, arrivals)
        mail.save_folder(state)
    """

    def __init__(self, database: Database, account: str) -> None:
        super().__init__(database, account)
        self._arrivals = ArrivalWriter(self._connection, self.account)

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

    def settle(self, now: datetime) -> list[int]:
        """Once a cycle, after all folders: the keys of messages that have now been missing for a whole cycle.

        They stay readable (`gone`); a conversation of which nothing is left is forgotten 30 days later.
        """
        select = "SELECT 1 FROM messages WHERE missing_since IS NOT NULL LIMIT 1"
        if self._connection.execute(select).fetchone() is None:
            return []
        with self.transaction() as connection:
            connection.execute(
                "UPDATE messages SET missing_since = NULL, gone = 0 WHERE missing_since IS NOT NULL"
                " AND EXISTS (SELECT 1 FROM locations WHERE message = messages.id)"
            )
            rows = connection.execute(
                "UPDATE messages SET gone = 1 WHERE missing_since < ? AND gone = 0 AND account = ? RETURNING id",
                (int(now.timestamp()), self.account),
            ).fetchall()
            self._forget(int((now - REMEMBERED).timestamp()))
        return sorted(row[0] for row in rows)

    def _forget(self, before: int) -> None:
        rows = self._connection.execute(
            "SELECT DISTINCT thread FROM messages AS m WHERE missing_since < ? AND gone = 1 AND account = ?"
            " AND NOT EXISTS (SELECT 1 FROM messages WHERE thread = m.thread"
            " AND (missing_since IS NULL OR missing_since >= ?))",
            (before, self.account, before),
        ).fetchall()
        for row in rows:
            self._connection.execute(
                "DELETE FROM contents WHERE message IN (SELECT id FROM messages WHERE thread = ?)", row
            )
            self._connection.execute("DELETE FROM messages WHERE thread = ?", row)
            self._connection.execute(
                "DELETE FROM thread_keys WHERE thread = ?1"
                " OR thread IN (SELECT old FROM merged_threads WHERE new = ?1)",
                row,
            )

    def adopt_lost_replies(self) -> list[int]:
        """Join replies without usable references to the conversations they answer; the numbers of these."""
        adopted = []
        with self.transaction():
            for reply in self._lost_replies():
                starter = self._starter_for(reply)
                if starter is not None:
                    self._arrivals.merge({reply.thread: starter.thread})
                    adopted.append(starter.thread)
        return adopted

    def _lost_replies(self) -> list[StoredMessage]:
        """The first messages of those conversations that begin with a reply."""
        rows = self._connection.execute(
            "SELECT id, subject, min(sent_at) FROM messages WHERE thread IN"  # id and subject are the earliest one's
            " (SELECT thread FROM messages GROUP BY thread HAVING count(subject_key) = 0) GROUP BY thread"
        )
        return self.messages([key for key, subject, _ in rows if threads.looks_like_reply(subject)])

    def _starter_for(self, reply: StoredMessage) -> StoredMessage | None:
        """The message whose conversation a lost reply belongs to."""
        name, sent, writer = threads.subject_key(reply.envelope), reply.envelope.timestamp, reply.envelope.sender
        if name is None or sent is None or writer is None:
            return None
        found = self._select(
            "subject_key = ? AND sent_at BETWEEN ? AND ? AND instr(recipients || copies, ?)",
            name, sent - threads.LONGEST_SILENCE, sent, "\t" + writer.email,
        )  # fmt: skip
        others = [each for each in found if each.thread != reply.thread]
        fitting = [each for each in others if threads.answers(reply.envelope, each.envelope)]
        return fitting[-1] if fitting else None

    def uids(self, folder: int) -> list[int]:
        """The UIDs stored for a folder, ascending."""
        rows = self._connection.execute("SELECT uid FROM locations WHERE folder = ? ORDER BY uid", (folder,))
        return [row[0] for row in rows]

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

    def save_contents(self, contents: Iterable[tuple[int, bytes]]) -> None:
        """Keep the reduced bytes of messages."""
        rows = [(key, zlib.compress(mime, 1)) for key, mime in contents]
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO contents VALUES (?, ?)", rows)

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
