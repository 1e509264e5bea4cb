"""Text → candidates: every day and duration that it names, come to a day, with what stands around it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from assistant.dates import Mention, find_mentions
from assistant.days import add
from assistant.evidence import Surroundings
from assistant.languages.dates import Vocabulary, vocabulary
from assistant.languages.dates.folding import fold
from assistant.passages import Passage, passages

MAX_CHARACTERS = 60_000
MAX_MENTIONS = 240
MAX_QUOTE = 300
MAX_GAP = 12
FAR_AHEAD = 180
MAX_DISTANCE = 250
WORD = re.compile(r"\w+")
STOP = re.compile(r"[.;|)]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mention come to a day; `here` is what stands around it, `quote` its passage as written."""

    day: date
    quote: str
    here: Surroundings

    @property
    def mention(self) -> Mention:
        return self.here.mention

    @property
    def guessed(self) -> bool:
        """Whether the text does not say from which day a further duration counts ('two more weeks')."""
        span = self.mention.span
        return span is not None and span.more and anchor(self.here) is None and not self.here.starts_on_a_known_day


def candidates(text: str, *, counted_from: date, language: str, country: str) -> list[Candidate]:
    """The candidates of the first 60,000 characters, in order; durations count from `counted_from`."""
    text = text[:MAX_CHARACTERS]
    words, folded = vocabulary(language), fold(text)
    named = _bounded(find_mentions(folded, words, seen_on=counted_from, country=country))
    mentions = sorted([*named, *_references(folded, words, named, counted_from)], key=lambda mention: mention.start)
    return [
        Candidate(day, _quote(text, passage), here)
        for passage in passages(text, mentions)
        for mention in passage.mentions
        if (day := _resolved(here := Surroundings(folded, passage, mention, words), counted_from, country)) is not None
    ]


def _bounded(mentions: list[Mention]) -> list[Mention]:
    """The first and the last of them: no honest text names more days, and a hostile one must not cost more."""
    half = MAX_MENTIONS // 2
    return mentions if len(mentions) <= MAX_MENTIONS else [*mentions[:half], *mentions[-half:]]


def _quote(text: str, passage: Passage) -> str:
    return text[passage.start : passage.end].strip()[:MAX_QUOTE]


def _references(folded: str, words: Vocabulary, mentions: Sequence[Mention], counted_from: date) -> Iterator[Mention]:
    """'until then', 'after that date': the day named last before it, if that is near."""
    for match in islice(words.clause["that_day"].finditer(folded), MAX_MENTIONS):
        before = mentions[: bisect_right(mentions, match.start(), key=lambda mention: mention.end)]
        near = before[-1] if before and before[-1].end > match.start() - MAX_DISTANCE else None
        if (
            near is None
            or near.day in (None, counted_from)
            or _overlaps(match, mentions[len(before) : len(before) + 1])
        ):
            continue
        last_word = max(match.start(), folded.rfind(" ", 0, match.end()) + 1)
        yield Mention(last_word, match.end(), near.day, point=near.point, year_given=True, refers=True)


def _overlaps(match: re.Match[str], following: Sequence[Mention]) -> bool:
    return any(mention.start < match.end() for mention in following)


def _resolved(here: Surroundings, counted_from: date, country: str) -> date | None:
    """The last day that a mention comes to; None for a day from which a duration counts ('a month from 3 March').

    'Before 1 June' and 'void from 1 June' come to 31 May; 'before the end of May' to 31 May too. 'Was valid until 31
    March', said in April, is the March just over.
    """
    mention = here.mention
    if mention.span is not None:
        return add(anchor(here) or counted_from, mention.span, country)
    if mention.day is None or _is_anchor(here):
        return None
    if not mention.year_given and (mention.day - counted_from).days > FAR_AHEAD and here.before("past") is not None:
        return mention.day - timedelta(days=365)
    return mention.day - timedelta(days=1) if here.excluded or here.lapses_from else mention.day


def anchor(here: Surroundings) -> date | None:
    """The day from which a duration expressly counts ('three months from 25 January')."""
    following = [other for other in here.passage.mentions if other.start >= here.mention.end][:1]
    return following[0].day if following and _counts_from(here, here.mention, following[0]) else None


def _is_anchor(here: Surroundings) -> bool:
    preceding = [other for other in here.passage.mentions if other.end <= here.mention.start][-1:]
    return bool(preceding and preceding[0].span is not None and _counts_from(here, preceding[0], here.mention))


def _counts_from(here: Surroundings, span: Mention, day: Mention) -> bool:
    gap = here.folded[span.end : day.start]
    first = here.words.clause["from"].match(gap.lstrip(" ,"))
    if day.day is None or day.refers or first is None or STOP.search(gap):
        return False
    elsewhere = any(here.words.clause[name].search(gap) for name in ("that_is", "now"))
    return not elsewhere and len(WORD.findall(gap)) <= MAX_GAP
