"""The writer's words apart from the block at their end: closing formula, name, address, telephone, legal notice.

In doubt a line stays in the text: a signature too many does no harm, a lost 'agreed' does. So nothing that reads like a
sentence is taken, and no line with a word that decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.phrases import folded, pattern, phrases

_DELIMITER = re.compile(r"[-–—]{2,3}$|_{2,}$")
_RULE = re.compile(r"[-_=*~–—]{3,}$")
_CONTACT = re.compile(
    r"@|\bwww\.|https?:|\b(?:tel|fax|mob|gsm|phone|fon|siret|siren|rcs|ust|vat|tva|nif|kvk|btw|hrb)\b"
    r"|(?:\+|\b0|\()\d[\d .()/-]{6,40}\d|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b"
    r"|\b(?:gmbh|sarl|sas|ag|ltd|llc|inc|plc|srl|spa|bv|nv|lda|sa|sl)\b"
)
_ADDENDUM = re.compile(r"(?:p\.? ?s\b|n\.? ?b\b)")
_WORD = re.compile(r"[^\W_]+")
_LINES_JUDGED = 80
_BLOCK_LINES = 14
_NOTICE_MARKS = 3
_PRINTING_MARKS = 2
_NOTICE_LENGTH = 40


def split_signature(text: str, sender: str = "") -> tuple[str, str]:
    """(words, signature block). `sender` is the writer's display name, which marks where his block begins.

    Where nothing but the block would be left ('Thanks!'), the text is returned whole.
    """
    lines = text.rstrip().split("\n")
    head, tail = lines[:-_LINES_JUDGED], lines[-_LINES_JUDGED:]
    taken = _taken([folded(line[:1_000]).strip() for line in tail], frozenset(_WORD.findall(folded(sender[:200]))))
    words = "\n".join(head + [line for line, gone in zip(tail, taken, strict=True) if not gone]).strip()
    if not words:
        return text.strip(), ""
    return words, "\n".join(line for line, gone in zip(tail, taken, strict=True) if gone).strip()


def _taken(plain: list[str], names: frozenset[str]) -> list[bool]:
    """Which lines of a text's tail belong to the signature."""
    taken = [_is_sent_from(line) for line in plain]
    end = _before_notices(plain, taken)
    start = _block_start(plain, end, names)
    delimited = start < end and bool(_DELIMITER.match(plain[start]))
    closed = False
    for first, last in _paragraphs(plain, start, end):
        lone_name = closed and all(len(line.split()) < 6 for line in plain[first : last + 1])
        if first == start or delimited or lone_name or _is_card(plain[first : last + 1], names):
            for number in range(first, last + 1):
                taken[number] |= not _must_stay(plain[number], names)
        closed = all(_is_closing(line, names) for line in plain[first : last + 1])
    return _with_gaps(plain, taken)


def _with_gaps(plain: list[str], taken: list[bool]) -> list[bool]:
    """A blank line goes where the last line above it that is not blank went."""
    gone = False
    filled: list[bool] = []
    for line, mark in zip(plain, taken, strict=True):
        gone = mark if line else gone
        filled.append(gone)
    return filled


def _before_notices(plain: list[str], taken: list[bool]) -> int:
    """Takes legal notices, rules and 'sent from' lines off the end; the number of lines above them."""
    end = len(plain)
    while end:
        if not plain[end - 1] or taken[end - 1] or _RULE.match(plain[end - 1]):
            end -= 1
            continue
        first = end
        while first and plain[first - 1]:
            first -= 1
        if not _is_notice(" ".join(plain[first:end])):
            break
        taken[first:end] = [True] * (end - first)
        end = first
    taken[end:] = [True] * (len(plain) - end)
    return end


def _is_notice(paragraph: str) -> bool:
    """'This message is confidential, intended for the addressee only …', or 'think before you print'."""
    if len(paragraph) < _NOTICE_LENGTH:
        return False
    return _marks("disclaimer", paragraph) >= _NOTICE_MARKS or _marks("printing", paragraph) >= _PRINTING_MARKS


def _marks(key: str, paragraph: str) -> int:
    return len({match[0] for match in _expression(key).finditer(paragraph[:4_000])})


