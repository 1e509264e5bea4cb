"""The writer's own words apart from the quoted ones: what mail programs of seven languages put around a quotation."""

from __future__ import annotations

import json
import time
from os import environ
from pathlib import Path
from typing import Any

import pytest

from assistant.bodies import clean
from assistant.quotations import split_quotation
from assistant.signatures import split_signature

OWN = "Merci, on en parle mardi.\n\nPaul"
THEIRS = "Bonjour Paul, voici notre offre, valable jusqu'au 31 mars."

# (what wrote it, what stands between the own words and the quoted text)
UNMARKED = [
    ("Outlook fr", "De : Claire Morel <claire@trivaleo.example>\nEnvoyé : lundi 2 mars 2026 10:12\nÀ : Paul Ferrand\nObjet : Offre"),
    ("Outlook fr, NBSP", "De\u00a0: Claire Morel\nEnvoyé\u00a0: lundi 2 mars 2026 10:12\nÀ\u00a0: Paul Ferrand\nObjet\u00a0: Offre"),
    ("Outlook fr, rule", "________________________________\nDe : Claire Morel\nEnvoyé : 2 mars 2026\nÀ : Paul\nCc : Jean\nObjet : Offre"),
    ("Outlook fr, long list", "De : Claire Morel\nDate : lundi 2 mars 2026 à 10:12\nÀ : Paul Ferrand <p@sogedec.example>,\n  Jean <j@sogedec.example>\nObjet : Offre"),
    ("Outlook fr, bold", "*De :* Claire Morel\n*Envoyé :* lundi 2 mars 2026\n*À :* Paul\n*Objet :* Offre"),
    ("phone fr", "-------- Message d'origine --------\nDe : Claire Morel\nDate : 02/03/2026 10:12 (GMT+01:00)\nÀ : Paul\nObjet : Offre"),
    ("old Outlook fr", "-----Message d’origine-----\nDe : Claire Morel [mailto:claire@trivaleo.example]\nEnvoyé : lundi 2 mars 2026"),
    ("webmail fr", "-------- Message original --------"),
    ("Apple fr, no marks", "Le 2 mars 2026 à 10:12, Claire Morel <claire@trivaleo.example> a écrit :"),
    ("Yahoo fr", "Le lundi 2 mars 2026 à 10:12:05 UTC+1, Claire Morel <claire@trivaleo.example> a écrit :"),
    ("Outlook en", "From: Claire Morel <claire@trivaleo.example>\nSent: Monday, March 2, 2026 10:12 AM\nTo: Paul Ferrand\nSubject: Offer"),
    ("Outlook en, rule", "________________________________\nFrom: Claire Morel\nSent: 02 March 2026 10:12\nTo: Paul\nSubject: Offer"),
    ("Outlook en, date label", "From: Claire Morel <claire@trivaleo.example>\nDate: Monday, 2 March 2026 at 10:12\nTo: Paul\nSubject: Offer"),
    ("old Outlook en", "-----Original Message-----\nFrom: Claire Morel\nSent: Monday, March 02, 2026"),
    ("Zoho en", "---- On Mon, 02 Mar 2026 10:12:50 +0100 claire@trivaleo.example wrote ----"),
    ("Yahoo en", "On Monday, 2 March 2026, 10:12:05 CET, Claire Morel <claire@trivaleo.example> wrote:"),
    ("Gmail old, no verb", "2026-03-02 10:12 GMT+01:00 Claire Morel <claire@trivaleo.example>:"),
    ("Outlook de", "Von: Claire Morel <claire@trivaleo.example>\nGesendet: Montag, 2. März 2026 10:12\nAn: Paul Ferrand\nBetreff: Angebot"),
    ("old Outlook de", "-----Ursprüngliche Nachricht-----\nVon: Claire Morel\nGesendet: Montag, 2. März 2026 10:12"),
    ("GMX de", "Gesendet: Montag, 02. März 2026 um 10:12 Uhr\nVon: \"Claire Morel\" <claire@trivaleo.example>\nAn: paul@sogedec.example\nBetreff: Angebot"),
    ("phone de", "-------- Ursprüngliche Nachricht --------\nVon: Claire Morel\nDatum: 02.03.26 10:12 (GMT+01:00)\nAn: Paul\nBetreff: Angebot"),
    ("Apple de, no marks", "Am 02.03.2026 um 10:12 schrieb Claire Morel <claire@trivaleo.example>:"),
    ("Gmail de, name first", "Claire Morel <claire@trivaleo.example> schrieb am Mo., 2. März 2026, 10:12:"),
    ("Outlook es", "De: Claire Morel <claire@trivaleo.example>\nEnviado el: lunes, 2 de marzo de 2026 10:12\nPara: Paul Ferrand\nAsunto: Oferta"),
    ("Outlook es, web", "________________________________\nDe: Claire Morel\nEnviado: lunes, 2 de marzo de 2026 10:12\nPara: Paul\nAsunto: Oferta"),
    ("old Outlook es", "-----Mensaje original-----\nDe: Claire Morel\nEnviado el: lunes, 2 de marzo de 2026"),
    ("Yahoo es", "El lunes, 2 de marzo de 2026, 10:12:05 CET, Claire Morel <claire@trivaleo.example> escribió:"),
    ("Outlook it", "Da: Claire Morel <claire@trivaleo.example>\nInviato: lunedì 2 marzo 2026 10:12\nA: Paul Ferrand\nOggetto: Offerta"),
    ("old Outlook it", "-----Messaggio originale-----\nDa: Claire Morel\nInviato: lunedì 2 marzo 2026 10:12"),
    ("phone it", "-------- Messaggio originale --------\nDa: Claire Morel\nData: 02/03/26 10:12 (GMT+01:00)\nA: Paul\nOggetto: Offerta"),
    ("Apple it, no marks", "Il giorno 2 mar 2026, alle ore 10:12, Claire Morel <claire@trivaleo.example> ha scritto:"),
    ("Outlook nl", "Van: Claire Morel <claire@trivaleo.example>\nVerzonden: maandag 2 maart 2026 10:12\nAan: Paul Ferrand\nOnderwerp: Offerte"),
    ("old Outlook nl", "-----Oorspronkelijk bericht-----\nVan: Claire Morel\nVerzonden: maandag 2 maart 2026 10:12"),
    ("Yahoo nl", "Op maandag 2 maart 2026 10:12:05 CET heeft Claire Morel <claire@trivaleo.example> het volgende geschreven:"),
    ("Outlook pt-PT", "De: Claire Morel <claire@trivaleo.example>\nEnviada: 2 de março de 2026 10:12\nPara: Paul Ferrand\nAssunto: Proposta"),
    ("Outlook pt-BR", "De: Claire Morel\nEnviado: segunda-feira, 2 de março de 2026 10:12\nPara: Paul\nAssunto: Proposta"),
    ("Outlook pt, em", "De: Claire Morel\nEnviada em: segunda-feira, 2 de março de 2026 10:12\nPara: Paul\nCc: Jean\nAssunto: Proposta"),
    ("old Outlook pt", "-----Mensagem original-----\nDe: Claire Morel\nEnviada: segunda-feira, 2 de Março de 2026 10:12"),
    ("Yahoo pt", "Em segunda-feira, 2 de março de 2026 10:12:05 BRT, Claire Morel <claire@trivaleo.example> escreveu:"),
]  # fmt: skip

