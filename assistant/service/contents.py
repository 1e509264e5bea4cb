"""The contents of messages that matter: from the store where it has them, else from the server, in bounded ranges."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from assistant.mailbox import Connection
from assistant.mailbox.reducing import LIMITS, Limits, fetch_messages
from assistant.store import MailStore

BATCH_BYTES = 2 << 20


def fetch_contents(
    connection: Connection, mail: MailStore, keys: Collection[int], *, limits: Limits = LIMITS
) -> Iterator[tuple[int, bytes]]:
    """(key, reduced message bytes) of each message; what had to be fetched is kept in the store.

    Messages that left the server before they were fetched are left out, and those the server will not hand out, which
    are set aside (`MailStore.quarantined`).
    """
    missing = set(mail.without_content(keys))
    for key in keys:
        content = None if key in missing else mail.content(key)
        if content is not None:
            yield key, content
    folders = {name: state.id for name, state in mail.folders().items()}
    for folder, places in _places(mail, missing).items():

        def set_aside(uid: int, reason: str, folder: str = folder) -> None:
            mail.quarantine(folders[folder], uid, reason)

        found = fetch_messages(connection, folder, sorted(places), limits, set_aside)
        for batch in _batches((places[uid], content) for uid, content in found):
            mail.save_contents(batch)
            yield from batch


def _batches(contents: Iterable[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    """Some megabytes at a time: a transaction costs more than a small message."""
    batch: list[tuple[int, bytes]] = []
    size = 0
    for key, content in contents:
        batch.append((key, content))
        size += len(content)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _places(mail: MailStore, keys: Collection[int]) -> dict[str, dict[int, int]]:
    """Folder → UID → key, one place for each message."""
    found: dict[str, dict[int, int]] = {}
    for key in keys:
        for location in mail.locations(key)[:1]:
            found.setdefault(location.folder, {})[location.uid] = key
    return found
