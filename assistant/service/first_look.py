"""The first look at a mailbox, for `setup`: who writes from it, and which offers there are. It drafts nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.header import decode_header, make_header
from email.utils import getaddresses

from assistant.config import Account
from assistant.host.locks import account_lock
from assistant.mailbox import Connection, Fetched, Folder, Role, find_folders
from assistant.service.connecting import Trace, connected
from assistant.service.cycle import horizon, judge_and_number
from assistant.service.desk import Desk
from assistant.service.judging import Listing
from assistant.service.reading import read_mailbox
from assistant.service.sifting import sift

_SAMPLE = 300
_OFTEN = 2
_PATIENCE = 60.0  # seconds, for a daemon in the middle of a cycle


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote the sent mail: the name used most, and the addresses, the most used first."""

    name: str
    addresses: tuple[str, ...]


def first_look(
    desk: Desk, account: Account, now: datetime, *, progress: Callable[[str, int], None], trace: Trace | None = None
) -> list[Listing]:
    """Reads the mailbox into the store and lists the offers, numbered; nothing is drafted, nothing changed there."""

    def look(connection: Connection) -> list[Listing]:
        since = horizon(account, now)
        read_mailbox(connection, desk.mail(account), account, since=since, now=now, progress=progress)
        sift(connection, desk, account, desk.contents(), now, progress)
        return judge_and_number(desk, account, now, write=True)

    with account_lock(desk.places.store, account.name, wait=_PATIENCE):
        return connected(account, look, trace=trace)


def folders_and_writer(connection: Connection) -> tuple[dict[Role, Folder], Writer]:
    """The folders by role, and who wrote the newest sent mail."""
    roles = find_folders(connection)
    sent = roles.get("sent")
    return roles, _writer(connection, sent.name) if sent else Writer("", ())


def _writer(connection: Connection, folder: str) -> Writer:
    selected = connection.wire.examine(folder)
    if not selected.messages:
        return Writer("", ())
    uids = connection.wire.search("ALL")[-_SAMPLE:]
    names: Counter[str] = Counter()
    addresses: Counter[str] = Counter()
    for found in connection.wire.fetch(f"{uids[0]}:{uids[-1]}", "UID BODY.PEEK[HEADER.FIELDS (FROM)]"):
        if isinstance(found, Fetched):
            name, address = _author(found.body or b"")
            names.update([name] if name else ())
            addresses.update([address] if address else ())
    often = [address for address, count in addresses.most_common(10) if count >= _OFTEN or len(addresses) == 1]
    return Writer(next((name for name, _ in names.most_common(1)), ""), tuple(often))


def _author(header: bytes) -> tuple[str, str]:
    """Name and address of a From field; '' for what cannot be read."""
    field = " ".join(header.decode("utf-8", "replace").partition(":")[2].split())
    for raw, address in getaddresses([field])[:1]:
        try:
            name = str(make_header(decode_header(raw)))
        except (LookupError, ValueError):
            name = ""
        return " ".join(name.split())[:80], address.lower() if "@" in address else ""
    return "", ""
