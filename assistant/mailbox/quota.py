"""How full the mailbox is (RFC 9208)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.mailbox.connection import Connection
from assistant.mailbox.failures import CommandRefused

_STORAGE = re.compile(rb"STORAGE (\d{1,18}) (\d{1,18})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quota:
    """Bytes used, and the most that may be."""

    used: int
    limit: int

    @property
    def share(self) -> float:
        """How full it is: 1.0 is full."""
        return self.used / self.limit if self.limit else 0.0


def quota_of(connection: Connection) -> Quota | None:
    """The quota that the Inbox counts against; None where the server tells none."""
    if not connection.has("QUOTA"):
        return None
    try:
        answers = connection.wire.run(b"GETQUOTAROOT INBOX")
    except CommandRefused:
        return None
    for pieces in answers:
        found = _STORAGE.search(pieces[0]) if pieces[0][:8].upper() == b"* QUOTA " else None
        if found and int(found[2]):
            return Quota(int(found[1]) * 1024, int(found[2]) * 1024)
    return None
