"""How the owner speaks to a person is copied from the owner's own mails to that person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from draft_story import BERTRAND, CAMILLE, OFFERED, OWNER, STALLED, SYLVIE, draft, letter, mail

from assistant.greetings import greeting_of
from assistant.languages.letters import letters
from assistant.messages import Address
from assistant.names import PersonName, split_name
from assistant.salutation import salutation


@pytest.mark.parametrize(
    ("language", "first_line", "greeting"),
    [
        ("fr", "Bonjour Bertrand,", "Bonjour Bertrand,"),
        ("fr", "Bonjour Bertrand, bonjour Sylvie,", "Bonjour Bertrand, bonjour Sylvie,"),
        ("fr", "Bonjour Christelle, bonne année ! Je te rappelle", "Bonjour Christelle,"),
        ("fr", "Bonsoir Bertrand,", "Bonjour Bertrand,"),  # the draft may be sent at noon
        ("fr", "Bonjour à tous les deux,", "Bonjour à tous les deux,"),
        ("fr", "Monsieur l'abbé, Madame la maire,", "Monsieur l'abbé, Madame la maire,"),
        ("fr", "Monsieur le Président du conseil syndical,", "Monsieur le Président du conseil syndical,"),
        ("fr", "Mesdames, Messieurs les organisateurs,", "Mesdames, Messieurs les organisateurs,"),
        ("fr", "Salut Nico !", "Salut Nico !"),
        ("fr", "M. Lacaze étant très pris, je vous réponds", ""),
        ("fr", "Merci de votre retour.", ""),
        ("en", "Hi Joan, as discussed: 45 sets", "Hi Joan,"),
        ("en", "Morning Raj,", "Hi Raj,"),
        ("en", "Happy New Year both,", ""),  # it was January then
        ("en", "Hey Marcus — good call today.", "Hey Marcus,"),
        ("en", "Bertrand, I rang on Friday.", "Bertrand,"),  # the name alone, as the owner may greet whom he knows
        ("en", "Walt, I rang on Friday.", ""),  # nobody by that name was written to
        ("de", "Sehr geehrter Herr Dr. Pfützner,", "Sehr geehrter Herr Dr. Pfützner,"),
        ("de", "Guten Morgen Frau Zoller, gut erholt zurück?", "Guten Tag Frau Zoller,"),
        ("de", "Grüezi Frau Caviezel", "Grüezi Frau Caviezel"),
        ("es", "Hola, Pablo:", "Hola, Pablo:"),
        ("es", "Hola, Ramón: ¿habéis podido verlo?", "Hola, Ramón:"),
        ("it", "Egregio Ingegnere,", "Egregio Ingegnere,"),
        ("it", "Gentile signora Lovati, Mi permetto di chiederle", "Gentile signora Lovati,"),
        ("nl", "Geachte heer en mevrouw Sikkema,", "Geachte heer en mevrouw Sikkema,"),
        ("pt", "Exmo. Sr. Eng.º Bernardino,", "Exmo. Sr. Eng.º Bernardino,"),
        ("pt", "Oi Rogério, tudo bem?", "Oi Rogério,"),
    ],
)
def test_a_greeting_is_found_and_ends_where_it_ends(language: str, first_line: str, greeting: str) -> None:
    message = mail(0, CAMILLE, (BERTRAND,), f"{first_line}\n\nEt cetera.")
    assert greeting_of(message, (BERTRAND,), letters(language)) == greeting


@pytest.mark.parametrize(
    ("language", "text", "familiar"),
    [
        ("fr", "Bonjour Bertrand,\n\nVous trouverez notre offre.", False),
        ("fr", "Bonjour Bertrand,\n\nJe t'envoie notre offre, tu me diras.", True),
        ("fr", "Salut Bertrand,\n\nL'offre est jointe.", True),
        ("fr", "Bonjour Bertrand,\n\nA-t-il reçu l'offre ?", False),
        ("de", "Hallo Silke,\n\nanbei das Angebot für euch.", True),
        ("de", "Hallo Frau Zoller,\n\nanbei das Angebot.", False),
        ("de", "Guten Tag Herr Wessel,\n\nanbei Ihr Angebot, sie hatten danach gefragt.", False),
        ("es", "Hola, Nuria:\n\nTe mando la oferta.", True),
        ("es", "Estimada Mercedes:\n\nAdjunto la propuesta que usted pidió.", False),
        ("it", "Gentile Luca,\n\nLe trasmetto l'offerta. La saluto.", False),
        ("it", "Ciao Luca,\n\nLa prova è attiva.", True),
        ("nl", "Dag Ruud,\n\nHierbij de offerte.", True),
        ("nl", "Dag mevrouw Riet,\n\nHierbij de offerte.", False),
        ("pt", "Caro Duarte,\n\nSegue o orçamento que pediste, diz-me se te serve.", True),
        ("pt", "Boa tarde D. Graça,\n\nSegue o orçamento.", False),
        ("en", "Hi Terrence,\n\nHere is our quote.", True),
        ("en", "Dear Mr Nandra,\n\nHere is our quote.", False),
        ("en", "Bertrand,\n\nHere is our quote.", True),
    ],
)
def test_the_owners_last_mail_shows_how_he_addresses_somebody(language: str, text: str, familiar: bool) -> None:
    found = salutation((BERTRAND,), letters(language), OWNER, (mail(0, CAMILLE, (BERTRAND,), text),))
    assert found.familiar is familiar


def test_two_people_whom_the_owner_greeted_apart_are_greeted_in_turn() -> None:
    to_sylvie = mail(9, CAMILLE, (SYLVIE,), "Bonjour Sylvie,\n\nMardi vous conviendrait-il ?\n\nCamille")
    answer = mail(10, SYLVIE, (CAMILLE,), "Bonjour Madame,\n\nLa réunion est reportée.")
    assert letter(draft(OFFERED, STALLED, to_sylvie, answer)).startswith("Bonjour Bertrand, bonjour Sylvie,\n")


def test_one_greeting_that_names_everybody_is_kept_whole() -> None:
    both = replace(
        OFFERED, to=(BERTRAND, SYLVIE), text="Bonjour Bertrand, bonjour Sylvie,\n\nVoici l'offre.\n\nCamille"
    )
    assert letter(draft(both)).startswith("Bonjour Bertrand, bonjour Sylvie,\n")


def test_an_office_among_the_recipients_does_not_spoil_the_greeting_of_a_person() -> None:
    office = Address("Service des sports", "sports@valmontel.example")
    sent = replace(OFFERED, to=(BERTRAND, office))
    assert letter(draft(sent)).startswith("Bonjour Bertrand,\n")


def test_somebody_the_owner_never_greeted_is_greeted_without_a_guess() -> None:
    silent = replace(OFFERED, text="Voici notre proposition.")
    assert letter(draft(silent)).startswith("Bonjour,\n")


def test_in_english_a_full_name_is_neutral() -> None:
    made = draft(contact=BERTRAND, language="en")
    assert made.text.startswith("Dear Bertrand Lacaze,\n")


def test_the_owner_signs_as_he_signed_last() -> None:
    assert letter(draft(OFFERED, STALLED)).endswith("Bien à vous,\nCamille")


def test_a_configured_signature_stands_once_and_brings_its_own_closing() -> None:
    owner = replace(OWNER, signature="Bien à vous,\nCamille Rouvier\nBinalys")
    text = letter(draft(OFFERED, STALLED, owner=owner))
    assert text.endswith("\n\nBien à vous,\nCamille Rouvier\nBinalys")
    assert text.count("Bien à vous,") == 1


def test_german_continues_in_lower_case_after_a_comma_only() -> None:
    comma = replace(OFFERED, text="Sehr geehrter Herr Lacaze,\n\nanbei unser Angebot.")
    swiss = replace(OFFERED, text="Grüezi Herr Lacaze\n\nAnbei unser Angebot.")
    assert "\n\nunser Angebot vom 27. Januar 2026" in draft(comma, language="de").text
    assert "\n\nUnser Angebot vom 27. Januar 2026" in draft(swiss, language="de").text


@pytest.mark.parametrize(
    ("display", "name"),
    [
        ("Bertrand LACAZE", PersonName("Bertrand", "Lacaze")),
        ("LACAZE Bertrand (Achats)", PersonName("Bertrand", "Lacaze")),
        ("Lacaze, Bertrand", PersonName("Bertrand", "Lacaze")),
        ('"LACAZE, Bertrand"', PersonName("Bertrand", "Lacaze")),
        ("Anne-Sophie DUPUIS-MEYER", PersonName("Anne-Sophie", "Dupuis-Meyer")),
        ("Jan van der Berg", PersonName("Jan", "van der Berg")),
        ("Bertrand Lacaze", PersonName("Bertrand", "Lacaze")),
        ("BERTRAND LACAZE", None),  # either may be the family name
        ("Service Achats", None),
        ("Bertrand", None),
        ("b.lacaze@valmontel.example", None),
        ("", None),
    ],
)
def test_a_display_name_is_split_only_where_it_is_certain(display: str, name: PersonName | None) -> None:
    assert split_name(display) == name
