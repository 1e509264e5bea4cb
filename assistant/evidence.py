"""What stands around a day or a duration: the named features that the judgement of validity clauses weighs.

Distances are counted in words, within the passage. A feature is either absent or a number from 0 to 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from assistant.dates import Mention
from assistant.languages.dates import Vocabulary
from assistant.passages import Passage

WORD = re.compile(r"\w+")
CLOCK = re.compile(r"\d{1,2} ?[:h.] ?(?:\d\d)?|\b24\.00")
SENTENCE_STOP = re.compile(r"[,;:()|]")
TOPICS = ("payment", "delivery", "project", "contract", "pilot", "discount", "theirs")
REACH = 160


@dataclass(frozen=True)
class Surroundings:
    """A mention in its passage; `folded` is the whole folded text."""

    folded: str
    passage: Passage
    mention: Mention
    words: Vocabulary

    @cached_property
    def left(self) -> str:
        return self.folded[max(self.passage.start, self.mention.start - REACH) : self.mention.start]

    @cached_property
    def right(self) -> str:
        return self.folded[self.mention.end : min(self.passage.end, self.mention.end + REACH)]

    @cached_property
    def next_words(self) -> str:
        """The beginning of what follows the passage."""
        return self.folded[self.passage.end : self.passage.end + 60]

    def before(self, name: str) -> int | None:
        """Words between the last such phrase on the left and the mention, None where there is none."""
        last = None
        for last in self.words.clause[name].finditer(self.left):
            pass
        return None if last is None else len(WORD.findall(self.left, last.end()))

    def after(self, name: str) -> int | None:
        """Words between the mention and the first such phrase on the right."""
        first = self.words.clause[name].search(self.right)
        return None if first is None else len(WORD.findall(self.right, 0, first.start()))

    def touching(self, name: str, words: int = 1) -> bool:
        """Whether such a phrase stands right before the mention, no punctuation between."""
        last = None
        for last in self.words.clause[name].finditer(self.left):
            pass
        if last is None:
            return False
        gap = CLOCK.sub("", self.left[last.end() :])
        return len(WORD.findall(gap)) <= words and not SENTENCE_STOP.search(gap)


def features(here: Surroundings, sent_on: date) -> dict[str, float]:
    """The features of one mention; their names are those of the weights in validity.py."""
    mention = here.mention
    found = {**_positive(here), **_limits(here), **_topics(here)}
    kind = "span" if mention.span else "day"
    found[kind] = 1.0
    found["bare"] = float(mention.bare)
    found["year"] = float(mention.year_given)
    if mention.day is not None:
        found["past-day"] = float(mention.day < sent_on)
        found["far"] = float((mention.day - sent_on).days > 300)
    return {name: value for name, value in found.items() if value}


def _near(distance: int | None, scale: float) -> float:
    return 0.0 if distance is None else scale / (scale + distance)


def _positive(here: Surroundings) -> dict[str, float]:
    names = ("valid", "hold", "offer", "answer", "otherwise", "extend", "past", "old")
    found: dict[str, float] = {}
    for name in names:
        found[f"{name}-before"] = _near(here.before(name), 4)
        found[f"{name}-after"] = _near(here.after(name), 4)
    found["valid-touches"] = float(here.after("valid") in (0, 1))
    found["valid+on"] = float(here.touching("on", 1)) * found["valid-before"]
    found["otherwise-next"] = float(bool(here.words.clause["otherwise"].search(here.next_words)))
    found["valid+until"] = max(found["valid-before"], found["valid-after"]) * here.touching("until", 4)
    found["hold+offer"] = max(found["hold-before"], found["hold-after"]) * max(
        found["offer-before"], found["offer-after"]
    )
    found["answer+until"] = max(found["answer-before"], found["answer-after"]) * (
        here.touching("until", 4) or here.touching("before", 4) or here.touching("within", 4)
    )
    return found


def _limits(here: Surroundings) -> dict[str, float]:
    span = here.mention.span is not None
    return {
        "until": float(not span and here.touching("until", 4)),
        "before": float(not span and here.touching("before", 3)),
        "within": float(span and here.touching("within", 2)),
        "from-after": float(span and here.after("from") in (0, 1)),
        "start-day": float(span and (here.after("start_day") or 99) <= 5),
        "closing": float((99 if (after := here.after("closing")) is None else after) <= 1),
    }


def _topics(here: Surroundings) -> dict[str, float]:
    """Other topics, and whether one stands between the mention and the nearest word of validity."""
    before = {name: here.before(name) for name in TOPICS}
    after = {name: here.after(name) for name in TOPICS}
    found = {f"{name}-before": _near(distance, 3) for name, distance in before.items()}
    found |= {f"{name}-after": _near(distance, 2) for name, distance in after.items()}
    valid = here.before("valid")
    nearest = min((distance for distance in before.values() if distance is not None), default=None)
    found["topic-nearer"] = float(nearest is not None and (valid is None or nearest < valid))
    others = [other for other in here.passage.mentions if other.end <= here.mention.start]
    found["mention-between"] = float(bool(others))
    return found
