"""How people name days, durations and the validity of an offer: one TOML file a language, and their loader.

The files are written for a native speaker who does not program; README.md beside them says how to read and extend them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from assistant.languages.dates.folding import fold

LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt")
NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one language as values, and the patterns made of them; everything is folded (folding.py)."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    numbers: Mapping[str, int]
    years: Mapping[str, int]
    units: Mapping[str, str]
    periods: Mapping[str, str]
    moments: Mapping[str, str]
    spans: Mapping[str, tuple[int, str]]
    middle: frozenset[str]
    articles: frozenset[str]
    next: frozenset[str]
    week_later: frozenset[str]
    of_next_week: frozenset[str]
    strict_next: frozenset[str]
    working: re.Pattern[str]
    more: re.Pattern[str]
    apposition: re.Pattern[str]
    day_month: tuple[re.Pattern[str], ...]
    day_alone: re.Pattern[str]
    weekday_day: re.Pattern[str]
    nth_weekday: re.Pattern[str]
    period_end: re.Pattern[str]
    period_alone: re.Pattern[str]
    month_whole: re.Pattern[str]
    month_before: re.Pattern[str]
    moment: re.Pattern[str]
    weekday: re.Pattern[str]
    week_number: re.Pattern[str]
    duration: re.Pattern[str]
    unit_first: re.Pattern[str]
    named_span: re.Pattern[str]
    clause: Mapping[str, re.Pattern[str]]


@lru_cache(maxsize=len(LANGUAGES))
def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of a language; English where there is no file for it."""
    name = language if language in LANGUAGES else "en"
    return _built(tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text("utf-8")))


def _built(data: Mapping[str, Any]) -> Vocabulary:
    days, lengths = data["days"], data["lengths"]
    months = {word: index for index, names in enumerate(days["months"], 1) for word in _names(names)}
    weekdays = {word: index for index, names in enumerate(days["weekdays"]) for word in _names(names)}
    numbers = _numbers(data["numbers"])
    years = {f"{century} {word}": 2000 + value for century in _folded(data["numbers"]["centuries"])
             for word, value in numbers.items() if 20 <= value <= 60}  # fmt: skip
    parts = _parts(data, months, weekdays, numbers, years)
    return Vocabulary(
        months=months,
        weekdays=weekdays,
        numbers=numbers,
        years=years,
        units=_values(lengths["units"]),
        periods=_values(days["periods"]),
        moments={key(name): code for name, code in days["moments"].items()},
        spans={key(name): (int(code.split()[0]), code.split()[1]) for name, code in lengths["named"].items()},
        middle=_set(days["middle"]),
        articles=_set(data["numbers"]["articles"]),
        next=_set(days["next"]),
        week_later=_set(days["weekday_week_later"]),
        of_next_week=_set(days["weekday_of_next_week"]),
        strict_next=_set(days["weekday_strict_next"]),
        working=phrases(lengths["working"]),
        more=phrases(lengths["more"]),
        apposition=_apposition([*days["day_articles"], *data["clause"]["that_is"], *data["clause"]["until"]]),
        clause={
            (name if section in ("clause", "other") else f"{section}.{name}"): phrases(list_)
            for section in ("clause", "other", "pilot", "decision", "document")
            for name, list_ in data[section].items()
        },
        **_patterns(parts, month_first=days["month_first"], suffix_required=days["suffix_required"]),
    )


def key(text: str) -> str:
    """A name as it is looked up: folded, one blank for any blanks and hyphens."""
    return " ".join(fold(text).replace("-", " ").split())


def _names(text: str) -> list[str]:
    return [fold(name) for name in text.split()]


def _folded(names: Iterable[str]) -> list[str]:
    return [fold(name) for name in names]


def _set(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(key, names))


def _values(table: Mapping[str, str]) -> dict[str, str]:
    """{'day': 'jour jours'} → {'jour': 'day', 'jours': 'day'}."""
    return {word: value for value, names in table.items() for word in _names(names)}


def _numbers(data: Mapping[str, Any]) -> dict[str, int]:
    """Number words and ordinals by value: the n-th place of the list is n; variants stand behind a stroke."""
    numbers = {key(name): value for name, value in data["others"].items()}
    for series in ("ordinals", "numbers"):
        for value, names in enumerate(data[series].split(","), 1):
            numbers |= {key(name): value for name in names.split("|")}
    return numbers


def _ordinals(series: str, *, beyond: int = 0) -> list[str]:
    return [key(name) for names in series.split(",")[beyond:] for name in names.split("|")]


# Patterns -------------------------------------------------------------------------------------------------------------


def one_of(names: Iterable[str]) -> str:
    """An alternation, the longest first; a space in a name stands for any blanks or a hyphen, '*' for any ending."""
    ordered = sorted(set(names), key=lambda name: (-len(name), name))
    return "(?:" + "|".join(_escaped(name) for name in ordered) + ")" if ordered else "(?!)"


def _escaped(name: str) -> str:
    return re.escape(name).replace(r"\*", r"\w*").replace(r"\-", " ").replace(r"\ ", " ").replace(" ", r"[\s-]{1,3}")


