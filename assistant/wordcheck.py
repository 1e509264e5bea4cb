"""Whether a letter keeps to what the law and good manners ask of it (docs/templates.md), and whether templates render.

The words that a rule looks for are data: `[rules]` in languages/letters/.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Literal

from jinja2 import Environment

from assistant.drafts import DraftKind, write_letter, write_subject
from assistant.errors import TemplateBroken
from assistant.languages.letters import LANGUAGES, Letters, letters
from assistant.rendering import render_html
from assistant.salutation import Salutation
from assistant.wording import spoken_date

WIDTH = 72
SHORTEST, LONGEST = 5, 8
_NEVER = {
    "reproach": "reproaches",
    "reminders": "mentions reminders",
    "scarcity": "makes things scarce or offers a discount",
    "price": "speaks of another price",
    "at_once": "ends something at once",
}
_COUNTRIES = {"fr": "FR", "en": "GB US", "de": "DE CH", "es": "ES MX", "it": "IT", "nl": "NL", "pt": "PT BR"}


def check_wording(
    text: str, language: str, *, kind: DraftKind = "withdrawal", facts: Mapping[str, object] | None = None
) -> tuple[str, ...]:
    """The rules that this letter (greeting to signature, without quotation) breaks, one phrase each; () for none.

    `facts` are the variables it was rendered with; with them names, dates and reference are checked too.
    """
    speech = letters(language)
    known = {name: value for name, value in (facts or {}).items() if isinstance(value, str) and value}
    plain = _plain(text, known)
    return (
        *_length(text),
        *_marks(text, kind),
        *_once(plain, speech, kind),
        *_never(plain, speech, kind),
        *_facts(text, plain, speech, kind, facts, known),
    )


def _plain(text: str, known: Mapping[str, str]) -> str:
    """Lower case, plain spaces, without the words that are the offer's own."""
    for name in ("title", "client"):
        text = text.replace(known.get(name) or "\0", "")
    return " ".join(text.lower().replace("’", "'").split())


def _count(phrases: tuple[str, ...], plain: str) -> int:
    return sum(len(re.findall(rf"(?<!\w){re.escape(phrase)}(?!\w)", plain)) for phrase in phrases)


def body_of(text: str) -> str:
    """What stands between the greeting and the closing."""
    return "\n\n".join(text.strip().split("\n\n")[1:-1])


def _length(text: str) -> Iterator[str]:
    paragraphs = body_of(text).split("\n\n")
    lines = sum(len(textwrap.wrap(line, WIDTH)) for paragraph in paragraphs for line in paragraph.splitlines())
    if not SHORTEST <= lines <= LONGEST:
        yield f"is {lines} lines of {WIDTH} characters long, not {SHORTEST} to {LONGEST}"


def _marks(text: str, kind: DraftKind) -> Iterator[str]:
    body = body_of(text)
    if body.count("?") > (0 if kind == "withdrawal" else 1):
        yield "asks a question" if kind == "withdrawal" else "asks more than one question"
    if "!" in body:
        yield "exclaims"
    if re.search(r"[{}]|\bNone\b|  | [,.]", text):
        yield "has a gap where a word should stand"


def _once(plain: str, speech: Letters, kind: DraftKind) -> Iterator[str]:
    lapses = _count(speech.rules["lapse"], plain)
    if kind == "reminder":
        if lapses:
            yield "says that the offer has lapsed while it is open"
    else:
        if lapses != 1:
            yield f"says {lapses} times that the offer has lapsed, not once"
        if not _count(speech.rules["way_back"], plain):
            yield "shows no way back (a blank page, a new offer)"
    if not _count(speech.rules["thanks"], plain):
        yield "does not thank"


def _never(plain: str, speech: Letters, kind: DraftKind) -> Iterator[str]:
    for rule, fault in _NEVER.items():
        if _count(speech.rules[rule], plain):
            yield fault
    if _count(speech.rules["accuse"], plain):
        yield "withdraws what has lapsed by itself" if kind == "withdrawal" else "speaks of withdrawing"


