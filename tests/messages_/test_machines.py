"""Mail that machines write, and mail that people write although it looks like it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assistant.kinds import Kind
from assistant.machines import failed_recipients, is_bulk, machine_kind, original_message_id
from assistant.messages import Message, parse_message

RECEIVED = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
PERSON = "Paul Ferrand <p.ferrand@sogedec.example>"
DAEMON = "Mail Delivery System <mailer-daemon@mx.trivaleo.example>"


def mail(subject: str, text: str, *, sender: str = PERSON, header: str = "", parts: str = "") -> Message:
    content = (
        f'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n{parts}--b--\n'
        if parts
        else f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
    raw = f"From: {sender}\nTo: claire@trivaleo.example\nSubject: {subject}\n{header}{content}"
    return parse_message(raw.encode(), fallback=RECEIVED)


def kind(message: Message) -> Kind | None:
    reading = machine_kind(message)
    return reading.kind if reading else None


def report(report_type: str, fields: str, text: str = "See the report.", returned: str = "") -> Message:
    raw = (
        f"From: {DAEMON}\nTo: claire@trivaleo.example\nSubject: Report\nAuto-Submitted: auto-replied\n"
        f'Content-Type: multipart/report; report-type={report_type}; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        f"--b\nContent-Type: message/{report_type}\n\n{fields}\n{returned}--b--\n"
    )
    return parse_message(raw.encode(), fallback=RECEIVED)


FAILED = (
    "Reporting-MTA: dns; mx.trivaleo.example\n\nFinal-Recipient: rfc822; P.Ferrand@sogedec.example\nAction: failed\nStatus: 5.1.1\n\n"
    "Final-Recipient: rfc822; jean@sogedec.example\nAction: delivered\nStatus: 2.0.0\n"
)
RETURNED = "--b\nContent-Type: message/rfc822\n\nFrom: claire@trivaleo.example\nMessage-ID:\n <offer@trivaleo.example>\nSubject: Offre\n\nBonjour\n"
RETURNED_HEADER = "--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <offer@trivaleo.example>\nSubject: Offre\n"


# Bounces


def test_a_delivery_report_with_a_failure_is_a_bounce_although_it_says_auto_replied() -> None:
    assert kind(report("delivery-status", FAILED)) is Kind.BOUNCE


def test_a_bounce_names_those_it_failed_for_and_only_those() -> None:
    assert failed_recipients(report("delivery-status", FAILED)) == ("p.ferrand@sogedec.example",)


@pytest.mark.parametrize("returned", [RETURNED, RETURNED_HEADER])
def test_a_bounce_names_the_message_that_came_back(returned: str) -> None:
    assert original_message_id(report("delivery-status", FAILED, returned=returned)) == "<offer@trivaleo.example>"


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "delayed"])
def test_a_delivery_report_without_a_failure_is_a_receipt(action: str) -> None:
    message = report(
        "delivery-status", f"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; p@x.example\nAction: {action}\n"
    )

    assert kind(message) is Kind.RECEIPT
    assert failed_recipients(message) == ()


BOUNCES = [
    ("Undelivered Mail Returned to Sender", "I'm sorry to have to inform you that your message could not be delivered.\n\n<p@x.example>: host mx.x.example said:\n    550 5.1.1 User unknown"),
    ("Mail delivery failed: returning message to sender", "A message that you sent could not be delivered. The following address failed:\n\n  p@x.example\n    Unrouteable address"),
    ("Undeliverable: Offre", "Your message to p@x.example couldn't be delivered.\nThe address couldn't be found."),
    ("Non remis : Offre", "Votre message n'a pas pu être remis à p@x.example.\nDestinataire inconnu."),
    ("Échec de la remise : Offre", "p@x.example\nMotif : 552 5.2.2 boîte aux lettres pleine"),
    ("Notification d'état de remise (échec)", "Adresse introuvable\nVotre message n'a pas été distribué à p@x.example, car l'adresse est introuvable."),
    ("Unzustellbar: Angebot", "Ihre Nachricht an p@x.example konnte nicht zugestellt werden."),
    ("Benachrichtigung zum Übermittlungsstatus (Fehlgeschlagen)", "Adresse nicht gefunden\nDie Nachricht wurde nicht zugestellt an p@x.example."),
    ("No se puede entregar: Oferta", "El mensaje a p@x.example no se pudo entregar.\nBuzón lleno."),
    ("Mensaje no entregado", "No se encontró la dirección p@x.example"),
    ("Non recapitabile: Offerta", "Impossibile recapitare il messaggio a p@x.example."),
    ("Mancata consegna", "Il messaggio per p@x.example non è stato consegnato: casella piena."),
    ("Onbestelbaar: Offerte", "Uw bericht aan p@x.example kon niet worden bezorgd."),
    ("Niet bezorgd", "p@x.example\nDe mailbox is vol."),
    ("Não é possível entregar: Proposta", "Não foi possível entregar a mensagem a p@x.example."),
    ("Falha na entrega", "O endereço p@x.example não existe."),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "text"), BOUNCES, ids=[subject for subject, _ in BOUNCES])
@pytest.mark.parametrize("header", ["", "Auto-Submitted: auto-replied\n", "Return-Path: <>\nPrecedence: bulk\n"])
def test_a_bounce_without_a_report_is_told_by_sender_subject_and_text(subject: str, text: str, header: str) -> None:
    message = mail(subject, text, sender="postmaster@x.example", header=header)

    assert kind(message) is Kind.BOUNCE
    assert failed_recipients(message) == ("p@x.example",)


def test_a_bounce_quotes_the_line_that_shows_it() -> None:
    reading = machine_kind(mail(BOUNCES[2][0], BOUNCES[2][1], sender=DAEMON))

    assert reading is not None
    assert reading.quote == "Your message to p@x.example couldn't be delivered."


def test_named_failed_recipients_are_believed() -> None:
    message = mail(
        "Delivery Status Notification (Failure)",
        "It failed.",
        sender=DAEMON,
        header="X-Failed-Recipients: A@x.example, b@x.example\n",
    )

    assert kind(message) is Kind.BOUNCE
    assert failed_recipients(message) == ("a@x.example", "b@x.example")


def test_the_original_is_found_in_the_text_of_an_old_bounce() -> None:
    text = "Delivery failed: user unknown\n\n---- returned message ----\nMessage-Id: <offer@trivaleo.example>\nSubject: Offre"

    assert original_message_id(mail("Returned mail", text, sender=DAEMON)) == "<offer@trivaleo.example>"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Undeliverable: Offre", "Curieux, mon adresse fonctionne. Pouvez-vous renvoyer l'offre ?"),
        ("TR: Non remis : Offre", "Votre message n'a pas pu être remis, voir ci-dessous."),
        ("Delivery failed again", "The pallets could not be delivered on Monday, your driver did not reach us."),
        ("Votre offre", "Le colis n'existe pas chez nous. 550 pièces, c'est trop."),
    ],
)
def test_people_who_write_about_deliveries_are_no_bounces(subject: str, text: str) -> None:
    assert kind(mail(subject, text)) is None


# Receipts


def test_a_disposition_report_is_a_receipt() -> None:
    message = report(
        "disposition-notification",
        "Final-Recipient: rfc822; p@x.example\nOriginal-Message-ID: <offer@trivaleo.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n",
    )

    assert kind(message) is Kind.RECEIPT
    assert failed_recipients(message) == ()
    assert original_message_id(message) == "<offer@trivaleo.example>"


RECEIPTS = [
    ("Lu : Offre", "Votre message\n  À : Paul Ferrand\n  Objet : Offre\n  Envoyé : lundi 2 mars 2026 10:12\na été lu le lundi 2 mars 2026 11:00."),
    ("Lu: Offre", "Votre message a été lu le 02/03/2026."),
    ("Read: Offer", "Your message\n  To: Paul\n  Subject: Offer\nwas read on Monday, March 2, 2026 11:00:00 AM."),
    ("Gelesen: Angebot", "Ihre Nachricht\n  An: Paul\n  Betreff: Angebot\nwurde am Montag, 2. März 2026 11:00 gelesen."),
    ("Leído: Oferta", "El mensaje\n  Para: Paul\n  Asunto: Oferta\nse leyó el lunes, 2 de marzo de 2026 11:00."),
    ("Letto: Offerta", "Il messaggio\n  A: Paul\n  Oggetto: Offerta\nè stato letto il lunedì 2 marzo 2026 11:00."),
    ("Gelezen: Offerte", "Uw bericht\n  Aan: Paul\n  Onderwerp: Offerte\nis gelezen op maandag 2 maart 2026 11:00."),
    ("Lida: Proposta", "A mensagem\n  Para: Paul\n  Assunto: Proposta\nfoi lida em segunda-feira, 2 de março de 2026 11:00."),
    ("Remis : Offre", "Votre message a été remis aux destinataires suivants :\n\nPaul Ferrand (p@x.example)"),
    ("Delivered: Offer", "Your message has been delivered to the following recipients:\n\np@x.example"),
    ("Relayed: Offer", "Delivery to these recipients or groups is complete, but no delivery notification was sent by the destination server"),
    ("Zugestellt: Angebot", "Ihre Nachricht wurde zugestellt an: p@x.example"),
    ("Entregado: Oferta", "Su mensaje ha sido entregado a p@x.example"),
    ("Recapitato: Offerta", "Il messaggio è stato recapitato a p@x.example"),
    ("Bezorgd: Offerte", "Uw bericht is bezorgd bij p@x.example"),
    ("Entregue: Proposta", "A sua mensagem foi entregue a p@x.example"),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "text"), RECEIPTS, ids=[subject for subject, _ in RECEIPTS])
def test_a_read_or_delivery_receipt_is_told_by_subject_and_text(subject: str, text: str) -> None:
    assert kind(mail(subject, text)) is Kind.RECEIPT


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Lu : votre offre", "Bonjour Claire, j'ai bien lu votre offre et je l'accepte."),
        (
            "Read: and approved",
            "Your offer was read by the board. They approve. Please send the contract. Can we start in May?",
        ),
        ("Re: Lu : Offre", "Votre message a été lu en comité, nous revenons vers vous."),
        ("Gelesen", "Habe alles gelesen, passt. Wann geht es los?"),
    ],
)
def test_people_who_have_read_something_are_no_receipts(subject: str, text: str) -> None:
    assert kind(mail(subject, text)) is None


# Calendar objects


def ics(method: str, disposition: str = "attachment") -> str:
    return f"--b\nContent-Type: text/calendar; method={method}\nContent-Disposition: {disposition}; filename=i.ics\n\nBEGIN:VCALENDAR\nMETHOD:{method}\nEND:VCALENDAR\n"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Accepté : Point sur l'offre", "Paul Ferrand a accepté votre invitation."),
        ("Accepted: Quick call", "Paul Ferrand has accepted this invitation."),
        (
            "Abgelehnt: Kurz telefonieren",
            "Paul Ferrand hat diese Einladung abgelehnt.\n\nWann: Fr. 6. Nov. 2026 10:00 – 10:30",
        ),
        ("Aceptado: Llamada", "Paul Ferrand ha aceptado esta invitación."),
        ("Accettato: Chiamata", "Paul Ferrand ha accettato questo invito."),
        ("Geaccepteerd: Kort overleg", "Paul Ferrand heeft deze uitnodiging geaccepteerd."),
        ("Aceite: Chamada", "Paul Ferrand aceitou este convite."),
    ],
)
def test_an_answer_to_an_invitation_is_calendar_mail_with_or_without_its_object(subject: str, text: str) -> None:
    assert kind(mail(subject, text, parts=ics("REPLY"))) is Kind.CALENDAR
    assert kind(mail(subject, text)) is Kind.CALENDAR


def test_an_invitation_is_calendar_mail() -> None:
    assert (
        kind(
            mail(
                "Invitation: Coffee @ Thu 11 Sep", "You have been invited to the following event.", parts=ics("REQUEST")
            )
        )
        is Kind.CALENDAR
    )


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            "RE: Offre",
            "Bonjour Claire,\n\nNous retenons votre offre, le bon de commande suit. Invitation pour le lancement ci-jointe.",
        ),
        ("RE: Offre", "Pouvez-vous revoir le prix avant notre rendez-vous ?"),
    ],
)
def test_a_letter_with_an_invitation_attached_is_a_letter(subject: str, text: str) -> None:
    assert kind(mail(subject, text, parts=ics("REQUEST"))) is None


def test_an_acceptance_written_like_an_answer_to_an_invitation_is_none() -> None:
    assert (
        kind(mail("Accepté : votre offre", "Bonjour Claire, c'est d'accord pour le lot 2. Bien à vous, Paul")) is None
    )


# Automatic replies

AUTOMATIC = [
    ("Réponse automatique : Offre", "Je suis en congés jusqu'au 12 mars."),
    ("Automatic reply: RE: Offer", "I am out of the office until 12 March."),
    ("Automatische Antwort: Angebot", "Ich bin bis 12. März nicht im Haus."),
    ("Respuesta automática: Oferta", "Estaré fuera de la oficina hasta el 12 de marzo."),
    ("Risposta automatica: Offerta", "Sono in ferie fino al 12 marzo."),
    ("Automatisch antwoord: Offerte", "Ik ben afwezig tot 12 maart."),
    ("Resposta automática: Proposta", "Estou ausente até 12 de março."),
]


@pytest.mark.parametrize(("subject", "text"), AUTOMATIC, ids=[subject for subject, _ in AUTOMATIC])
@pytest.mark.parametrize(
    "header", ["", "Auto-Submitted: auto-replied\n", "X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\n"]
)
def test_the_subject_of_an_automatic_reply_tells_it(subject: str, text: str, header: str) -> None:
    assert kind(mail(subject, text, header=header)) is Kind.AUTO_REPLY


@pytest.mark.parametrize(
    ("subject", "text", "header"),
    [
        ("RE: Offre", "Absente jusqu'au 2 juin.", "Auto-Submitted: auto-replied\n"),
        ("Thank you for your invoice", "This mailbox is read weekly.", "Auto-Submitted: auto-replied\n"),
        ("Absence : RE: Offre", "Pour la paie : paie@x.example", "X-Autoreply: yes\nPrecedence: auto_reply\n"),
        ("Out of office Re: Offer", "The office will be closed from 20 July to 10 August.", ""),
        ("Abwesenheitsnotiz", "Bin erst am Montag zurück.", ""),
        ("Afwezig Re: offerte", "Wij zijn tot en met 24 juli met vakantie.", "Auto-Submitted: auto-replied\n"),
        ("Absent du bureau", "Bonjour,\nL'agence est fermée jusqu'au 20 avril.", ""),
        (
            "[EST-20933] We have received your request",
            "Your request has been logged and will be reviewed.",
            "Auto-Submitted: auto-generated\n",
        ),
        ("Votre demande #48213", "Votre demande a bien été enregistrée, nos équipes reviendront vers vous.", ""),
        (
            "Ihre Anfrage [Ticket#2026030210]",
            "Vielen Dank für Ihre Nachricht. Ihre Ticketnummer lautet 2026030210.",
            "",
        ),
    ],
)
def test_header_fields_and_text_that_agree_tell_an_automatic_reply(subject: str, text: str, header: str) -> None:
    assert kind(mail(subject, text, header=header)) is Kind.AUTO_REPLY


@pytest.mark.parametrize(
    ("subject", "text", "header"),
    [
        (
            "Re: Paul is out of the office",
            "Never mind Paul, I have his budget: go ahead.",
            "In-Reply-To: <a@trivaleo.example>\n",
        ),
        ("RE: Offre", "Je suis en congés vendredi, rappelez-moi lundi.", ""),
        ("Away next week", "I am away until Monday. Could you resend the quote?", ""),
        ("Résultat de la consultation", "Votre offre n'a pas été retenue.", "Auto-Submitted: auto-generated\n"),
        (
            "Résultat de la consultation",
            "Votre offre n'a pas été retenue. Merci de ne pas répondre.",
            "Auto-Submitted: auto-replied\n",
        ),
        (
            "Purchase order 4500012",
            "Please find our purchase order attached.",
            "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n",
        ),
        ("Vergabe Los 3", "Wir erteilen Ihnen den Zuschlag.", "Auto-Submitted: auto-generated\n"),
        ("Commande", "Notre système vous transmet cette commande.", "Auto-Submitted: auto-generated\n"),
        ("Votre offre", "Nous avons bien reçu votre offre, elle sera étudiée en comité.", ""),
        ("Ticket for the fair", "We have received your ticket, thanks, see you there.", ""),
    ],
)
def test_what_may_be_a_person_or_a_decision_is_left_to_the_reading_of_the_text(
    subject: str, text: str, header: str
) -> None:
    assert kind(mail(subject, text, header=header)) is None


# Bulk mail


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("List-Unsubscribe: <https://x.example/u>\n", True),
        ("List-ID: <news.x.example>\n", True),
        ("Precedence: bulk\n", True),
        (
            "List-Unsubscribe: <https://x.example/u>\nIn-Reply-To: <a@trivaleo.example>\n",
            False,
        ),  # a sales tool's answer
        ("Precedence: bulk\nAuto-Submitted: auto-replied\n", False),
        ("", False),
    ],
)
def test_bulk_mail_is_told_by_its_list_fields(header: str, expected: bool) -> None:
    assert is_bulk(mail("Offre -40 %", "Offre valable jusqu'au 31 mai.", header=header)) is expected
