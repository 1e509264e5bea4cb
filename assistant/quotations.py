"""The writer's own words apart from the quoted ones.

A quotation is marked in one of two ways. Lines with '>' are quoted, and only they: what stands between and below them
is the writer's. Without marks a quotation has an opening (a header block as Outlook writes it, '-----Original
Message-----', 'On 3 March 2026, Paul wrote:') and then reaches to the end. Every step is linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from assistant.phrases import folded, pattern, phrases

_ROLES = ("from", "sent", "to", "cc", "subject", "extra")
_MARK = re.compile(r"[ \t]{0,3}>")
_MARKS = re.compile(r"(?:[ \t]{0,3}>)+ ?")
_RULE = re.compile(r"[ \t]*[-_=*–—―]{3,}[ \t]*$")
_CLOCK = re.compile(r"\d[:.h]\d\d|\b\d\d?\s?(?:am|pm|h)\b|\b(?:19|20)\d\d\b")
_BARE_ATTRIBUTION = re.compile(r"[^<>]{0,300}<[^<>]{3,300}@[^<>]{1,200}>\s?:$")
_ATTRIBUTION_LINES = 3
_LINE_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class _Opening:
    """Lines `first` to `last` (counted from 0) open a quotation.

    `firm`: it needs no '>' below it. `whole`: where own words precede it, '>' below it are quotations within it.
    """

    first: int
    last: int
    firm: bool = True
    whole: bool = True


def split_quotation(text: str) -> tuple[str, str]:
    """(own words, quoted words without their marks). Stretches of own words are parted by a blank line."""
    lines = text.split("\n")
    plain = [line[:_LINE_LIMIT].strip() for line in folded(text).split("\n")]
    quoted = _quoted_lines(lines, plain)
    own = "\n".join("" if mark else line.rstrip() for line, mark in zip(lines, quoted, strict=True))
    theirs = "\n".join(_MARKS.sub("", line, count=1) for line, mark in zip(lines, quoted, strict=True) if mark)
    return re.sub(r"\n{3,}", "\n\n", own).strip(), theirs.strip()


def _quoted_lines(lines: list[str], plain: list[str]) -> list[bool]:
    """Which lines are quoted, the lines that open a quotation among them."""
    quoted = [bool(_MARK.match(line)) for line in lines]
    _add_broken_lines(lines, quoted)
    following = _next_filled(plain)
    for opening in _openings(plain, quoted):
        after = following[opening.last + 1]
        marked = after < len(lines) and quoted[after]
        own_above = opening.whole and any(plain[n] and not quoted[n] for n in range(opening.first))
        if opening.firm and (own_above or not marked):
            return quoted[: opening.first] + [True] * (len(lines) - opening.first)
        if marked:
            quoted[opening.first : opening.last + 1] = [True] * (opening.last + 1 - opening.first)
    return quoted


def _next_filled(plain: list[str]) -> list[int]:
    """For every line (and the end) the number of the first line from there on that is not blank."""
    following = [len(plain)] * (len(plain) + 2)
    for number in range(len(plain) - 1, -1, -1):
        following[number] = number if plain[number] else following[number + 1]
    return following


def _add_broken_lines(lines: list[str], quoted: list[bool]) -> None:
    """The short rests that a program leaves without a mark when it breaks a quoted line anew."""
    for number in range(1, len(lines) - 1):
        rest = lines[number]
        if rest and not quoted[number] and quoted[number - 1] and quoted[number + 1]:
            long_before = len(lines[number - 1]) >= 65 and not lines[number - 1].rstrip().endswith((".", "?", "!", ":"))
            quoted[number] = long_before and len(rest) < 60 and rest[0].islower()


def _openings(plain: list[str], quoted: list[bool]) -> list[_Opening]:
    found = [*_separators(plain), *_header_blocks(plain), *_attributions(plain, quoted)]
    return sorted(found, key=lambda opening: (opening.first, -opening.last))


def _separators(plain: list[str]) -> Iterator[_Opening]:
    """'-----Original Message-----', '---- Paul Ferrand wrote ----', 'Begin forwarded message:'."""
    whole = _separator_line()
    for number, line in enumerate(plain):
        if (line[:1] in "-_=*–—―" or line[-1:] in ":-") and len(line) < 200 and whole.match(line):
            yield _Opening(number, number)


@lru_cache(maxsize=1)
def _separator_line() -> re.Pattern[str]:
    words = pattern("quotation", "separator")
    rule = "[-_=*–—― ]{2,60}"
    return re.compile(rf"{rule}(?:{words}|.{{0,200}}{pattern('quotation', 'wrote')} ?{rule}$)|{words} ?:$")


def _header_blocks(plain: list[str]) -> Iterator[_Opening]:
    """Blocks of 'From: … Sent: … To: … Subject: …', with the rule above them."""
    first_filled = next((number for number, line in enumerate(plain) if line and not _RULE.match(line)), 0)
    for first, last in _labelled_stretches(plain):
        start = _rule_above(plain, first)
        if _is_header(plain[first : min(last, first + 20) + 1], start < first, first <= first_filled):
            yield _Opening(start, last)


def _labelled_stretches(plain: list[str]) -> Iterator[tuple[int, int]]:
    """(first, last) of the lines that begin with labels, each at most three lines after the one before."""
    first = last = -1
    for number in (number for number, line in enumerate(plain) if _role(line)):
        if first >= 0 and number - last > 3:
            yield first, last
            first = -1
        first, last = (number if first < 0 else first), number
    if first >= 0:
        yield first, last


def _role(line: str) -> str:
    """What a line gives of a header ('from', 'sent', …), '' where it begins with no label."""
    label, colon, _ = line[:60].partition(":")
    return _roles().get(label.strip(" *\t"), "") if colon else ""


@lru_cache(maxsize=1)
def _roles() -> dict[str, str]:
    return {label: role for role in reversed(_ROLES) for label in phrases("quotation", role)}


def _is_header(block: list[str], ruled: bool, nothing_before: bool) -> bool:
    """Whether labelled lines are the header of a message, and not a list of the writer's ('De : Lyon, À : Paris')."""
    roles = {_role(line) for line in block} - {"", "extra"}
    addressed = any("@" in line for line in block)
    if "from" not in roles or not roles & {"sent", "subject"}:
        return False
    if nothing_before and not ruled:
        return addressed and len(roles) > 2
    return ruled or addressed or len(roles) > 2


