"""Bounces and delivery reports: RFC 3464 and 8098 where servers keep to them, signs that agree where they do not."""

from __future__ import annotations

import re

from assistant.fields import addresses, message_ids
from assistant.kinds import Kind, Reading
from assistant.messages import Attachment, Message
from assistant.phrases import folded
from assistant.signs import TEXT_JUDGED, begins, expression, is_reply

RECIPIENT_LIMIT = 1_000

_CODE = re.compile(
    r"\b[45]\.\d{1,2}\.\d{1,3}\b|\b(?:smtp|error|fehler|erreur|said|code)\b[^\n]{0,40}\b[45]\d\d\b|^\W{0,9}5[05]\d[ -]",
    re.M,
)
_DAEMON = re.compile(
    r"(?:mailer|mail)?[-_.]?daemon|post-?master|mdaemon|double-bounce|bounces?|mailsystem|mail-delivery|mailerd", re.I
)
_DAEMON_NAME = re.compile(r"mail (?:delivery|administrator)|delivery (?:sub)?system|postmaster|mailer-daemon")
_RETURNED_TYPES = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
)
_RETURNED_LINE = re.compile(r"^[> \t]{0,6}(?:message-id|received|return-path|x-mailer)[ \t]*:", re.M | re.I)
_MESSAGE_ID_LINE = re.compile(
    r"^[> \t]{0,6}(?:(?:x-)?original-)?message-id[ \t]*:[ \t\r\n]*(<[^<>\s]{1,998}>)", re.M | re.I
)
_ADDRESS = re.compile(r"[\w.+=/&'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_GROUP = re.compile(r"\n[ \t]*\n")
_FAILED, _DELAYED = "failed", "delayed"


def reported(message: Message) -> Reading | None:
    """What a delivery or disposition report says: BOUNCE, RECEIPT (also of a delay), or None without a report."""
    report = message.report.lower()
    if "disposition:" in report:
        return Reading(Kind.RECEIPT, 0.99)
    actions = {_action(group) for group in _groups(report)} - {""}
    if _FAILED in actions or (not actions and re.search(r"^status:\s*5\.", report, re.M)):
        return Reading(Kind.BOUNCE, 0.99, _bounce_line(message))
    if actions & {_DELAYED, "delivered", "relayed", "expanded"}:
        return Reading(Kind.RECEIPT, 0.95)
    return None


def _groups(report: str) -> list[str]:
    """The groups of fields of a report, in lower case."""
    return _GROUP.split(report.lower())[: RECIPIENT_LIMIT + 1]


def _action(group: str) -> str:
    return _value(group, "action").partition(" ")[0].strip("();,")


def _recipient(group: str) -> str:
    value = _value(group, "final-recipient") or _value(group, "original-recipient")
    found = _ADDRESS.search(value)
    return found[0] if found else ""


def _value(group: str, name: str) -> str:
    """The value of a field of a report group that is in lower case, '' where it is missing."""
    for line in group.split("\n"):
        label, colon, value = line.partition(":")
        if colon and label.strip() == name:
            return value.strip()
    return ""


def returned(message: Message) -> Reading | None:
    """BOUNCE where enough signs agree: a daemon's address, subject, diagnosis, the message that comes back."""
    if is_reply(message):
        return None
    sender = message.sender
    daemon = sender is not None and bool(
        _DAEMON.match(sender.email.partition("@")[0]) or _DAEMON_NAME.search(folded(sender.name))
    )
    delayed = begins(message.subject, "delayed_subject")
    if daemon and delayed:
        return Reading(Kind.RECEIPT, 0.95, _bounce_line(message))
    subject = begins(message.subject, "bounce_subject")
    line = _bounce_line(message)
    returning = any(a.content_type in _RETURNED_TYPES for a in message.attachments)
    quoted = bool(_RETURNED_LINE.search(message.full_text[:65_536]))
    signs = 2 * daemon + subject + bool(line) + bool(message.header("x-failed-recipients")) + (returning or quoted)
    signs += message.content_type == "multipart/report"
    if signs < 3 or not (line or returning or (daemon and subject)):
        return None
    return Reading(Kind.RECEIPT if delayed else Kind.BOUNCE, 0.97 if signs > 3 else 0.92, line)


def _bounce_line(message: Message) -> str:
    """The line of the text that says that something could not be delivered, '' where none does."""
    text = message.full_text[:TEXT_JUDGED]
    found = expression("bounce_text").search(folded(text)) or _CODE.search(folded(text))
    if not found:
        return ""
    number = folded(text).count("\n", 0, found.start())
    return text.split("\n")[number].strip()


def failed_recipients(message: Message) -> tuple[str, ...]:
    """Which addresses a bounce could not reach, in lower case; () where it does not tell, or is no bounce."""
    if "disposition:" in message.report.lower():
        return ()
    named = [_recipient(group) for group in _groups(message.report) if _action(group) in (_FAILED, "")]
    named += [email for value in message.fields.get("x-failed-recipients", ()) for _, email in addresses(value)]
    if not any(named) and returned(message):
        named = _named_in_text(message)
    return tuple(dict.fromkeys(filter(None, named)))[:RECIPIENT_LIMIT]


def original_message_id(message: Message) -> str:
    """The Message-ID of the message that a bounce or a receipt is about; '' where it does not tell."""
    for text in (message.report, *map(_returned_header, message.attachments), message.full_text):
        found = _MESSAGE_ID_LINE.search(text[:65_536])
        if found:
            return found[1]
    answered = message.in_reply_to or message_ids(message.header("original-message-id")) or message.references
    return answered[-1] if answered else ""


def _returned_header(attachment: Attachment) -> str:
    if attachment.content_type not in _RETURNED_TYPES:
        return ""
    return attachment.content[:65_536].decode("utf-8", "replace")


def _named_in_text(message: Message) -> list[str]:
    """The addresses in the text of a bounce that are neither its sender nor its recipients'."""
    ours = {address.email for address in (*message.to, *message.cc, *filter(None, (message.sender,)))}
    found = [match[0].lower() for match in _ADDRESS.finditer(message.full_text[:TEXT_JUDGED])]
    return [email for email in found if email not in ours and not _DAEMON.match(email)][:1]
