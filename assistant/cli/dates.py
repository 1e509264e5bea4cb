"""Days on the command line and in spreadsheets: ISO, or as the owner's country writes them."""

from __future__ import annotations

import re
from datetime import date

import click

from assistant.cli.app import App

_PARTS = re.compile(r"^(\d{1,4})[/.\- ](\d{1,2})[/.\- ](\d{2,4})$")


def read_day(text: str, country: str) -> date:
    """'2026-06-30', '30/06/2026', '30.6.26'; month first where the country is the US. Raises ValueError."""
    text = text.strip()
    match = _PARTS.match(text.split("T")[0].split(" 00:00")[0])
    if not match:
        raise ValueError(f"{text!r} is no date")
    a, b, c = match.groups()
    if len(a) == 4:
        return date(int(a), int(b), int(c))
    year = int(c) + (2000 if len(c) == 2 else 0)
    day, month = (int(b), int(a)) if country == "US" else (int(a), int(b))
    return date(year, month, day)


class Day(click.ParamType):  # type: ignore[type-arg]
    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        app = ctx.find_object(App) if ctx else None
        country = app.config.policy.country if app else "FR"
        try:
            return read_day(str(value), country)
        except ValueError:
            self.fail(f"{value!r} is no date; write 2026-06-30", param, ctx)


DAY = Day()
