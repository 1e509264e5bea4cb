"""Text → the days and durations that it names, in one language, seen from one day.

Knows nothing of offers. The name of a day is resolved at once ('next Friday', '31/03', 'end of the month'); a duration
stays one until somebody says where it starts (days.add).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from assistant.days import (
    MONTHS_OF,
    Span,
    add_months,
    friday_of_week,
    in_month,
    in_period,
    moment,
    next_such_day,
    nth_weekday,
    valid_day,
)
from assistant.languages.dates import Vocabulary, key

MONTH_FIRST = ("US", "PH", "PR", "GU", "FM", "PW")
LAST = -1
MAX_GAP = 40
MAX_COUNT = {"hour": 1000, "day": 1000, "week": 104, "month": 60, "quarter": 8, "half-year": 4, "year": 5}

ISO = re.compile(r"(?<![\w/.-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\w/-])")
FIGURES = re.compile(r"(?<![\w/-])(?<!\d[.,])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?((?:20)?\d{2})(?![\w/-])(?!\.\d)")
SHORT = re.compile(r"(?<![\w/.,-])(\d{1,2})([./])\s?(\d{1,2})(?:\.|(?![\w/]|[,-]\d))(?![\d%])")
HYPHENED = re.compile(r"(?<![\w/.,-])(?!24-7)(1[3-9]|2\d|3[01])-(0?[1-9]|1[0-2])(?![\w/-]|[.,]\d|\s?[%€$£°])")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in the text that names a day or a duration; exactly one of `day` and `span` is set.

    `point` is true for a single day, false for the end of a period ('end of May', 'week 24'); `year_given` where
    nothing was guessed; `bare` for the weakest forms (a day of the month or a weekday alone); `exact` where the
    day of the month is named; `refers` for 'that date'.
    """

    start: int
    end: int
    day: date | None = None
    span: Span | None = None
    point: bool = True
    year_given: bool = False
    bare: bool = False
    exact: bool = False
    refers: bool = False


def find_mentions(folded: str, words: Vocabulary, *, seen_on: date, country: str) -> list[Mention]:
    """All mentions in a folded text, in order; where two overlap the longer one stands."""
    found = sorted(_all(folded, words, seen_on, country), key=lambda mention: (mention.start, -mention.end))
    kept: list[Mention] = []
    for mention in found:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
        elif mention.end - mention.start > kept[-1].end - kept[-1].start:
            kept[-1] = mention
    return list(_joined(folded, words, kept))


def _joined(folded: str, words: Vocabulary, mentions: list[Mention]) -> Iterator[Mention]:
    """'next Friday, the 12th', 'mid-April, so until the 15th' are one mention: the exact day tells which is meant."""
    vague: Mention | None = None
    for mention in mentions:
        if vague is not None and vague.day is not None and mention.day is not None:
            gap = folded[vague.end : mention.start]
            if mention.exact and not vague.exact and len(gap) <= MAX_GAP and words.apposition.fullmatch(gap):
                day = _nearest(mention.day.day, vague.day) if mention.bare else mention.day
                point = vague.point  # 'before the end of June, the 30th' includes it
                vague = replace(mention, start=vague.start, day=day, bare=False, point=point)
                continue
        if vague is not None:
            yield vague
        vague = mention
    if vague is not None:
        yield vague


def _nearest(number: int, to: date) -> date:
    """The day with this number in its month that is nearest."""
    around = (to + timedelta(days=step) for step in range(-31, 32))
    return min((day for day in around if day.day == number), key=lambda day: abs(day - to), default=to)


