"""A message → its kind, with the sentence that shows it and how sure that is. Pure functions on the writer's own words.

Two ways lead to a kind: phrases that leave no doubt (languages/*.toml), and what was learnt from labelled messages
(model.py, network.py). Bounces, receipts and calendar mail are told by their structure, elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from assistant.features import tokens
from assistant.kinds import Kind, Reaction, Reading, decide_kind
from assistant.languages import Language
from assistant.languages import language as language_of
from assistant.matching import amounts
from assistant.sentences import MAX_CHARACTERS, split_sentences

NamedText = tuple[str, str]  # an attachment: its name, and the text in it ('' where it could not be read)

_CERTAIN = 0.97
_HEADING = 300  # characters: where a document says what it is
_DOCUMENT = 4000  # characters of a document in which a signature is looked for
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
    reading = _read("owner", subject, text, {})
    documents = _openings(attachments)
    if not documents or reading.kind in (Kind.OFFER, Kind.WITHDRAWAL, Kind.EXTENSION):
        return reading
    return _read("owner", subject, f"{text}\n{documents}", {})


def sells(*, text: str, subject: str = "", attachments: Sequence[NamedText] = ()) -> float:
    """How probably a stranger offers something for sale, at a first look: read as if the owner's house had sent it."""
    from assistant.learned import glanced

    return max(
        glanced("owner", subject, each)[Kind.OFFER] for each in {text, f"{text}\n{_openings(attachments)}".strip()}
    )


def _openings(attachments: Sequence[NamedText]) -> str:
    return "\n".join(f"{name.rpartition('.')[0] or name}\n{content[:3000]}" for name, content in attachments[:5])


def read_reaction(*, text: str, subject: str = "") -> dict[Reaction, float]:
    """How the owner's side reacts to what the customer wrote before: the probability of each reaction."""
    from assistant.learned import weighed

    weighing = weighed("reaction", subject, text)
    return {Reaction(name): probability for name, probability in weighing.probabilities.items()}


def _read(side: Literal["customer", "owner"], subject: str, text: str, sure: Mapping[Kind, str]) -> Reading:
    from assistant.learned import weighed  # loads numpy: only where messages are read

    weighing = weighed(side, subject, text)
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
    if len(text) > _SHORT:
        return ""
    sentences = split_sentences(text)
    if any(_is_signed_copy(content, words) for _, content in attachments):
        return next(iter(sentences), "")
    if not any(_is_order(*attachment, words) for attachment in attachments):
        return ""
    pointing = (
        sentence for sentence in sentences if _says_one_of(sentence, (*words.see_attachment, *words.order_names))
    )
    return next(pointing, "")


def _is_order(name: str, content: str, words: Language) -> bool:
    """By the file's name, or by a heading of several words ('bon de commande') where the document begins."""
    if _says_one_of(name.rpartition(".")[0].replace("_", " ").replace("-", " "), words.order_names):
        return True
    return _says_one_of(content[:_HEADING], [phrase for phrase in words.order_names if " " in phrase])


def _is_signed_copy(content: str, words: Language) -> bool:
    """A document with a price that says beside the signature that it is accepted."""
    return bool(amounts(content[:_DOCUMENT])) and _says_one_of(content[:_DOCUMENT], words.signed)


def _says_one_of(text: str, phrases: Iterable[str]) -> bool:
    joined = f" {' '.join(tokens(text))} "
    return any(f" {phrase} " in joined for phrase in phrases)
