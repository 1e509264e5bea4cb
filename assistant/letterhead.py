"""The date that a document or a letter bears: in its heading, beside 'Date:', after a place, or with its title."""

from __future__ import annotations

import re
from datetime import date

from assistant.dates import Mention, find_mentions
from assistant.languages.dates import Vocabulary, vocabulary
from assistant.languages.dates.folding import fold

HEADING_LINES = 16
HEADING_CHARACTERS = 1600
MOST_TITLE_WORDS = 9
SEEN_ON = date(2000, 1, 1)  # any day will do: only dates with their year count
OTHER_DATES = ("valid", "payment", "delivery", "project", "contract", "pilot")
WORD = re.compile(r"\w+")
PLACE = re.compile(r"\s*[^\W\d_][\w .'/()-]{1,40}, ?(?:le |den |de |li |li' |the |a |aos |el |il |on )?\Z")
ARTICLE = re.compile(r"\s*(?:le|den|the|il|el|li|op|em|a) ?\Z")
LABEL_END = re.compile(r"[\s:.|(-]*(?:le |the |den |du |of |del |vom |van |il |el |de )?\Z")


def document_date(text: str, *, language: str, country: str) -> date | None:
    """The date that the document bears, with its year; None where its first lines bear none."""
    head = text[:HEADING_CHARACTERS]
    words, folded = vocabulary(language), fold(head)
    mentions = find_mentions(folded, words, seen_on=SEEN_ON, country=country)
    graded = [
        (grade, -mention.start, mention.day)
        for mention in mentions
        if mention.year_given and mention.point and (grade := _grade(folded, mention, words))
    ]
    return max(graded)[2] if graded else None


def _grade(folded: str, mention: Mention, words: Vocabulary) -> int:
    """3 with its label, 2 after a place or on a line of its own, 1 with the title, 0 where it dates something else."""
    start = folded.rfind("\n", 0, mention.start) + 1
    stop = folded.find("\n", mention.end)
    before, after = folded[start : mention.start], folded[mention.end : stop if stop >= 0 else len(folded)]
    if folded.count("\n", 0, start) >= HEADING_LINES or any(words.clause[name].search(before) for name in OTHER_DATES):
        return 0
    label = _last_end(words.clause["document.label"], before)
    if label is not None and LABEL_END.match(before, label):
        return 3
    alone = ARTICLE.match(before) or not before.strip(" -|*")
    if len(after.strip(" .|")) <= 2 and (PLACE.match(before) or alone):
        return 2
    heading = len(WORD.findall(before)) <= MOST_TITLE_WORDS and words.clause["document.title"].search(before)
    return 1 if heading else 0


def _last_end(pattern: re.Pattern[str], text: str) -> int | None:
    end = None
    for match in pattern.finditer(text):
        end = match.end()
    return end
