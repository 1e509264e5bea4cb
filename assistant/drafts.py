"""Verdict → Draft, through a Jinja environment; Draft → bytes.

The words come from templates/, the form of address from the owner's own mails, the facts from offer and verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import format_datetime
from typing import Literal

from jinja2 import Environment

from assistant import replying
from assistant.config import Owner
from assistant.customers import House, fold
from assistant.errors import DraftRefused
from assistant.languages.letters import Letters, letters
from assistant.messages import Address, Message
from assistant.offers import Offer
from assistant.outgoing import addresses_field, ids_field, message_bytes, one_line, words_field
from assistant.policy import Policy, end_of_day, working_days_after
from assistant.rendering import render, render_html
from assistant.salutation import Salutation, salutation
from assistant.timeline import Timeline
from assistant.verdict import Verdict
from assistant.wording import sentence, spoken_amount, spoken_date, typeset

DraftKind = Literal["withdrawal", "reminder"]
_LONGEST_TITLE = 70
_LONGEST_REFERENCE = 60
_MOST_HEARD = 5_000


@dataclass(frozen=True, slots=True)
class Draft:
    """A message for the Drafts folder. `text` is the whole plain body, quotation included; `html` the same as HTML,
    None where the thread is plain text."""

    message_id: str
    kind: DraftKind
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    in_reply_to: str | None
    references: tuple[str, ...]
    date: datetime
    text: str
    html: str | None = None


def compose(
    offer: Offer,
    timeline: Timeline,
    verdict: Verdict,
    policy: Policy,
    owner: Owner,
    *,
    kind: DraftKind,
    message_id: str,
    now: datetime,
    environment: Environment,
) -> Draft:
    """The draft of this kind, as a reply in the offer's thread; a new message where there is none.

    Raises DraftRefused where its words would be false (a withdrawal before the end of validity, a reminder after it,
    an offer without a date), TemplateBroken where a template cannot be rendered.
    """
    _refuse_false_words(verdict, policy, kind, now)
    house = House.of(owner)
    language = letters(offer.language or owner.language, owner.country)
    people = replying.people(offer, timeline, owner)
    parent = replying.answered_message(offer, timeline, house)
    spoken = salutation(people.to, language, owner, _written_by_owner(offer, owner, house))
    facts = letter_facts(offer, verdict, policy, spoken, language, kind, now) | {"country": owner.country}
    letter = write_letter(environment, language, owner.country, kind, spoken, facts)
    text, html = _body(environment, letter, parent, language, policy)
    return Draft(
        message_id=message_id,
        kind=kind,
        sender=people.sender,
        to=people.to,
        cc=people.cc,
        subject=_subject(environment, parent, language, owner.country, facts),
        in_reply_to=parent.message_id or None if parent else None,
        references=replying.references(parent) if parent else (),
        date=now,
        text=text,
        html=html,
    )


def _refuse_false_words(verdict: Verdict, policy: Policy, kind: DraftKind, now: datetime) -> None:
    if verdict.valid_until is None:
        raise DraftRefused(
            "the offer has no last day of validity that a letter could name",
            hint="offer-assistant extend OFFER DATE",
        )
    over = now >= end_of_day(verdict.valid_until, policy.timezone)
    if kind == "withdrawal" and not over:
        raise DraftRefused(
            f"the offer binds you until the end of {verdict.valid_until.isoformat()}",
            hint="offer-assistant draft OFFER writes a last-call reminder instead",
        )
    if kind == "reminder" and over:
        raise DraftRefused(
            f"the offer was open until {verdict.valid_until.isoformat()}; it is too late for a last call",
            hint="offer-assistant extend OFFER DATE",
        )


def _written_by_owner(offer: Offer, owner: Owner, house: House) -> tuple[Message, ...]:
    """The owner's own mails to the customer, from any of his addresses, or from an alias but signed by him."""
    name = fold(owner.name)
    return tuple(
        message
        for message in offer.conversation
        if message.sender
        and house.outsiders(message)
        and (
            house.is_owner(message.sender.email)
            or (house.holds(message.sender.email) and name in fold(f"{message.text}\n{message.signature}"[-400:]))
        )
    )


