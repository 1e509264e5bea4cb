"""The identifier that an offer bears."""

from __future__ import annotations

import pytest

from assistant.references import find_reference, mentions, related


@pytest.mark.parametrize(
    ("subject", "text", "name", "expected"),
    [
        ("Offre BTL/2026/052 – pesée", "En annexe notre offre BTL/2026/052.", "", "BTL/2026/052"),
        ("Mobilier vrac – devis", "ÉCOVRAC SYSTÈMES – Devis 26-009 – 20/01/2026", "devis.pdf", "26-009"),
        ("Preventivo n. 77 biglietteria online", "preventivo n. 77: 2.900 €", "", "77"),
        ("Trailhead signs, quote 2703", "Quote 2703 for the 12 trailhead signs: $9,840.", "", "2703"),
        ("Quote PH2504: boiler replacement", "Quote PH2504: two 60 kW boilers, £34,180 + VAT.", "", "PH2504"),
        ("RE: kiosks rev B", "HK-410-B, five kiosks. It supersedes HK-410.", "HK-410-B.pdf", "HK-410-B"),
        ("Angebot Nr. A-2026-118", "anbei unser Angebot", "", "A-2026-118"),
        ("Pendelleuchten", "Angebot 2512-9: 64 Pendelleuchten: 41.280 € netto.", "", "2512-9"),
        ("Collars", "For the lot NZD 92,400. Quote 0725-RR, good through 19 September.", "", "0725-RR"),
        ("Pontons – devis 26/311", "C'est le devis 26/311-C, il remplace les deux autres.", "", "26/311-C"),
        ("Bornes", "L'offre 25-077 est maintenue jusqu'à la fin de l'année.", "", "25-077"),
        ("Re: Jetty J-19", "Here is J-23, which supersedes J-19: 16 m, NZD 109,500.", "", "J-23"),
        ("Telhado verde", "R$ 86.400. Proposta 109 válida até 31/10/2025.", "", "109"),
        # none of these is the offer's number
        (
            "Proposition pour vos 14 agences",
            "Soit 312 000 € HT, jusqu'au 31 mars 2026.",
            "Binalys_27-01-2026.pdf",
            None,
        ),
        ("Votre consultation 2026-118", "Voici notre proposition pour vos toitures : 21 400 €.", "", None),
        ("Proposition commerciale", "Notre proposition : 31 mars 2026, dernier jour.", "", None),
        ("Salle", "Notre offre 120 couverts comprend le service.", "", None),
        ("Four", "Nous proposons le four, conforme à la norme ISO 9001, pour 8 900 €.", "", None),
    ],
)
def test_the_reference_is_the_number_that_a_word_for_an_offer_announces(
    subject: str, text: str, name: str, expected: str | None
) -> None:
    assert find_reference(subject, [text], [name] if name else []) == expected


@pytest.mark.parametrize(
    ("text", "reference", "expected"),
    [
        ("au sujet de la prop. 2026/014", "P-2026-014", True),
        ("votre offre P 2026 014", "P-2026-014", True),
        ("P2026014", "P-2026-014", False),  # no groups left to compare: too little to be sure
        ("le 20 26 01 4", "P-2026-014", False),
        ("offre PN-602", "PN-601", False),
        ("PN 601", "PN-601", True),
        ("page 77", "77", True),
        ("nothing", "", False),
    ],
)
def test_a_reference_is_recognised_in_other_spellings(text: str, reference: str, expected: bool) -> None:
    assert mentions(text, reference) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("HK-410", "HK-410-B", True),
        ("HK-410", "hk 410", True),
        ("PN-601", "PN-602", False),
        ("PN-60", "PN-601", False),  # more digits are another number, not a revision
        (None, "PN-601", False),
    ],
)
def test_a_revision_is_related_to_what_it_revises(one: str | None, other: str, expected: bool) -> None:
    assert related(one, other) is expected