# (what wrote it, the line or lines above a quotation that is marked with '>')
MARKED = [
    ("Gmail fr", "Le lun. 2 mars 2026 à 10:12, Claire Morel <claire@trivaleo.example> a écrit :"),
    ("Gmail fr, broken", "Le lun. 2 mars 2026 à 10:12, Claire Morel <claire@trivaleo.example> a\nécrit :"),
    ("Gmail fr, broken in the name", "Le lun. 2 mars 2026 à 10:12, Claire Morel de la Trivaléo\n<claire@trivaleo.example> a écrit :"),
    ("Thunderbird fr", "Le 02/03/2026 à 10:12, Claire Morel a écrit :"),
    ("Thunderbird fr, NBSP", "Le 02/03/2026 à 10:12, Claire Morel a écrit\u00a0:"),
    ("Gmail en", "On Mon, Mar 2, 2026 at 10:12 AM Claire Morel <claire@trivaleo.example>\nwrote:"),
    ("Gmail en, three lines", "On Mon, Mar 2, 2026 at 10:12 AM Claire Morel <\nclaire@trivaleo.example>\nwrote:"),
    ("Apple en", "On 2 Mar 2026, at 10:12, Claire Morel <claire@trivaleo.example> wrote:"),
    ("Thunderbird en", "On 3/2/26 10:12, Claire Morel wrote:"),
    ("mutt en", "Claire Morel wrote:"),
    ("Gmail de", "Am Mo., 2. März 2026 um 10:12 Uhr schrieb Claire Morel <\nclaire@trivaleo.example>:"),
    ("Thunderbird de", "Am 02.03.26 um 10:12 schrieb Claire Morel:"),
    ("Gmail es", "El lun, 2 mar 2026 a las 10:12, Claire Morel (<claire@trivaleo.example>)\nescribió:"),
    ("Thunderbird es", "El 2/3/26 a las 10:12, Claire Morel escribió:"),
    ("Gmail it", "Il giorno lun 2 mar 2026 alle ore 10:12 Claire Morel <\nclaire@trivaleo.example> ha scritto:"),
    ("Thunderbird it", "Il 02/03/26 10:12, Claire Morel ha scritto:"),
    ("Gmail nl", "Op ma 2 mrt 2026 om 10:12 schreef Claire Morel <claire@trivaleo.example>:"),
    ("Apple nl", "Op 2 mrt 2026, om 10:12 heeft Claire Morel <claire@trivaleo.example> het volgende geschreven:"),
    ("Gmail pt-PT", "Claire Morel <claire@trivaleo.example> escreveu no dia segunda, 2/03/2026\nà(s) 10:12:"),
    ("Gmail pt-BR", "Em seg., 2 de mar. de 2026 às 10:12, Claire Morel <\nclaire@trivaleo.example> escreveu:"),
    ("Thunderbird pt", "Às 10:12 de 02/03/2026, Claire Morel escreveu:"),
    ("Thunderbird sv", "Den 2026-03-02 kl. 10:12, skrev Claire Morel:"),
    ("Yandex ru", "02.03.2026, 10:12, \"Claire Morel\" <claire@trivaleo.example>:"),
]  # fmt: skip

