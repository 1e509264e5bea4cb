"""A small conversation to draft from: Camille's offer to Bertrand, as values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from jinja2 import Environment

from assistant.config import Owner
from assistant.drafts import Draft, DraftKind, compose
from assistant.host.templates import environment
from assistant.kinds import By, Kind
from assistant.messages import Address, Message
from assistant.offers import Offer, Proposal
from assistant.policy import Policy
from assistant.timeline import Event
from assistant.verdict import State, Verdict

PARIS = ZoneInfo("Europe/Paris")
OWNER = Owner("Camille Rouvier", ("camille@binalys.example", "contact@binalys.example"), "FR", "fr")
POLICY = Policy("FR", PARIS)
CAMILLE = Address("Camille Rouvier", "camille@binalys.example")
BERTRAND = Address("Bertrand LACAZE", "b.lacaze@valmontel.example")
SYLVIE = Address("Sylvie COURTIN", "s.courtin@valmontel.example")
YANIS = Address("Yanis Benhaddou", "yanis@binalys.example")
NOW = datetime(2026, 5, 18, 9, tzinfo=PARIS)
BUILTIN: Environment = environment()


def mail(number: int, sender: Address | None, to: tuple[Address, ...], text: str, **more: object) -> Message:
    """Message number N, sent N days after the offer of 27 January."""
    base = Message(
        message_id=f"<{number}@mail.example>",
        sent_at=datetime(2026, 1, 27, 11, 4, tzinfo=PARIS) + timedelta(days=number),
        sender=sender,
        to=to,
        subject="Proposition Binalys" if number == 0 else "RE: Proposition Binalys",
        references=("<0@mail.example>",) if number else (),
        text=text,
        full_text=text,
    )
    return replace(base, **more)  # type: ignore[arg-type]


OFFERED = mail(
    0, CAMILLE, (BERTRAND,), "Bonjour Bertrand,\n\nVoici notre proposition pour vos agences.\n\nBien à vous,\nCamille"
)
STALLED = mail(8, BERTRAND, (CAMILLE,), "Bonjour Camille,\n\nNous revenons vers vous.\n\nBertrand")


def events(messages: tuple[Message, ...], **kinds: Kind) -> tuple[Event, ...]:
    """A timeline: the owner's side by its domain, machines by the kind given as `m8=Kind.AUTO_REPLY`."""
    return tuple(_event(message, kinds.get(f"m{message.message_id[1:].partition('@')[0]}")) for message in messages)


def _event(message: Message, kind: Kind | None) -> Event:
    email = message.sender.email if message.sender else ""
    by = By.OWNER if email in OWNER.addresses else By.COLLEAGUE if email.endswith("@binalys.example") else By.CUSTOMER
    return Event(message.message_id, message.sent_at, by, kind or Kind.OTHER, 1.0)


def offer(*conversation: Message, **more: object) -> Offer:
    """The offer that the first message carries."""
    base = Offer(
        message=conversation[0] if conversation else None,
        reference=None,
        client="Valmontel",
        contact=BERTRAND,
        title="",
        offered_on=date(2026, 1, 27),
        language="fr",
        conversation=conversation,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def verdict(**more: object) -> Verdict:
    return replace(Verdict(State.LAPSED, date(2026, 3, 31), ()), **more)  # type: ignore[arg-type]


def draft(
    *conversation: Message,
    kind: DraftKind = "withdrawal",
    owner: Owner = OWNER,
    now: datetime = NOW,
    kinds: dict[str, Kind] | None = None,
    judged: Verdict | None = None,
    environment: Environment = BUILTIN,
    **more: object,
) -> Draft:
    """What `compose` makes of this conversation; `more` are fields of the Offer."""
    return compose(
        offer(*conversation, **more),
        events(conversation, **(kinds or {})),
        judged or verdict(),
        POLICY,
        owner,
        kind=kind,
        message_id="<marker@binalys.example>",
        now=now,
        environment=environment,
    )


def letter(made: Draft) -> str:
    """The draft's text without the quotation."""
    return made.text.split("\n\nLe ", 1)[0].strip()


def registered(**more: object) -> Proposal:
    base = Proposal("P-2026-014", "Valmontel", BERTRAND.email, "Optimisation des tournées", "48 000 EUR")
    return replace(base, **more)  # type: ignore[arg-type]
