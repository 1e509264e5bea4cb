"""Calendar arithmetic: the next such day, the end of a period, a duration from a day, feasts."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.policy import working_days_after

MONTHS_OF = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time; `more` where the text says that it comes on top of something ('another two weeks')."""

    count: int
    unit: str
    working: bool = False
    more: bool = False

    @property
    def roughly_days(self) -> int:
        """How long it is, a month taken as 30 days."""
        return self.count * (30 * MONTHS_OF.get(self.unit, 0) or {"week": 7, "day": 1}.get(self.unit, 0))


def add(start: date, span: Span, country: str) -> date:
    """The last day of a duration that starts on `start`: N days are start + N, months keep the day of the month.

    Hours are counted in whole days, rounded up. Working days are those of `country`.
    """
    if span.working and span.unit == "day":
        return working_days_after(start, min(span.count, 400), country)
    if span.unit in MONTHS_OF:
        return add_months(start, span.count * MONTHS_OF[span.unit])
    days = {"hour": -(-span.count // 24), "day": span.count, "week": 7 * span.count}[span.unit]
    return start + timedelta(days=days)


def add_months(start: date, count: int) -> date:
    """The same day of a later month, or its last day where it is shorter."""
    years, month = divmod(start.month - 1 + count, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def valid_day(year: int, month: int, day: int) -> date | None:
    """None where the calendar has no such day, or it is not of this century."""
    try:
        return date(year, month, day) if 2000 <= year <= 2099 else None
    except ValueError:
        return None


def last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def next_such_day(month: int, day: int, seen_on: date) -> date | None:
    """The next such day on or after `seen_on`; None where the calendar has none."""
    found = valid_day(seen_on.year, month, day)
    if found is not None and found < seen_on:
        found = valid_day(seen_on.year + 1, month, day)
    return found


def in_month(month: int, year: int | None, seen_on: date, *, middle: bool) -> date | None:
    """The last day (the 15th, where the middle is meant) of a month, the next such month where no year is given."""
    if not 1 <= month <= 12:
        return None
    day = last_of_month(date(year or seen_on.year, month, 1))
    day = day.replace(day=15) if middle else day
    if year is None and day < seen_on:
        return in_month(month, seen_on.year + 1, seen_on, middle=middle)
    return day


def in_period(period: str, step: int, seen_on: date, *, middle: bool = False) -> date:
    """The last day (the middle) of the week, month, quarter or year `step` ahead; a week ends on its Friday."""
    if period == "week":
        return seen_on + timedelta(days=4 - seen_on.weekday() + 7 * step - 2 * middle)
    length = MONTHS_OF[period]
    first = date(seen_on.year, (seen_on.month - 1) // length * length + 1, 1)
    last = last_of_month(add_months(first, length * (step + 1) - 1))
    if middle:
        return (
            last.replace(day=15) if length == 1 else last_of_month(add_months(first, length * step + length // 2 - 1))
        )
    return last


def friday_of_week(number: int, seen_on: date) -> date | None:
    """The Friday of the next ISO week of this number."""
    for year in (seen_on.year, seen_on.year + 1):
        try:
            friday = date.fromisocalendar(year, number, 5)
        except ValueError:
            continue
        if friday >= seen_on:
            return friday
    return None


def moment(code: str, seen_on: date, country: str) -> date | None:
    """The day that a code of the language files stands for (languages/dates/README.md); None where it does not apply.

    >>> moment("end of next month", date(2026, 10, 12), "GB")
    datetime.date(2026, 11, 30)
    """
    if ":" in code:
        countries, _, code = code.partition(":")
        if country not in countries.split(","):
            return None
    if re.fullmatch(r"\d\d-\d\d", code):
        return next_such_day(int(code[:2]), int(code[3:]), seen_on)
    if code.startswith("easter"):
        return _next_of(lambda year: easter(year) + timedelta(days=int(code[6:] or 0)), seen_on)
    if nth := re.fullmatch(r"(\d) ([a-z]+) of (\d\d)", code):
        weekday, month, count = WEEKDAYS.index(nth[2]), int(nth[3]), int(nth[1])
        return nth_weekday(count, weekday, month, seen_on)
    if code == "none":
        return None
    if code.startswith("in "):
        return seen_on + timedelta(days=int(code[3:]))
    if code == "weekend":
        return seen_on + timedelta(days=6 - seen_on.weekday())
    return in_period(code.rpartition(" ")[2], int("next" in code), seen_on)


def _next_of(rule: Callable[[int], date], seen_on: date) -> date:
    this_year = rule(seen_on.year)
    return this_year if this_year >= seen_on else rule(seen_on.year + 1)


def nth_weekday(count: int, weekday: int, month: int, seen_on: date) -> date:
    """'the first Monday of September' is (1, 0, 9), the last one (-1, 0, 9): the next one on or after `seen_on`."""

    def of_year(year: int) -> date:
        first = date(year, month, 1)
        if count < 0:
            last = last_of_month(first)
            return last - timedelta(days=(last.weekday() - weekday) % 7)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))

    return _next_of(of_year, seen_on)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Butcher's rule)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * i) // 451
    month, day = divmod(h + i - 7 * m + 114, 31)
    return date(year, month, day + 1)
