"""The identifier that an offer bears ('P-2026-014', 'HK-410-B', '26-009'): finding it, and comparing two."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import chain, pairwise

from assistant.customers import fold
from assistant.languages.dates import LANGUAGES, vocabulary
from assistant.languages.dates.folding import fold as folded
from assistant.languages.lexicon import offer_words

_TOKEN = re.compile(r"(?<![\w@./-])[A-Z0-9][A-Z0-9]{0,9}(?:[-/._][A-Z0-9]{1,8}){0,4}(?![\w@])")
_DATE = re.compile(r"^(?:\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|(?:19|20)\d\d)$")
_LETTERED = re.compile(
    r"^[A-Z]{1,6}[-/._]?\d{2,}|^[A-Z]{1,6}(?:[-/._][A-Z0-9]+)*[-/._]\d{2,}|^\d{2,4}[-/]\d{2,5}(?:[-/][A-Z0-9]{1,3})?$|^\d{3,6}[-/]\d{1,5}$|^\d{2,4}[-/.][A-Z]{1,6}[-/.]?\d+|^\d{3,6}[-/.][A-Z]{1,4}$"
)
_UNIT_AFTER = re.compile(
    r"^\s?(?:€|\$|£|%|°|m²|m2|m³|kw|kva|kwh|km|kg|cm|mm|ml|l\b|h\b|eur|chf|usd|gbp|brl|ht\b|ttc|x\s|mois|jours|days|months"
    r"|tage|monate|dias|días|mesi|giorni|dagen|maanden|meses|unités|units|stück|st\.|bis\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\s,;:()«»\"“”]+")
_NUMBER_SIGNS = frozenset({"n", "n°", "no", "nr", "nº", "n.º", "number", "num", "numero", "nummer", "#"})
_POSSESSIVE = frozenset(
    {"votre", "vos", "your", "ihr", "ihre", "ihrer", "su", "sua", "seu", "uw", "jullie", "vostro", "vostra", "vs"}
)
_LIMIT = 8_000
_GAP = 40


def find_reference(subject: str, texts: Iterable[str], names: Iterable[str]) -> str | None:
    """The bare identifier of the offer, as first written; None where nothing looks like one for sure.

    A token counts where a word for an offer announces it ('devis n° 26-009'), or where its shape is that of an
    identifier and it stands in the subject, a file's name or a document's head. The more often, the better.
    """
    scores: Counter[str] = Counter()
    first: dict[str, str] = {}
    bodies = [text[:_LIMIT] for text in texts]
    for text, weight in [(subject, 2), *((n, 1) for n in names), *((t, 1) for t in bodies)]:
        for token, points in _candidates(text, weight):
            key = squeeze(token)
            first.setdefault(key, token)
            scores[key] += points
    for newer, older in chain.from_iterable(map(_replaced, bodies)):
        if newer in scores:
            scores[newer] += scores.pop(older, 0)
    if not scores:
        return None
    best, points = max(scores.items(), key=lambda item: (item[1], len(item[0])))
    if points < 3:
        return None
    # 'HK-410-B supersedes HK-410': the revision is the one that is offered.
    revisions = [key for key in scores if key != best and related(key, best) and len(key) > len(best)]
    return first[max(revisions, key=lambda key: scores[key], default=best)]


def _candidates(text: str, weight: int) -> Iterable[tuple[str, int]]:
    for match in _TOKEN.finditer(text.replace("_", " ") if weight == 1 and "\n" not in text else text):
        token = match.group().strip("-/._")
        if not any(c.isdigit() for c in token) or len(token) < 2 or _DATE.match(token):
            continue
        before = [
            fold(w).replace("’", "'").strip("'").rpartition("'")[2]
            for w in _WORD.findall(text[max(0, match.start() - 40) : match.start()])
        ][-3:]
        if _UNIT_AFTER.match(text[match.end() : match.end() + 8]) or _meant(before) in _foreign():
            continue
        announced = _meant(before) in _announcing()
        shaped = bool(_LETTERED.match(token))
        marked = bool(before) and before[-1].strip(".") in _NUMBER_SIGNS
        number = token.isdigit() and (marked or len(token) >= 4 or _valid_follows(text, match.end()))
        if announced and (shaped or number):
            yield token, 3 + weight
        elif shaped and not token[0].isdigit() and (weight == 2 or match.start() < 200):
            yield token, 1 + weight


def _replaced(text: str) -> Iterator[tuple[str, str]]:
    """The squeezed identifiers of which one is said to replace the other: 'J-23, which supersedes J-19'."""
    tokens = [match for match in _TOKEN.finditer(text) if any(c.isdigit() for c in match.group())]
    for newer, older in pairwise(tokens):
        gap = text[newer.end() : older.start()]
        different = squeeze(newer.group()) != squeeze(older.group())
        if different and len(gap) <= _GAP and any(word in fold(gap) for word in offer_words().replaces):
            yield squeeze(newer.group()), squeeze(older.group())


def _valid_follows(text: str, end: int) -> bool:
    """'Proposta 109 válida até': a number of two or three figures that is said to be valid."""
    following = folded(text[end : end + 20]).lstrip()
    return any(vocabulary(language).clause["valid"].match(following) for language in LANGUAGES)


@cache
def _announcing() -> frozenset[str]:
    return frozenset(fold(w).strip(".") for w in offer_words().announces)


@cache
def _foreign() -> frozenset[str]:
    """Without the possessives: 'votre offre P-12' is the owner's number, for all its 'votre'."""
    return frozenset(fold(w).strip(".") for w in offer_words().foreign) - _POSSESSIVE


