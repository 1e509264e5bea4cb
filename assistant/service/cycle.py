"""One cycle: read, understand, judge, place or take back drafts. The table of contents of the program."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from assistant.config import Account
from assistant.errors import OfferAssistantError
from assistant.host.locks import account_lock
from assistant.mailbox import Connection
from assistant.service.connecting import connected
from assistant.service.desk import Desk
from assistant.service.judging import Listing, judge
from assistant.service.placing import Placed, settle_drafts
from assistant.service.reading import ReadReport, read_mailbox
from assistant.service.sifting import sift
from assistant.store.database import copy_database
from assistant.store.readings import Cycle

Progress = Callable[[str, int], None]
Trace = Callable[[str, str], None]


@dataclass
class CycleReport:
    """What a cycle of one account came to: its offers, what was done to drafts, and what was in the way."""

    account: str
    listings: list[Listing] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)
    read: ReadReport | None = None


def run_cycle(
    desk: Desk,
    account: Account,
    now: datetime,
    *,
    dry_run: bool = False,
    progress: Progress = lambda what, n: None,
    clock: Callable[[], datetime] | None = None,
    trace: Trace | None = None,
) -> CycleReport:
    """Walks the whole flow once for one account. With `dry_run` nothing is written: not to the server, not here.

    Raises what a cycle may end with (assistant/errors.py); what was read by then is kept.
    """
    started = (clock or (lambda: now))()
    try:
        with account_lock(desk.places.store, account.name), at_desk(desk, dry_run) as open_desk:
            report = connected(
                account,
                lambda connection: _cycle(connection, open_desk, account, now, dry_run=dry_run, progress=progress),
                trace=trace,
            )
    except OfferAssistantError as error:
        if not dry_run:
            _record(desk, account, started, (clock or (lambda: now))(), error.code, {"message": error.message})
        raise
    if not dry_run:
        detail = {"offers": len(report.listings), "placed": len(report.placed), "problems": report.problems}
        _record(desk, account, started, (clock or (lambda: now))(), "done", detail)
    return report


def _cycle(
    connection: Connection, desk: Desk, account: Account, now: datetime, *, dry_run: bool, progress: Progress
) -> CycleReport:
    report = CycleReport(account.name)
    report.read = read_mailbox(
        connection, desk.mail(account), account, since=horizon(account, now), now=now, progress=progress
    )
    sift(connection, desk, account, desk.contents(), now, progress)
    report.listings = judge_and_number(desk, account, now, write=not dry_run)
    if not dry_run:
        report.placed = settle_drafts(connection, desk, account, report.listings, now, recheck=recheck)
        report.listings = judge_and_number(desk, account, now, write=True)
    report.problems = [p.problem for p in report.placed if p.problem] + _quarantine_problems(desk, account)
    return report


def horizon(account: Account, now: datetime) -> date:
    """How far back the mailbox is read: `read_since` before now."""
    months = now.year * 12 + now.month - 1 - account.read_since_months
    return date(months // 12, months % 12 + 1, 1)


def judge_and_number(desk: Desk, account: Account, now: datetime, *, write: bool) -> list[Listing]:
    """The verdicts; every new offer gets its number in the register."""
    if not write:
        return judge(desk, account, desk.contents(), now)
    with desk.register.change() as contents:
        return judge(desk, account, contents, now)


def recheck(
    connection: Connection, desk: Desk, account: Account, now: datetime, *, write: bool = True
) -> list[Listing]:
    """The verdicts by the newest mail: asked directly before a draft is placed."""
    read_mailbox(connection, desk.mail(account), account, since=horizon(account, now), now=now)
    sift(connection, desk, account, desk.contents(), now)
    return judge_and_number(desk, account, now, write=write)


def _quarantine_problems(desk: Desk, account: Account) -> list[dict[str, str]]:
    count = len(desk.mail(account).quarantined())
    if not count:
        return []
    messages = "1 message" if count == 1 else f"{count} messages"
    message = f"{messages} could not be read, and set aside"
    return [{"code": "quarantine", "message": message, "hint": "`offer-assistant doctor` lists them"}]


def _record(desk: Desk, account: Account, started: datetime, ended: datetime, outcome: str, detail: object) -> None:
    desk.cycles.record(Cycle(account.name, started, ended, outcome, json.dumps(detail, ensure_ascii=False)))


@contextmanager
def at_desk(desk: Desk, dry_run: bool) -> Iterator[Desk]:
    """The desk itself, or with `dry_run` one whose store is a copy that goes away."""
    if not dry_run:
        yield desk
        return
    with (
        tempfile.TemporaryDirectory(prefix="offer-assistant-") as folder,
        closing(copy_database(desk.database, Path(folder) / "mail.sqlite")) as copy,
    ):
        yield desk.over(copy)
