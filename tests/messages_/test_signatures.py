"""The block at the end of a message: taken off where it is one, never with a sentence or a decision."""

from __future__ import annotations

import time

import pytest

from assistant.signatures import split_signature

WORDS = "Nous avons bien reçu votre offre."

BLOCKS = [
    "-- \nPaul Ferrand\nSogedec – 06 39 98 12 34",
    "--\nPaul Ferrand",
    "Cordialement,\nPaul Ferrand",
    "Bien cordialement,\n\nPaul Ferrand\nDirecteur de l'exploitation – Sogedec",
    "Bien à vous\nP. Ferrand",
    "Merci d'avance,\nPaul\n06 39 98 12 34",
    "Cdlt\nPaul",
    "Paul",
    "P.",
    "Paul Ferrand, Sogedec",
    "Bonne journée,\nPaul\n\nEnvoyé de mon iPhone",
    "Kind regards,\nPaul Ferrand\nHead of Operations, Sogedec Ltd",
    "Thanks and best regards\nPaul",
    "Best,\nPaul\n\nPaul Ferrand\nHead of Operations\np.ferrand@sogedec.example | www.sogedec.example",
    "Mit freundlichen Grüßen\ni. A. P. Ferrand\nStrategischer Einkauf",
    "Freundliche Gruesse\nPaul Ferrand\nSogedec GmbH, HRB 1234",
    "LG Paul",
    "Un cordial saludo,\nPaul Ferrand\nGerente",
    "Saludos\n\nPaul",
    "Distinti saluti\ning. Paul Ferrand",
    "Grazie e buona giornata,\nPaul",
    "Met vriendelijke groet,\nPaul Ferrand\nT 010 555 01 22",
    "Groet, Paul",
    "Com os melhores cumprimentos,\nPaul Ferrand\nSogedec, Lda.",
    "Atenciosamente,\nPaul Ferrand",
    "Abraço,\nPaul",
    "Envoyé de mon iPhone",
    "Envoyé depuis l'application mobile Outlook",
    "Téléchargez Outlook pour Android",
    "Sent from my phone, please excuse typos",
    "Get Outlook for iOS",
    "Von meinem iPhone gesendet",
    "Gesendet mit der Telekom Mail App",
    "Enviado desde mi móvil",
    "Inviato da iPhone",
    "Inviato dal mio dispositivo mobile",
    "Verstuurd vanaf mijn Samsung",
    "Verzonden vanuit Outlook voor Android",
    "Enviado do meu telemóvel",
    "Enviado a partir do meu iPad",
    "Ce message et ses pièces jointes sont confidentiels et destinés à leur seul destinataire. Reçu par erreur, merci de "
    "le supprimer.",
    "This e-mail and any attachments are confidential and for the intended recipient only. If you received it in error, "
    "please delete it.",
    "Diese E-Mail ist vertraulich und nur für den Empfänger bestimmt. Irrtümlich erhalten? Dann löschen Sie sie.",
    "Este mensaje es confidencial y va dirigido a su destinatario. Si lo ha recibido por error, proceda a su borrado.",
    "Questo messaggio è riservato al destinatario. Se ricevuto per errore, si prega di eliminarlo con gli allegati.",
    "Dit bericht is vertrouwelijk en alleen voor de geadresseerde. Ten onrechte ontvangen? Gelieve het te verwijderen.",
    "Esta mensagem é confidencial e destina-se ao destinatário. Se a recebeu por engano, elimine-a com os anexos.",
    "Please consider the environment before printing this e-mail.",
    "Pensez à l'environnement avant d'imprimer ce message.",
    "_______________________________________________\nUsers mailing list\nusers@lists.example",
]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block[:30])
def test_the_block_is_taken_off_and_kept_apart(block: str) -> None:
    assert split_signature(f"{WORDS}\n\n{block}", "Paul Ferrand") == (WORDS, block)


@pytest.mark.parametrize(
    "text",
    [
        "Cordialement,\nPaul\n\nBon pour accord",
        "Cordialement,\nPaul\nBon pour accord",
        "Bien à vous,\nPaul\n\nPS : c'est d'accord pour le lot 2.",
        "Kind regards,\nPaul\n\nApproved",
        "Thanks, approved",
        "Regards\nPaul\n\nP.S. We have decided to go with another supplier.",
        "Mit freundlichen Grüßen\nPaul\n\nFreigabe erteilt",
        "Saludos\nPaul\n\nDe acuerdo con el precio",
        "Cordiali saluti\nPaul\n\nVa bene, procedete",
        "Met vriendelijke groet\nPaul\n\nAkkoord, doe maar",
        "Cumprimentos\nPaul\n\nPodem avançar, está aprovado",
        "Sent from our side: the signed order.",
        "Envoyé depuis mon bureau de Lyon, le bon de commande signé devrait vous arriver par la poste demain.",
        "Nous signons le 15.09.2025 08:02",
        "On part sur 12000 euros",
        "Le devis reste confidentiel, supprimez la ligne 3.",
        "Seguem os anexos e o acordo de confidencialidade assinado.",
        "Das Ganze ist vertraulich, bitte nur Anhänge an mich.",
        "Paul est d'accord",
    ],
)
def test_a_decision_or_a_sentence_stays_in_the_text(text: str) -> None:
    decisive = text.split("\n")[-1]

    assert decisive in split_signature(f"{WORDS}\n\n{text}", "Paul Ferrand")[0]


@pytest.mark.parametrize("text", ["Thanks!", "Merci", "Cordialement,\nPaul", "Sent from my iPhone", "-- \nPaul"])
def test_a_message_that_is_only_a_signature_stays_whole(text: str) -> None:
    assert split_signature(text, "Paul Ferrand") == (text, "")


def test_a_mark_in_the_middle_of_a_long_text_takes_nothing() -> None:
    text = "Points ouverts\n--\n" + "\n".join(f"- point {n} à revoir ensemble mardi matin" for n in range(30))

    assert split_signature(text, "Paul Ferrand") == (text, "")


def test_the_name_of_somebody_else_stays() -> None:
    assert split_signature("À voir avec\nJean Dupont", "Paul Ferrand") == ("À voir avec\nJean Dupont", "")


def test_without_a_display_name_the_closing_formula_still_marks_the_block() -> None:
    assert split_signature(f"{WORDS}\n\nCordialement,\nPaul") == (WORDS, "Cordialement,\nPaul")


@pytest.mark.parametrize(
    "text",
    ["Regards\n" * 10_000, "-- \n" * 10_000, "confidential recipient " * 10_000, "Sent from my iPhone\n" * 10_000],
    ids=lambda text: text[:10],
)
def test_hostile_text_takes_well_under_a_second(text: str) -> None:
    start = time.process_time()
    split_signature(text, "Regards " * 1_000)
    assert time.process_time() - start < 1