def _meant(before: list[str]) -> str:
    """The last word that is no sign for 'number'."""
    words = [w.strip(".") for w in before if w.strip(".") not in _NUMBER_SIGNS and w not in ("-", "–")]
    return words[-1] if words else ""


@lru_cache(4096)
def squeeze(reference: str) -> str:
    """The identifier without what people leave out or change: 'P-2026-014', 'P 2026/014' → 'p2026014'."""
    return re.sub(r"[^a-z0-9]", "", fold(reference))


def mentions(text: str, reference: str) -> bool:
    """Whether a text names this identifier, in any spelling ('prop. 2026/014' for 'P-2026-014').

    The digits must be the same in the same groups; letters may be missing or be the start of the word before. A
    reference of fewer than three digits must be written out with its letters.
    """
    return names(spelled(text), reference)


_EDGE = re.compile(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")


def spelled(text: str) -> tuple[str, ...]:
    """A text as `names` wants it, to look for many references: its words and numbers, apart from each other."""
    flat = re.sub(r"[^a-z0-9]+", " ", fold(text[: 4 * _LIMIT]))
    return tuple(_EDGE.sub(" ", flat).split())


@lru_cache(4096)
def _groups(reference: str) -> tuple[tuple[str, ...], ...]:
    """The runs of words and numbers any of which names a reference."""
    groups = tuple(re.sub(r"[^a-z0-9]+", " ", _EDGE.sub(" ", fold(reference))).split()) if squeeze(reference) else ()
    digits = tuple(g for g in groups if g.isdigit())
    return tuple(filter(None, (groups, digits if len(digits) >= 2 and sum(map(len, digits)) >= 5 else ())))


def names(words: tuple[str, ...], reference: str) -> bool:
    """`mentions` of a text that was spelled out before."""
    return any(_holds_run(words, run) for run in _groups(reference))


def _holds_run(words: tuple[str, ...], run: tuple[str, ...]) -> bool:
    return run[0] in words and any(words[i : i + len(run)] == run for i in range(len(words) - len(run) + 1))


def related(one: str | None, other: str | None) -> bool:
    """One is a revision of the other: the same identifier, or the same with a suffix ('HK-410', 'HK-410-B')."""
    if not one or not other:
        return False
    a, b = sorted((squeeze(one), squeeze(other)), key=len)
    return a == b or (b.startswith(a) and len(b) - len(a) <= 3 and len(a) >= 4 and not b[len(a)].isdigit())
