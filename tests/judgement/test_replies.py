"""How messages are read: what is certain, what the quote is, and that no input takes long."""

from __future__ import annotations

import statistics
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.kinds import CUSTOMER_KINDS, OWNER_KINDS, Kind, decide_kind
from assistant.languages import LANGUAGES, detect_language, language
from assistant.replies import certain_kinds, read_customer, read_owner
from tests.judgement.crossvalidate import loudness
from tests.judgement.data import MESSAGES, load

CLEAR = [
    ("fr", "Bonjour Claire,\n\nNous acceptons votre offre. Bonne journée,\nPaul", Kind.ACCEPTANCE),
    ("fr", "Bonjour,\nNous avons retenu un autre prestataire.\nCordialement", Kind.REFUSAL),
    ("fr", "Je suis absent du bureau jusqu'au 5 mai.", Kind.AUTO_REPLY),
    ("fr", "Le comité se réunit le mois prochain, nous reviendrons vers vous.", Kind.STALL),
    ("fr", "Pourriez-vous nous accorder une remise de 10 % ?", Kind.NEGOTIATION),
    ("fr", "Quel est le délai de livraison ?", Kind.QUESTION),
    ("en", "Please find attached our purchase order.", Kind.ACCEPTANCE),
    ("en", "We have decided not to proceed.", Kind.REFUSAL),
    ("en", "We haven't decided yet, the board meets next month.", Kind.STALL),
    ("en", "Could you extend the trial by two weeks?", Kind.STALL),
    ("de", "Hiermit erteilen wir Ihnen den Auftrag.", Kind.ACCEPTANCE),
    ("es", "Hemos elegido otro proveedor.", Kind.REFUSAL),
    ("it", "Non abbiamo ancora deciso, le faremo sapere.", Kind.STALL),
    ("nl", "Wij gaan akkoord met uw offerte.", Kind.ACCEPTANCE),
    ("pt", "Optámos por outro fornecedor.", Kind.REFUSAL),
]


@pytest.mark.parametrize(("code", "text", "kind"), CLEAR)
def test_a_clear_message_is_read_as_what_it_is(code: str, text: str, kind: Kind) -> None:
    assert read_customer(text=text, subject="Re: 2026-14", language=code).kind is kind


def test_the_quote_is_the_sentence_that_shows_the_kind_as_it_was_typed() -> None:
    text = "Bonjour Claire,\n\nDésolé pour le retard. Nous  acceptons votre offre. Bonne journée,\nPaul"

    assert read_customer(text=text, language="fr").quote == "Nous  acceptons votre offre."


def test_a_phrase_beyond_doubt_is_believed_unless_negated_or_conditional() -> None:
    sure = read_customer(text="Nous acceptons votre offre.", language="fr")
    conditional = read_customer(text="Nous acceptons votre offre si vous baissez le prix.", language="fr")

    assert sure.confidence > 0.95
    assert conditional.scores[Kind.ACCEPTANCE] < 0.95


def test_a_note_that_points_to_an_attached_signed_order_is_an_acceptance() -> None:
    reading = read_customer(text="Voir pièce jointe.", language="fr", attachments=[("bon de commande signé.pdf", "")])

    assert reading.kind is Kind.ACCEPTANCE
    assert reading.quote == "Voir pièce jointe."


def test_a_scan_of_the_offer_with_a_signature_on_it_is_an_acceptance() -> None:
    scan = "ARCHI SONS Devis 25-S2-04\nTotal HT 9 120 €\nBon pour accord, le 6 mai 2025\nP. Le Goff"

    reading = read_customer(text="cf pj", language="fr", attachments=[("scan0017.pdf", scan)])

    assert reading.kind is Kind.ACCEPTANCE
    assert reading.quote == "cf pj"


def test_a_signed_paper_without_a_price_is_no_order() -> None:
    paper = "ACCORD DE CONFIDENTIALITÉ\nBon pour accord, le 6 mai 2025\nP. Le Goff"

    assert read_customer(text="cf pj", language="fr", attachments=[("scan.pdf", paper)]).confidence < 0.95


def test_an_attached_plan_is_no_order() -> None:
    reading = read_customer(text="Voir pièce jointe.", language="fr", attachments=[("plan du site.pdf", "")])

    assert reading.confidence < 0.95


