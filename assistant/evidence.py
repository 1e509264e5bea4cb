"""What stands around a day or a duration: the named features that the judgement weighs.

Distances are counted in words, within the passage. A feature is absent or a number from 0 to 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from assistant.dates import Mention
from assistant.languages.dates import Vocabulary
from assistant.passages import Passage

WORD = re.compile(r"\w+")
PRICE = re.compile(r"[€$£]|\b(?:eur|euros?|chf|usd|gbp|francs?|franken|reais|ht|ttc|netto|brutto)\b")
CLOCK = re.compile(r"\d{1,2} ?[:h.] ?(?:\d\d)?")
SUBJECT_STOP = re.compile(r"[:;|\n]")
STOP = re.compile(r"[,;:()|]")
TOPICS = ("payment", "delivery", "project", "contract", "pilot", "discount", "theirs")
REACH = 160
PRICE_REACH = 200
FAR = 99


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A mention in its passage; `folded` is the whole folded text, in which the places count."""

    folded: str
    passage: Passage
    mention: Mention
    words: Vocabulary

    @property
    def left(self) -> str:
        return self.folded[max(self.passage.start, self.mention.start - REACH) : self.mention.start]

    @property
    def right(self) -> str:
        return self.folded[self.mention.end : min(self.passage.end, self.mention.end + REACH)]

    @property
    def next_words(self) -> str:
        """The beginning of what follows the passage."""
        return self.folded[self.passage.end : self.passage.end + 60]

    def before(self, name: str) -> int | None:
        """Words between the last such phrase on the left and the mention, None where there is none."""
        left, end = self.left, _last_end(self.words.clause[name], self.left)
        return None if end is None else len(WORD.findall(left, end))

    def after(self, name: str) -> int | None:
        """Words between the mention and the first such phrase on the right."""
        right, first = self.right, self.words.clause[name].search(self.right)
        return None if first is None else len(WORD.findall(right, 0, first.start()))

    def touches(self, name: str, words: int) -> bool:
        """Whether such a phrase stands before the mention, a few words and a time of day between; a comma only
        where an exact day explains them ('until the fair, 8 May')."""
        end = _last_end(self.words.clause[name], self.left)
        if end is None:
            return False
        gap = CLOCK.sub("", self.left[end:]).lstrip(" :")
        if name in ("until", "that_is") and self.mention.exact:
            gap = self._without_apposition(gap)
        return len(WORD.findall(gap)) <= words and not STOP.search(gap) and not self.words.clause["offer"].search(gap)

    def _without_apposition(self, gap: str) -> str:
        """'the fair' of 'until the fair, the 8th'; all of it where that is another topic, or long."""
        comma = max(gap.rfind(","), gap.rfind("("))
        if comma <= 0 or not self.words.apposition.fullmatch(gap, comma) or len(WORD.findall(gap, 0, comma)) > 3:
            return gap
        return gap if any(self.words.clause[topic].search(gap) for topic in TOPICS) else gap[:comma]

    @property
    def own_cell(self) -> bool:
        """Whether the mention has a cell of a table row for itself and its label."""
        cell = self.folded.rfind("|", self.passage.start, self.mention.start)
        return cell >= 0 and not any(cell <= other.start < self.mention.start for other in self.passage.mentions)

    @property
    def excluded(self) -> bool:
        """'before 1 June'; not 'on or before', 'before Monday evening', 'before 1 June, the day on which it ends'."""
        if self.mention.span is not None or not self.mention.point or not self.touches("before", 3):
            return False
        if self.words.clause["closing"].search(self.folded, self.mention.start, self.mention.end + 10):
            return False
        if self.after("named_again") in (0, 1):
            return False
        until = _last_end(self.words.clause["until"], self.left)
        before = _last_end(self.words.clause["before"], self.left)
        return until is None or before is None or before > until

    @property
    def lapses_from(self) -> bool:
        """'void from 15 May', 'lapses on 1 June': the day before is the last. Not so 'void if not signed by 1 June'."""
        if self.touches("until", 2) or (self.before("lapse") is None and self.after("lapse") is None):
            return False
        first = self.mention.day is not None and self.mention.day.day == 1
        return self.touches("lapse_from", 2) or (first and self.touches("on", 1))

    @property
    def starts_on_a_known_day(self) -> bool:
        """'… from today', '… of receipt'."""
        after = self.after("start_day")
        return after is not None and after <= 5


