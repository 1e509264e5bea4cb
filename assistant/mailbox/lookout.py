"""Waiting for news in one folder, and between two waits asking for the numbers of all that are read."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.mailbox.folders import Folder, Role, find_folders, folders_to_read
from assistant.mailbox.idling import Idler

Numbers = Mapping[str, tuple[int | None, int | None, int | None]]
"""Folder → UIDVALIDITY, UIDNEXT, how many messages."""


class Lookout(Idler):
    """An Idler whose connection takes other commands between two waits."""

    def pause(self) -> None:
        """End the wait (RFC 2177: DONE); the next `wait` begins another. What came meanwhile, the numbers tell."""
        if self._tag is not None:
            self._wire.stream.allow(30)
            self._wire.stream.send(b"DONE\r\n")
            tag, self._tag = self._tag, None
            self._any_news(list(self._wire.answers(tag)))

    def numbers(self) -> Numbers:
        """Of every folder that is read, in one round trip where LIST-STATUS (RFC 5819) is offered.

        A new, removed, moved or edited message changes them; a flag does not.
        """
        roles: Mapping[Role, Folder] = find_folders(self._connection)
        found = {}
        for folder in folders_to_read(roles):
            status = folder.status or self._wire.status(folder.name)
            found[folder.name] = (status.uidvalidity, status.uidnext, status.messages)
        return found


def arrivals_folder(roles: Mapping[Role, Folder]) -> str:
    """Where new mail arrives: All Mail on Gmail, which holds the sent mail too, else the Inbox."""
    return (roles.get("all") or roles["inbox"]).name
