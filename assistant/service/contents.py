"""The contents of messages that matter: from the store where it has them, else from the server, in bounded ranges."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from assistant.mailbox import Connection
from assistant.mailbox.reducing import LIMITS, Limits, fetch_messages
from assistant.store import MailStore


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

        for uid, content in fetch_messages(connection, folder, sorted(places), limits, set_aside):
            mail.save_content(places[uid], content)
            yield places[uid], content


def _places(mail: MailStore, keys: Collection[int]) -> dict[str, dict[int, int]]:
    """Folder → UID → key, one place for each message."""
    found: dict[str, dict[int, int]] = {}
    for key in keys:
        for location in mail.locations(key)[:1]:
            found.setdefault(location.folder, {})[location.uid] = key
    return found
