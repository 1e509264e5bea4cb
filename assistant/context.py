"""What stands around a customer's message tells of it: what it answers, and how the owner's side reacts to it.

Bayes' rule, twice. Whoever is granted more time and says 'wonderful!' has not bought yet: the kinds are not equally
usual after an offer, a reminder, an extension, a withdrawal. And who reminds has no answer yet, who thanks for an order
has one: the owner knows his customer, and the telephone; his words settle much that the customer's left open.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.kinds import CUSTOMER_KINDS, Kind, Reaction

# How usual each of CUSTOMER_KINDS is among the labelled messages, from which the reading of words was learnt …
_TAUGHT = (0.20, 0.16, 0.25, 0.13, 0.10, 0.04, 0.12)

# … and in whole mailboxes after a word of the owner's side (counted in tests/cases, cases_more and cases_third; the few
# extensions and withdrawals rounded towards the rest).
_AFTER = {
    Kind.OFFER: (0.11, 0.09, 0.45, 0.13, 0.07, 0.07, 0.08),
    Kind.FOLLOW_UP: (0.14, 0.09, 0.50, 0.05, 0.04, 0.11, 0.07),
    Kind.EXTENSION: (0.05, 0.03, 0.52, 0.04, 0.02, 0.09, 0.25),
    Kind.WITHDRAWAL: (0.24, 0.04, 0.40, 0.13, 0.03, 0.02, 0.14),
}

_TRUST = 0.7  # how much of that counts: not every mailbox is like these

# How often each reaction follows each kind of message: chases, confirms, regrets, answers. Estimates; what matters is
# that nobody chases a customer who said yes or no, and that nobody thanks for an order he has not got.
_REACTIONS = {
    Kind.ACCEPTANCE: (0.04, 0.50, 0.01, 0.45),
    Kind.REFUSAL: (0.06, 0.02, 0.45, 0.47),
    Kind.STALL: (0.50, 0.02, 0.03, 0.45),
    Kind.QUESTION: (0.22, 0.03, 0.02, 0.73),
    Kind.NEGOTIATION: (0.22, 0.08, 0.04, 0.66),
    Kind.OTHER: (0.40, 0.10, 0.03, 0.47),
    Kind.AUTO_REPLY: (0.60, 0.04, 0.03, 0.33),
}


def seen_after(answered: Kind, scores: Mapping[Kind, float]) -> dict[Kind, float]:
    """The probabilities of the kinds of a customer's message that answers one of this kind of the owner's side."""
    usual = _AFTER.get(answered)
    if usual is None:
        return dict(scores)
    factors = {kind: (now / taught) ** _TRUST for kind, now, taught in zip(CUSTOMER_KINDS, usual, _TAUGHT, strict=True)}
    return _normal({kind: p * factors[kind] for kind, p in scores.items() if kind in factors}, scores)


def seen_with(reaction: Mapping[Reaction, float], scores: Mapping[Kind, float]) -> dict[Kind, float]:
    """The probabilities of the kinds of a customer's message, after the owner's reaction to it was read."""
    if not reaction:
        return dict(scores)
    shares = [reaction.get(each, 0.0) for each in Reaction]
    likely = {
        kind: sum(share * usual for share, usual in zip(shares, after, strict=True))
        for kind, after in _REACTIONS.items()
    }
    return _normal({kind: p * likely[kind] for kind, p in scores.items() if kind in likely}, scores)


def _normal(weighed: dict[Kind, float], scores: Mapping[Kind, float]) -> dict[Kind, float]:
    """Scaled to the sum of what was given."""
    factor = sum(scores.values()) / (sum(weighed.values()) or 1.0)
    return {kind: value * factor for kind, value in weighed.items()}