# (what wrote it, what stands between the own words on top and the forwarded message)
FORWARDED = [
    ("Gmail fr", "---------- Forwarded message ---------\nDe : Claire Morel <claire@trivaleo.example>\nDate: lun. 2 mars 2026 à 10:12\nSubject: Offre\nTo: Paul"),
    ("Apple fr", "Début du message transféré :\n\nDe: Claire Morel <claire@trivaleo.example>\nObjet: Offre\nDate: 2 mars 2026\nÀ: Paul"),
    ("Thunderbird fr", "-------- Message transféré --------\nSujet : Offre\nDate : Mon, 2 Mar 2026 10:12:00 +0100\nDe : Claire Morel\nPour : Paul"),
    ("Apple en", "Begin forwarded message:\n\nFrom: Claire Morel <claire@trivaleo.example>\nSubject: Offer\nDate: 2 March 2026\nTo: Paul"),
    ("Thunderbird de", "-------- Weitergeleitete Nachricht --------\nBetreff: \tAngebot\nDatum: \tMon, 2 Mar 2026\nVon: \tClaire Morel\nAn: \tPaul"),
    ("Apple de", "Anfang der weitergeleiteten Nachricht:\n\nVon: Claire Morel\nBetreff: Angebot\nDatum: 2. März 2026"),
    ("Gmail es", "---------- Forwarded message ---------\nDe: Claire Morel <claire@trivaleo.example>\nDate: lun, 2 mar 2026\nSubject: Oferta"),
    ("Thunderbird es", "-------- Mensaje reenviado --------\nAsunto: Oferta\nFecha: Mon, 2 Mar 2026\nDe: Claire Morel\nPara: Paul"),
    ("Apple it", "Inizio messaggio inoltrato:\n\nDa: Claire Morel\nOggetto: Offerta\nData: 2 marzo 2026\nA: Paul"),
    ("Thunderbird nl", "-------- Doorgestuurd bericht --------\nOnderwerp: Offerte\nDatum: Mon, 2 Mar 2026\nVan: Claire Morel\nAan: Paul"),
    ("Apple pt", "Início da mensagem reencaminhada:\n\nDe: Claire Morel\nAssunto: Proposta\nData: 2 de março de 2026"),
    ("Outlook fr, TR:", "De : Claire Morel <claire@trivaleo.example>\nEnvoyé : lundi 2 mars 2026 10:12\nÀ : Paul\nObjet : TR: Offre"),
]  # fmt: skip


def marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


@pytest.mark.parametrize("opening", [o for _, o in UNMARKED], ids=[name for name, _ in UNMARKED])
def test_own_words_end_where_an_unmarked_quotation_begins(opening: str) -> None:
    own, quoted = split_quotation(f"{OWN}\n\n{opening}\n\n{THEIRS}\n\nClaire")

    assert own == OWN
    assert THEIRS in quoted


@pytest.mark.parametrize("opening", [o for _, o in MARKED], ids=[name for name, _ in MARKED])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_the_line_above_a_marked_quotation_goes_with_it(opening: str, gap: str) -> None:
    own, quoted = split_quotation(f"{OWN}\n\n{opening}{gap}{marked(THEIRS)}")

    assert own == OWN
    assert quoted.endswith(THEIRS)


@pytest.mark.parametrize("opening", [o for _, o in MARKED], ids=[name for name, _ in MARKED])
def test_answers_between_and_below_quoted_lines_are_own_words(opening: str) -> None:
    text = f"{opening}\n> Le prix vous convient-il ?\n\nOui, parfaitement.\n\n> Et la date ?\n\nLe 12 mai.\n\nPaul"

    own, quoted = split_quotation(text)

    assert own == "Oui, parfaitement.\n\nLe 12 mai.\n\nPaul"
    assert quoted.endswith("Le prix vous convient-il ?\nEt la date ?")


@pytest.mark.parametrize("opening", [o for _, o in FORWARDED], ids=[name for name, _ in FORWARDED])
def test_a_forwarded_message_is_quoted_and_the_words_on_top_are_own(opening: str) -> None:
    own, quoted = split_quotation(f"{OWN}\n\n{opening}\n\n{THEIRS}")

    assert own == OWN
    assert THEIRS in quoted


@pytest.mark.parametrize(
    "text",
    [
        "De : Lyon\nÀ : Paris\nDate : 12 mars\n\nPouvez-vous chiffrer ce transport ?",  # a journey, no header
        "From: Leeds\nTo: York\n\nCan you price this run?",
        "Voici nos remarques :\n\n- le délai\n- le prix",
        "On Monday we wrote to the board. They said yes.",
        "Le 12 mars, vous nous avez écrit que le prix tenait. Tient-il toujours ?",
        "Am Montag schrieb ich Ihnen wegen der Preise, leider ohne Antwort.",
        "Betreff unserer Zusammenarbeit: wir sind zufrieden.",
        "Ihr Angebot vom 2.3.2026: einverstanden.",
        "Die Adresse für die Rechnung lautet:\nbuchhaltung@sogedec.example",
        "Objet : votre offre du 2 mars\n\nMadame,\n\nnous acceptons votre offre.",
        "Ha scritto il direttore, approva.",
        "Subject to board approval: yes.\nDate: 12 May",
        "Total ----- 1 200 €\nRemise ----- 5 %",
    ],
)
def test_what_only_looks_like_a_quotation_stays(text: str) -> None:
    assert split_quotation(text) == (text, "")


