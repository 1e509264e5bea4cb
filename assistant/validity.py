"""Text → the last day of validity that it states, with its sentence.

Every day and every duration in the text is a candidate. What stands around it (evidence.py) is weighed; the weights are
rounded from a logistic regression over labelled messages in seven languages, so a score is a log-odds and turns into a
probability. The best candidate wins, of equals the last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from math import exp
from typing import Literal

from assistant.dates import Mention, find_mentions
from assistant.days import add
from assistant.evidence import Surroundings, features
from assistant.languages.dates import Vocabulary, vocabulary
from assistant.languages.dates.folding import fold
from assistant.passages import Passage, passages

MAX_CHARACTERS = 100_000
MAX_QUOTE = 300
LEAST_CONFIDENCE = 0.3
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Clause:
    """A validity as a text states it.

    `quote` is its sentence, verbatim; `basis` tells a named day from a duration; `confidence` is the probability that it is
    the validity of the offer and was read rightly. Below 0.6 the owner should be asked.
    """

    last_day: date
    quote: str
    basis: Literal["date", "duration"]
    confidence: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mention that may be the validity: the day it comes to, and what speaks for it."""

    mention: Mention
    day: date
    quote: str
    features: Mapping[str, float]


def find_validity(text: str, *, sent_on: date, language: str, country: str) -> Clause | None:
    """The last day on which the offer can be accepted, as this text of the owner states it; None where it states none.

    A duration counts from the date that the document bears, else from `sent_on`; 'before 1 June' is 31 May, 'until' and
    'by' include their day; a day without a year is the next such day. Only the first 100,000 characters are read.
    """
    found = candidates(text, sent_on=sent_on, language=language, country=country)
    best = max(enumerate(found), key=lambda pair: (round(score(pair[1].features), 1), pair[0]), default=None)
    if best is None:
        return None
    chosen = best[1]
    confidence = probability(chosen)
    if confidence < LEAST_CONFIDENCE:
        return None
    return Clause(chosen.day, chosen.quote, "duration" if chosen.mention.span else "date", round(confidence, 3))


def candidates(text: str, *, sent_on: date, language: str, country: str) -> list[Candidate]:
    """Every day and duration of the text, resolved, with its evidence."""
    text = text[:MAX_CHARACTERS]
    words, folded = vocabulary(language), fold(text)
    start = _counted_from(text, sent_on, language, country)
    mentions = find_mentions(folded, words, seen_on=start, country=country)
    mentions = sorted([*mentions, *_references(folded, words, mentions)], key=lambda mention: mention.start)
    return [
        Candidate(mention, day, _quote(text, passage), features(here, sent_on))
        for passage in passages(text, mentions)
        for mention in passage.mentions
        if (day := _resolved(here := Surroundings(folded, passage, mention, words), start, country)) is not None
    ]


def score(found: Mapping[str, float]) -> float:
    """The log-odds of a candidate."""
    weights = _weights()
    return weights["constant"] + sum(weights.get(name, 0.0) * value for name, value in found.items())


def probability(candidate: Candidate) -> float:
    """Capped where the reading itself is a guess: 'two more weeks' does not say after what."""
    odds = 1 / (1 + exp(-max(-30.0, min(30.0, score(candidate.features)))))
    span = candidate.mention.span
    guess = (
        span is not None
        and span.more
        and "start-day" not in candidate.features
        and "anchored" not in candidate.features
    )
    return min(odds, 0.45) if guess else odds


@cache
def _weights() -> dict[str, float]:
    weights: dict[str, float] = json.loads(
        resources.files("assistant.languages.dates").joinpath("weights.json").read_text()
    )
    return weights


def _quote(text: str, passage: Passage) -> str:
    return text[passage.start : passage.end].strip()[:MAX_QUOTE]


def _counted_from(text: str, sent_on: date, language: str, country: str) -> date:
    """The document's own date where it bears a credible one, else the day of sending."""
    from assistant.letterhead import document_date

    own = document_date(text, language=language, country=country)
    return own if own is not None and timedelta(days=-3) <= sent_on - own <= timedelta(days=120) else sent_on


def _references(folded: str, words: Vocabulary, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """'until then', 'after that date': the day named last before it, if that is near."""
    for match in words.clause["that_day"].finditer(folded):
        named = [mention for mention in mentions if mention.end <= match.start() and mention.day is not None][-1:]
        if (
            named
            and match.start() - named[0].end < 250
            and not any(m.start < match.end() and m.end > match.start() for m in mentions)
        ):
            yield Mention(match.start(), match.end(), named[0].day, point=named[0].point, year_given=True)


def _resolved(here: Surroundings, start: date, country: str) -> date | None:
    """The last day that a mention comes to; None for a day from which another mention counts ('a month from 3 March')."""
    mention = here.mention
    if mention.span is not None:
        return add(_anchor(here) or start, mention.span, country)
    assert mention.day is not None
    if _is_anchor(here):
        return None
    exclusive = here.touching("before", 3) and mention.point
    lapsing = here.touching("lapse_from", 2) and (here.before("lapse") is not None or here.after("lapse") is not None)
    return mention.day - timedelta(days=1) if exclusive or lapsing else mention.day


def _anchor(here: Surroundings) -> date | None:
    """The day from which a duration expressly counts ('three months from 25 January')."""
    following = [other for other in here.passage.mentions if other.start >= here.mention.end][:1]
    if following and following[0].day is not None and _counts_from(here, here.mention, following[0]):
        return following[0].day
    return None


def _is_anchor(here: Surroundings) -> bool:
    preceding = [other for other in here.passage.mentions if other.end <= here.mention.start][-1:]
    return bool(preceding and preceding[0].span is not None and _counts_from(here, preceding[0], here.mention))


def _counts_from(here: Surroundings, span: Mention, day: Mention) -> bool:
    gap = here.folded[span.end : day.start]
    first = here.words.clause["from"].match(gap.lstrip(" ,"))
    return first is not None and len(WORD.findall(gap)) <= 7 and not re.search(r"[.;:|()]", gap)
