"""Text → the free pilot, trial or proof of concept that it speaks of, and the day on which it ends.

A word like 'pilot' is not enough: an aeroplane has one too, and a pilot may be paid, or run at another customer's.
"""

from __future__ import annotations

from datetime import date

from assistant.clauses import Candidate, candidates
from assistant.evidence import near
from assistant.languages.dates import Vocabulary, vocabulary
from assistant.languages.dates.folding import fold
from assistant.sentences import split_sentences


def mentions_pilot(text: str, language: str) -> str | None:
    """The sentence that shows a free pilot, trial or test with this customer; None where there is none.

    It is free where the sentence says so; what is surely a pilot ('POC', 'trial period') passes as free unless a price
    stands beside it.
    """
    words = vocabulary(language)
    for sentence in split_sentences(text):
        if _shows_pilot(fold(sentence), words):
            return sentence
    return None


def _shows_pilot(folded: str, words: Vocabulary) -> bool:
    clause = words.clause
    named = clause["pilot.pilot"].search(folded)
    if named is None or clause["pilot.elsewhere"].search(folded):
        return False
    around = folded[max(0, named.start() - 100) : named.end() + 100]
    free = clause["pilot.free"].search(around) is not None
    if clause["pilot.paid"].search(around) and not free:
        return False
    return free or bool(clause["pilot.surely"].search(folded) and clause["pilot.running"].search(folded))


def ends_pilot(candidate: Candidate) -> bool:
    """Whether the sentence of this day speaks of a pilot, and not of the offer."""
    here = candidate.here
    folded = here.folded[here.passage.start : here.passage.end]
    clause = here.words.clause
    return clause["pilot.pilot"].search(folded) is not None and clause["offer"].search(folded) is None


def find_pilot_end(text: str, *, sent_on: date, language: str, country: str) -> tuple[date, str] | None:
    """The last day of the free pilot and the sentence that names it."""
    words = vocabulary(language)
    best: tuple[float, date, str] | None = None
    for candidate in candidates(text, counted_from=sent_on, language=language, country=country):
        here = candidate.here
        folded = here.folded[here.passage.start : here.passage.end]
        if not words.clause["pilot.pilot"].search(folded) or words.clause["pilot.elsewhere"].search(folded):
            continue
        until = here.touches("until", 4) or here.touches("on", 1) or here.touches("within", 2)
        rank = near(here.before("pilot.pilot"), 8) + near(here.after("pilot.pilot"), 3) - near(here.before("valid"), 3)
        if until and (best is None or rank > best[0]):
            best = rank, candidate.day, candidate.quote
    return None if best is None else best[1:]
