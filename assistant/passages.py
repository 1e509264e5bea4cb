"""Text → passages: a sentence, a table row or a labelled line, with the days and durations named in it.

A passage ends at a blank line, at the end of a sentence, at a line end where the next line begins anew, and at a dash
before the next label ('– Payment: '); a wrapped line does not end it, nor does a label whose value stands on the next
line.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.dates import Mention

WRAPPED_LINE = 58
BREAK = re.compile(r"\n[ \t\r]*\n|\n|[.!?…][\"»”')\]]{0,2}(?=\s)|;|[ ][-–—·•][ ](?=[^\W\d][^\n:|]{1,24}:\s)")
FRESH = re.compile(r"[ \t]*(?:[-*•·▪>–—]|\d{1,2}[.)]\s|[A-ZÀ-ÖØ-Þ0-9«\"“(\[|])")
ABBREVIATION = re.compile(r"(?:\b[^\W\d]{1,3}|\b\d{1,2})\Z")


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a text (`start` to `end`), as places in the whole, with its mentions."""

    start: int
    end: int
    mentions: tuple[Mention, ...]


def passages(text: str, mentions: Sequence[Mention]) -> Iterator[Passage]:
    """All passages of a text that name a day or a duration, in order."""
    starts = [mention.start for mention in mentions]
    for start, end in pairwise(_bounds(text, mentions)):
        inside = mentions[bisect_left(starts, start) : bisect_left(starts, end)]
        if inside:
            yield Passage(start, end, tuple(inside))


def _bounds(text: str, mentions: Sequence[Mention]) -> list[int]:
    """Where passages begin and end; never inside a mention."""
    ends = [mention.end for mention in mentions]
    bounds = [0]
    for match in BREAK.finditer(text):
        place = bisect_right(ends, match.end())
        inside = place < len(mentions) and mentions[place].start < match.start()
        if not inside and _breaks(text, match, bounds[-1], mentions, place):
            bounds.append(match.end())
    bounds.append(len(text))
    return bounds


def _breaks(text: str, match: re.Match[str], last: int, mentions: Sequence[Mention], place: int) -> bool:
    if match[0] == "\n":
        return _line_ends(text, match.start(), last, mentions, place)
    if match[0][0] in "\n;":
        return True
    if match[0][0] != ".":
        return True
    following = text[match.end() : match.end() + 3].lstrip()
    abbreviated = ABBREVIATION.search(text, max(last, match.start() - 4), match.start())
    return not following[:1].islower() and not (abbreviated and following[:1].isdigit())


def _line_ends(text: str, newline: int, last: int, mentions: Sequence[Mention], place: int) -> bool:
    """False inside a wrapped sentence, and between a label and its value."""
    line = text[max(last, text.rfind("\n", last, newline) + 1) : newline].strip()
    if not FRESH.match(text, newline + 1) or (len(line) >= WRAPPED_LINE and line[-1] not in ".:!?;"):
        return False
    stop = text.find("\n", newline + 1)
    following = text[newline + 1 : stop if stop >= 0 else len(text)].strip()
    has_own = any(last <= mention.start < newline for mention in mentions[max(0, place - 3) : place])
    value = place < len(mentions) and mentions[place].end - mentions[place].start >= len(following) - 12
    return has_own or not value or not following or len(line) > 40
