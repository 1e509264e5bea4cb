"""One connection to an account that listens. What it hears is a hint: a cycle finds out what really happened.

It idles on the folder where mail arrives, and every few minutes asks for the numbers of all folders that are read: that
repairs what a push missed, and notices what the owner sent, edited or deleted elsewhere.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Protocol

from assistant.config import Account
from assistant.errors import OfferAssistantError
from assistant.mailbox import Connection, find_folders
from assistant.mailbox.idling import Hint
from assistant.mailbox.lookout import Lookout, Numbers, arrivals_folder
from assistant.service.backoff import Backoff
from assistant.service.errand import Trouble

log = logging.getLogger(__name__)

LOOK_SECONDS = 300.0  # between two looks at the numbers of all folders; renews IDLE too, well within any limit
LOOK_SECONDS_WITHOUT_IDLE = 60.0
STABLE_SECONDS = 60.0  # a connection that held so long has worked


class Listener(Protocol):
    """What a watcher tells, from its own thread."""

    def online(self) -> None:
        """The account is connected and logged in."""

    def news(self) -> None:
        """Something arrived, left or changed its place."""

    def troubled(self, trouble: Trouble) -> None:
        """The connection was refused or lost."""


class Watcher:
    """Watches one account in a thread of its own, until stopped. After a Trouble that stops it waits for `hurry`."""

    def __init__(
        self,
        account: Account,
        connect: Callable[[], Connection],
        listener: Listener,
        *,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self.account = account
        self._connect, self._listener, self._look_seconds = connect, listener, look_seconds
        self._backoff = Backoff()
        self._wake = threading.Event()
        self._stopping = False
        self._connection: Connection | None = None
        self._numbers: Numbers = {}
        self._thread = threading.Thread(target=self._run, name=f"watch {account.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def hurry(self) -> None:
        """Connect anew at once: the network changed, the computer slept, the owner acted."""
        self._backoff.reset()
        self._wake.set()
        self._cut()

    def worked(self) -> None:
        """A cycle has gone through: the next failure is the first one again."""
        self._backoff.reset()

    def stop(self) -> None:
        """Ends the thread; harmless when repeated."""
        self._stopping = True
        self._wake.set()
        self._cut()

    def join(self, seconds: float) -> None:
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _cut(self) -> None:
        connection = self._connection
        if connection is not None:
            try:
                connection.wire.stream.socket.shutdown(socket.SHUT_RDWR)
            except (OSError, ValueError):  # it is gone already
                pass

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            trouble = self._attend()
            if self._stopping:
                return
            if trouble is not None:
                self._listener.troubled(trouble)
                self._wake.wait(None if trouble.stops else self._backoff.pause(trouble))

    def _attend(self) -> Trouble | None:
        """Connects and listens until that fails; tells why it did, None where the computer only was asleep."""
        try:
            self._connection = connection = self._connect()
            folder = arrivals_folder(find_folders(connection))
            with closing(Lookout(connection, folder)) as lookout:
                self._watch(lookout, connection.has("IDLE"))
                return None
        except OfferAssistantError as error:
            trouble = Trouble.of(error)
            return trouble if self._connection is None else _of_a_session(trouble)
        except Exception as error:  # a bug in here must not end the daemon: it is logged, told, and backs off
            log.exception("watching account %s failed", self.account.name)
            return Trouble("error", f"watching failed: {type(error).__name__}", "see the log")
        finally:
            self._close()

    def _watch(self, lookout: Lookout, idles: bool) -> None:
        since = time.monotonic()
        seconds = self._look_seconds if idles else min(self._look_seconds, LOOK_SECONDS_WITHOUT_IDLE)
        while not self._stopping:
            numbers = lookout.numbers()
            changed, self._numbers = numbers != self._numbers, numbers
            self._listener.online()
            if changed:
                self._listener.news()
            if lookout.wait(seconds) is Hint.RESUMED:
                return
            lookout.pause()
            if time.monotonic() - since >= STABLE_SECONDS:
                self.worked()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.wire.stream.close()


def _of_a_session(trouble: Trouble) -> Trouble:
    """What ends a session that was logged in is no verdict on the login: access tokens expire. The next login tells."""
    return replace(trouble, code="session-ended", exit_code=75) if trouble.stops else trouble