def _all(text: str, words: Vocabulary, seen_on: date, country: str) -> Iterator[Mention]:
    yield from _numeric(text, seen_on, country)
    for pattern in words.day_month:
        for match in pattern.finditer(text):
            yield from _named(match, words, seen_on)
    for pattern in (words.period_end, words.period_alone):
        for match in pattern.finditer(text):
            yield from _period(match, words, seen_on)
    for match in words.month_whole.finditer(text):
        whole = in_month(words.months[match["month"]], _year(match["year"], words), seen_on, middle=False)
        yield from _at(match, whole, start="month", point=False, year_given=match["year"] is not None)
    for match in words.month_before.finditer(text):
        yield from _first_of_month(match, words, seen_on)
    for match in words.moment.finditer(text):
        yield from _moment(match, words, seen_on, country)
    for match in words.weekday.finditer(text):
        if not match["nth"] and not match["gone"]:  # 'last Friday' is over, 'the last Friday of that month' is unknown
            yield _weekday(match, words, seen_on)
    for match in words.week_number.finditer(text):
        yield from _at(match, friday_of_week(int(match["number"]), seen_on), point=False)
    for match in words.day_alone.finditer(text):
        yield from _day_of_month(match, match.start("day"), seen_on, words, bare=True)
    for match in words.weekday_day.finditer(text):
        yield from _day_of_month(match, match.start(), seen_on, words, bare=False)
    for match in words.nth_weekday.finditer(text):
        yield from _nth_weekday(match, words, seen_on)
    for pattern in (words.duration, words.unit_first):
        for match in pattern.finditer(text):
            yield from _duration(match, words, text)
    for match in words.named_span.finditer(text):
        count, unit = words.spans[key(match["span"])]
        times = _number(match["times"], words) if match["times"] else 1
        yield Mention(match.start(), match.end(), span=Span(count * times, unit, more=bool(match["more"])))


def _at(
    match: re.Match[str],
    day: date | None,
    *,
    start: int | str = 0,
    point: bool = True,
    year_given: bool = False,
    bare: bool = False,
    exact: bool = False,
) -> Iterator[Mention]:
    """A mention from the group `start` on, where the calendar has the day."""
    if day is not None:
        yield Mention(match.start(start), match.end(), day, None, point, year_given, bare, exact)


def _first_of_month(match: re.Match[str], words: Vocabulary, seen_on: date) -> Iterator[Mention]:
    """'before September': the first of it, which does not belong to it any more."""
    month, year = words.months[match["month"]], _year(match["year"], words)
    first = date(year, month, 1) if year else next_such_day(month, 1, seen_on)
    yield from _at(match, first, start="month", year_given=year is not None)


def _moment(match: re.Match[str], words: Vocabulary, seen_on: date, country: str) -> Iterator[Mention]:
    """'Easter', 'tomorrow', 'the eve of All Saints'."""
    code = words.moments[key(match["moment"])]
    day = moment(code, seen_on, country)
    if day is not None and match["eve"]:
        day -= timedelta(days=1)
    yield from _at(match, day, point="end" not in code, bare="week" in code)


def _nth_weekday(match: re.Match[str], words: Vocabulary, seen_on: date) -> Iterator[Mention]:
    """'the second Tuesday of June', 'the last Friday of the month', '… of next month'."""
    nth = words.numbers[key(match["nth"])] if match["nth"] else LAST
    later = any(match[side] and key(match[side]) in words.next for side in ("before", "after"))
    month = words.months[match["month"]] if match["month"] else add_months(seen_on, int(later)).month
    yield from _at(match, nth_weekday(nth, words.weekdays[match["weekday"]], month, seen_on))


def _numeric(text: str, seen_on: date, country: str) -> Iterator[Mention]:
    """2026-03-31, 31/03/2026, 31.3.26, 31/03; 03/31/2026 where the month comes first."""
    for match in ISO.finditer(text):
        yield from _at(match, valid_day(int(match[1]), int(match[3]), int(match[4])), year_given=True, exact=True)
    for match in FIGURES.finditer(text):
        day, month = _ordered(int(match[1]), int(match[3]), match[2], country)
        year = int(match[4])
        yield from _at(match, valid_day(year + 2000 * (year < 100), month, day), year_given=True, exact=True)
    for match in SHORT.finditer(text):
        day, month = _ordered(int(match[1]), int(match[3]), match[2], country)
        yield from _at(match, next_such_day(month, day, seen_on), bare=match[2] == ".", exact=True)
    for match in HYPHENED.finditer(text):
        yield from _at(match, next_such_day(int(match[2]), int(match[1]), seen_on), bare=True, exact=True)


def _ordered(first: int, second: int, separator: str, country: str) -> tuple[int, int]:
    """(day, month): the order of the country, unless only the other one is possible; dots are always day first."""
    month_first = country in MONTH_FIRST and separator != "."
    if (month_first and first <= 12) or second > 12:
        return second, first
    return first, second


