"""A mailbox with lapsed offers on a real server, judged by a simple rule: an answer in the inbox ends the matter.

The rule stands in for the judgement, so that these tests are about drafts alone. Everything else is the real code: the
reading of the mailbox, the store, the register, the letters.
"""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from assistant.config import Account, Config, Credential, Owner
from assistant.host.paths import Places
from assistant.kinds import By, Kind, Reading
from assistant.mailbox import Connection, open_connection
from assistant.messages import Address, Message, parse_message
from assistant.offers import Matter, Offer
from assistant.policy import Policy
from assistant.service.contents import fetch_contents
from assistant.service.desk import Desk, open_desk
from assistant.service.judging import Listing
from assistant.service.placing import Placed, settle_drafts
from assistant.service.reading import read_mailbox
from assistant.store.register import Contents, Entry, LedgerDraft
from assistant.timeline import Event
from assistant.understanding import Understood
from assistant.verdict import Attention, Reason, State, Verdict
from tests.dovecot import PASSWORD
from tests.servers.drafts_server import DraftsServer
from tests.servers.fake_imap import FakeFolder

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 5, 18, 9, tzinfo=PARIS)
VALID_UNTIL = date(2026, 3, 31)
OFFERED_AT = datetime(2026, 1, 27, 11, 4, tzinfo=PARIS)
CAMILLE = Address("Camille Rouvier", "camille@binalys.example")
OWNER = Owner(CAMILLE.name, (CAMILLE.email,), "FR", "fr")
GMAIL_NAMES = {
    "INBOX": "[Gmail]/Tous les messages",
    "Sent": "[Gmail]/Tous les messages",
    "Drafts": "[Gmail]/Brouillons",
    "Trash": "[Gmail]/Corbeille",
}


