"""The deadlines, kept by APScheduler and driven by the daemon's own loop.

`misfire_grace_time=None, coalesce=True, max_instances=1`: what fell due while the computer slept, or its clock was
wrong, runs once, as soon as the clock says so. The loop looks at least every `HEART_SECONDS`, because a suspend stops
the clock that timers count by; after a jump of the clock everything is scheduled anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

HEART_SECONDS = 20.0
JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


class _Driven(BaseScheduler):  # type: ignore[misc]  # apscheduler has no types
    """A scheduler without a thread: whoever owns the loop calls `run_due`, which says how long it may sleep."""

    def run_due(self) -> float:
        waits = self._process_jobs()
        return HEART_SECONDS if waits is None else min(float(waits), HEART_SECONDS)

    def wakeup(self) -> None:
        """Nobody sleeps here."""

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)


class Schedule:
    """Named moments and what is done then; setting a name again replaces it."""

    def __init__(self) -> None:
        self._scheduler = _Driven(timezone=UTC, job_defaults=JOB_DEFAULTS, executors={"default": DebugExecutor()})
        self._scheduler.start()
        self._due: list[Callable[[], None]] = []

    def at(self, name: str, moment: datetime, act: Callable[[], None]) -> None:
        """Calls `act` once, when the clock has reached `moment`."""
        self._add(name, act, DateTrigger(moment, timezone=UTC))

    def every(self, name: str, seconds: float, act: Callable[[], None], *, now: datetime) -> None:
        """Calls `act` again and again, first in `seconds` from now."""
        first = now.astimezone(UTC) + timedelta(seconds=seconds)
        self._add(name, act, IntervalTrigger(seconds=seconds, start_date=first, timezone=UTC))

    def cancel(self, name: str) -> None:
        if self._scheduler.get_job(name) is not None:
            self._scheduler.remove_job(name)

    def next(self, name: str) -> datetime | None:
        """When this name comes next, None where it does not."""
        job = self._scheduler.get_job(name)
        found: datetime | None = job.next_run_time if job else None
        return found

    def run_due(self) -> float:
        """Does what is due; how many seconds may pass until the next look, at most a heartbeat."""
        wait = self._scheduler.run_due()
        due, self._due = self._due, []
        for act in due:
            act()
        return 0.0 if due else float(wait)

    def close(self) -> None:
        self._scheduler.shutdown(wait=False)

    def _add(self, name: str, act: Callable[[], None], trigger: object) -> None:
        """What is due is noted first and done afterwards, when it may set its own name again."""
        self._scheduler.add_job(self._due_now, trigger, args=(act,), id=name, name=name, replace_existing=True)

    def _due_now(self, act: Callable[[], None]) -> None:
        self._due.append(act)
