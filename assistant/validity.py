"""Text → the last day of validity that it states, with its sentence.

Every day and every duration in the text is a candidate (clauses.py). What stands around it is weighed (evidence.py,
weighing.py); the best one wins, of equals the last, and a named day before a duration in the same sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from assistant.clauses import Candidate, candidates
from assistant.decisions import find_decision_date
from assistant.evidence import of_validity
from assistant.letterhead import document_date
from assistant.pilots import ends_pilot, find_pilot_end, mentions_pilot
from assistant.weighing import log_odds, probability

__all__ = [
    "Clause",
    "document_date",
    "find_decision_date",
    "find_extension",
    "find_pilot_end",
    "find_validity",
    "mentions_pilot",
]

LEAST_CONFIDENCE = 0.3
LEAST_ODDS = -1.0
GUESS = 0.45
CREDIBLE = 0.5
MANY = 99
CREDIBLE_AGE = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Clause:
    """A validity as a text states it.

    `quote` is its sentence, verbatim; `basis` tells a named day from a duration; `confidence` is the probability that
    this is the validity of the offer and was read rightly. Below 0.5 the owner should be asked.
    """

    last_day: date
    quote: str
    basis: Literal["date", "duration"]
    confidence: float


def find_validity(text: str, *, sent_on: date, language: str, country: str, in_offer: bool = True) -> Clause | None:
    """The last day on which the offer can be accepted, as this text of the owner states it; None where it states none.

    A duration counts from the date that the document bears, else from `sent_on`. 'Until', 'by' and 'expires on' include
    their day, 'before 1 June' is 31 May. A day without a year is the next such day. `in_offer` is false for a later
    message, where a day that stands alone is no sign of validity.
    """
    start = counted_from(text, sent_on, language, country)
    weighed = _weighed(candidates(text, counted_from=start, language=language, country=country), sent_on, in_offer)
    if any(odds > 0 and not candidate.mention.refers for odds, candidate in weighed):
        weighed = [(odds, candidate) for odds, candidate in weighed if not candidate.mention.refers]
    if not weighed:
        return None
    odds, chosen = _best(weighed)
    confidence = min(probability(odds), GUESS) if chosen.guessed else probability(odds)
    if confidence < LEAST_CONFIDENCE:
        return None
    return Clause(chosen.day, chosen.quote, "duration" if chosen.mention.span else "date", round(confidence, 3))


def find_extension(text: str, *, sent_on: date, language: str, country: str) -> Clause | None:
    """The new last day in a message that is known to extend an offer: a clause of validity where one is credible, else
    the likeliest day to come that it names ('ok jusqu'au 30 avril alors', 'let's say end of June'); never the pilot's.
    """
    clause = find_validity(text, sent_on=sent_on, language=language, country=country, in_offer=False)
    if clause is not None and clause.confidence >= CREDIBLE:
        return clause
    found = candidates(text, counted_from=sent_on, language=language, country=country)
    to_come = [
        each for each in _weighed(found, sent_on, in_offer=False) if each[1].day > sent_on and not ends_pilot(each[1])
    ]
    return Clause(_best(to_come)[1].day, _best(to_come)[1].quote, "date", CREDIBLE) if to_come else clause


def _weighed(found: Sequence[Candidate], sent_on: date, in_offer: bool) -> list[tuple[float, Candidate]]:
    rivals = len(found) - 1 if in_offer else MANY
    return [(log_odds("validity", of_validity(each.here, sent_on, rivals)), each) for each in found]


def counted_from(text: str, sent_on: date, language: str, country: str) -> date:
    """The document's own date where it bears a credible one, else the day of sending."""
    own = document_date(text, language=language, country=country)
    credible = own is not None and timedelta(days=-3) <= sent_on - own <= CREDIBLE_AGE
    return own if own is not None and credible else sent_on


def _best(weighed: list[tuple[float, Candidate]]) -> tuple[float, Candidate]:
    """The most probable, of equals the last; rather a day than the duration it explains ('a week, so until Monday')."""
    _, _, odds, chosen = max(
        (round(odds, 1), place, odds, candidate) for place, (odds, candidate) in enumerate(weighed)
    )
    if chosen.mention.span is None:
        return odds, chosen
    explained = [
        (other_odds, other)
        for other_odds, other in weighed
        if other.here.passage is chosen.here.passage and _explains(other, other_odds)
    ]
    if not explained:
        return odds, chosen
    day_odds, day = max(explained, key=lambda pair: pair[0])
    confirmed = abs(day.day - chosen.day) <= timedelta(days=1)
    return max(odds, day_odds) + confirmed, day


def _explains(candidate: Candidate, odds: float) -> bool:
    """'… so until 14 April', '… that is, 14 April'."""
    here = candidate.here
    if candidate.mention.day is None:
        return False
    return here.touches("that_is", 2) or (odds > LEAST_ODDS and here.touches("until", 4))
