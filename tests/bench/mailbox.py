"""A generated mailbox, the same for the same number of messages: conversations with right references, and machine mail."""

from __future__ import annotations

import random
from collections.abc import Iterator
from email.header import Header
from itertools import chain

from tests.bench.raw import Raw
from tests.dovecot import Dovecot

FOLDERS = ("INBOX", "Sent", "Archive", "Drafts")
_SUBJECTS = ("Proposition flotte", "Réunion de chantier", "Invoice", "Compte rendu", "Delivery of steel", "Été 2026")
_TRACE = (
    "Received: from relay{0}.example (relay{0}.example [192.0.2.{0}])\r\n\tby mx.example with ESMTPS id {1:012x}\r\n"
)
_OWNER = "Camille Bernard <camille.bernard@atelier.example>"


def messages(count: int) -> Iterator[tuple[str, bytes]]:
    """(folder, message), oldest first."""
    chance = random.Random(7)
    thread: list[str] = []
    for number in range(count):
        if not thread or chance.random() < 0.4:
            thread, subject = [], f"{chance.choice(_SUBJECTS)} {number}"
            other = f"Zoé Müller <zoe.{chance.randrange(400)}@client{chance.randrange(90)}.example>"
        sent = chance.random() < 0.35
        folder = "Sent" if sent else chance.choice(("INBOX", "Archive", "Archive"))
        own = f"<{number}.{chance.getrandbits(60):x}@mail.example>"
        yield folder, _message(chance, own, list(thread), subject, (_OWNER, other) if sent else (other, _OWNER), number)
        thread.append(own)


def _message(
    chance: random.Random, own: str, thread: list[str], subject: str, people: tuple[str, str], number: int
) -> bytes:
    encoded = Header(("Re: " if thread else "") + subject, "utf-8").encode() if not subject.isascii() else subject
    sender, to = (each.encode("ascii", "ignore").decode() for each in people)
    day, hour = 1 + number % 28, number % 24
    head = "".join(_TRACE.format(hop, chance.getrandbits(48)) for hop in range(2, 6))
    head += f"From: {sender}\r\nTo: {to}\r\nSubject: {encoded}\r\nMessage-ID: {own}\r\n"
    head += f"Date: Mon, {day} Jun 2026 {hour:02}:{number % 60:02}:00 +0200\r\n"
    if thread:
        head += f"In-Reply-To: {thread[-1]}\r\nReferences: {' '.join(thread[-8:])}\r\n"
    head += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return head.encode() + b"Bonjour,\r\nvoici la suite de notre affaire.\r\n" * 40


def offer_and_answer(number: int, offer: int) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    """An offer to a customer of its own, and his yes, each with its folder."""
    contact = f"Paul Ferrand <p.ferrand@acheteur{offer}.example>"
    own = f"<offre.{offer}@atelier.example>"
    subject = f"Proposition O-2026-{offer:03} : suivi de flotte"
    head = f"Subject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    offered = (
        f"From: {_OWNER}\r\nTo: {contact}\r\nMessage-ID: {own}\r\nDate: Mon, 1 Jun 2026 09:00:00 +0200\r\n{head}\r\n"
        f"Bonjour Monsieur Ferrand,\r\n\r\nVeuillez trouver ci-dessous notre offre O-2026-{offer:03} pour le suivi de"
        f" votre flotte : 12 balises, 4 {offer:02}0 € HT.\r\nCette offre est valable jusqu'au 30 juin 2026.\r\n\r\n"
        "Bien cordialement,\r\nCamille Bernard\r\n"
    )
    answered = (
        f"From: {contact}\r\nTo: {_OWNER}\r\nMessage-ID: <oui.{offer}.{number}@acheteur{offer}.example>\r\n"
        f"Date: Fri, 10 Jul 2026 08:30:00 +0200\r\nIn-Reply-To: {own}\r\nReferences: {own}\r\n"
        f"{head.replace('Subject: ', 'Subject: Re: ')}\r\nBonjour,\r\n\r\nNous acceptons votre offre, c'est signé."
        " Vous pouvez lancer la commande.\r\n\r\nPaul Ferrand\r\n"
    )
    return ("Sent", offered.encode()), ("INBOX", answered.encode())


def fill(server: Dovecot, user: str, count: int, *, offers: int = 0) -> None:
    """Put the mailbox on a server, many messages a command (MULTIAPPEND, RFC 3502)."""
    waiting: dict[str, list[bytes]] = {folder: [] for folder in FOLDERS}
    with Raw(server, user) as raw:
        made = (offer_and_answer(0, number)[0] for number in range(1, offers + 1))
        for folder, message in chain(messages(count - offers), made):
            waiting[folder].append(message)
            if len(waiting[folder]) >= 500:
                raw.append(folder, waiting.pop(folder))
                waiting[folder] = []
        for folder, rest in waiting.items():
            if rest:
                raw.append(folder, rest)
