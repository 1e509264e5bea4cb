"""Windows of headers → the store: rows and cursor in one transaction, what breaks set aside, the rest going on."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from assistant.errors import OfferAssistantError
from assistant.headers import read_header
from assistant.mailbox import Connection, Fetched
from assistant.mailbox.fetching import IN_FLIGHT, WINDOW, Window, fetch_headers
from assistant.mailbox.syntax import runs, uid_sets, without
from assistant.store import Arrival, FolderState, MailStore

Progress = Callable[[str, int], None]
"""Called with a folder's name and how many of its messages were read so far in this run, after each window."""

PATIENCE = 5
"""Failures in a row in one place before the message there is left alone: three of them at that message alone."""


@dataclass(slots=True)
class ReadReport:
    """What one reading came to.

    new           keys of messages never seen before       threads   threads with news of any kind
    gone          keys of messages that no folder has held for a whole cycle
    first         folders read for the first time: what is new in them is no news
    resets        folders whose UIDs were renumbered: their messages were matched anew
    skipped       folders that could not be opened, with the reason
    quarantined   how many messages were set aside now     complete  everything back to the horizon is read
    """

    new: list[int] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    gone: list[int] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    resets: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    quarantined: int = 0
    complete: bool = True


class WindowReader:
    """Fills windows for one run over an account's folders, and keeps the run's report."""

    def __init__(self, connection: Connection, mail: MailStore, now: datetime, progress: Progress) -> None:
        self.report = ReadReport()
        self._connection = connection
        self._mail = mail
        self._now = now
        self._progress = progress
        self._counts: dict[str, int] = {}
        self._pending: deque[Window] = deque()
        self._left_over: dict[str, list[range]] = {}

    def unread(self, state: FolderState, uids: Sequence[range]) -> list[range]:
        """Without what is stored or set aside already: an interrupted run left it."""
        known = without(uids, runs(self._mail.uids(state.id)))
        return without(known, runs(self._mail.quarantined_uids(state.id)))

    def read(self, states: dict[str, FolderState], windows: Iterator[Window], *, backfill: bool) -> None:
        """Fetch and store the windows; then, one by one, what the server refused or forgot among them."""
        careful = any(state.failures for state in states.values())
        with _rare_collection():
            self._fill(states, windows, backfill=backfill, ahead=1 if careful else IN_FLIGHT)
            while self._left_over:
                folder, uids = self._left_over.popitem()
                self.read_singly(states, folder, uids)

    def read_singly(self, states: dict[str, FolderState], folder: str, uids: Sequence[range]) -> None:
        """Fetch and store messages that made trouble before, each by itself."""
        self._fill(states, self._singles(states[folder], uids), backfill=False, ahead=1)

    def _fill(self, states: dict[str, FolderState], windows: Iterator[Window], *, backfill: bool, ahead: int) -> None:
        self._pending.clear()
        try:
            for window in fetch_headers(self._connection, self._noted(windows), ahead=ahead):
                states[window.folder] = self._store(states[window.folder], window, backfill=backfill)
                self._pending.popleft()
        except OfferAssistantError as error:
            if self._pending:
                self._note_failure(states[self._pending[0].folder], self._pending[0], error)
            raise

    def _noted(self, windows: Iterator[Window]) -> Iterator[Window]:
        for window in windows:
            self._pending.append(window)
            yield window

    def _singles(self, state: FolderState, uids: Sequence[range]) -> Iterator[Window]:
        """A window for each of these messages that is still there."""
        if self._connection.wire.selected != state.name:
            self._connection.wire.examine(state.name)
        for group in uid_sets(uids):
            for uid in self._connection.wire.search(f"UID {group}"):
                yield Window(state.name, state.uidvalidity, [range(uid, uid + 1)])

    def _store(self, state: FolderState, window: Window, *, backfill: bool) -> FolderState:
        """Rows and cursor in one transaction. While something is left over the cursor stays where it is."""
        missing = window.missing()
        if missing and not window.is_single:
            self._left_over.setdefault(state.name, []).extend(missing)
        if backfill and state.name not in self._left_over:
            state = replace(state, backfill=window.low)
        with self._mail.transaction():
            added = self._mail.add(state.id, [_arrival(found) for found in window.messages])
            for unreadable in window.unreadable:
                self._set_aside(state, unreadable.uid or 0, unreadable.reason)
            if missing and window.is_single:
                self._set_aside(state, window.low, window.refused or "the server hands out nothing")
            state = self._mail.save_folder(state)
        self.report.new += added.new
        self.report.threads |= added.threads
        self._counts[state.name] = self._counts.get(state.name, 0) + len(window.messages)
        self._progress(state.name, self._counts[state.name])
        return state

    def _set_aside(self, state: FolderState, uid: int, reason: str) -> None:
        self.report.quarantined += 1
        self._mail.quarantine(state.id, uid, reason, self._now)

    def _note_failure(self, state: FolderState, window: Window, error: OfferAssistantError) -> None:
        """Remember where it broke off. The next run takes smaller windows, until a bad message is found and set aside.

        Only failures in the same place count: a connection that fails here and there spoils no message.
        """
        same = state.failed_low <= window.low and window.high <= state.failed_high
        failures = state.failures + 1 if same else 1
        state = replace(state, failures=failures, failed_low=window.low, failed_high=window.high)
        with self._mail.transaction():
            if window.is_single and failures >= PATIENCE:
                self._set_aside(state, window.low, error.message)
                state = replace(state, failures=0)
            self._mail.save_folder(state)


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Headers are hundreds of thousands of small tuples without a cycle: to look for one costs a twelfth of it all."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def window_size(state: FolderState) -> int:
    return max(1, WINDOW >> (6 * state.failures))


def _arrival(found: Fetched) -> Arrival:
    uid, flags, arrived, size, _, header, _, attributes = found
    envelope = read_header(header or b"")
    if not attributes:
        return Arrival(uid, flags or (), arrived, size or 0, envelope)
    own_id = attributes.get("X-GM-MSGID") or attributes.get("EMAILID")
    own_thread = attributes.get("X-GM-THRID") or attributes.get("THREADID")
    return Arrival(uid, flags or (), arrived, size or 0, envelope, _identifier(own_id), _identifier(own_thread))


def _identifier(value: object) -> str:
    """A number (Gmail) or an identifier in brackets (RFC 8474) as text; '' where there is none."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, int) else ""