@dataclass
class Story:
    """One computer of the owner, with a store and a register of its own, in front of a mailbox that may be shared."""

    server: object  # with host, port and login(user)
    user: str
    folder: Path
    offers: int = 1
    valid_until: date = VALID_UNTIL
    due: bool = True
    attention: Attention | None = None
    hold_until: date | None = None
    sleep: Callable[[float], None] = lambda seconds: None
    just_before_the_append: Callable[[], None] = lambda: None
    _desk: list[Desk] = field(default_factory=list)
    _client: list[imaplib.IMAP4] = field(default_factory=list)

    # -- the computer -------------------------------------------------------------------------------------------------

    @property
    def account(self) -> Account:
        return Account("default", self.server.host, self.user, self.server.port, "none")  # type: ignore[attr-defined]

    @property
    def config(self) -> Config:
        return Config(OWNER, (self.account,), Policy("FR", PARIS))

    @property
    def desk(self) -> Desk:
        if not self._desk:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._desk.append(open_desk(self.config, Places(self.folder / "mail.sqlite", self.folder / "offers.toml")))
        return self._desk[0]

    def close(self) -> None:
        while self._desk:
            self._desk.pop().close()
        while self._client:
            self._client.pop().logout()

    def lose_store(self) -> None:
        self.close()
        for path in self.folder.glob("mail.sqlite*"):
            path.unlink()

    def lose_register(self) -> None:
        (self.folder / "offers.toml").unlink(missing_ok=True)

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        with open_connection(self.account, Credential("password", PASSWORD)) as connection:
            yield connection

    def cycle(self, now: datetime = NOW) -> list[Placed]:
        """Reads, judges by the simple rule, settles the drafts."""
        with self.connected() as connection:
            listings = self.judged(connection, now)
            return settle_drafts(
                connection, self.desk, self.account, listings, now, recheck=self.recheck, sleep=self.sleep
            )

    def recheck(self, connection: Connection, desk: Desk, account: Account, now: datetime) -> list[Listing]:
        self.just_before_the_append()
        return self.judged(connection, now)

    def judged(self, connection: Connection, now: datetime) -> list[Listing]:
        """The newest mail, and what follows from it."""
        mail = self.desk.mail(self.account)
        read_mailbox(connection, mail, self.account, since=date(2025, 1, 1), now=now)
        messages = self._conversation(connection)
        with self.desk.register.change() as contents:
            numbers = [n for n in range(1, self.offers + 1) if offer_id(n) in messages]
            listed = [self._listing(messages, contents, n, now) for n in numbers]
            return [item for item in listed if not any(word.verb == "ignored" for word in item.entry.said)]

    def _conversation(self, connection: Connection) -> dict[str, Message]:
        mail = self.desk.mail(self.account)
        keys = [
            stored.key
            for number in mail.thread_numbers()
            for stored in mail.thread(number)
            if any(place.role in ("inbox", "sent", "all") for place in mail.locations(stored.key))
        ]
        found = (parse_message(raw, fallback=NOW) for _, raw in fetch_contents(connection, mail, keys))
        return {m.message_id: m for m in sorted(found, key=lambda m: m.sent_at)}

    def _listing(self, messages: dict[str, Message], contents: Contents, number: int, now: datetime) -> Listing:
        name = offer_id(number)
        thread = [m for m in messages.values() if m.message_id == name or name in m.references]
        entry = next((e for e in contents.entries if name in e.messages), None)
        entry = entry or contents.add(Entry(0, messages=[name], client=f"Client {number}"))
        heard = tuple(Understood(m, _by(m), Reading(Kind.OTHER, 1.0), "fr") for m in thread)
        timeline = tuple(_event(m) for m in thread)
        offer = Offer(
            messages[name], None, f"Client {number}", customer(number), f"Offre {number}", OFFERED_AT.date(), "fr",
            tuple(thread),
        )  # fmt: skip
        return Listing("default", entry, Matter(offer, heard, (name,)), timeline, self._verdict(thread, entry, now))

    def _verdict(self, thread: list[Message], entry: Entry, now: datetime) -> Verdict:
        answers = [m for m in thread if m.sender and m.sender.email != CAMILLE.email and m.sent_at <= now]
        said = [word.verb for word in entry.said if word.verb in ("accepted", "declined", "withdrawn")]
        sent = any(d.fate == "sent" and d.kind == "withdrawal" for d in entry.drafts)
        days = [word.until for word in entry.said if word.verb == "extended" and word.until]
        day = days[-1] if days else self.valid_until
        reason = Reason("validity-over", f"Valid until {day}.")
        if said:
            return Verdict(State(said[-1]), day, (Reason("owner-said", f"You said {said[-1]}."),))
        if any("accepte" in m.text for m in answers):
            late = (
                Attention("late-acceptance", "A yes came after your withdrawal. Do you confirm it?") if sent else None
            )
            return Verdict(
                State.ACCEPTED, day, (Reason("customer-accepted", "The customer accepted."),), attention=late
            )
        if answers and "?" in answers[-1].text:
            return Verdict(State.YOUR_TURN, day, (Reason("unanswered-question", "A question waits."),))
        if sent:
            return Verdict(State.WITHDRAWN, day, (Reason("withdrawn", "You withdrew it."),))
        if now.date() <= day:
            return Verdict(State.OPEN, day, (reason,))
        due = "withdrawal" if self.due and not self.attention and not self.hold_until else None
        return Verdict(State.LAPSED, day, (reason,), attention=self.attention, hold_until=self.hold_until, due=due)  # type: ignore[arg-type]

    # -- what the register says ---------------------------------------------------------------------------------------

    def ledger(self, number: int = 1) -> list[LedgerDraft]:
        return next(e.drafts for e in self.desk.contents().entries if offer_id(number) in e.messages)

    def fate(self, number: int = 1) -> str:
        return self.ledger(number)[-1].fate

    def say(self, verb: str, until: date | None = None, number: int = 1) -> None:
        from assistant.store.register import Said

        with self.desk.register.change() as contents:
            entry = next(e for e in contents.entries if offer_id(number) in e.messages)
            entry.said.append(Said(verb, NOW, until))

    # -- the mailbox, by another client -------------------------------------------------------------------------------

    def fill(self) -> Story:
        """Puts the offers into Sent, and some mail that is none of our business everywhere."""
        for number in range(1, self.offers + 1):
            self.deliver("Sent", offer_mail(number), "(\\Seen)", OFFERED_AT)
        bystander = mail_bytes(CAMILLE, [Address("", "ami@elsewhere.example")], "Dîner", "<dinner@elsewhere.example>")
        for folder, flags in (("INBOX", ""), ("Drafts", "\\Draft"), ("Drafts", "\\Draft \\Deleted"), ("Trash", "")):
            self.deliver(folder, bystander, f"({flags})" if flags else None, OFFERED_AT)
        return self

    @contextmanager
    def other_client(self) -> Iterator[imaplib.IMAP4]:
        """One connection for the whole test: a login takes longer than all the rest."""
        if not self._client:
            self._client.append(self.server.login(self.user))  # type: ignore[attr-defined]
        yield self._client[0]

    def deliver(self, folder: str, message: bytes, flags: str | None = None, at: datetime = NOW) -> None:
        if isinstance(self.server, DraftsServer):
            self._memory(folder).deliver(message, flags=set((flags or "").strip("()").split()))
            return
        with self.other_client() as client:
            client.append(folder, flags, imaplib.Time2Internaldate(at), message)

    def answer(self, text: str = "Bonjour, j'accepte.", number: int = 1, at: datetime = NOW, name: str = "") -> None:
        """The customer writes."""
        name = name or f"<answer.{number}.{int(at.timestamp())}@client{number}.example>"
        self.deliver(
            "INBOX", mail_bytes(customer(number), [CAMILLE], f"RE: Offre {number}", name, text, at, offer_id(number))
        )

    def drafts(self, folder: str = "Drafts") -> dict[int, bytes]:
        """UID → bytes of our drafts: those to a customer."""
        return {
            uid: raw for uid, (_, raw) in self.contents(folder).items() if b"@client" in raw.partition(b"\r\n\r\n")[0]
        }

    def contents(self, folder: str) -> dict[int, tuple[bytes, bytes]]:
        """UID → (flags and arrival, bytes) of a folder, looked at without a trace."""
        if isinstance(self.server, DraftsServer):
            return {m.uid: (" ".join(sorted(m.flags)).encode(), m.raw) for m in self._memory(folder).messages}
        with self.other_client() as client:
            client.select(folder, readonly=True)
            _, found = client.uid("SEARCH", "ALL")
            uids = found[0].split() if found and found[0] else []
            return {int(uid): _message(client, uid) for uid in uids}

    def everything(self) -> dict[str, dict[int, tuple[bytes, bytes]]]:
        """The whole mailbox but for our drafts, to compare."""
        found = {name: self.contents(name) for name in self._folders()}
        found["Drafts"] = {
            uid: seen for uid, seen in found["Drafts"].items() if b"@client" not in seen[1].partition(b"\r\n\r\n")[0]
        }
        return found

    def _folders(self) -> list[str]:
        if isinstance(self.server, DraftsServer):
            return ["INBOX", "Sent", "Drafts", "Trash"]
        with self.other_client() as client:
            _, lines = client.list()
        return sorted(str(line).rsplit(" ", 1)[1].strip("'\"") for line in lines)

    def _memory(self, name: str) -> FakeFolder:
        """A folder of a server in memory; on Gmail what was sent or received is in All Mail."""
        folders = self.server.folders  # type: ignore[attr-defined]
        return folders[name] if GMAIL_NAMES[name] not in folders else folders[GMAIL_NAMES[name]]

    def remove_draft(self, uid: int, *, to: str | None = None, folder: str = "Drafts") -> None:
        """The owner deletes a draft, or moves it."""
        if isinstance(self.server, DraftsServer):
            here = self._memory(folder)
            if to:
                self._memory(to).deliver(next(m.raw for m in here.messages if m.uid == uid))
            here.remove(uid)
            return
        with self.other_client() as client:
            client.select(folder)
            if to:
                client.uid("MOVE", str(uid), to)
            else:
                client.uid("STORE", str(uid), "+FLAGS", "(\\Deleted)")
                client.uid("EXPUNGE", str(uid))

    def edit_draft(self, change: Callable[[bytes], bytes]) -> None:
        """The owner edits the one draft, as mail programs do: a new message, then the old one goes."""
        ((uid, raw),) = self.drafts().items()
        self.deliver("Drafts", change(raw), "(\\Draft \\Seen)")
        self.remove_draft(uid)

    def send_draft(
        self, *, message_id: bytes | None = None, text: bytes = b"", at: datetime = NOW + timedelta(hours=1)
    ) -> None:
        """The owner sends the one draft: it leaves Drafts and turns up in Sent, perhaps under another Message-ID."""
        ((uid, raw),) = self.drafts().items()
        self.deliver("Sent", sent(raw, message_id, text, at), "(\\Seen)", at)
        self.remove_draft(uid)


