"""What the known servers do differently, as data, each with its source. Where a server disagrees, it is right."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """A server's ways.

    all_mail       one folder holds every message, the others are labels on it (Gmail)
    distrusted     capabilities that are offered and do not work
    deletes_by_moving   a withdrawn draft goes to Trash: expunging would only take a label off
    rewrites_ids   Message-IDs of drafts may be replaced on sending
    connections    how many we may use at once
    """

    name: str
    all_mail: bool = False
    distrusted: frozenset[str] = frozenset()
    deletes_by_moving: bool = False
    rewrites_ids: bool = False
    connections: int = 2


GENERIC = Provider("IMAP")

GMAIL = Provider("Gmail", all_mail=True, deletes_by_moving=True, rewrites_ids=True)
"""X-GM-EXT-1: https://developers.google.com/workspace/gmail/imap/imap-extensions (labels, THRID, All Mail as \\All;
what is expunged from a folder only loses a label, deletion is a move to Trash). 15 connections an account:
https://support.google.com/mail/answer/7126229. CONDSTORE without QRESYNC: its CAPABILITY answer."""

MICROSOFT = Provider("Microsoft 365", rewrites_ids=True)
"""No CONDSTORE, MOVE offered, BYE 'Session invalidated', 'Suggested Backoff Time': CAPABILITY and errors reported in
https://github.com/postalsys/imapflow/issues and https://learn.microsoft.com/exchange/client-developer (throttling)."""

ICLOUD = Provider("iCloud", distrusted=frozenset({"QRESYNC"}))
"""Offers QRESYNC, does not answer ENABLE with it and sends no VANISHED: Mailspring-Sync and imapflow switch it off."""

YAHOO = Provider("Yahoo", distrusted=frozenset({"CONDSTORE", "QRESYNC"}))
"""Announced CONDSTORE now and then without keeping it across sessions; imapflow and nylas compare UIDs there."""

PROTON_BRIDGE = Provider("Proton Bridge")
"""On loopback with a certificate of its own: pin_sha256. References are cut when a message passes through Proton."""

_BY_HOST = (
    (("imap.gmail.com", "imap.googlemail.com"), GMAIL),
    (("outlook.office365.com", "outlook.office.com", "imap-mail.outlook.com"), MICROSOFT),
    (("imap.mail.me.com",), ICLOUD),
    (("imap.mail.yahoo.com", "imap.mail.yahoo.co.jp", "imap.aol.com"), YAHOO),
)


def provider_of(host: str, capabilities: frozenset[str]) -> Provider:
    """By what the server says it can do, else by its name."""
    if "X-GM-EXT-1" in capabilities:
        return GMAIL
    for names, provider in _BY_HOST:
        if host.lower().rstrip(".") in names or host.lower().endswith(tuple("." + name for name in names)):
            return provider
    return GENERIC
