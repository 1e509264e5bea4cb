"""A message → its kind, with the sentence that shows it and how sure that is. Pure functions on the writer's own words.

Two ways lead to a kind: phrases that leave no doubt (languages/*.toml), and a linear model trained on labelled messages
(model.py). Bounces, receipts and calendar mail are told by their structure, elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from assistant.features import tokens
from assistant.kinds import Kind, Reading
from assistant.languages import Language, load_model
from assistant.languages import language as language_of
from assistant.model import weigh
from assistant.sentences import MAX_CHARACTERS, split_sentences

NamedText = tuple[str, str]  # an attachment: its name, and the text in it ('' where it could not be read)

ANSWER_NEEDED = (Kind.QUESTION, Kind.NEGOTIATION)
LOUD = (Kind.ACCEPTANCE, Kind.REFUSAL, *ANSWER_NEEDED)  # after any of these a withdrawal would be wrong in public
QUIET = (Kind.STALL, Kind.OTHER, Kind.AUTO_REPLY)
DANGER_COST = 2.0  # what it costs to take a loud message for a quiet one, in other mistakes

_CERTAIN = 0.97
_HEADING = 300  # characters: where a document says what it is
_SHORT = 600  # characters: a covering note for an attachment is not longer


def read_customer(*, text: str, subject: str = "", language: str, attachments: Sequence[NamedText] = ()) -> Reading:
    """The kind of a customer's message: acceptance, refusal, stall, question, negotiation, auto-reply or other.

    `text` are the writer's own new words, `language` the code of their language. The quote is a sentence of `text`,
    '' where it has none. The decision date that a stall names is not read here (`promised` is None).
    """
    words = language_of(language)
    sure = certain_kinds(text, language)
    signed = _signed_attachment(text[:MAX_CHARACTERS], attachments, words)
    if signed and not sure:
        sure = {Kind.ACCEPTANCE: signed}
    return _read("customer", subject, text, sure)


def read_owner(*, text: str, subject: str = "", language: str, attachments: Sequence[NamedText] = ()) -> Reading:
    """The kind of a message from the owner's house: offer, follow-up, extension, withdrawal or other.

    The text of attachments counts as far as it opens a document: its first 3,000 characters each.
    """
    documents = "\n".join(f"{name.rpartition('.')[0] or name}\n{content[:3000]}" for name, content in attachments[:5])
    reading = _read("owner", subject, text, {})
    if not documents or reading.kind in (Kind.OFFER, Kind.WITHDRAWAL, Kind.EXTENSION):
        return reading
    return _read("owner", subject, f"{text}\n{documents}", {})


def decide_kind(scores: Mapping[Kind, float], danger_cost: float = DANGER_COST) -> Kind:
    """The kind with the least expected cost: a mistake costs 1, a loud message taken for a quiet one `danger_cost`."""
    return min(scores, key=lambda kind: (_expected_cost(kind, scores, danger_cost), -scores[kind]))


def loudness(scores: Mapping[Kind, float]) -> float:
    """The probability that the message decides, or waits for an answer of the owner."""
    return sum(scores.get(kind, 0.0) for kind in LOUD)


def _expected_cost(chosen: Kind, scores: Mapping[Kind, float], danger_cost: float) -> float:
    return sum(
        probability * (danger_cost if kind in LOUD and chosen in QUIET else 1.0)
        for kind, probability in scores.items()
        if kind is not chosen
    )


def _read(side: Literal["customer", "owner"], subject: str, text: str, sure: Mapping[Kind, str]) -> Reading:
    weighing = weigh(load_model(side), subject, text)
    scores = {Kind(kind): probability for kind, probability in weighing.probabilities.items()}
    if len(sure) == 1:
        (kind, quote), *_ = sure.items()
        scores = {each: _blended(score, each is kind) for each, score in scores.items()}
        return Reading(kind=kind, confidence=scores[kind], quote=quote, scores=scores)
    kind = decide_kind(scores)
    return Reading(kind=kind, confidence=scores[kind], quote=weighing.evidence[kind], scores=scores)


def _blended(score: float, sure: bool) -> float:
    return (1 - _CERTAIN) * score + (_CERTAIN if sure else 0.0)


def certain_kinds(text: str, language: str) -> dict[Kind, str]:
    """The kinds that a phrase beyond doubt shows (languages/*.toml), each with its sentence."""
    words = language_of(language)
    found: dict[Kind, str] = {}
    for sentence in split_sentences(text):
        said = tokens(sentence)
        joined = f" {' '.join(said)} "
        for kind, phrases in words.certain.items():
            phrase = next((phrase for phrase in phrases if f" {phrase} " in joined), None)
            if phrase is not None and not _undone(joined.replace(phrase, " "), words):
                found.setdefault(Kind(kind), sentence)
    return found


def _undone(rest: str, words: Language) -> bool:
    return "?" in rest or not words.undone_by.isdisjoint(rest.split())


def _signed_attachment(text: str, attachments: Sequence[NamedText], words: Language) -> str:
    """The sentence of a covering note that goes with an attached order or signed copy; '' where there is none."""
    if not attachments or len(text) > _SHORT or not any(_is_order(*attachment, words) for attachment in attachments):
        return ""
    sentences = split_sentences(text)
    pointing = (
        sentence for sentence in sentences if _says_one_of(sentence, (*words.see_attachment, *words.order_names))
    )
    return next(pointing, "")


def _is_order(name: str, content: str, words: Language) -> bool:
    """By the file's name, or by a heading of several words ('bon de commande') where the document begins."""
    if _says_one_of(name.rpartition(".")[0].replace("_", " ").replace("-", " "), words.order_names):
        return True
    return _says_one_of(content[:_HEADING], [phrase for phrase in words.order_names if " " in phrase])


def _says_one_of(text: str, phrases: Iterable[str]) -> bool:
    joined = f" {' '.join(tokens(text))} "
    return any(f" {phrase} " in joined for phrase in phrases)