def _message(client: imaplib.IMAP4, uid: bytes) -> tuple[bytes, bytes]:
    _, data = client.uid("FETCH", uid.decode(), "(FLAGS INTERNALDATE BODY.PEEK[])")
    head, body = next(part for part in data if isinstance(part, tuple))
    flags = b" ".join(sorted(flag for flag in imaplib.ParseFlags(head) if flag != b"\\Recent"))
    return flags + b" " + head.partition(b"INTERNALDATE ")[2][:28], body


def offer_id(number: int) -> str:
    return f"<offer.{number}@binalys.example>"


def customer(number: int) -> Address:
    return Address(f"Dominique Martin {number}", f"d.martin@client{number}.example")


def offer_mail(number: int) -> bytes:
    text = f"Bonjour,\n\nVoici notre offre numéro {number}, valable jusqu'au 31 mars 2026.\n\nBien à vous,\nCamille"
    return mail_bytes(CAMILLE, [customer(number)], f"Offre {number}", offer_id(number), text, OFFERED_AT)


def mail_bytes(
    sender: Address,
    to: list[Address],
    subject: str,
    name: str,
    text: str = "Bonjour.",
    at: datetime = OFFERED_AT,
    answers: str = "",
) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{sender.name} <{sender.email}>"
    mail["To"] = ", ".join(f"{a.name} <{a.email}>" for a in to)
    mail["Date"] = format_datetime(at)
    mail["Subject"] = subject
    mail["Message-ID"] = name
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers
    mail.set_content(text)
    return mail.as_bytes()


def sent(draft: bytes, message_id: bytes | None, text: bytes, at: datetime) -> bytes:
    """A draft as it is sent: a new Date, perhaps another Message-ID and more words."""
    lines = draft.split(b"\r\n")
    date_at = next(i for i, line in enumerate(lines) if line.lower().startswith(b"date:"))
    lines[date_at] = b"Date: " + format_datetime(at).encode()
    if message_id:
        id_at = next(i for i, line in enumerate(lines) if line.lower().startswith(b"message-id:"))
        lines[id_at] = b"Message-ID: " + message_id
    return b"\r\n".join(lines) + text


def _by(message: Message) -> By:
    return By.OWNER if message.sender and message.sender.email == CAMILLE.email else By.CUSTOMER


def _event(message: Message) -> Event:
    kind = Kind.OFFER if message.message_id.startswith("<offer.") else Kind.OTHER
    valid_until = VALID_UNTIL if kind is Kind.OFFER else None
    return Event(message.message_id, message.sent_at, _by(message), kind, 1.0, valid_until=valid_until)


__all__ = ["NOW", "Story", "replace"]