def _last_end(pattern: re.Pattern[str], text: str) -> int | None:
    end = None
    for match in pattern.finditer(text):
        end = match.end()
    return end


def near(distance: int | None, scale: float) -> float:
    """1 where it touches, half at a distance of `scale` words, 0 where it is missing."""
    return 0.0 if distance is None else scale / (scale + distance)


def sides(here: Surroundings, names: Iterable[str], *, left: float = 4, right: float = 4) -> dict[str, float]:
    """How near the phrases of each name stand on the left and on the right."""
    found: dict[str, float] = {}
    for name in names:
        found[f"{name}-before"] = near(here.before(name), left)
        found[f"{name}-after"] = near(here.after(name), right)
    return found


def shape(here: Surroundings, sent_on: date) -> dict[str, float]:
    """What the mention itself is like, and how a preposition ties it."""
    mention, span = here.mention, here.mention.span is not None
    closing = here.after("closing")
    return {
        "span": float(span),
        "day": float(not span),
        "bare": float(mention.bare),
        "year": float(mention.year_given),
        "past-day": float(mention.day is not None and mention.day < sent_on),
        "far": float(mention.day is not None and (mention.day - sent_on).days > 300),
        "long": float(mention.span is not None and mention.span.roughly_days > 200),
        "until": float(not span and _limits(here)),
        "before": float(here.excluded),
        "on": float(not span and here.touches("on", 1)),
        "within": float(span and here.touches("within", 2)),
        "from-after": float(span and here.after("from") in (0, 1)),
        "start-day": float(span and here.starts_on_a_known_day),
        "asks": float("?" in here.folded[here.mention.end : here.passage.end + 1]),
        "closing": float(closing is not None and closing <= 1),
        "mention-between": float(
            any(other.end <= mention.start for other in here.passage.mentions) and not here.own_cell
        ),
    }


def setting(here: Surroundings, rivals: int) -> dict[str, float]:
    """How alone the mention stands, how short its passage is, and whether a price is near: in it, or not far before."""
    around, start = f"{here.left} {here.right}", here.passage.start
    return {
        "sole": near(rivals, 1),
        "brief": near(len(WORD.findall(around)), 8),
        "priced-here": float(PRICE.search(around) is not None),
        "priced-before": float(PRICE.search(here.folded, max(0, start - PRICE_REACH), start) is not None),
    }


def _limits(here: Surroundings) -> bool:
    """'until 31 May', 'before the end of May', 'throughout May'."""
    whole = not here.mention.point and here.touches("within", 2)
    return whole or here.touches("until", 4) or (here.touches("before", 3) and not here.excluded)


def of_validity(here: Surroundings, sent_on: date, rivals: int = 0) -> dict[str, float]:
    """The features of a mention as the validity of an offer, beside `rivals` other days and durations in the text."""
    found = shape(here, sent_on)
    found |= setting(here, rivals)
    found |= sides(here, ("valid", "hold", "offer", "answer", "otherwise", "extend", "past", "old"))
    found |= sides(here, TOPICS, left=3, right=2)
    limited = max(found["until"], found["before"], found["within"])
    said = any(_either(found, name) for name in ("valid", "hold"))
    if not (limited or said or _either(found, "answer")):
        found["sole"] = 0.0  # a day that stands alone speaks for the offer only where something is said of it
    found["valid+until"] = max(found["valid-before"], found["valid-after"]) * found["until"]
    found["valid+on"] = found["valid-before"] * found["on"]
    found["extend+on"] = found["extend-before"] * found["on"]
    found["dates-the-offer"] = float(_dates_the_offer(here))
    found["refers"] = float(here.mention.refers)
    found["loose"] = found["bare"] * (not found["until"] and not found["before"])
    found["elapsed"] = float(
        here.mention.span is not None and (here.before("elapsed") == 0 or here.after("elapsed") == 0)
    )
    found["lapses-from"] = float(here.lapses_from)
    found["moved-from"] = float(_moved_from(here))
    found["warranty-owns"] = float(_warranty_owns(here))
    found["gift-owns"] = float(_gift_owns(here))
    found["valid-touches"] = float(here.after("valid") in (0, 1))
    found["hold+offer"] = _either(found, "hold") * _either(found, "offer")
    found["answer+until"] = _either(found, "answer") * limited
    found["otherwise-next"] = float(bool(here.words.clause["otherwise"].search(here.next_words)))
    found["topic-nearer"] = float(_topic_is_nearer(here))
    found["asks-else"] = float(found["asks"] and not said and not found["otherwise-next"])
    del found["on"], found["asks"]
    return found


