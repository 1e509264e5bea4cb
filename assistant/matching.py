"""Whether two messages are about the same matter: words of the subject, amounts, replacements."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from assistant.customers import fold
from assistant.languages.lexicon import offer_words
from assistant.threads import bare_subject

_WORD = re.compile(r"[a-z0-9]{4,}")
_AMOUNT = re.compile(
    r"(?:€|\$|£|chf|eur|usd|gbp|brl|r\$)\s?(\d[\d .,'’\u00a0\u202f]{0,14})"
    r"|(\d[\d .,'’\u00a0\u202f]{0,14})\s?(?:€|\$|£|k€|chf|eur|usd|gbp|brl)",
    re.IGNORECASE,
)
_OF = frozenset(["de", "d", "du", "for", "of", "to", "di", "per", "para", "fur", "van", "voor"])


def stems(text: str) -> frozenset[str]:
    """The words that say what a text is about, cut to five letters so that 'capteur' meets 'capteurs'."""
    found = frozenset(w[:5] for w in _WORD.findall(fold(text[:4000])) if not w.isdigit())
    return found - _generic()


@lru_cache(1024)
def subject_stems(subject: str) -> frozenset[str]:
    """`stems` of a subject: one is compared with many."""
    return stems(subject)


@cache
def _generic() -> frozenset[str]:
    return frozenset(fold(w)[:5] for w in offer_words().generic)


@cache
def _replacing() -> tuple[str, ...]:
    return tuple(_spaced(phrase) for phrase in offer_words().replaces)


def _announced(rest: str) -> str:
    """What an announcing word announces, by the two words that come next: 'proposition de …', 'proposal for a …'; ''
    where it does not go on so."""
    first, *others = rest.split(maxsplit=3) or [""]
    return f" {' '.join(others[:2])} " if first in _OF else ""


def _spaced(text: str) -> str:
    return f" {re.sub(r'[^a-z0-9.]+', ' ', fold(text)).strip()} "


def similar(one: str, other: str) -> float:
    """How much two subjects share (0 to 1), measured on the poorer one: a name for what both are about."""
    a, b = subject_stems(bare_subject(one)), subject_stems(bare_subject(other))
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def same_subject(one: str, other: str) -> float:
    """How nearly two subjects are the same (0 to 1), measured on both: 'marquee for the fete' is not 'trailer for the
    fete'."""
    a, b = subject_stems(bare_subject(one)), subject_stems(bare_subject(other))
    return len(a & b) / len(a | b) if a and b else 0.0


def amounts(text: str) -> frozenset[str]:
    """The sums of money in a text, as bare digits of the whole part ('7 380 € HT' → '7380')."""
    found = (re.sub(r"[.,]\d\d\D*$", "", (m[1] or m[2]).strip(" .,'’")) for m in _AMOUNT.finditer(text[:20_000]))
    digits = (re.sub(r"\D", "", amount) for amount in found)
    return frozenset(d for d in digits if len(d) >= 2)


def says_it_replaces(text: str) -> bool:
    """Whether a text says that an offer takes the place of an earlier one."""
    spaced = _spaced(text[:8000])
    return any(phrase in spaced for phrase in _replacing())


@cache
def _other_business() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    words = offer_words()
    return (
        tuple(_spaced(w) for w in words.other_subjects),
        tuple(_spaced(w) for w in words.other_business),
        tuple(_spaced(w) for w in words.announces if len(w) > 4),
    )


def speaks_of_other_business(subject: str, names: str, text: str, *, surely_sells: bool = False) -> bool:
    """Whether a message is about hiring, investing, renting, an invoice or a talk: such an 'offer' sells nothing. A
    subject that announces an offer outweighs a stray word of it, and of the text where it `surely_sells`; but a
    'proposition de rendez-vous' announces none."""
    subjects, phrases, announcing = _other_business()
    head, body = _spaced(bare_subject(subject) + " " + names), _spaced(text[:4000])
    followed = [head[at + len(w) :] for w in announcing if (at := head.find(w)) >= 0]
    if any(s in _announced(rest) for rest in followed for s in subjects):
        return True
    if followed and (surely_sells or not any(p in body for p in phrases)):
        return False
    return any(w in head for w in subjects) or any(p in body for p in phrases)
