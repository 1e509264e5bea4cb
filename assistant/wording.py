"""Days, times and amounts in the words of a language, and the typography of a letter."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from assistant.languages.letters import Letters

_NBSP = "\u00a0"
_CURRENCIES = {"EUR": "€", "USD": "$", "GBP": "£"}
_AMOUNT = re.compile(r"(?P<before>[^\d\s]{0,4})\s?(?P<digits>\d[\d.,' \u00a0\u202f]{0,20})\s?(?P<after>[^\d\s]{0,4})")
_LONGEST_AMOUNT = 40


def spoken_date(day: date | None, letters: Letters) -> str:
    """The day as a letter of that language writes it ('1er mars 2026', 'March 31, 2026'); '' for None."""
    if day is None:
        return ""
    number = letters.first_day if day.day == 1 else str(day.day)
    return letters.date.format(day=number, month=letters.months[day.month - 1], year=day.year)


def spoken_time(moment: datetime, letters: Letters) -> str:
    """'16:02', or '4:02 PM' where the language counts to twelve."""
    if letters.time == "24":
        return f"{moment.hour:02}:{moment.minute:02}"
    return f"{moment.hour % 12 or 12}:{moment.minute:02} {'AM' if moment.hour < 12 else 'PM'}"


def _number(digits: str) -> Decimal | None:
    """'48 000', "12'500", '15.480', '1,250.50' → the number: the last mark is decimal only before one or two digits."""
    bare = re.sub(r"[' \u00a0\u202f]", "", digits).rstrip(".,")
    whole, mark, fraction = bare.rpartition(max(".,", key=bare.rfind))
    if not mark or len(fraction) > 2:
        whole, fraction = bare, ""
    try:
        return Decimal(re.sub(r"[.,]", "", whole) + (f".{fraction}" if fraction else ""))
    except InvalidOperation:
        return None


def spoken_amount(amount: str, letters: Letters) -> str:
    """'48 000 EUR' → '48 000 €', '€48,000', '48.000 €'; word for word where it cannot be read for sure."""
    found = _AMOUNT.fullmatch(amount.strip()) if len(amount) <= _LONGEST_AMOUNT else None
    if found is None or bool(found["before"]) == bool(found["after"]):
        return amount.strip()
    number = _number(found["digits"])
    if number is None:
        return amount.strip()
    currency = found["before"] or found["after"]
    plain = f"{number:,}".translate(str.maketrans(",.", letters.separators))
    return letters.number.format(number=plain, currency=_CURRENCIES.get(currency.upper(), currency))


def typeset(text: str, letters: Letters) -> str:
    """The letter as it is sent: no trailing blanks, at most one blank line in a row, French spaces that hold.

    French puts a no-break space before ; : ! ? and inside « »; U+00A0, which every mail program shows, not U+202F.
    """
    lines = [line.rstrip() for line in text.strip().splitlines()]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    for apart, joined in letters.contractions.items():
        text = text.replace(apart, joined)
    if letters.language == "fr":
        text = re.sub(r" (?=[;:!?»](?!\w))|(?<=«) ", _NBSP, text)
    return text


def sentence(text: str) -> str:
    """The text with its first letter as a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """The text with its first letter small, the rest as it is."""
    return text[:1].lower() + text[1:]