def _rule_above(plain: list[str], first: int) -> int:
    """The line of a rule or a separator right above `first`, else `first`."""
    above = first - 1
    while above >= 0 and not plain[above] and first - above < 3:
        above -= 1
    ruled = above >= 0 and (_RULE.match(plain[above]) or _separator_line().match(plain[above]))
    return above if ruled else first


def _attributions(plain: list[str], quoted: list[bool]) -> Iterator[_Opening]:
    """'On 3 March 2026 at 10:12, Paul Ferrand <p@x.example> wrote:', also on several lines or without a verb."""
    verb = _verb()
    for number, line in enumerate(plain):
        if line and not quoted[number] and (line.endswith(">:") or verb.search(line)):
            yield from _attribution_around(plain, quoted, number)


@lru_cache(maxsize=1)
def _verb() -> re.Pattern[str]:
    return re.compile(pattern("quotation", "wrote"))


@lru_cache(maxsize=1)
def _beginning() -> re.Pattern[str]:
    return re.compile(rf"{pattern('quotation', 'opening')}[ .,].*\d|\d{{1,4}}[./:-]\d|[^\W\d_]{{2,12}}[.,] .*\d")


def _attribution_around(plain: list[str], quoted: list[bool], number: int) -> Iterator[_Opening]:
    """The attribution whose verb is on line `number`: it begins at most three lines above, and ends in a colon."""
    last = _end_of_attribution(plain, number)
    if last < 0:
        return
    first = _start_of_attribution(plain, quoted, number)
    whole = " ".join(plain[first : last + 1])
    dated = bool(_CLOCK.search(whole))
    if len(whole) > 600 or not (_verb().search(whole) or (dated and _BARE_ATTRIBUTION.match(whole))):
        return
    yield _Opening(first, last, firm=dated or "@" in whole, whole=False)


def _end_of_attribution(plain: list[str], number: int) -> int:
    """The line with the final colon, at most two lines below the verb; -1 where there is none."""
    for last in range(number, min(number + _ATTRIBUTION_LINES, len(plain))):
        if not plain[last]:
            break
        if plain[last].endswith((":", ":*", ": *")):
            return last
    return number if _verb_ends(plain[number]) else -1


def _verb_ends(line: str) -> bool:
    return any(match.end() == len(line) for match in _verb().finditer(line))


def _start_of_attribution(plain: list[str], quoted: list[bool], number: int) -> int:
    """The nearest line from the verb upward that begins as attributions do, else the verb's own or the name above."""
    for first in range(number, max(number - _ATTRIBUTION_LINES, 0) - 1, -1):
        if not plain[first] or quoted[first]:
            break
        if _beginning().match(plain[first]):
            return first
    named_above = number > 0 and plain[number].startswith(("<", "(")) and plain[number - 1] and not quoted[number - 1]
    return number - 1 if named_above else number
