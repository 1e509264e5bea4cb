"""What the subject and the text of a message say of machines: the fixed phrases of phrases/ under [machine]."""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.messages import Message
from assistant.phrases import folded, pattern

TEXT_JUDGED = 6_000


def is_reply(message: Message) -> bool:
    """Whether the subject begins as people's answers and forwarded messages do ('Re:', 'AW:', 'TR:')."""
    return bool(_prefix().match(folded(message.subject)))


@lru_cache(maxsize=1)
def _prefix() -> re.Pattern[str]:
    return re.compile(pattern("machine", "reply_prefix") + r"(?:\[\d{1,3}\])? ?:")


def begins(text: str, key: str) -> bool:
    """Whether `text` begins with one of the phrases under `key`."""
    return bool(expression(key).match(folded(text[:200]).lstrip(" *[(")))


def says(text: str, key: str) -> bool:
    """Whether the first 6,000 characters of `text` hold one of the phrases under `key`."""
    return bool(expression(key).search(folded(text[:TEXT_JUDGED])))


def line_saying(text: str, key: str) -> str:
    """The first line of `text` with one of the phrases under `key`, verbatim; '' where none has."""
    lines = (line.strip() for line in text[:TEXT_JUDGED].split("\n"))
    return next((line for line in lines if says(line, key)), "")


@lru_cache(maxsize=32)
def expression(key: str) -> re.Pattern[str]:
    """Any of the phrases under `key`, to be matched against folded text."""
    return re.compile(pattern("machine", key))