def _facts(
    text: str,
    plain: str,
    speech: Letters,
    kind: DraftKind,
    facts: Mapping[str, object] | None,
    known: Mapping[str, str],
) -> Iterator[str]:
    if facts is None:
        if not _count(tuple(month.lower() for month in speech.months), plain):
            yield "names no date"
        return
    for name, meaning in (
        ("valid_until", "the last day of validity"),
        ("offer_date", "the offer's date"),
        ("reference", "the offer's reference"),
        ("pilot_until", "the day on which the pilot stops"),
    ):
        if name in known and " ".join(known[name].split()) not in " ".join(text.split()):
            yield f"does not name {meaning}"
    if not facts.get("pilot") and _count(tuple(speech.pilots), plain):
        yield "speaks of a pilot that nothing proves"
    if (signature := known.get("signature")) and text.count(signature) != 1:
        yield f"is signed {text.count(signature)} times"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a template: an error stops drafts from being made, a warning breaks a rule of wording."""

    template: str
    grade: Literal["error", "warning"]
    text: str


def render_all(environment: Environment) -> tuple[Flaw, ...]:
    """Every template rendered in every state, language and form of address; each flaw once, errors first."""
    flaws = dict.fromkeys(flaw for sample in _samples() for flaw in _flaws(environment, *sample))
    return tuple(sorted(flaws, key=lambda flaw: (flaw.grade, flaw.template, flaw.text)))


_Sample = tuple[Letters, str, DraftKind, Salutation, dict[str, object]]


def _samples() -> Iterator[_Sample]:
    kinds: tuple[DraftKind, ...] = ("withdrawal", "reminder")
    for language in LANGUAGES:
        for country, kind, familiar, plural in product(
            _COUNTRIES[language].split(), kinds, (False, True), (False, True)
        ):
            speech = letters(language, country)
            closing = (speech.familiar_closings if familiar else speech.formal_closings)[0]
            spoken = Salutation(familiar, plural, speech.neutral_greeting, closing, "Camille Rouvier")
            for facts in _facts_of(speech, country, kind, spoken):
                yield speech, country, kind, spoken, facts


def _facts_of(speech: Letters, country: str, kind: DraftKind, spoken: Salutation) -> Iterator[dict[str, object]]:
    """With and without reference, title and date; no pilot, one without and one with a last day."""
    day = {name: spoken_date(date(2026, month, 11), speech) for name, month in (("sent", 3), ("valid", 4), ("stop", 5))}
    pilots = (
        ((False, ""), (True, day["stop"])) if kind == "withdrawal" else ((False, ""), (True, ""), (True, day["stop"]))
    )
    for reference, title, sent, (pilot, stop) in product(
        ("", "P-2026-014"), ("", "Collecte 14"), ("", day["sent"]), pilots
    ):
        yield {
            "greeting": spoken.greeting,
            "closing": spoken.closing,
            "signature": spoken.signature,
            "plural": spoken.plural,
            "country": country,
            "reference": reference,
            "title": title,
            "client": "Valmontel Collecte",
            "amount": "48 000 €",
            "offer_date": sent,
            "valid_until": day["valid"],
            "today": day["stop"],
            "pilot": pilot,
            "pilot_name": next(iter(speech.pilots.values())) if pilot else "",
            "pilot_until": stop,
        }


def _flaws(
    environment: Environment,
    speech: Letters,
    country: str,
    kind: DraftKind,
    spoken: Salutation,
    facts: dict[str, object],
) -> Iterator[Flaw]:
    template = f"{speech.language}/{kind}.{'familiar' if spoken.familiar else 'formal'}.txt.j2"
    if (speech.language, country) == ("pt", "BR"):
        template = template.replace("pt/", "pt-BR/")
    try:
        letter = write_letter(environment, speech, country, kind, spoken, facts)
        write_subject(environment, speech, country, facts)
        render_html(environment, letter, "", ("",))
    except TemplateBroken as error:
        yield Flaw(template, "error", error.message)
        return
    for fault in check_wording(letter, speech.language, kind=kind, facts=facts):
        yield Flaw(template, "warning", f"the letter {fault}")