@lru_cache(maxsize=8)
def _expression(key: str) -> re.Pattern[str]:
    return re.compile(pattern("signature", key))


def _is_sent_from(line: str) -> bool:
    """'Sent from my phone': the phrase, a device or program, and no sentence beside them."""
    phrase = _expression("sent_from").match(line.lstrip(" -–—<[*"))
    return bool(phrase) and len(line.split()) <= 12 and ("<http" in line or bool(_expression("device").search(line)))


def _block_start(plain: list[str], end: int, names: frozenset[str]) -> int:
    """The first line of the signature block that ends before line `end`; `end` where there is none."""
    limit = _reach(plain, end)
    closing = next((number for number in range(end - 1, limit - 1, -1) if _is_closing(plain[number], names)), end)
    delimiter = next((number for number in range(end - 1, limit - 1, -1) if _DELIMITER.match(plain[number])), end)
    if min(closing, delimiter) < end:
        return _first_closing(plain, min(closing, delimiter), names)
    first = _paragraph_start(plain, end)
    if first < end and _is_card(plain[first:end], names) and _is_name(plain[first], names):
        return first
    return end - 1 if end and _is_name(plain[end - 1], names) else end


def _reach(plain: list[str], end: int) -> int:
    """How far up a block may begin: fourteen lines that are not blank."""
    filled = 0
    for number in range(end - 1, -1, -1):
        filled += bool(plain[number])
        if filled > _BLOCK_LINES:
            return number + 1
    return 0


def _first_closing(plain: list[str], start: int, names: frozenset[str]) -> int:
    """'Thanks in advance', then 'Regards': the block begins at the first of them."""
    above = start - 1
    while above >= 0 and (not plain[above] or _is_closing(plain[above], names)):
        start = above if plain[above] else start
        above -= 1
    return start


def _paragraph_start(plain: list[str], end: int) -> int:
    first = end
    while first and plain[first - 1]:
        first -= 1
    return first


def _paragraphs(plain: list[str], start: int, end: int) -> Iterator[tuple[int, int]]:
    """(first, last) line of each stretch without blank lines."""
    first = -1
    for number in range(start, end + 1):
        filled = number < end and bool(plain[number])
        if filled and first < 0:
            first = number
        elif not filled and first >= 0:
            yield first, number - 1
            first = -1


def _is_closing(line: str, names: frozenset[str]) -> bool:
    """'Kind regards', also with the writer's name after it ('LG Hannes')."""
    bare = line.strip(" ,.!;:–—-*")
    if bare in _closings():
        return True
    words = bare.split()
    for count in range(len(words) - 1, max(len(words) - 4, 0), -1):
        if " ".join(words[:count]).strip(" ,.!;–—-") in _closings():
            return _is_name(" ".join(words[count:]), names)
    return False


@lru_cache(maxsize=1)
def _closings() -> frozenset[str]:
    return frozenset(phrase.strip(" .") for phrase in phrases("signature", "closing"))


def _is_name(line: str, names: frozenset[str]) -> bool:
    """Whether a line is the writer's name, initials included, perhaps with his office behind a comma or a dash."""
    before = re.split(r"[,|/]| [-–—] ", line, maxsplit=1)[0]
    words = _WORD.findall(before)
    if not words or len(words) > 5 or len(line.split()) > 9:
        return False
    initials = {name[0] for name in names}
    return all(word in names or (len(word) == 1 and word in initials) for word in words)


def _is_card(paragraph: list[str], names: frozenset[str]) -> bool:
    """Whether a paragraph is a visiting card: short lines, one of them an address, a telephone or the writer's name."""
    short = all(len(line) <= 90 and len(line.split()) <= 12 and not _must_stay(line, names) for line in paragraph)
    return short and (any(map(_CONTACT.search, paragraph)) or _is_name(paragraph[0], names))


def _must_stay(line: str, names: frozenset[str]) -> bool:
    """Whether a line reads like a sentence, adds something, or has a word that decides."""
    if _is_closing(line, names) or _is_name(line, names):
        return False
    words = line.split()
    sentence = line.endswith((".", "!", "?", "…")) and len(words) > 3
    return sentence or len(words) > 14 or bool(_ADDENDUM.match(line) or _expression("decision").search(line))
