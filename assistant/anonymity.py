"""A conversation → the text of a case file (tests/cases/FORMAT.md) without the people in it.

Names, addresses, domains, web addresses, telephone and other long numbers are replaced, the same by the same; words,
dates and the order of things stay, for they are what was misread. The owner reads the file before he gives it away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from assistant.customers import House, fold, organisation
from assistant.kinds import Kind
from assistant.messages import Address, Message
from assistant.offers import Matter
from assistant.timeline import Timeline
from assistant.verdict import Verdict

_GIVEN = ("Alex", "Dominique", "Claude", "Robin", "Andrea", "Sam", "Noa", "Charlie", "Maxime", "Sasha")
_FAMILY = ("Arden", "Bellac", "Corvo", "Dorn", "Estev", "Ferrin", "Galdo", "Hallow", "Ilves", "Jarno")
_COMPANIES = ("brunal", "cestor", "dalvine", "ermont", "falkor", "grisel", "hollin", "jasper", "kerval", "lumen")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]{1,500}")
_LONG_NUMBER = re.compile(r"(?<![\w/.-])\+?\d(?:[ .]?\d){8,20}(?![\w/-])")
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON = frozenset(["service", "team", "equipe", "info", "contact", "sales", "direction", "groupe", "group"])


@dataclass(slots=True)
class Disguise:
    """Who becomes whom. The same name, address or company always becomes the same."""

    house: House
    emails: dict[str, str] = field(default_factory=dict)
    companies: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def learn(self, address: Address) -> None:
        """A person of the conversation: the address, the words of the name, the company."""
        number = len(self.emails)
        company = self._company(address.email)
        invented = (_GIVEN[number % 10], _FAMILY[number % 10]) * 3
        for word, new in zip(_WORD.findall(address.name), invented, strict=False):
            if fold(word) not in _COMMON:
                self.words.setdefault(fold(word), new)
        self.emails.setdefault(address.email, f"person{number + 1}@{company}.example")
        for label in re.split(r"[-_.]", organisation(address.email).rpartition("@")[2].rsplit(".", 1)[0]):
            if len(label) >= 4 and fold(label) not in _COMMON:
                self.words.setdefault(fold(label), company.title())

    def _company(self, email: str) -> str:
        key = "house" if self.house.holds(email) else organisation(email)
        return self.companies.setdefault(key, _COMPANIES[len(self.companies) % 10])

    def address(self, address: Address) -> str:
        name = self.text(address.name)
        email = self.emails.get(address.email, "somebody@elsewhere.example")
        return f"{name} <{email}>" if name else email

    def text(self, text: str) -> str:
        text = _URL.sub("https://web.example/", text)
        text = _EMAIL.sub(lambda m: self.emails.get(m[0].lower(), "somebody@elsewhere.example"), text)
        text = _LONG_NUMBER.sub(lambda m: re.sub(r"\d", "0", m[0]), text)
        return _WORD.sub(lambda m: self.words.get(fold(m[0]), m[0]), text)


def anonymous_case(
    matter: Matter,
    timeline: Timeline,
    verdict: Verdict,
    house: House,
    country: str,
    now: datetime,
    corrections: Mapping[str, Kind],
) -> str:
    """The case as TOML. What the program made of it stands under [[expect.offer]], to be put right by hand."""
    disguise = Disguise(house)
    for message in matter.offer.conversation:
        for address in _people(message):
            disguise.learn(address)
    kinds = {e.message_id: e.kind for e in timeline} | dict(corrections)
    handles = {m.message_id: f"m{i}" for i, m in enumerate(matter.offer.conversation, 1)}
    main = next(iter(sorted(house.addresses)))
    disguise.learn(Address("", main))
    lines = [
        'title = "A misread conversation"',
        f'language = "{matter.offer.language}"',
        f"now = {now.isoformat(timespec='seconds')}",
        f'owner = ["{disguise.emails[main]}"]',
        f'country = "{country}"',
    ]
    for message in matter.offer.conversation:
        lines += _message(message, disguise, kinds, handles)
    return "\n".join([*lines, *_expected(matter, verdict, handles)]) + "\n"


def _people(message: Message) -> Iterable[Address]:
    return [a for a in ((message.sender,) if message.sender else ()) + message.to + message.cc if a.email]


def _message(message: Message, disguise: Disguise, kinds: Mapping[str, Kind], handles: Mapping[str, str]) -> list[str]:
    kind = kinds.get(message.message_id, Kind.OTHER)
    answered = next((handles[i] for i in (*message.in_reply_to, *reversed(message.references)) if i in handles), None)
    lines = ["", "[[message]]", f'id = "{handles[message.message_id]}"', f'kind = "{kind.value}"']
    lines += [f'reply_to = "{answered}"'] if answered else []
    sender = disguise.address(message.sender) if message.sender else "somebody@elsewhere.example"
    lines.append(f"from = {_quoted(sender)}")
    lines.append(f"to = [{', '.join(_quoted(disguise.address(a)) for a in message.to)}]")
    lines += [f"cc = [{', '.join(_quoted(disguise.address(a)) for a in message.cc)}]"] if message.cc else []
    lines.append(f"date = {message.sent_at.isoformat(timespec='seconds')}")
    lines.append(f"subject = {_quoted(disguise.text(message.subject))}")
    lines.append(f'body = """\n{_block(disguise.text(message.text))}\n"""')
    for attachment in message.attachments:
        if attachment.text:
            lines += ["[[message.attachment]]", f"name = {_quoted(disguise.text(attachment.name) or 'file.pdf')}"]
            lines.append(f'text = """\n{_block(disguise.text(attachment.text[:20_000]))}\n"""')
    return lines


def _expected(matter: Matter, verdict: Verdict, handles: Mapping[str, str]) -> list[str]:
    lines = ["", "# What the program made of it: put right what is wrong.", "[[expect.offer]]"]
    if matter.offer.message:
        lines.append(f'message = "{handles[matter.offer.message.message_id]}"')
    lines += [f"valid_until = {verdict.valid_until.isoformat()}"] if verdict.valid_until else []
    lines += [f'state = "{verdict.state.value}"', f"draft = {'true' if verdict.due else 'false'}"]
    lines += ["pilot = true"] if verdict.pilot else []
    return [*lines, 'why = ""']


def _quoted(text: str) -> str:
    return '"' + re.sub(r"[\x00-\x1f\x7f]", " ", text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _block(text: str) -> str:
    clean = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text.replace("\r\n", "\n"))
    return clean.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').strip("\n")
