"""Mailbox → store: what is new, changed and gone since the last time, and the contents of messages that matter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from assistant.config import Account
from assistant.headers import read_header
from assistant.mailbox import Connection, Fetched, Folder, Selected, find_folders, folders_to_read
from assistant.mailbox.fetching import LIMITS, Limits, Window, fetch_headers, fetch_messages, windows
from assistant.mailbox.syntax import imap_date
from assistant.store import Arrival, FolderState, MailStore

Progress = Callable[[str, int], None]
"""Called with a folder's name and how many of its messages were read so far in this run."""


@dataclass(slots=True)
class ReadReport:
    """What one reading came to.

    new           keys of messages never seen before       threads   threads with news of any kind
    gone          keys of messages no folder holds any more, since the reading before
    resets        folders whose UIDVALIDITY changed: their messages were matched anew, and are not news
    quarantined   how many messages could not be read now   complete  everything back to the horizon is read
    """

    new: list[int] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    gone: list[int] = field(default_factory=list)
    resets: list[str] = field(default_factory=list)
    quarantined: int = 0
    complete: bool = True


def read_mailbox(
    connection: Connection, mail: MailStore, account: Account, *, since: date, now: datetime,
    progress: Progress = lambda folder, count: None,
) -> ReadReport:  # fmt: skip
    """Read every folder that matters: new mail first, then further back to `since`.

    What was read stays, whatever happens: after an error (Temporary, …) the next call goes on from there.
    """
    report = ReadReport()
    roles = find_folders(connection)
    for folder in folders_to_read(roles):
        _read_folder(connection, mail, folder, since, now, report, progress)
    return report


def _read_folder(
    connection: Connection, mail: MailStore, folder: Folder, since: date, now: datetime, report: ReadReport,
    progress: Progress,
) -> None:  # fmt: skip
    known = mail.folders().get(folder.name)
    selected = connection.wire.examine(folder.name)
    uidnext = selected.uidnext or _uidnext(connection)
    if known is None or known.uidvalidity != selected.uidvalidity:
        if known is not None:
            report.resets.append(folder.name)
            mail.forget_places(known.id)
        known = mail.save_folder(
            FolderState(0, folder.name, folder.role, selected.uidvalidity, uidnext, selected.highestmodseq,
                        selected.messages, uidnext, since)
        )  # fmt: skip
    elif uidnext > known.uidnext:
        uids = connection.wire.search(f"UID {known.uidnext}:{uidnext - 1}")
        _take(connection, mail, known, uids, now, report, progress)
        known = mail.save_folder(_caught_up(known, selected, uidnext))
    if known.backfill > 1:
        horizon = f" SINCE {imap_date(known.since)}" if known.since > date.min else ""
        uids = connection.wire.search(f"UID 1:{known.backfill - 1}{horizon}")
        _take(connection, mail, known, uids, now, report, progress, backfill=True)
        mail.save_folder(replace(known, backfill=0))


def _uidnext(connection: Connection) -> int:
    """One more than the highest UID, for servers that do not say UIDNEXT."""
    return max(connection.wire.search("UID *"), default=0) + 1


def _caught_up(known: FolderState, selected: Selected, uidnext: int) -> FolderState:
    return replace(known, uidnext=uidnext, highestmodseq=selected.highestmodseq, messages=selected.messages)


def _take(
    connection: Connection, mail: MailStore, folder: FolderState, uids: list[int], now: datetime, report: ReadReport,
    progress: Progress, *, backfill: bool = False,
) -> None:  # fmt: skip
    """Fetch the headers of these UIDs and store them, each window with the cursor in one transaction."""
    done = 0
    for window in fetch_headers(connection, windows(uids)):
        with mail.transaction():
            added = mail.add(folder.id, [_arrival(found) for found in window.messages])
            _quarantine(mail, folder, window, now, report)
            if backfill:
                mail.save_folder(replace(folder, backfill=window.low))
        report.new += added.new
        report.threads |= added.threads
        done += len(window.messages)
        progress(folder.name, done)


def _quarantine(mail: MailStore, folder: FolderState, window: Window, now: datetime, report: ReadReport) -> None:
    for unreadable in window.unreadable:
        if unreadable.uid is not None:
            mail.quarantine(folder.id, unreadable.uid, unreadable.reason, now)
            report.quarantined += 1


def _arrival(found: Fetched) -> Arrival:
    attributes = found.attributes
    return Arrival(
        found.uid, found.flags or (), found.internal_date, found.size or 0, read_header(found.body or b""),
        _identifier(attributes.get("X-GM-MSGID") or attributes.get("EMAILID")),
        _identifier(attributes.get("X-GM-THRID") or attributes.get("THREADID")),
    )  # fmt: skip


def _identifier(value: object) -> str:
    """A number (Gmail) or an identifier in brackets (RFC 8474) as text; '' where there is none."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, int) else ""


def fetch_contents(
    connection: Connection, mail: MailStore, keys: Collection[int], *, limits: Limits = LIMITS
) -> Iterator[tuple[int, bytes]]:
    """(key, reduced message bytes) of each message, from the store where it has them, else from the server (and kept).

    Messages that are gone from the server, and never were fetched, are left out.
    """
    missing = set(mail.without_content(keys))
    for key in keys:
        content = None if key in missing else mail.content(key)
        if content is not None:
            yield key, content
    for folder, places in _places(mail, missing).items():
        for uid, content in fetch_messages(connection, folder, sorted(places), limits):
            if uid in places:
                mail.save_content(places[uid], content)
                yield places[uid], content


def _places(mail: MailStore, keys: Collection[int]) -> dict[str, dict[int, int]]:
    """Folder → UID → key, one place for each message."""
    found: dict[str, dict[int, int]] = {}
    for key in keys:
        for location in mail.locations(key)[:1]:
            found.setdefault(location.folder, {})[location.uid] = key
    return found