def letter_facts(
    offer: Offer,
    verdict: Verdict,
    policy: Policy,
    spoken: Salutation,
    language: Letters,
    kind: DraftKind,
    now: datetime,
) -> dict[str, object]:
    """The variables of a template, as docs/templates.md lists them; text is '' where something is not known."""
    proposal = offer.proposal
    today = now.astimezone(policy.timezone).date()
    title = one_line(proposal.title) if proposal else ""
    return {
        "greeting": spoken.greeting,
        "closing": spoken.closing,
        "signature": spoken.signature,
        "plural": spoken.plural,
        "reference": one_line(offer.reference or "", _LONGEST_REFERENCE),
        "title": title if len(title) <= _LONGEST_TITLE else "",
        "client": one_line(offer.client, _LONGEST_TITLE),
        "amount": spoken_amount(one_line(proposal.amount), language) if proposal else "",
        "offer_date": spoken_date(offer.offered_on, language),
        "valid_until": spoken_date(verdict.valid_until, language),
        "today": spoken_date(today, language),
        "pilot": verdict.pilot,
        "pilot_name": _pilot_name(offer, language) if verdict.pilot else "",
        "pilot_until": spoken_date(_pilot_end(verdict, policy, kind, today), language),
    }


def _pilot_end(verdict: Verdict, policy: Policy, kind: DraftKind, today: date) -> date | None:
    """The day the pilot stops: as the mail names it while it lies ahead, else, in a withdrawal, after due notice."""
    if not verdict.pilot:
        return None
    if verdict.pilot_until and verdict.pilot_until > today:
        return verdict.pilot_until
    if kind == "reminder":
        return None
    return working_days_after(today, policy.pilot_notice_working_days, policy.country)


def _pilot_name(offer: Offer, language: Letters) -> str:
    """The pilot as the conversation calls it most often ('le POC', 'the trial')."""
    said = " ".join(message.text[:_MOST_HEARD] for message in offer.conversation).lower()
    return language.pilots[max(language.pilots, key=said.count)]


def write_letter(
    environment: Environment,
    language: Letters,
    country: str,
    kind: DraftKind,
    spoken: Salutation,
    facts: Mapping[str, object],
) -> str:
    """The letter from greeting to signature, as plain text, one paragraph a line."""
    form = "familiar" if spoken.familiar else "formal"
    names = _candidates(language, country, f"{kind}.{form}.txt.j2")
    text = typeset(render(environment, names, facts), language)
    first, gap, rest = text.partition("\n\n")
    return f"{first}{gap}{rest if first.endswith(',') else sentence(rest)}"


def _candidates(language: Letters, country: str, name: str) -> list[str]:
    """Where a template is looked for: the language as a country writes it, then the language."""
    return [f"{language.language}-{country}/{name}", f"{language.language}/{name}"]


def _subject(
    environment: Environment, parent: Message | None, language: Letters, country: str, facts: Mapping[str, object]
) -> str:
    """The thread's subject with 'Re: ' once; without a thread or without its subject one of the letter's own."""
    bare = replying.bare_subject(parent.subject) if parent else ""
    return f"Re: {bare}" if bare else write_subject(environment, language, country, facts)


def write_subject(environment: Environment, language: Letters, country: str, facts: Mapping[str, object]) -> str:
    """The subject of a letter that answers nothing, on one line."""
    return one_line(typeset(render(environment, _candidates(language, country, "subject.txt.j2"), facts), language))


def _body(
    environment: Environment, letter: str, parent: Message | None, language: Letters, policy: Policy
) -> tuple[str, str | None]:
    """(plain text, HTML or None): the letter, and below it what it answers."""
    if parent is None:
        return f"{letter}\n", None
    lines = replying.quoted_lines(parent)
    introduction = replying.attribution(parent, language, policy.timezone)
    quoted = f"\n\n{introduction}\n{replying.quotation(lines)}" if lines else ""
    html = render_html(environment, letter, introduction, lines) if parent.html is not None else None
    return f"{letter}{quoted}\n", html


def to_bytes(draft: Draft) -> bytes:
    """The message as it is appended: CRLF, UTF-8 in quoted-printable, encoded words, no line over 998 characters."""
    fields = [
        f"Date: {format_datetime(draft.date)}",
        addresses_field("From", [draft.sender]),
        addresses_field("To", draft.to),
        addresses_field("Cc", draft.cc),
        words_field("Subject", draft.subject),
        ids_field("Message-ID", [draft.message_id]),
        ids_field("In-Reply-To", [draft.in_reply_to] if draft.in_reply_to else []),
        ids_field("References", draft.references),
    ]
    return message_bytes(fields, draft.text, draft.html)
