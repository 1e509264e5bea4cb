"""The owner's rules as a frozen value, and the calendar days they count in.

Pure: the holidays come from a table of the `holidays` package, the present moment from the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Policy:
    """How long to wait, and what for. Days of grace and notice are working days where the owner works."""

    country: str
    timezone: ZoneInfo
    grace_working_days: int = 3
    draft_within_days: int = 120
    pilot_notice_working_days: int = 7
    honour_promised_dates: bool = True
    act_from: date | None = None


def end_of_day(day: date, timezone: ZoneInfo) -> datetime:
    """The first moment after `day` where the owner works: an offer valid until `day` has lapsed from then on."""
    return datetime.combine(day + timedelta(days=1), time(), timezone)


# Where no day is a holiday of the whole country but nearly everybody has it off: the part where most people live.
_PART = {"GB": "ENG"}


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, subdiv=_PART.get(country), years=year))
    except NotImplementedError:
        return frozenset()


def is_working_day(day: date, country: str) -> bool:
    """Monday to Friday and no public holiday of the whole country (ISO 3166 code; an unknown country has none)."""
    return day.weekday() < 5 and day not in _holidays(country, day.year)


def working_days_after(day: date, count: int, country: str) -> date:
    """The `count`-th working day after `day`; the first working day from `day` on where `count` is 0.

    >>> working_days_after(date(2026, 3, 31), 3, "FR")     # Easter Monday is the 6th of April
    datetime.date(2026, 4, 3)
    """
    step = timedelta(days=1)
    if count == 0:
        while not is_working_day(day, country):
            day += step
        return day
    while count:
        day += step
        count -= is_working_day(day, country)
    return day
