"""What is known about languages, as data: one TOML file for each, and the model trained on labelled messages.

The TOML files are for people who speak the language; the two binary files come from tests/judgement/train.py.
"""

from __future__ import annotations

import gzip
import json
import tomllib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from assistant.features import Concepts, plain, tokens
from assistant.model import Head, Model

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
    )


def detect_language(text: str, prior: str | None = None) -> str:
    """The language a text is written in, by its commonest words; `prior` (the thread's) decides where they tell little,
    'en' where there is neither."""
    words = tokens(text[:4000])[:_WORDS_THAT_TELL]
    scores = {code: _share(words, code) + (_PRIOR if code == prior else 0.0) for code in LANGUAGES}
    best = max(LANGUAGES, key=lambda code: scores[code])
    return best if scores[best] > 0 else "en"


@cache
def load_model(side: str) -> Model:
    """The trained model for 'customer' or 'owner'."""
    header, _, body = _unpacked("model.bin.gz").partition(b"\n")
    entry, view = json.loads(header)[side], memoryview(body)
    stack = entry["stack"]
    return Model(
        marks=array("I", bytes(_slice(view, entry["marks"]))),
        sentence=_head(entry["sentence"], view),
        message=_head(entry["message"], view),
        weights=tuple(map(tuple, stack["weights"])),
        biases=tuple(stack["biases"]),
        concepts=load_concepts(),
    )


@cache
def load_concepts() -> Concepts:
    """Words of one meaning, across the languages."""
    header, _, body = _unpacked("concepts.bin.gz").partition(b"\n")
    words = json.loads(header)["words"]
    keys, members = array("I", body[: 4 * words]), array("H", body[4 * words :])
    return Concepts(keys, members)


def _head(entry: Mapping[str, Any], body: memoryview) -> Head:
    return Head(
        labels=tuple(entry["labels"]),
        weights=_slice(body, entry["weights"]).cast("b"),
        scales=tuple(entry["scales"]),
        biases=tuple(entry["biases"]),
    )


def _slice(body: memoryview, place: tuple[int, int]) -> memoryview:
    start, length = place
    return body[start : start + length]


def _unpacked(name: str) -> bytes:
    return gzip.decompress(files(__package__).joinpath(name).read_bytes())


def _phrases(says: Sequence[str]) -> tuple[str, ...]:
    return tuple(" ".join(tokens(phrase)) for phrase in says)


def _share(words: Sequence[str], code: str) -> float:
    common = language(code).common
    return sum(word in common for word in words) / max(8, len(words))