def _either(found: dict[str, float], name: str) -> float:
    return max(found[f"{name}-before"], found[f"{name}-after"])


def _topic_is_nearer(here: Surroundings) -> bool:
    """Whether another topic stands between the words of validity and the mention."""
    nearest = min((distance for name in TOPICS[:-1] if (distance := here.before(name)) is not None), default=FAR)
    valid = here.before("valid")
    return nearest < (FAR if valid is None else valid)


def _dates_the_offer(here: Surroundings) -> bool:
    """'our offer of 8 June': the day on which it was made."""
    offer = here.before("offer")
    return here.mention.day is not None and here.before("dated") == 0 and offer is not None and offer <= 3


def _moved_from(here: Surroundings) -> bool:
    """The old day of 'extended from 15 May to 30 June'."""
    following = [other for other in here.passage.mentions if other.start >= here.mention.end][:1]
    if not following or here.before("extend") is None:
        return False
    gap = here.folded[here.mention.end : following[0].start].strip(" ,")
    return any(here.words.clause[name].fullmatch(gap) for name in ("until", "on"))


def _owned_by(here: Surroundings, names: Iterable[str], subject: str, reach: int) -> bool:
    """Whether one of these topics stands in the subject, close to its end, and no offer after it."""
    offer = _last_end(here.words.clause["offer"], subject) or -1
    ends = (_last_end(here.words.clause[name], subject) for name in names)
    topic = max((end for end in ends if end is not None), default=-1)
    return topic > offer and len(WORD.findall(subject, topic)) <= reach


def _warranty_owns(here: Surroundings) -> bool:
    """Whether another thing is valid: 'the warranty on the boiler expires on'."""
    left = here.left
    starts = [match.start() for match in here.words.clause["valid"].finditer(left)]
    subject = left[: starts[-1]] if starts else ""
    return _owned_by(here, ("contract", "payment", "project"), SUBJECT_STOP.split(subject)[-1], 6)


def _gift_owns(here: Surroundings) -> bool:
    """'the free trial, too, stays open until', 'the early-bird discount ends on', 'by 31 May for early birds'."""
    subject = SUBJECT_STOP.split(here.left)[-1].replace(",", " ")
    gift = here.words.clause["discount"].search(STOP.split(here.right)[0])
    follows = gift is not None and len(WORD.findall(here.right, 0, gift.start())) <= 2 and here.before("offer") is None
    return follows or _owned_by(here, ("pilot", "pilot.surely", "discount"), subject, 10)


def of_decision(here: Surroundings, sent_on: date) -> dict[str, float]:
    """The features of a mention as the day on which a customer will decide."""
    found = shape(here, sent_on)
    found |= sides(
        here,
        (
            "decision.decide",
            "decision.answer",
            "decision.meeting",
            "decision.absence",
            "decision.vague",
            "decision.denied",
        ),
    )
    found |= sides(here, ("valid", "extend"))
    found["ahead"] = float(here.mention.span is not None and here.touches("decision.ahead", 2))
    found["asks-longer"] = found["asks"] * max(_either(found, "valid"), _either(found, "extend"))
    promised = any(here.words.clause[f"decision.{name}"].search(here.next_words) for name in ("decide", "answer"))
    found["promise-next"] = float(promised)
    said = any(
        found[f"decision.{name}-{side}"] for name in ("decide", "answer", "meeting") for side in ("before", "after")
    )
    found["unsaid"] = float(not said and not promised)
    found["meet+promise-next"] = _either(found, "decision.meeting") * promised
    found["decide+meet"] = _either(found, "decision.decide") * _either(found, "decision.meeting")
    return found
