"""Who belongs to whom: the owner's house, a customer's organisation, one person under two addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.config import Owner
from assistant.languages.lexicon import freemail_domains
from assistant.messages import Address, Message

_TWO_LEVELS = frozenset(
    f"{second}.{top}"
    for second in ("co", "com", "org", "net", "ac", "gov", "edu", "asso", "gouv", "ltd", "plc")
    for top in ("uk", "br", "au", "nz", "za", "pt", "es", "mx", "ar", "fr", "in", "jp", "tr", "pl", "il")
)
_NOBODY = re.compile(
    r"^(no-?reply|ne-?pas-?repondre|nao-?responda|no-?responder|do-?not-?reply|mailer-daemon|postmaster|bounces?)\b"
)


def fold(text: str) -> str:
    """Lower case without accents, for comparing names and words."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text)
    for mark in filter(unicodedata.combining, set(plain)):
        plain = plain.replace(mark, "")
    return plain.lower()


def organisation(email: str) -> str:
    """The domain that somebody registered ('achats.example.co.uk' → 'example.co.uk'); with a free mail provider the
    whole address, since people there are strangers."""
    domain = email.rpartition("@")[2]
    if domain in freemail_domains():
        return email
    labels = domain.split(".")
    keep = 3 if ".".join(labels[-2:]) in _TWO_LEVELS else 2
    return ".".join(labels[-keep:])


def is_nobody(address: Address) -> bool:
    """An address that no person reads: no-reply, the mail system."""
    return bool(_NOBODY.match(address.email))


@dataclass(frozen=True, slots=True)
class House:
    """The owner's side: the owner's addresses, and the domain of his colleagues ('' where it is a free mail domain)."""

    addresses: frozenset[str]
    domain: str

    @classmethod
    def of(cls, owner: Owner) -> House:
        main = owner.addresses[0]
        shared = organisation(main)
        return cls(frozenset(owner.addresses), "" if "@" in shared else shared)

    def is_owner(self, email: str) -> bool:
        return email in self.addresses

    def holds(self, email: str) -> bool:
        """The owner, or a colleague by the domain of the main address."""
        return email in self.addresses or (bool(self.domain) and organisation(email) == self.domain)

    def outsiders(self, message: Message) -> tuple[Address, ...]:
        """Whom of the other side the message went to, in its order, without repetition."""
        seen: dict[str, Address] = {}
        for address in (*message.to, *message.cc):
            if address.email and not self.holds(address.email):
                seen.setdefault(address.email, address)
        return tuple(seen.values())


_NAME_WORD = re.compile(r"[^\W\d_]{3,}")


def person(name: str) -> frozenset[str]:
    """The words of a person's name, comparable whatever their order ('LACAZE Bertrand', 'Bertrand Lacaze'); empty for
    a single word, which is no proof of identity."""
    words = frozenset(_NAME_WORD.findall(fold(name)))
    return words if len(words) >= 2 else frozenset()


@dataclass(frozen=True, slots=True)
class Circle:
    """A customer as mail shows it: organisations (or free mail addresses) and persons."""

    organisations: frozenset[str]
    persons: frozenset[frozenset[str]]

    @classmethod
    def of(cls, addresses: Iterable[Address]) -> Circle:
        known = [a for a in addresses if not is_nobody(a)]
        return cls(
            frozenset(organisation(a.email) for a in known),
            frozenset(p for a in known if (p := person(a.name))),
        )

    def holds(self, address: Address) -> bool:
        """Somebody of this customer: by organisation, or the same person writing from elsewhere."""
        return organisation(address.email) in self.organisations or person(address.name) in self.persons

    def __or__(self, other: Circle) -> Circle:
        return Circle(self.organisations | other.organisations, self.persons | other.persons)


_SIGNED = re.compile(r"\s+[–—|-]\s+|,\s+|\s*\|\s*")
_LEGAL = re.compile(
    r"\b(sas|sasu|sarl|sàrl|eurl|sa|scop|srl|bv|nv|gmbh|ag|kg|ug|ltd|limited|llc|inc|plc|spa|s\.p\.a|s\.r\.l|s\.l|sl|lda|ltda)\b\.?",
    re.IGNORECASE,
)


def client_name(contact: Address, texts: Iterable[str]) -> str:
    """The customer's organisation as a signature gives it, else as the domain does, else the person's name.

    A signature counts where it holds a name that agrees with the domain: 'Valmontel Collecte' for
    valmontel-collecte.example.
    """
    shared = organisation(contact.email)
    if "@" in shared:
        return contact.name or contact.email
    label = shared.split(".")[0]
    squeezed = re.sub(r"[^a-z0-9]", "", label)
    for text in texts:
        for line in text.split("\n")[:80]:
            for piece in _SIGNED.split(line.strip()[:120]):
                bare = re.sub(r"[^a-z0-9]", "", fold(_LEGAL.sub("", piece)))
                if bare and bare == squeezed:
                    return piece.strip(" .,;:")
    return label.replace("-", " ").replace("_", " ").title()
