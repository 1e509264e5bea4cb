"""The ways in which people state how long an offer is good: a table a language, all sent on Monday 4 May 2026."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assistant.validity import find_validity

FOLDER = Path(__file__).parent / "forms"
SENT_ON = date(2026, 5, 4)
CONFIDENT = 0.5


def rows() -> list[tuple[str, str, str, str]]:
    found = []
    for file in sorted(FOLDER.glob("*.txt")):
        for line in file.read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                expected, country, text = line.split(" | ", 2)
                found.append((file.stem, country, text.replace("\\n", "\n"), expected))
    return found


@pytest.mark.parametrize(("language", "country", "text", "expected"), rows())
def test_the_validity_is_read_in_every_form(language: str, country: str, text: str, expected: str) -> None:
    clause = find_validity(text, sent_on=SENT_ON, language=language, country=country)

    got = clause.last_day.isoformat() if clause is not None and clause.confidence >= CONFIDENT else "none"
    assert got == expected
