"""The marker of a draft: a Message-ID of its own that is the same on every computer of the owner.

A lost store, a lost register or a second computer still recognises its drafts by it. A field of its own would get lost
on editing, or leak to the recipient.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256

MOST_REVISIONS = 4
"""How many revisions beyond the known ones are recognised when the register is lost."""


def revision(kind: str, valid_until: date, number: int) -> str:
    """What a draft is made for: its kind, the last day of validity, and how often one was made for these before."""
    return f"{kind}:{valid_until.isoformat()}:{number}"


def marker(user: str, offer: str, revision: str, address: str) -> str:
    """The Message-ID (RFC 5322 §3.6.4) of the draft of this revision for an offer.

    `user` is the account's; `offer` the offer's Message-ID or registered reference; `address` the owner's main one.
    """
    left = sha256("\n".join((user.strip().lower(), offer, revision)).encode("utf-8", "surrogatepass")).hexdigest()
    return f"<{left}@{_domain(address)}>"


def _domain(address: str) -> str:
    """The domain in ASCII (RFC 5890); a reserved one where it cannot be written so."""
    domain = address.rpartition("@")[2].lower()
    try:
        written = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return "invalid"
    return written if re.fullmatch(r"[a-z0-9.-]{1,253}", written) else "invalid"


def revisions(kinds: Iterable[str], days: Iterable[date], known: int = 0) -> Iterator[str]:
    """Every revision that may have been made for these last days of validity, `known` of them for certain."""
    days = tuple(days)
    for kind in kinds:
        for day in days:
            for number in range(known + MOST_REVISIONS):
                yield revision(kind, day, number)