def test_an_answer_on_top_of_an_answer_between_quoted_lines_keeps_only_the_top() -> None:
    text = (
        "ok good, send it over\n\n________________________________\nFrom: Grace\nSent: 24 September 2026\nTo: Randy\n"
        "Subject: Re: proposal\n\n> Does the fee cover Amarillo?\n\nIt does.\n"
    )

    assert split_quotation(text)[0] == "ok good, send it over"


def test_answers_below_a_header_block_with_marked_lines_are_own_words() -> None:
    text = "-----Original Message-----\nFrom: Claire\nSent: 2 March 2026\n\n> Is the price fine?\n\nYes, go ahead."

    assert split_quotation(text)[0] == "Yes, go ahead."


def test_the_rest_of_a_broken_quoted_line_is_quoted() -> None:
    text = (
        "Oui.\n\n> Nous vous proposons d'optimiser vos tournées pour un montant de 48 000 euros\nhors taxes, pose\n"
        "> comprise.\n"
    )

    assert split_quotation(text)[0] == "Oui."


def test_a_short_answer_right_below_a_quoted_question_is_own() -> None:
    assert split_quotation("> Acceptez-vous l'offre ?\noui\n> Et la date ?\nle 12")[0] == "oui\n\nle 12"


def test_nested_marks_lose_all_their_marks() -> None:
    assert split_quotation("Non.\n\n> Encore ?\n> > Toujours.\n>> Jamais.")[1] == "Encore ?\nToujours.\nJamais."


def test_a_message_that_only_quotes_has_no_own_words() -> None:
    assert split_quotation("> Bonjour Paul,\n> voici notre offre.")[0] == ""


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 20_000,
        "> " * 100_000,
        "> \n" * 10_000,
        "De : a\n" * 10_000,
        "De : a@b\nObjet : x\n\n\n\n" * 2_000,
        "wrote " * 40_000,
        "On 3 March 2026 Paul wrote\n" * 9_000,
        "<a@" * 80_000 + ">:",
        "----- " * 40_000,
        "1234567890" * 25_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_is_split_in_well_under_a_second(text: str) -> None:
    start = time.process_time()
    split_quotation(text)
    assert time.process_time() - start < 1


# Replies of others, where their folder is there

CORPORA = Path(environ.get("OFFER_ASSISTANT_CORPORA", "/nonexistent"))


def plain_samples(corpus: str) -> list[tuple[str, str]]:
    """(text, what its writer wrote himself) of one folder."""
    rows: list[dict[str, Any]] = [
        json.loads(line) for line in (CORPORA / corpus / "truth.jsonl").read_text("utf-8").splitlines()
    ]
    return [
        (
            row["input"] if "input" in row else (CORPORA / corpus / row["file"]).read_text("utf-8", "replace"),
            row["visible"],
        )
        for row in rows
        if "visible" in row and row.get("func") in (None, "extract_from_plain")
    ]


@pytest.mark.skipif(not CORPORA.is_dir(), reason="OFFER_ASSISTANT_CORPORA names no folder")
@pytest.mark.parametrize(("corpus", "share"), [("crisp", 0.9), ("talon", 0.7)])
def test_most_replies_of_many_programs_are_split_as_their_collectors_say(corpus: str, share: float) -> None:
    samples = plain_samples(corpus)
    right = 0
    for text, visible in samples:
        own = split_quotation(clean(text))[0]
        right += visible.split() in (own.split(), split_signature(own)[0].split())

    assert right >= share * len(samples)
