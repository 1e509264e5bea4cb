"""Mailbox → store: what is new, changed and gone since the last time, and the contents of messages that matter."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from assistant.config import Account
from assistant.errors import FolderMissing, OfferAssistantError
from assistant.headers import read_header
from assistant.mailbox import CommandRefused, Connection, Fetched, Folder, find_folders, folders_to_read
from assistant.mailbox.fetching import WINDOW, Survey, Window, fetch_headers, plan, survey
from assistant.mailbox.following import Changes, Cursor, follow, is_reset, is_unchanged, open_folder
from assistant.mailbox.syntax import imap_date, runs, uid_sets, without
from assistant.service.contents import fetch_contents
from assistant.store import Arrival, FolderState, MailStore

__all__ = ["Progress", "ReadReport", "fetch_contents", "read_mailbox"]

Progress = Callable[[str, int], None]
"""Called with a folder's name and how many of its messages were read so far in this run, after each window."""

CHECK_SECONDS = 86_400
"""How often the UIDs of a folder are compared whatever the server says about changes."""

FREE_BYTES = 20_000
"""Traffic below it is not noted: a quiet look writes nothing to the disk."""

PATIENCE = 7
"""Failures in a row at one single message before it is left alone."""


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


def read_mailbox(
    connection: Connection, mail: MailStore, account: Account, *, since: date, now: datetime,
    progress: Progress = lambda folder, count: None,
) -> ReadReport:  # fmt: skip
    """Follow every folder that matters, then read further back to `since`, within the account's budget of the day.

    What was read stays, whatever happens: after an error (Temporary, …) the next call goes on from there. When nothing
    happened since the last time it costs one command where LIST-STATUS is offered.
    """
    reading = _Reading(connection, mail, account, since, now, progress)
    try:
        return reading.run()
    finally:
        used = connection.traffic - reading.traffic_before
        if used > FREE_BYTES:
            mail.add_traffic(now.date(), used)


