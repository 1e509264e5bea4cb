"""Mailbox → store: what is new, changed and gone since the last time, and the contents of messages that matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from assistant.config import Account
from assistant.errors import FolderMissing
from assistant.mailbox import CommandRefused, Connection, Folder, find_folders, folders_to_read
from assistant.mailbox.fetching import Survey, Window, plan, survey
from assistant.mailbox.following import Changes, Cursor, follow, is_reset, is_unchanged, open_folder
from assistant.mailbox.syntax import imap_date, runs
from assistant.service.contents import fetch_contents
from assistant.service.windows import Progress, ReadReport, WindowReader, window_size
from assistant.store import FolderState, MailStore

__all__ = ["Progress", "ReadReport", "fetch_contents", "read_mailbox"]

CHECK_SECONDS = 86_400
"""How often the UIDs of a folder are compared whatever the server says about changes."""

FREE_BYTES = 20_000
"""Traffic below it is not noted: a quiet look writes nothing to the disk."""


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
        with mail.database.relaxed():  # all of it can be read again
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
        self._windows = WindowReader(connection, mail, now, progress)
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
        self._try_again()
        report = self._windows.report
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
            self._windows.report.skipped[folder.name] = error.message
            return
        if is_reset(cursor, selected):
            self._windows.report.resets.append(folder.name)
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
        uids = self._windows.unread(known, self._connection.wire.search_ranges(criteria))
        self._windows.read(
            {known.name: known}, plan([(Survey(known.name, cursor, uids), window_size(known))]), backfill=False
        )

    def _save(self, known: FolderState, changes: Changes, thorough: bool) -> None:
        cursor = changes.cursor
        earlier = min(self._since, known.since)
        state = replace(
            known, uidnext=cursor.uidnext, highestmodseq=cursor.highestmodseq, messages=cursor.messages,
            failures=known.failures if known.backfill else 0,
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

    def _try_again(self) -> None:
        """What an older version of the program could not read, once, and after all else."""
        before = self._mail.set_aside_before()
        states = self._mail.folders() if before else {}
        for name, state in states.items():
            if state.id in before:
                self._windows.read_singly(states, name, runs(before[state.id]))
                self._mail.release(state.id)

    # -- reading back ---------------------------------------------------------------------------------------------

    def _read_back(self, folders: Sequence[Folder]) -> None:
        """What was never read, newest first over all folders, until the horizon or the end of the day's budget."""
        states = self._mail.folders()
        unread = [folder for folder in folders if folder.name not in states or states[folder.name].backfill > 1]
        if unread:
            self._connection.expect_much()
        wishes = [(folder.name, _criteria(states.get(folder.name), self._since)) for folder in unread]
        roles = {folder.name: folder.role for folder in unread}
        found = [each for each in survey(self._connection, wishes) if self._settle_in(each, roles, states)]
        surveys = [
            (replace(each, uids=self._windows.unread(states[each.folder], each.uids)), window_size(states[each.folder]))
            for each in found
        ]
        self._windows.read(states, self._within_budget(plan(surveys)), backfill=True)
        if self._windows.report.complete:
            for each in found:
                self._mail.save_folder(replace(states[each.folder], backfill=0, failures=0))

    def _settle_in(self, found: Survey, roles: Mapping[str, str], states: dict[str, FolderState]) -> bool:
        """Make the state of a folder that is read for the first time; False where a known one was renumbered."""
        known, cursor = states.get(found.folder), found.cursor
        if known is not None and known.uidvalidity != cursor.uidvalidity:
            self._windows.report.resets.append(found.folder)
            self._windows.report.complete = False
            self._mail.remove_folder(known.id, self._now)
            return False
        if known is None:
            self._windows.report.first.append(found.folder)
            states[found.folder] = self._mail.save_folder(FolderState(
                0, found.folder, roles[found.folder], cursor.uidvalidity, cursor.uidnext, cursor.highestmodseq,
                cursor.messages, cursor.uidnext, self._since, int(self._now.timestamp()),
            ))  # fmt: skip
        return True

    def _within_budget(self, windows: Iterator[Window]) -> Iterator[Window]:
        for window in windows:
            if self._connection.traffic - self.traffic_before > self._budget:
                self._windows.report.complete = False
                return
            yield window


def _since(day: date) -> str:
    return f" SINCE {imap_date(day)}" if day > date.min else ""


def _criteria(known: FolderState | None, since: date) -> str:
    if known is None:
        return f"ALL{_since(since)}"
    return f"UID 1:{known.backfill - 1}{_since(known.since)}"