def phrases(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the phrases as whole words."""
    folded = _folded(names)
    return re.compile(rf"(?<!\w){one_of(folded)}(?!\w)") if folded else NEVER


def _apposition(names: Iterable[str]) -> re.Pattern[str]:
    """What stands between a day and its exact name: ', so until the ', ' (the '; nothing at all is none."""
    return re.compile(rf"(?:[\s,:(-]{{1,3}}{one_of(_folded(names))}(?!\w)){{0,4}}[\s,:(-]{{0,4}}")


def _parts(
    data: Mapping[str, Any],
    months: Mapping[str, int],
    weekdays: Mapping[str, int],
    numbers: Mapping[str, int],
    years: Mapping[str, int],
) -> dict[str, str]:
    """The building blocks of the patterns, by name."""
    days, lengths = data["days"], data["lengths"]
    week = [*days["next"], *days["this"], *days["weekday_week_later"], *days["weekday_of_next_week"]]
    return {
        "month": one_of(months),
        "weekday": one_of(weekdays),
        "number": one_of(numbers),
        "day_word": one_of(word for word in numbers if word not in _set(data["numbers"]["articles"])),
        "ordinal": one_of(_ordinals(data["numbers"]["ordinals"])),
        "late_ordinal": one_of(_ordinals(data["numbers"]["ordinals"], beyond=4)),
        "suffix": one_of(_folded(days["ordinal_suffixes"])),
        "of": one_of(_folded(days["of"])),
        "article": one_of(_folded(days["day_articles"])),
        "daytime": one_of(_folded(days["daytimes"])),
        "year_words": one_of(years),
        "part": one_of([*_folded(days["end"]), *_folded(days["middle"])]),
        "glue": one_of(_folded(days["glue"])),
        "whole": one_of(_folded(days["whole"])),
        "preceding": one_of(_folded(data["clause"]["before"])),
        "eve": one_of(_folded(days["eve"])),
        "step": one_of([*_folded(days["this"]), *_folded(days["next"])]),
        "weekday_step": one_of([*_folded(week), *_folded(days["weekday_strict_next"])]),
        "period": one_of(_values(days["periods"])),
        "last": one_of(_folded(days["last"])),
        "gone": one_of(_folded(days["weekday_gone"])),
        "month_word": one_of(_names(days["periods"]["month"])),
        "long_period": one_of(_names(f"{days['periods']['quarter']} {days['periods']['half-year']}")),
        "moment": one_of(_folded(days["moments"])),
        "week": one_of(_folded(days["week_number"])),
        "unit": one_of(_values(lengths["units"])),
        "plural_unit": one_of(name for names in lengths["units"].values() for name in _names(names)[1:]),
        "adjective": one_of(_folded([*lengths["working"], *lengths["calendar"], *lengths["more"]])),
        "more": one_of(_folded(lengths["more_before"])),
        "span": one_of(_folded(lengths["named"])),
    }


def _patterns(parts: dict[str, str], *, month_first: bool, suffix_required: bool) -> dict[str, Any]:
    """The patterns of Vocabulary, by attribute name; all repetition is bounded."""
    year = (
        rf"(?P<year>20\d\d(?!\d)|'\d\d(?!\d)|(?<=[-/.])\d\d(?![\w:])|{parts['year_words']}"
        r"|(?:2[4-9]|3\d)(?![\w:%€$£/]|[.,-]\d|\s?(?:h|uhr|uur|€|\$|£|euro)))"
    )
    step = parts["step"]
    count = rf"(?:\d{{1,4}}|{parts['number']})"
    named_day = rf"{parts['weekday']}[\s-]?{parts['daytime']}?[.,]{{0,2}}\s{{1,3}}(?:{parts['article']}\s)?"
    tail = rf"(?:[\s,./-]{{1,3}}(?:{parts['of']}\s)?{year})?(?!\w)"
    suffix = rf"(?<=\d){parts['suffix']}"
    day = rf"(?P<day>\d{{1,2}}(?!\d)|{parts['day_word']})(?:{suffix})?"
    day_first = (
        rf"(?<![\w/])(?<!\d[.,-])(?:{named_day})?{day}[\s./-]{{0,3}}(?:{parts['of']}[\s-]{{1,3}})?"
        rf"(?P<month>{parts['month']})(?!\w)\.?{tail}"
    )
    month_then_day = (
        rf"(?<!\w)(?:{named_day})?(?P<month>{parts['month']})\.?[\s/-]{{1,3}}(?:the\s)?"
        rf"(?P<day>\d{{1,2}}(?!\d|[:.,]\d)|{parts['day_word']})(?:{suffix})?(?!\w){tail}"
    )
    day_suffix = rf"(?:{suffix})" + ("" if suffix_required else "?")
    not_an_amount = r"(?![\w%:/°])(?!\s?[%€$£]|[.,]\d|\s?(?:h|uhr|uur)\b)"
    adjectives = rf"(?:[\s-]{{1,3}}{parts['adjective']}){{0,3}}"
    q = r"(?P<q>[qt][1-4]|[1-4]t)"
    return {
        "day_month": tuple(map(re.compile, [day_first, month_then_day][: 1 + month_first])),
        "day_alone": re.compile(
            rf"(?<!\w){parts['article']}\s{{1,3}}(?P<day>\d{{1,2}}{day_suffix}|{parts['late_ordinal']})"
            rf"{not_an_amount}(?:\s(?:{parts['glue']}\s?){{0,3}}(?:(?P<before>{step})\s)?{parts['month_word']}"
            rf"(?:\s(?P<after>{step}))?(?!\w))?"
        ),
        "weekday_day": re.compile(rf"(?<!\w){named_day}(?P<day>\d{{1,2}})(?!\d)(?:{suffix})?{not_an_amount}"),
        "nth_weekday": re.compile(
            rf"(?<!\w)(?:(?P<nth>{parts['ordinal']})|{parts['last']})\s{{1,3}}(?P<weekday>{parts['weekday']})"
            rf"[\s-]?{parts['daytime']}?\s{{1,3}}(?:{parts['glue']}\s?){{1,3}}"
            rf"(?:(?P<month>{parts['month']})|(?:(?P<before>{step})\s)?{parts['month_word']}(?:\s(?P<after>{step}))?)(?!\w)"
        ),
        "period_end": re.compile(
            rf"(?<!\w)(?:(?P<part>{parts['part']})[\s-]{{0,3}}(?:{parts['glue']}[\s-]{{0,3}}){{0,4}}"
            rf"(?:(?P<before>{step})[\s-]{{1,3}})?(?:(?P<which>[1-4]|{parts['number']})(?:{suffix})?[\s-]{{1,3}})?"
            rf"(?:(?P<month>{parts['month']})|(?P<period>{parts['period']})|{q})(?!\w)\.?"
            rf"(?:[\s-]{{1,3}}(?P<after>{step})(?!\w))?(?:[\s,]{{1,3}}(?:{parts['of']}\s)?{year})?)"
        ),
        "period_alone": re.compile(
            rf"(?<!\w)(?P<part>(?!))?(?P<before>(?!))?(?P<month>(?!))?(?P<q>(?!))?(?P<after>(?!))?(?P<which>{parts['ordinal']})"
            rf"\s{{1,3}}(?P<period>{parts['long_period']})(?!\w)(?:[\s,]{{1,3}}(?:{parts['of']}\s)?{year})?"
        ),
        "month_whole": re.compile(
            rf"(?<!\w){parts['whole']}\s{{1,3}}(?:{parts['glue']}\s){{0,2}}(?P<month>{parts['month']})(?!\w)"
            rf"(?!\.?\s{{0,2}}\d{{1,2}}(?!\d))(?:[\s,]{{1,3}}(?:{parts['of']}\s)?{year})?"
        ),
        "month_before": re.compile(
            rf"(?<!\w){parts['preceding']}\s{{1,3}}(?P<month>{parts['month']})(?!\w)"
            rf"(?!\.?\s{{0,2}}\d{{1,2}}(?!\d))(?:[\s,]{{1,3}}(?:{parts['of']}\s)?{year})?"
        ),
        "moment": re.compile(rf"(?<!\w)(?:(?P<eve>{parts['eve']})\s?)?(?P<moment>{parts['moment']})(?!\w)"),
        "weekday": re.compile(
            rf"(?<!\w)(?P<nth>(?:{parts['ordinal']}|{parts['last']})\s{{1,3}})?(?:(?P<before>{parts['weekday_step']})[\s-]{{1,3}})?"
            rf"(?P<weekday>{parts['weekday']})[\s-]?{parts['daytime']}?(?!\w)(?P<gone>\s{{1,3}}{parts['gone']}(?!\w))?"
            rf"(?:,?\s{{1,3}}(?P<after>{parts['weekday_step']})(?!\w))?"
        ),
        "week_number": re.compile(
            rf"(?<!\w)(?:{parts['part']}\s(?:{parts['glue']}\s?){{0,3}})?{parts['week']}[\s-]{{0,3}}(?P<number>\d{{1,2}})"
            r"(?![\w%.,]\w)(?!\w)"
        ),
        "duration": re.compile(
            rf"(?<![\w/])(?<!\d[.,])(?:(?P<more>{parts['more']})\s{{1,3}})?(?P<count>{count})(?:\s?\({count}\))?[\s-]{{0,3}}"
            rf"(?P<before>(?:{parts['adjective']}[\s-]{{1,3}}){{0,3}})(?P<unit>{parts['unit']})(?!\w)(?P<after>{adjectives})"
        ),
        "unit_first": re.compile(
            rf"(?<!\w)(?P<more>(?!))?(?P<unit>{parts['plural_unit']})\.?[:\s]{{1,3}}(?P<before>)(?P<count>\d{{2,3}}|{parts['number']})"
            r"(?!\w)(?![.,:/-]?\d)(?P<after>)(?=\s?(?:[.;|)(\n,]|$)|\s(?:d|a|f)\w*'?)"
        ),
        "named_span": re.compile(
            rf"(?<!\w)(?P<more>{parts['more']}\s)?(?:(?P<times>{parts['number']})\s{{1,3}})?(?P<span>{parts['span']})(?!\w)"
        ),
    }
