"""A customer's stalling words → the day by which a decision is promised, with its sentence."""

from __future__ import annotations

from datetime import date

from assistant.clauses import Candidate, candidates
from assistant.evidence import of_decision
from assistant.weighing import log_odds, probability

LEAST_CONFIDENCE = 0.5


def find_decision_date(text: str, *, sent_on: date, language: str, country: str) -> tuple[date, str] | None:
    """The day of the promised decision and the sentence that names it; None where none, or only a vague one, is named.

    Of several in a sentence the last ('we discuss it on Thursday and let you know on Friday'), of a range its last day;
    the Friday of a week, the 15th for the middle of a month, the last day for its end.
    """
    found = candidates(text, counted_from=sent_on, language=language, country=country)
    weighed = [
        (round(log_odds("decision", of_decision(candidate.here, sent_on)), 1), place)
        for place, candidate in enumerate(found)
        if candidate.day >= sent_on
    ]
    odds, place = max(weighed, default=(0.0, -1))
    if place < 0 or probability(odds) < LEAST_CONFIDENCE:
        return None
    passage = found[place].here.passage
    mates = [other for other_odds, other in weighed if other_odds > 0 and found[other].here.passage is passage]
    place = max([place, *mates])
    last = _end_of_range(found, place)
    return last.day, last.quote


def _end_of_range(found: list[Candidate], place: int) -> Candidate:
    """'between the 10th and the 12th': the later one."""
    chosen = found[place]
    for other in found[place + 1 : place + 2]:
        gap = chosen.here.folded[chosen.mention.end : other.mention.start]
        words = chosen.here.words.clause["decision.range"]
        if other.here.passage is chosen.here.passage and other.day > chosen.day and words.fullmatch(gap.strip()):
            return other
    return chosen