def test_an_offer_is_read_from_its_attachment_where_the_letter_says_little() -> None:
    reading = read_owner(
        text="Bonjour,\nci-joint comme convenu.",
        subject="Proposition",
        language="fr",
        attachments=[("Devis 14.pdf", "Devis n° 14\nMontant total : 12 400 € HT\nOffre valable jusqu'au 31 mars 2026")],
    )

    assert reading.kind is Kind.OFFER


def test_scores_are_probabilities_of_all_kinds_of_the_side() -> None:
    customer = read_customer(text="Hello there", language="en").scores
    owner = read_owner(text="Hello there", language="en").scores

    assert set(customer) == set(CUSTOMER_KINDS)
    assert set(owner) == set(OWNER_KINDS)
    assert sum(customer.values()) == pytest.approx(1)
    assert sum(owner.values()) == pytest.approx(1)


def test_a_close_call_goes_to_the_kind_that_does_less_harm() -> None:
    close = {Kind.STALL: 0.45, Kind.ACCEPTANCE: 0.40, Kind.OTHER: 0.15}

    assert decide_kind(close, danger_cost=1.0) is Kind.STALL
    assert decide_kind(close, danger_cost=3.0) is Kind.ACCEPTANCE
    assert loudness(close) == pytest.approx(0.40)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_file_is_complete(code: str) -> None:
    words = language(code)

    assert {"acceptance", "refusal", "auto-reply"} <= set(words.certain)
    assert words.common
    assert words.undone_by
    assert words.closings


def test_phrases_beyond_doubt_are_right_in_all_labelled_messages() -> None:
    wrong = []
    for message in load("customer"):
        shown = certain_kinds(message.text, message.language)
        if len(shown) == 1 and message.kind not in shown:
            wrong.append((message.kind, shown))

    assert wrong == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Wir melden uns nächste Woche bei Ihnen.", "de"),
        ("Ci sentiamo la prossima settimana, grazie.", "it"),
        ("Obrigado, vamos analisar a proposta.", "pt"),
        ("We laten het u volgende week weten.", "nl"),
        ("Le diremos algo la semana que viene.", "es"),
    ],
)
def test_a_language_is_told_by_its_commonest_words(text: str, code: str) -> None:
    assert detect_language(text, "fr") == code


def test_the_language_of_the_thread_decides_for_a_reply_without_words() -> None:
    assert detect_language("OK 👍", "pt") == "pt"
    assert detect_language("", None) == "en"


@given(st.text(max_size=400), st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_and_its_quote_is_a_piece_of_it(text: str, subject: str) -> None:
    reading = read_customer(text=text, subject=subject, language="fr")

    assert reading.quote in text
    assert 0 <= reading.confidence <= 1


def test_of_a_long_message_the_middle_changes_nothing() -> None:
    opening, ending = "We have to think about it. " * 300, "We will let you know. " * 100

    plain = read_customer(text=f"{opening}{'Well. ' * 500}{ending}", language="en")
    asking = read_customer(text=f"{opening}{'Why? ' * 5_000}{ending}", language="en")

    assert asking.scores == pytest.approx(plain.scores)


@pytest.mark.parametrize(
    "unit", ["a", "\n", "> ", "De : a\n", "1", "a. ", "?", "(", "x y ", "nous acceptons votre offre ", "é ’ ", "\u200b"]
)
def test_hostile_input_of_any_size_is_bounded(unit: str) -> None:
    text = unit * (10_000_000 // len(unit))
    read_customer(text="warm", language="fr")

    start = time.perf_counter()
    read_customer(text=text, subject=text, language="fr")

    assert time.perf_counter() - start < 1.0


def test_an_ordinary_message_is_read_in_a_few_milliseconds() -> None:
    messages = load("customer")[:300]
    read_customer(text="warm", language="fr")
    times = []
    for message in messages:
        start = time.perf_counter()
        read_customer(text=message.text, subject=message.subject, language=message.language)
        times.append(time.perf_counter() - start)

    assert statistics.median(times) < 0.02


def test_labelled_messages_quote_their_proof_verbatim() -> None:
    for message in (*load("customer"), *load("owner")):
        assert message.proof in message.text or message.proof in message.subject or not message.proof, message.text[:80]


def test_labelled_messages_use_only_the_kinds_of_their_side() -> None:
    assert {message.kind for message in load("customer")} == {str(kind) for kind in CUSTOMER_KINDS}
    assert {message.kind for message in load("owner")} == {str(kind) for kind in OWNER_KINDS}
    assert (MESSAGES / "FORMAT.md").exists()
