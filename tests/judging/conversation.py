"""Conversations for tests, written in a few words: offer(), says() … → a Matter, without any classifier."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from assistant.config import Owner
from assistant.customers import House
from assistant.kinds import By, Kind, Reaction, Reading
from assistant.matters import find_matters
from assistant.messages import Address, Message
from assistant.offers import Matter, Proposal
from assistant.policy import Policy
from assistant.understanding import Understood
from assistant.validity import Clause

PARIS = ZoneInfo("Europe/Paris")
OWNER = Owner("Camille Rouvier", ("camille@binalys.example",), "FR")
HOUSE = House.of(OWNER)
POLICY = Policy("FR", PARIS)
CAMILLE = Address("Camille Rouvier", "camille@binalys.example")
YANIS = Address("Yanis Benhaddou", "yanis@binalys.example")
BERTRAND = Address("Bertrand Lacaze", "b.lacaze@valmontel.example")
SYLVIE = Address("Sylvie Courtin", "s.courtin@valmontel.example")


class Conversation:
    """Messages in the order in which they are told; each call adds one and gives back its Message-ID."""

    def __init__(self) -> None:
        self.heard: list[Understood] = []
        self.thread_of: dict[str, int] = {}

    def add(
        self,
        kind: Kind,
        at: datetime,
        *,
        sender: Address = BERTRAND,
        to: tuple[Address, ...] = (CAMILLE,),
        thread: int = 1,
        subject: str = "Capteurs pour vos agences",
        text: str = "",
        valid_until: date | None = None,
        promised: date | None = None,
        confidence: float = 0.97,
        scores: dict[Kind, float] | None = None,
        reference: str | None = None,
        pilot: str = "",
        answers: str = "",
        failed: str = "",
        reaction: Reaction | None = None,
        clause: Clause | None = None,
    ) -> str:
        message_id = f"<{len(self.heard) + 1}@test.example>"
        machine = kind in (Kind.AUTO_REPLY, Kind.BOUNCE, Kind.RECEIPT, Kind.CALENDAR)
        by = (
            By.MACHINE
            if machine
            else By.OWNER
            if sender == CAMILLE
            else By.COLLEAGUE
            if sender == YANIS
            else By.CUSTOMER
        )
        text = text or f"These are the words of a {kind.value}."
        message = Message(
            message_id,
            at,
            sender,
            to=to,
            subject=subject,
            text=text,
            in_reply_to=(answers,) if answers else (),
            report=f"Final-Recipient: rfc822; {failed}\nAction: failed\nStatus: 5.1.1" if failed else "",
        )
        reading = Reading(kind, confidence, text.split("\n")[0], promised, scores or {kind: confidence})
        clause = clause or (Clause(valid_until, "valable jusqu'au …", "date", 0.99) if valid_until else None)
        sells = (scores or {kind: confidence}).get(Kind.OFFER, 0.0)
        shown = {reaction: 1.0} if reaction else {}
        self.heard.append(Understood(message, by, reading, "fr", sells, clause, reference, pilot, reaction=shown))
        self.thread_of[message_id] = thread
        return message_id

    def offers(self, day: date, **more: object) -> str:
        more.setdefault("valid_until", day + timedelta(days=30))
        at = datetime(day.year, day.month, day.day, 10, 0, tzinfo=PARIS)
        return self.add(Kind.OFFER, at, sender=CAMILLE, to=(BERTRAND,), **more)  # type: ignore[arg-type]

    def says(self, kind: Kind, day: date, **more: object) -> str:
        return self.add(kind, datetime(day.year, day.month, day.day, 15, 0, tzinfo=PARIS), **more)  # type: ignore[arg-type]

    def answers(self, kind: Kind, day: date, **more: object) -> str:
        at = datetime(day.year, day.month, day.day, 11, 0, tzinfo=PARIS)
        more.setdefault("to", (BERTRAND,))
        more.setdefault("sender", CAMILLE)
        return self.add(kind, at, **more)  # type: ignore[arg-type]

    def matters(self, *proposals: Proposal) -> tuple[Matter, ...]:
        return find_matters(self.heard, self.thread_of, proposals, HOUSE, PARIS)

    def matter(self, *proposals: Proposal) -> Matter:
        (only,) = self.matters(*proposals)
        return only
