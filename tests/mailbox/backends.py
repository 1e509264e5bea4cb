"""The servers that the mailbox's contract is checked against, behind one small face for the test's own changes."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.config import Account, Credential
from assistant.mailbox import Connection, find_folders, open_connection
from assistant.mailbox.folders import Folder, Role
from tests.dovecot import Dovecot
from tests.servers import dialects
from tests.servers.fake_imap import FakeImap

_users = itertools.count(1)
PASSWORD = Credential("password", "pass")

# What Dovecot 2.3 offers, without the extensions that are switched off.
_DOVECOT = (
    "IMAP4rev1 LITERAL+ ID ENABLE IDLE NAMESPACE UIDPLUS MOVE UNSELECT CHILDREN SPECIAL-USE LIST-EXTENDED ESEARCH"
)


@dataclass
class Backend:
    """A server with one empty mailbox. `deliver` and `remove` act as another client would; `names` is role → folder."""

    account: Account
    deliver: Callable[[str, bytes], int]
    remove: Callable[[str, int], None]
    roles: dict[Role, Folder]

    def connect(self) -> Connection:
        return open_connection(self.account, PASSWORD)

    def name(self, role: Role) -> str:
        """The folder of a role; on Gmail received and sent mail are in All Mail."""
        return self.roles.get("all", self.roles[role]).name if role in ("inbox", "sent") else self.roles[role].name


def account(port: int, user: str = "owner", **options: object) -> Account:
    return Account("test", "127.0.0.1", user, port=port, security="none", **options)  # type: ignore[arg-type]


def on_dovecot(server: Dovecot) -> Backend:
    """A fresh user on a running Dovecot."""
    user = f"contract{next(_users)}@binalys.example"
    place = account(server.port, user)
    with open_connection(place, PASSWORD) as connection:
        roles = find_folders(connection)

    def deliver(folder: str, raw: bytes) -> int:
        with open_connection(place, PASSWORD) as connection:
            return connection.wire.append(folder, raw, flags=()).uid or 0

    def remove(folder: str, uid: int) -> None:
        with server.client(user) as client:
            client.select(f'"{folder}"')
            client.uid("STORE", str(uid), "+FLAGS", "(\\Deleted)")
            client.uid("EXPUNGE", str(uid))

    return Backend(place, deliver, remove, roles)


def on_fake(server: FakeImap) -> Backend:
    """The mailbox of a running fake."""
    place = account(server.port)
    with open_connection(place, PASSWORD) as connection:
        roles = find_folders(connection)
        raw_names = {each.name: raw for raw in server.folders for each in connection.wire.list_folders() if
                     _encoded(each.name) == raw}  # fmt: skip

    def deliver(folder: str, raw: bytes) -> int:
        number = next(_numbers)
        return server.folders[raw_names[folder]].deliver(raw, number=number, thread=number)

    def remove(folder: str, uid: int) -> None:
        server.folders[raw_names[folder]].remove(uid)

    return Backend(place, deliver, remove, roles)


_numbers = itertools.count(1_700_000_000_000_000_001)


def _encoded(name: str) -> str:
    from imapclient import imap_utf7

    return imap_utf7.encode(name).decode("ascii")


KINDS = ("dovecot", "dovecot without QRESYNC", "dovecot bare", "plain", "gmail", "microsoft", "courier")


@contextlib.contextmanager
def backend(kind: str, dovecot: Dovecot) -> Iterator[Backend]:
    """A server of this kind with an empty mailbox; `dovecot` is the session's running one."""
    if kind == "dovecot":
        yield on_dovecot(dovecot)
    elif kind.startswith("dovecot"):
        more = " LIST-STATUS CONDSTORE" if kind == "dovecot without QRESYNC" else ""
        server = Dovecot(capability=_DOVECOT + more).start()
        try:
            yield on_dovecot(server)
        finally:
            server.stop()
    else:
        make = {
            "plain": FakeImap,
            "gmail": dialects.gmail,
            "microsoft": dialects.microsoft,
            "courier": dialects.courier,
        }
        with make[kind]() as fake:  # type: ignore[operator]
            yield on_fake(fake)
