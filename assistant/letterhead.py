"""The date that a document or a letter bears: in its heading, beside 'Date:', after a place, or with its title."""

from __future__ import annotations

import re
from datetime import date

from assistant.dates import Mention, find_mentions
from assistant.languages.dates import Vocabulary, vocabulary
from assistant.languages.dates.folding import fold

HEADING_LINES = 16
HEADING_CHARACTERS = 1600
SEEN_ON = date(2000, 1, 1)
PLACE = re.compile(r"\s*[^\W\d_][\w .'/()-]{1,40}, ?(?:le |den |de |li |li' |the |a |aos |el |il |on )?\Z")
LABEL_END = re.compile(r"[\s:.|(-]*(?:le |the |den |du |of |del |vom |van |il |el |de )?\Z")


def document_date(text: str, *, language: str, country: str) -> date | None:
    """The date that the document bears, with its year; None where the first lines bear none."""
    head = text[:HEADING_CHARACTERS]
    words, folded = vocabulary(language), fold(head)
    mentions = find_mentions(folded, words, seen_on=SEEN_ON, country=country)
    graded = [
        (_grade(folded, mention, words), -mention.start, mention.day)
        for mention in mentions
        if mention.year_given and mention.point
    ]
    best = max((entry for entry in graded if entry[0]), default=None)
    return best[2] if best else None


def _grade(folded: str, mention: Mention, words: Vocabulary) -> int:
    """How clearly the mention is the date of the document: 3 labelled, 2 place and date or a line of its own, 1 with the title."""
    start = folded.rfind("\n", 0, mention.start) + 1
    stop = folded.find("\n", mention.end)
    before, after = folded[start : mention.start], folded[mention.end : stop if stop >= 0 else len(folded)]
    before = before[before.rfind("|") + 1 :] if before.rstrip().endswith("|") is False else before
    if folded.count("\n", 0, start) >= HEADING_LINES or _speaks_of_something_else(before, words):
        return 0
    label = _last_end(words, "document.label", before)
    if label is not None and LABEL_END.match(before, label):
        return 3
    if PLACE.match(before) and len(after.strip(" .")) <= 2:
        return 2
    if not before.strip(" -|*") and len(after.strip(" .")) <= 2:
        return 2
    return 1 if words.clause["document.title"].search(before) and len(before) < 80 and not _sentence(before) else 0


def _last_end(words: Vocabulary, name: str, text: str) -> int | None:
    end = None
    for match in words.clause[name].finditer(text):
        end = match.end()
    return end


def _speaks_of_something_else(before: str, words: Vocabulary) -> bool:
    """A line about validity, payment, delivery or a meeting does not date the document."""
    names = ("valid", "payment", "delivery", "project", "contract", "pilot", "until", "theirs")
    return any(words.clause[name].search(before) for name in names[:-2]) or bool(_touching_until(before, words))


def _touching_until(before: str, words: Vocabulary) -> bool:
    end = _last_end(words, "valid", before)
    return end is not None


def _sentence(before: str) -> bool:
    """Whether the line reads like prose rather than like a heading."""
    return len(re.findall(r"\w+", before)) > 9
