"""The letters as a customer reads them, whole and literal: one file per language in golden/, for a native speaker."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from draft_story import BUILTIN

from assistant.drafts import DraftKind, write_letter, write_subject
from assistant.languages.letters import letters
from assistant.salutation import Salutation
from assistant.wordcheck import check_wording
from assistant.wording import spoken_date

GOLDEN = Path(__file__).parent / "golden"
COUNTRIES = {"fr": "FR", "en": "GB", "de": "DE", "es": "ES", "it": "IT", "nl": "NL", "pt": "PT", "pt-BR": "BR"}
# (form, one person or several) → the greeting that the owner used before
GREETINGS = {
    "fr": ("Bonjour Monsieur Lacaze,", "Madame, Monsieur,", "Salut Bertrand,", "Salut Bertrand, salut Sylvie,"),
    "en": ("Dear Mr Eccleshall,", "Dear Sir or Madam,", "Hi Martin,", "Hi Martin, hi Jo,"),
    "de": ("Sehr geehrte Frau Zoller,", "Sehr geehrte Damen und Herren,", "Servus Hannes,", "Hallo ihr zwei,"),
    "es": ("Estimada Sra. Laguardia:", "Estimados señores:", "Hola, Nuria:", "Hola a todos:"),
    "it": ("Gentile signora Lovati,", "Gentili signori,", "Ciao Roberta,", "Care tutte,"),
    "nl": ("Geachte heer Sikkema,", "Geachte heer, mevrouw,", "Beste Marleen,", "Dag Evi, dag Bram,"),
    "pt": ("Exmo. Senhor Eng.º Bernardino,", "Exmos. Senhores,", "Olá Vasco,", "Olá a todos,"),
    "pt-BR": ("Prezado Sr. Saldanha,", "Prezados Senhores,", "Oi Rogério,", "Oi, pessoal,"),
}
STORIES: tuple[tuple[DraftKind, dict[str, object]], ...] = (
    ("withdrawal", {"reference": "P-2026-014", "title": "Collecte 14", "pilot": False, "stop": ""}),
    ("withdrawal", {"reference": "", "title": "", "pilot": True, "stop": "2026-06-01"}),
    ("reminder", {"reference": "P-2026-014", "title": "", "pilot": False, "stop": ""}),
    ("reminder", {"reference": "", "title": "", "pilot": True, "stop": ""}),
    ("reminder", {"reference": "", "title": "", "pilot": True, "stop": "2026-06-01"}),
)


def facts_of(place: str, kind: DraftKind, spoken: Salutation, story: dict[str, object]) -> dict[str, object]:
    speech = letters(place[:2], COUNTRIES[place])
    stop = str(story["stop"])
    return {
        "greeting": spoken.greeting,
        "closing": spoken.closing,
        "signature": spoken.signature,
        "plural": spoken.plural,
        "country": COUNTRIES[place],
        "reference": story["reference"],
        "title": story["title"],
        "client": "Valmontel Collecte",
        "amount": "",
        "offer_date": spoken_date(date(2026, 1, 8), speech),
        "valid_until": spoken_date(date(2026, 3, 31), speech),
        "today": spoken_date(date(2026, 5, 18), speech),
        "pilot": story["pilot"],
        "pilot_name": next(iter(speech.pilots.values())) if story["pilot"] else "",
        "pilot_until": spoken_date(date.fromisoformat(stop), speech) if stop else "",
    }


def every_letter(place: str) -> str:
    """Subject and all letters of one language, each under a heading."""
    speech = letters(place[:2], COUNTRIES[place])
    pages = []
    for number, greeting in enumerate(GREETINGS[place]):
        familiar, plural = number >= 2, number % 2 == 1
        closing = (speech.familiar_closings if familiar else speech.formal_closings)[0]
        spoken = Salutation(familiar, plural, greeting, closing, "Camille Rouvier")
        for kind, story in STORIES if not plural else STORIES[1:3]:
            facts = facts_of(place, kind, spoken, story)
            text = write_letter(BUILTIN, speech, COUNTRIES[place], kind, spoken, facts)
            assert check_wording(text, place[:2], kind=kind, facts=facts) == (), text
            form = ("familiar" if familiar else "formal") + (", several people" if plural else "")
            subject = write_subject(BUILTIN, speech, COUNTRIES[place], facts)
            pages.append(f"=== {kind}, {form}\nSubject of a new message: {subject}\n\n{text}\n")
    return "\n\n".join(pages)


@pytest.mark.parametrize("place", sorted(COUNTRIES))
def test_the_letters_of_each_language_read_as_reviewed(place: str) -> None:
    made = every_letter(place)
    golden = GOLDEN / f"{place}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_text(made, "utf-8")
    assert made == golden.read_text("utf-8")