class _Reading:
    """One run over an account's folders."""

    def __init__(
        self, connection: Connection, mail: MailStore, account: Account, since: date, now: datetime, progress: Progress
    ) -> None:
        self._connection = connection
        self._mail = mail
        self._since = since
        self._now = now
        self._progress = progress
        self._report = ReadReport()
        self._counts: dict[str, int] = {}
        self._pending: deque[Window] = deque()
        self._left_over: dict[str, list[range]] = {}
        self.traffic_before = connection.traffic
        self._budget = account.daily_budget_mb * 1_000_000 - mail.traffic(now.date())

    def run(self) -> ReadReport:
        folders = folders_to_read(find_folders(self._connection))
        states = self._mail.folders()
        for folder in folders:
            known = states.get(folder.name)
            if known is not None:
                self._follow(known, folder)
        self._leave_others(folders)
        self._read_back(folders)
        report = self._report
        report.gone = self._mail.settle(self._now)
        report.threads.update(message.thread for message in self._mail.messages(report.gone))
        if report.new:
            report.threads.update(self._mail.adopt_lost_replies())
        return report

    # -- following ------------------------------------------------------------------------------------------------

    def _follow(self, known: FolderState, folder: Folder) -> None:
        """Bring one folder up to date. A renumbered one loses its places and is read anew from the start."""
        cursor = Cursor(known.uidvalidity, known.uidnext, known.highestmodseq, known.messages)
        thorough = self._now.timestamp() - known.checked_at > CHECK_SECONDS
        if is_unchanged(cursor, folder.status) and not thorough and self._since >= known.since:
            return
        try:
            selected = open_folder(self._connection, folder.name, cursor)
        except (FolderMissing, CommandRefused) as error:
            self._report.skipped[folder.name] = error.message
            return
        if is_reset(cursor, selected):
            self._report.resets.append(folder.name)
            self._mail.remove_folder(known.id, self._now)
            return
        changes = follow(self._connection, cursor, selected, lambda: runs(self._mail.uids(known.id)), thorough=thorough)
        self._take_new(known, changes.cursor)
        self._save(known, changes, thorough)

    def _take_new(self, known: FolderState, cursor: Cursor) -> None:
        """New messages come before departures, so that a moved or revised one is never away in between."""
        if cursor.uidnext <= known.uidnext:
            return
        criteria = f"UID {known.uidnext}:{cursor.uidnext - 1}{_since(known.since)}"
        uids = self._unread(known, self._connection.wire.search_ranges(criteria))
        self._read({known.name: known}, plan([(Survey(known.name, cursor, uids), _window_size(known))]), backfill=False)

    def _save(self, known: FolderState, changes: Changes, thorough: bool) -> None:
        cursor = changes.cursor
        earlier = min(self._since, known.since)
        state = replace(
            known, uidnext=cursor.uidnext, highestmodseq=cursor.highestmodseq, messages=cursor.messages, failures=0,
            checked_at=int(self._now.timestamp()) if thorough else known.checked_at, since=earlier,
            backfill=cursor.uidnext if earlier < known.since else known.backfill,
        )  # fmt: skip
        with self._mail.transaction():
            self._mail.remove(known.id, changes.gone, self._now)
            self._mail.set_flags(known.id, changes.flags)
            self._mail.save_folder(state)

    def _leave_others(self, folders: Sequence[Folder]) -> None:
        """Folders that were read and are gone, or were renamed (then they come again under their new name)."""
        names = {folder.name for folder in folders}
        for name, state in self._mail.folders().items():
            if name not in names:
                self._mail.remove_folder(state.id, self._now)

    # -- reading back ---------------------------------------------------------------------------------------------

    def _read_back(self, folders: Sequence[Folder]) -> None:
        """What was never read, newest first over all folders, until the horizon or the end of the day's budget."""
        states = self._mail.folders()
        unread = [folder for folder in folders if folder.name not in states or states[folder.name].backfill > 1]
        wishes = [(folder.name, _criteria(states.get(folder.name), self._since)) for folder in unread]
        roles = {folder.name: folder.role for folder in unread}
        found = [each for each in survey(self._connection, wishes) if self._settle_in(each, roles, states)]
        surveys = [
            (replace(each, uids=self._unread(states[each.folder], each.uids)), _window_size(states[each.folder]))
            for each in found
        ]
        self._read(states, self._within_budget(plan(surveys)), backfill=True)
        if self._report.complete:
            for each in found:
                self._mail.save_folder(replace(states[each.folder], backfill=0))

    def _settle_in(self, found: Survey, roles: Mapping[str, str], states: dict[str, FolderState]) -> bool:
        """Make the state of a folder that is read for the first time; False where a known one was renumbered."""
        known, cursor = states.get(found.folder), found.cursor
        if known is not None and known.uidvalidity != cursor.uidvalidity:
            self._report.resets.append(found.folder)
            self._report.complete = False
            self._mail.remove_folder(known.id, self._now)
            return False
        if known is None:
            self._report.first.append(found.folder)
            states[found.folder] = self._mail.save_folder(FolderState(
                0, found.folder, roles[found.folder], cursor.uidvalidity, cursor.uidnext, cursor.highestmodseq,
                cursor.messages, cursor.uidnext, self._since, int(self._now.timestamp()),
            ))  # fmt: skip
        return True

    def _within_budget(self, windows: Iterator[Window]) -> Iterator[Window]:
        for window in windows:
            if self._connection.traffic - self.traffic_before > self._budget:
                self._report.complete = False
                return
            yield window

    def _unread(self, state: FolderState, uids: Sequence[range]) -> list[range]:
        """Without what is stored or set aside already: an interrupted run left it."""
        known = without(uids, runs(self._mail.uids(state.id)))
        return without(known, runs(self._mail.quarantined_uids(state.id)))

    # -- windows --------------------------------------------------------------------------------------------------

    def _read(self, states: dict[str, FolderState], windows: Iterator[Window], *, backfill: bool) -> None:
        """Fetch and store the windows; then, one by one, what the server refused or forgot among them."""
        self._fill(states, windows, backfill=backfill)
        while self._left_over:
            folder, uids = self._left_over.popitem()
            self._fill(states, self._singles(states[folder], uids), backfill=False)

    def _fill(self, states: dict[str, FolderState], windows: Iterator[Window], *, backfill: bool) -> None:
        self._pending.clear()
        try:
            for window in fetch_headers(self._connection, self._noted(windows)):
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
            state = self._mail.save_folder(replace(state, failures=0))
        self._report.new += added.new
        self._report.threads |= added.threads
        self._counts[state.name] = self._counts.get(state.name, 0) + len(window.messages)
        self._progress(state.name, self._counts[state.name])
        return state

    def _set_aside(self, state: FolderState, uid: int, reason: str) -> None:
        self._report.quarantined += 1
        self._mail.quarantine(state.id, uid, reason, self._now)

    def _note_failure(self, state: FolderState, window: Window, error: OfferAssistantError) -> None:
        """Remember where it broke: the next run takes smaller windows there, until the one bad message is set aside."""
        with self._mail.transaction():
            self._mail.save_folder(replace(state, failures=state.failures + 1))
            if window.is_single and state.failures >= PATIENCE:
                self._mail.quarantine(state.id, window.low, error.message, self._now)


def _window_size(state: FolderState) -> int:
    return max(1, WINDOW >> (2 * state.failures))


def _since(day: date) -> str:
    return f" SINCE {imap_date(day)}" if day > date.min else ""


def _criteria(known: FolderState | None, since: date) -> str:
    if known is None:
        return f"ALL{_since(since)}"
    return f"UID 1:{known.backfill - 1}{_since(known.since)}"


def _arrival(found: Fetched) -> Arrival:
    uid, flags, arrived, size = found.uid, found.flags or (), found.internal_date, found.size or 0
    envelope = read_header(found.body or b"")
    if not found.attributes:
        return Arrival(uid, flags, arrived, size, envelope)
    own_id = found.attributes.get("X-GM-MSGID") or found.attributes.get("EMAILID")
    own_thread = found.attributes.get("X-GM-THRID") or found.attributes.get("THREADID")
    return Arrival(uid, flags, arrived, size, envelope, _identifier(own_id), _identifier(own_thread))


def _identifier(value: object) -> str:
    """A number (Gmail) or an identifier in brackets (RFC 8474) as text; '' where there is none."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, int) else ""
