"""Logging in with what the owner stored, and once more with a fresh token where an access has expired."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from assistant.config import Account
from assistant.host.secrets import credential
from assistant.mailbox import Connection, TokenExpired, open_connection

T = TypeVar("T")
Trace = Callable[[str, str], None]


def connect(account: Account, *, trace: Trace | None = None) -> Connection:
    """A logged-in connection; a refused access token is renewed once (RFC 6749 §6), a refused password is final.

    Raises what open_connection and credential raise.
    """
    try:
        return open_connection(account, credential(account), trace=trace)
    except TokenExpired:
        if account.auth == "password":
            raise
    return open_connection(account, credential(account, renew=True), trace=trace)


def connected(account: Account, work: Callable[[Connection], T], *, trace: Trace | None = None) -> T:
    """What `work` gives back for a connection. It is called a second time, on a new connection, where the server ended
    the session because the access expired meanwhile."""
    try:
        with connect(account, trace=trace) as connection:
            return work(connection)
    except TokenExpired:
        if account.auth == "password":
            raise
    with open_connection(account, credential(account, renew=True), trace=trace) as connection:
        return work(connection)
