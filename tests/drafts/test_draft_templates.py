"""Templates: the built-in ones keep the rules, the owner's come first, and a broken one says where."""

from __future__ import annotations

from pathlib import Path

import pytest
from draft_story import BUILTIN, OFFERED, STALLED, draft, letter
from jinja2 import DictLoader, FileSystemLoader

from assistant.errors import TemplateBroken
from assistant.host.templates import builtin_folder, environment
from assistant.rendering import load_environment
from assistant.wordcheck import check_wording, render_all

NAME = "fr/withdrawal.formal.txt.j2"
BUILT_IN = FileSystemLoader(builtin_folder())

GOOD = (
    "Bonjour,\n\nNotre proposition P-1 du 27 janvier 2026, valable jusqu'au 31 mars 2026, a pris fin. Le dossier est "
    "donc clos de notre côté.\n\nSi vous souhaitez poursuivre, nous repartirons d'une page blanche et d'un échange sur "
    "vos besoins du moment, puis d'une nouvelle proposition.\n\nMerci de votre attention.\n\nCordialement,\nCamille"
)


def own(text: str, name: str = NAME) -> TemplateBroken:
    with pytest.raises(TemplateBroken) as caught:
        draft(OFFERED, STALLED, environment=load_environment(BUILT_IN, DictLoader({name: text})))
    return caught.value


def test_every_built_in_template_renders_and_keeps_the_rules() -> None:
    assert render_all(BUILTIN) == ()


def test_the_owners_template_takes_the_place_of_the_built_in_one(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / NAME).write_text(
        "{{ greeting }}\n\nC'est fini depuis le {{ valid_until }}.\n\n{{ signature }}\n", "utf-8"
    )
    made = draft(OFFERED, STALLED, environment=environment(tmp_path))
    assert letter(made) == "Bonjour Bertrand,\n\nC'est fini depuis le 31 mars 2026.\n\nCamille"


def test_a_misspelt_variable_names_its_file_and_line() -> None:
    error = own("{{ greeting }}\n\n{{ referense }}\n")
    assert error.message == f"the template {NAME}, line 3 is broken: 'referense' is undefined"
    assert "offer-assistant templates check" in error.hint


def test_a_syntax_error_names_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / NAME).write_text("{{ greeting }}\n{% if pilot %}\n", "utf-8")
    with pytest.raises(
        TemplateBroken, match=r"withdrawal\.formal\.txt\.j2, line 2 is broken: Unexpected end of template"
    ):
        draft(OFFERED, STALLED, environment=environment(tmp_path))


def test_a_file_that_is_not_utf8_is_a_broken_template(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / NAME).write_bytes(b"D\xe9j\xe0")
    with pytest.raises(TemplateBroken, match="utf-8"):
        draft(OFFERED, STALLED, environment=environment(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "{% for n in range(10**9) %}x{% endfor %}",
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        "{{ greeting.__class__.__mro__ }}",
        "{{ 1 / 0 }}",
        "{{ greeting + 1 }}",
        "{% include 'nowhere.j2' %}",
    ],
)
def test_a_template_that_reaches_too_far_is_refused(text: str) -> None:
    assert NAME in own(text).message or "nowhere.j2" in own(text).message


def test_what_a_customer_is_called_is_never_a_template() -> None:
    made = draft(OFFERED, STALLED, reference="{{ 7 * 7 }}")
    assert "{{ 7 * 7 }}" in made.text


def test_a_good_letter_breaks_no_rule() -> None:
    assert check_wording(GOOD, "fr") == ()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Merci de votre attention.", "Merci ! Qu'en pensez-vous ?", "asks a question"),
        (
            "Le dossier est donc clos",
            "Elle n'est plus valable et le dossier est clos",
            "says 2 times that the offer has",
        ),
        ("a pris fin. ", "reste là. ", "says 0 times that the offer has lapsed"),
        ("Merci de", "Malgré nos relances, merci de", "reproaches"),
        ("Merci de", "Malgré nos relances, merci de", "mentions reminders"),
        ("Merci de", "Dernière chance, merci de", "makes things scarce"),
        ("Le dossier est donc clos", "Le pilote cesse immédiatement et tout est clos", "ends something at once"),
        ("a pris fin", "a pris fin ; nous la retirons", "withdraws what has lapsed by itself"),
        ("Merci de votre attention.", "Voilà.", "does not thank"),
        (
            "d'une page blanche et d'un échange sur vos besoins du moment, puis d'une nouvelle proposition",
            "",
            "no way back",
        ),
        ("Si vous souhaitez poursuivre, nous", "Nous", "lines of 72"),
    ],
)
def test_each_broken_rule_is_named(old: str, new: str, fault: str) -> None:
    text = GOOD.replace(old, new)
    if fault == "lines of 72":
        text = "Bonjour,\n\nNotre proposition a pris fin le 31 mars. Merci, page blanche.\n\nCamille"
    assert any(fault in found for found in check_wording(text, "fr"))


def test_with_the_facts_missing_dates_and_references_are_named() -> None:
    facts = {"pilot": False, "reference": "P-9", "offer_date": "27 janvier 2026", "valid_until": "30 avril 2026"}
    assert check_wording(GOOD, "fr", facts=facts) == (
        "does not name the last day of validity",
        "does not name the offer's reference",
    )