def _named(match: re.Match[str], words: Vocabulary, seen_on: date) -> Iterator[Mention]:
    """'Friday 25 September 2026', 'le trente septembre', 'March 31st'."""
    month, day, year = words.months[match["month"]], _number(match["day"], words), _year(match["year"], words)
    if year is None:
        yield from _at(match, next_such_day(month, day, seen_on), exact=True)
    else:
        yield from _at(match, valid_day(year, month, day), year_given=True, exact=True)


def _number(text: str, words: Vocabulary) -> int:
    """The value of figures or of a number word; the pattern has made sure that it is one of the two."""
    return int(text) if text.isdecimal() else words.numbers[key(text)]


def _year(text: str | None, words: Vocabulary) -> int | None:
    if text is None:
        return None
    figures = text.lstrip("'")
    if figures.isdecimal():
        return int(figures) + 2000 * (int(figures) < 100)
    return words.years[key(text)]


def _period(match: re.Match[str], words: Vocabulary, seen_on: date) -> Iterator[Mention]:
    """'end of March 2027', 'mid-June', 'end of next month', 'end of the first quarter', 'end of Q3'."""
    middle, year = key(match["part"] or "") in words.middle, _year(match["year"], words)
    if match["month"]:
        day = in_month(words.months[match["month"]], year, seen_on, middle=middle)
    else:
        day = _of_period(match, words, year, seen_on, middle=middle)
    yield from _at(match, day, point=middle, year_given=year is not None)


def _of_period(
    match: re.Match[str], words: Vocabulary, year: int | None, seen_on: date, *, middle: bool
) -> date | None:
    period = words.periods[match["period"]] if match["period"] else "quarter"
    which = match["q"].strip("qt") if match["q"] else match["which"]
    if which and period in ("quarter", "half-year"):
        return in_month(_number(which, words) * MONTHS_OF[period], year, seen_on, middle=False)
    if year is not None:
        return date(year, 12, 31) if period == "year" else None
    step = any(match[side] and key(match[side]) in words.next for side in ("before", "after"))
    return in_period(period, int(step), seen_on, middle=middle)


def _weekday(match: re.Match[str], words: Vocabulary, seen_on: date) -> Mention:
    """The coming one; a week later for 'Monday week', and for a 'next Friday' said in the same week."""
    wanted = words.weekdays[match["weekday"]]
    ahead = (wanted - seen_on.weekday() - 1) % 7 + 1
    said = {key(match[side]) for side in ("before", "after") if match[side]}
    if said & words.week_later or (said & words.strict_next and wanted > seen_on.weekday()):
        ahead += 7
    elif said & words.of_next_week:
        ahead = wanted - seen_on.weekday() + 7
    return Mention(match.start(), match.end(), seen_on + timedelta(days=ahead), bare=True)


def _day_of_month(
    match: re.Match[str], start: int, seen_on: date, words: Vocabulary, *, bare: bool
) -> Iterator[Mention]:
    """'the 15th', 'Friday 13': the next such day of the month."""
    figures = re.match(r"\d+", match["day"])
    number = int(figures[0]) if figures else words.numbers[key(match["day"])]
    if bare and any(match[side] and key(match[side]) in words.next for side in ("before", "after")):
        seen_on = add_months(seen_on.replace(day=1), 1)
    for ahead in range(62):
        day = seen_on + timedelta(days=ahead)
        if day.day == number:
            yield Mention(start, match.end(), day, bare=bare, exact=True)
            return


def _duration(match: re.Match[str], words: Vocabulary, text: str) -> Iterator[Mention]:
    """'30 days', 'six weeks', '10 business days', 'another month'; not '£50 a month', not 'Amos'."""
    count, name = _number(match["count"], words), words.units[match["unit"]]
    unit = "day" if name == "work-day" else name
    priced = match["count"] in words.articles and re.search(
        r"[\d€$£]\s?$", text[max(0, match.start() - 3) : match.start()]
    )
    joined = match["count"] in words.articles and not text[match.end("count")].isspace() and len(match["unit"]) <= 3
    by_the_clock = unit == "hour" and count % 12 != 0
    if priced or joined or by_the_clock or not 0 < count <= MAX_COUNT[unit]:
        return
    said = f"{match['before']} {match['after']}"
    working = name == "work-day" or bool(words.working.search(said))
    more = bool(match["more"] or words.more.search(said))
    yield Mention(match.start(), match.end(), span=Span(count, unit, working, more))
