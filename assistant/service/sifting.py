"""Which messages of a mailbox matter, fetched and understood: first what the owner's side sent to outsiders, then all
that belongs to what may be an offer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from assistant import __version__
from assistant.config import Account
from assistant.customers import House, fold, organisation, person
from assistant.documents import Document, extract_texts
from assistant.mailbox import Connection
from assistant.messages import Attachment, Message, MessageUnreadable, parse_message
from assistant.references import mentions
from assistant.service.desk import Desk
from assistant.service.reading import fetch_contents
from assistant.store.readings import Outside
from assistant.store.register import Contents
from assistant.understanding import Understood, understand

log = logging.getLogger(__name__)
Progress = Callable[[str, int], None]

MAYBE_OFFER = 0.15  # P(offer) from which a thread is looked at as a whole
_BATCH = 200
_CLOCKS_DIFFER = timedelta(days=1)
_BOUNCE_SECONDS = 8 * 86400
_MAIL_SYSTEM = ("mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon", "microsoftexchange")


def sift(
    connection: Connection,
    desk: Desk,
    account: Account,
    contents: Contents,
    now: datetime,
    progress: Progress = lambda what, n: None,
) -> int:
    """Reads and understands what matters and was not read yet; gives back how many messages were.

    Afterwards `desk.readings(account).watched()` are the messages that the offers are judged by.
    """
    with desk.database.relaxed():  # all of it can be read again
        return _Sifting(desk, account, contents).run(_Reader(connection, desk, account, now, progress))


class _Sifting:
    """One choice of the messages that matter. Since the last one by the same register only a few may have come: then
    these are looked at, with the threads that were watched, unless they make known more people than before."""

    def __init__(self, desk: Desk, account: Account, contents: Contents) -> None:
        self._store, self._house = desk.readings(account), desk.house
        self._registered = _Known.of(contents, account)
        self._mark = sha256(f"{__version__} {self._registered}".encode()).hexdigest()
        fresh = self._store.fresh(self._mark)
        self._fresh = frozenset(key for key, _ in fresh or ())
        self._near: set[int] | None = None
        if fresh is not None:
            self._near = self._store.threads_of(self._store.watched()) | {thread for _, thread in fresh}

    def run(self, reader: _Reader) -> int:
        sent = [o.key for o in self._store.outsides(self._near) if _to_outsiders(o, self._house)]
        count = reader.read(self._store.missing(sent))
        for _ in range(3):  # what is read may name further people; it settles at once in practice
            watched = self._watched()
            missing = self._store.missing(watched)
            if not missing:
                break
            count += reader.read(missing)
        self._store.set_watched(watched, self._mark)
        return count

    def _watched(self) -> list[int]:
        """The messages of threads that may hold an offer, and what its customers, or mail systems, wrote elsewhere."""
        outsides = list(self._store.outsides(self._near))
        threads = set(self._store.selling_threads(MAYBE_OFFER))
        threads |= {o.thread for o in outsides if self._registered.bought(o, self._house)}
        known = self._known(outsides, threads)
        if self._near is not None and known != self._known((o for o in outsides if o.key not in self._fresh), threads):
            self._near = None
            return self._watched()
        return [o.key for o in outsides if o.thread in threads or known.concerns(o, self._house)]

    def _known(self, outsides: Iterable[Outside], threads: Collection[int]) -> _Known:
        known = self._registered.copy()
        for o in outsides:
            if o.thread in threads:
                known.add(o, self._house)
        return known


def _to_outsiders(o: Outside, house: House) -> bool:
    return house.holds(o.sender) and any(not house.holds(r) for r in o.recipients)


@dataclass(slots=True)
class _Known:
    """The customers of the possible offers, and when the first of these was sent to each."""

    organisations: dict[str, int]
    persons: set[frozenset[str]]
    references: list[str]
    offers_at: list[int]

    @classmethod
    def of(cls, contents: Contents, account: Account) -> _Known:
        entries = [e for e in contents.entries if e.account == account.name and e.registered]
        return cls(
            {organisation(e.contact.lower()): 0 for e in entries if e.contact},
            set(),
            [e.reference for e in entries if e.reference],
            [],
        )

    def copy(self) -> _Known:
        return _Known(dict(self.organisations), set(self.persons), self.references, list(self.offers_at))

    def bought(self, o: Outside, house: House) -> bool:
        """Whether a message went to one of the customers."""
        return _to_outsiders(o, house) and any(organisation(r) in self.organisations for r in o.recipients)

    def add(self, o: Outside, house: House) -> None:
        people = [*o.recipients, o.sender]
        for email in people:
            if email and not house.holds(email) and not email.startswith(_MAIL_SYSTEM):
                shared = organisation(email)
                self.organisations[shared] = min(self.organisations.get(shared, o.at), o.at)
        if not house.holds(o.sender) and (who := person(o.name)):
            self.persons.add(who)
        if _to_outsiders(o, house):
            self.offers_at.append(o.at)

    def concerns(self, o: Outside, house: House) -> bool:
        """Whether a message of another thread may be about one of the offers."""
        if o.sender.startswith(_MAIL_SYSTEM) or "mailer" in fold(o.name):
            return any(at <= o.at <= at + _BOUNCE_SECONDS for at in self.offers_at)
        others = o.recipients if house.holds(o.sender) else [o.sender]
        if any(o.at >= self.organisations.get(organisation(e), 2**62) for e in others if not house.holds(e)):
            return True
        if person(o.name) in self.persons:
            return True
        return any(mentions(o.subject, r) for r in self.references)


class _Reader:
    """Fetches, parses and understands messages, in batches that are saved as they come."""

    def __init__(self, connection: Connection, desk: Desk, account: Account, now: datetime, progress: Progress) -> None:
        self.now = now
        self.connection, self.desk, self.account = connection, desk, account
        self.mail, self.store = desk.mail(account), desk.readings(account)
        self.progress = progress

    def read(self, keys: Collection[int]) -> int:
        done = 0
        for batch in _batches(fetch_contents(self.connection, self.mail, keys), _BATCH):
            parsed = [(key, m) for key, raw in batch if (m := self._parse(key, raw)) is not None]
            messages = _with_documents([m for _, m in parsed])
            self.store.save((key, self._understand(m)) for (key, _), m in zip(parsed, messages, strict=True))
            done += len(batch)
            self.progress("understanding", done)
        return done

    def _parse(self, key: int, raw: bytes) -> Message | None:
        stored = self.mail.message(key)
        fallback = (stored.received_at or stored.sent_at) if stored else datetime.fromtimestamp(0, UTC)
        own = stored.envelope.sent_at if stored else None
        if own is not None and own <= self.now + _CLOCKS_DIFFER:
            # Servers date what they are given by their own clock; with --at, or after a move, that may be years off.
            fallback = max(fallback, self.now)
        try:
            message = parse_message(raw, fallback=fallback)
        except MessageUnreadable as error:
            self._quarantine(key, str(error), fallback)
            return None
        if message.message_id:
            return message
        return replace(message, message_id=f"<{sha256(raw).hexdigest()[:32]}@missing.invalid>")

    def _quarantine(self, key: int, reason: str, at: datetime) -> None:
        log.warning("a message could not be read and was set aside: %s", reason)
        folders = self.mail.folders()
        for place in self.mail.locations(key)[:1]:
            self.mail.quarantine(folders[place.folder].id, place.uid, reason, at)

    def _understand(self, message: Message) -> Understood:
        config = self.desk.config
        return understand(message, self.desk.house, config.policy, language=config.owner.language)


def _batches(items: Iterable[tuple[int, bytes]], size: int) -> Iterator[list[tuple[int, bytes]]]:
    batch: list[tuple[int, bytes]] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _with_documents(messages: list[Message]) -> list[Message]:
    """The same messages, the text of their documents in place of the bytes; one child process reads them all."""
    files = [a for m in messages for a in m.attachments]
    texts = iter(extract_texts([Document(a.content, a.name, a.content_type) for a in files]) if files else ())

    def filled(a: Attachment) -> Attachment:
        return replace(a, content=b"", text=next(texts).text)

    return [replace(m, attachments=tuple(filled(a) for a in m.attachments)) for m in messages]
