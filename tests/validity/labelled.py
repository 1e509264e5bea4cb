"""Messages, cases and drills whose day is known: the last day of an offer, or that of a promised decision."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent
COUNTRY = {"fr": "FR", "en": "GB", "de": "DE", "es": "ES", "it": "IT", "nl": "NL", "pt": "PT"}


@dataclass(frozen=True)
class Example:
    language: str
    country: str
    texts: tuple[str, ...]
    sent_on: date
    wanted: date | None
    decision: bool = False
    drill: bool = False


def examples() -> Iterator[Example]:
    for file in sorted(TESTS.glob("messages/**/*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            yield from _of_message(json.loads(line), file.stem.removeprefix("owner-")[:2])
    for file in sorted(TESTS.glob("cases/*/*.toml")):
        yield from _of_case(tomllib.loads(file.read_text("utf-8")))
    for file in sorted(TESTS.glob("validity/forms/*.txt")):
        yield from _of_forms(file)


def _of_message(row: dict[str, Any], language: str) -> Iterator[Example]:
    country, sent = row.get("country") or COUNTRY[language], row.get("sent") or "2026-04-15"
    day, texts = date.fromisoformat(sent[:10]), (row["text"] or "", row["subject"] or "")
    if "valid_until" in row:
        yield Example(language, country, texts, day, _day(row["valid_until"]))
    elif row.get("kind") == "stall":
        yield Example(language, country, texts[:1], day, _day(row.get("promised")), decision=True)


def _of_case(case: dict[str, Any]) -> Iterator[Example]:
    expected = {offer["message"]: offer for offer in case.get("expect", {}).get("offer", [])}
    extended = any(message["kind"] == "extension" for message in case["message"])
    for message in case["message"]:
        texts = (
            message["body"],
            message["subject"],
            *(file["text"] for file in message.get("attachment", []) if "text" in file),
        )
        common = (case["language"], case["country"], texts, message["date"].date())
        if message["kind"] == "offer" and message["id"] in expected and not extended:
            yield Example(*common, expected[message["id"]].get("valid_until"))
        elif message["kind"] == "stall":
            yield Example(*common, message.get("promised"), decision=True)


def _of_forms(file: Path) -> Iterator[Example]:
    for line in file.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            wanted, country, text = line.split(" | ", 2)
            day = None if wanted == "none" else date.fromisoformat(wanted)
            yield Example(file.stem, country, (text.replace("\\n", "\n"),), date(2026, 5, 4), day, drill=True)


def _day(text: str | None) -> date | None:
    return datetime.fromisoformat(text).date() if text else None
