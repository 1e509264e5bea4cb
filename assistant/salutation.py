"""How the owner speaks to a person: tu or vous, the greeting, the closing, the name he signs with.

All of it is copied from the owner's own earlier mails to that person; where he never wrote, it is formal and neutral.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.config import Owner
from assistant.customers import fold
from assistant.greetings import greeting_of, has_title, is_bare_name, names_person, neutral_greeting
from assistant.languages.letters import Letters
from assistant.messages import Address, Message
from assistant.names import is_person
from assistant.wording import lower_first

_WORD = re.compile(r"[^\W\d_]+'?")
_MOST_TEXT = 20_000
_TAIL_LINES = 12
_MOST_TAIL = 2_000
_HOLLOW = " \t,;:.!-–—|"


@dataclass(frozen=True, slots=True)
class Salutation:
    """`greeting` and `closing` are whole lines; `closing` is '' where the signature brings its own."""

    familiar: bool
    plural: bool
    greeting: str
    closing: str
    signature: str


def salutation(
    recipients: Sequence[Address], letters: Letters, owner: Owner, letters_sent: Sequence[Message]
) -> Salutation:
    """How to speak to these people; `letters_sent` are the owner's own mails to the customer, oldest first."""
    newest = tuple(reversed(letters_sent))
    recipients = _persons(recipients, newest, letters)
    personal = [tuple(m for m in newest if _speaks_to(m, person, letters)) for person in recipients]
    to_them = tuple(m for m in newest if any(m in mails for mails in personal))
    familiar = bool(personal) and all(is_familiar(mails, letters) for mails in personal)
    signature = owner.signature.strip() or _signed_name(to_them, owner) or owner.name
    greeting = _greeting(recipients, personal, letters)
    plural = len(recipients) > 1
    return Salutation(familiar, plural, greeting, _closing(to_them, signature, plural, familiar, letters), signature)


def _persons(recipients: Sequence[Address], mails: Sequence[Message], letters: Letters) -> Sequence[Address]:
    """Whom the letter greets: of several addresses those with a person's name, or that the owner greeted ('Achats' is
    an office)."""
    persons = [
        person
        for person in recipients
        if is_person(person) or any(names_person(greeting_of(m, (person,), letters), person, letters) for m in mails)
    ]
    return persons if persons and len(recipients) > 1 else recipients


def _speaks_to(message: Message, person: Address, letters: Letters) -> bool:
    """In To, or in Cc and greeted by name."""
    if any(person.email == each.email for each in message.to):
        return True
    copied = any(person.email == each.email for each in message.cc)
    return copied and names_person(greeting_of(message, (person,), letters), person, letters)


def is_familiar(mails: Sequence[Message], letters: Letters) -> bool:
    """Whether the owner says 'tu' to somebody, from his mails to that person, newest first.

    The newest mail that shows it decides; several addressees are 'vous' in any case, so there only a 'tu' counts.
    Where no pronoun shows it, the greeting does: 'Salut', 'Hi', in English also the bare name; never one with a title.
    """
    for mail in mails:
        words = _WORD.findall(mail.text[:_MOST_TEXT].replace("’", "'"))
        familiar = sum(word in letters.familiar or word.lower() in letters.familiar for word in words)
        formal = sum(word in letters.formal or word.lower() in letters.formal for word in words)
        if familiar and 2 * familiar >= formal:
            return True
        if formal and len(mail.to) == 1:
            return False
    greeting = next((line for mail in mails if (line := greeting_of(mail, mail.to, letters))), "")
    if has_title(greeting, letters):
        return False
    has_pronouns = bool(letters.familiar)
    return greeting.lower().startswith(letters.familiar_greetings) or (
        not has_pronouns and is_bare_name(greeting, letters)
    )


