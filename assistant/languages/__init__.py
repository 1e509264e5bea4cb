"""What is known about languages, as data: one TOML file for each, for people who speak the language.

The three binary files beside them are what was learnt from labelled messages (models.py).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assistant.features import plain, tokens

LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt")
_PRIOR = 0.1  # what a thread's language is worth, in common words per word
_WORDS_THAT_TELL = 400


@dataclass(frozen=True, slots=True)
class Language:
    """One language file. `common` are its commonest words; `certain` holds, by kind, phrases that leave no doubt;
    `undone_by` the words that make them doubtful again (negation, condition); all plain, as tokens joined by blanks."""

    code: str
    common: frozenset[str]
    certain: Mapping[str, tuple[str, ...]]
    undone_by: frozenset[str]
    closings: tuple[str, ...]
    see_attachment: tuple[str, ...]
    order_names: tuple[str, ...]
    signed: tuple[str, ...]


@cache
def language(code: str) -> Language:
    """The knowledge of one language; English's where the code is unknown."""
    name = code if code in LANGUAGES else "en"
    data = tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
    return Language(
        code=name,
        common=frozenset(plain(data["common"]).split()),
        certain={kind: _phrases(says) for kind, says in data["certain"].items()},
        undone_by=frozenset(plain(" ".join(data["negations"] + data["conditions"])).split()),
        closings=_phrases(data["closings"]),
        see_attachment=_phrases(data["see_attachment"]),
        order_names=_phrases(data["order_names"]),
        signed=_phrases(data["signed"]),
    )


def detect_language(text: str, prior: str | None = None) -> str:
    """The language a text is written in, by its commonest words; `prior` (the thread's) decides where they tell little,
    'en' where there is neither."""
    words = tokens(text[:4000])[:_WORDS_THAT_TELL]
    scores = {code: _share(words, code) + (_PRIOR if code == prior else 0.0) for code in LANGUAGES}
    best = max(LANGUAGES, key=lambda code: scores[code])
    return best if scores[best] > 0 else "en"


def _phrases(says: Sequence[str]) -> tuple[str, ...]:
    return tuple(" ".join(tokens(phrase)) for phrase in says)


def _share(words: Sequence[str], code: str) -> float:
    common = language(code).common
    return sum(word in common for word in words) / max(8, len(words))
