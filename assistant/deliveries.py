"""Which recipients a message never reached, by the reports that came back (RFC 3464)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from assistant.customers import organisation
from assistant.kinds import Kind
from assistant.machines import failed_recipients, original_message_id
from assistant.messages import Message
from assistant.understanding import Understood

_PATIENCE = timedelta(days=8)  # RFC 5321 §4.5.4.1: a server gives up after 4 to 5 days


def undelivered_to(sent: Message, heard: Iterable[Understood]) -> frozenset[str]:
    """The recipients of `sent` that a bounce names; all of them where a bounce of this message names none.

    A bounce belongs to the message that it quotes or answers; where it tells neither, to the last message that the
    owner's side had sent to that recipient before.
    """
    messages = list(heard)
    bounces = [m for m in messages if m.kind is Kind.BOUNCE]
    bounces = [m for m in bounces if sent.sent_at <= m.message.sent_at <= sent.sent_at + _PATIENCE]
    if not bounces:
        return frozenset()
    recipients = frozenset(a.email for a in (*sent.to, *sent.cc))
    messages.sort(key=lambda u: u.message.sent_at)
    failed: set[str] = set()
    for bounce in bounces:
        named = frozenset(e.lower() for e in failed_recipients(bounce.message))
        if _belongs(bounce.message, named, sent, recipients, messages):
            failed |= named & recipients or recipients
    return frozenset(failed)


def reached_nobody(sent: Message, heard: Iterable[Understood]) -> Understood | None:
    """The bounce that shows that nobody outside the owner's house got `sent`; None where somebody may have it."""
    messages = list(heard)
    failed = undelivered_to(sent, messages)
    if not failed:
        return None
    house = {organisation(u.message.sender.email) for u in messages if u.from_house and u.message.sender}
    outside = {a.email for a in (*sent.to, *sent.cc) if organisation(a.email) not in house}
    if not outside <= failed:
        return None
    return next(u for u in messages if u.kind is Kind.BOUNCE and undelivered_to(sent, _with_only(messages, u)))


def _with_only(messages: Iterable[Understood], bounce: Understood) -> list[Understood]:
    return [u for u in messages if u.kind is not Kind.BOUNCE or u is bounce]


def _belongs(
    bounce: Message, named: frozenset[str], sent: Message, recipients: frozenset[str], messages: Iterable[Understood]
) -> bool:
    original = original_message_id(bounce)
    answered = [original] if original else [*bounce.in_reply_to[:1], *bounce.references[-1:]][:1]
    if answered:
        return answered[0] == sent.message_id
    if not named & recipients:
        return False
    earlier = [
        u.message
        for u in messages
        if u.from_house
        and u.message.sent_at <= bounce.sent_at
        and named & {a.email for a in (*u.message.to, *u.message.cc)}
    ]
    return not earlier or earlier[-1].message_id == sent.message_id