def _greeting(recipients: Sequence[Address], personal: Sequence[Sequence[Message]], letters: Letters) -> str:
    """The owner's own last greeting to these people: one for all, else each one's in turn, else a neutral one."""
    parts: list[str] = []
    for person, mails in zip(recipients, personal, strict=True):
        if any(names_person(part, person, letters) for part in parts):
            continue
        greeting = _personal_greeting(person, mails, recipients, letters)
        if not greeting:
            return _common_greeting(recipients, personal, letters) or neutral_greeting(recipients, letters)
        parts.append(greeting)
    if len(parts) > 2:
        return _common_greeting(recipients, personal, letters) or neutral_greeting(recipients, letters)
    if len(parts) == 2:
        return f"{parts[0].rstrip(' ,:!')}, {lower_first(parts[1])}"
    return parts[0] if parts else neutral_greeting(recipients, letters)


def _personal_greeting(
    person: Address, mails: Sequence[Message], recipients: Sequence[Address], letters: Letters
) -> str:
    """The newest greeting meant for this person and for nobody who is not written to now."""
    present = {each.email for each in recipients}
    found: list[str] = []
    for mail in mails:
        greeting = greeting_of(mail, (*mail.to, *mail.cc), letters)
        absent = [each for each in (*mail.to, *mail.cc) if each.email not in present]
        if not greeting or any(names_person(greeting, each, letters) for each in absent):
            continue
        if names_person(greeting, person, letters) or len(mail.to) == len(recipients) == 1:
            found.append(greeting)
    if len(recipients) > 1:  # 'Luis,' reads well alone, not beside 'hi Melinda,'
        found.sort(key=lambda greeting: is_bare_name(greeting, letters))
    return next(iter(found), "")


def _common_greeting(recipients: Sequence[Address], personal: Sequence[Sequence[Message]], letters: Letters) -> str:
    """The newest greeting of a mail that went to all of these people ('Bonjour à tous les deux,')."""
    everyone = {each.email for each in recipients}
    mails = personal[0] if personal else ()
    both = (mail for mail in mails if {each.email for each in mail.to} == everyone)
    return next((greeting for mail in both if (greeting := greeting_of(mail, mail.to, letters))), "")


def _tail(mail: Message) -> list[str]:
    """The last lines, from below: there the owner says goodbye and signs."""
    return [
        line.strip()
        for line in f"{mail.text[-_MOST_TAIL:]}\n{mail.signature[-_MOST_TAIL:]}".splitlines()
        if line.strip()
    ][: -_TAIL_LINES - 1 : -1]


def _signed_name(mails: Sequence[Message], owner: Owner) -> str:
    """The name as the owner last signed ('Camille', 'Camille Rouvier'), '' where he did not."""
    own = set(fold(owner.name).split())
    for line in (line for mail in mails for line in _tail(mail)):
        words = [word.strip(_HOLLOW) for word in fold(line).split()]
        if words and len(words) <= len(own) and set(words) <= own and max(map(len, words)) > 1:
            return line.strip(_HOLLOW)
    return ""


def _closing(mails: Sequence[Message], signature: str, plural: bool, familiar: bool, letters: Letters) -> str:
    """The owner's own last closing line to them, else the language's; '' where the signature opens with one."""
    if any(_is_closing(line, letters) for line in signature.splitlines()[:2]):
        return ""
    lines = (line for mail in mails for line in _tail(mail) if _is_closing(line, letters))
    own = next((line for line in lines if not (plural and _speaks_to_one(line, letters))), "")
    return own or (letters.familiar_closings if familiar else letters.formal_closings)[0]


def _is_closing(line: str, letters: Letters) -> bool:
    words = fold(line).strip(_HOLLOW)
    return any(words == fold(each).strip(_HOLLOW) for each in (*letters.formal_closings, *letters.familiar_closings))


def _speaks_to_one(closing: str, letters: Letters) -> bool:
    """'Bien à toi,' is for one person only."""
    return any(word in letters.familiar for word in _WORD.findall(closing.lower()))
