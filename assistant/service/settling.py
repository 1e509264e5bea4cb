"""What the steps of settling drafts share: the mailbox as it is now, the intents, the ledger, and how they report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from assistant.config import Account
from assistant.mailbox import Connection, Folder, Role
from assistant.mailbox.drafts import DraftsFolder, drafts_folder, look
from assistant.markers import marker, revision, revisions
from assistant.service.desk import Desk
from assistant.service.judging import Listing
from assistant.store.intents import IntentStore
from assistant.store.register import Contents, Entry, LedgerDraft

What = Literal["placed", "adopted", "taken-back", "uncertain", "left", "edited", "sent", "missing", "deleted", "alarm"]
KINDS = ("withdrawal", "reminder")


@dataclass(frozen=True, slots=True)
class Placed:
    """What was done to a draft, or seen of it: one sentence for the owner, and a problem where he should act.

    `listing` is the number of the offer; `problem` has code, message and hint, as the JSON's `problems`.
    """

    sentence: str
    what: What
    listing: int
    problem: dict[str, str] | None = None


def told(what: What, item: Listing | Entry, text: str, *, code: str = "", hint: str = "") -> Placed:
    """A sentence about an offer, as a problem too where it has a code."""
    client = item.matter.offer.client if isinstance(item, Listing) else item.client
    sentence = f"{item.id} {client}: {text}" if client else f"{item.id}: {text}"
    problem = {"code": code, "message": sentence, "hint": hint} if code else None
    return Placed(sentence, what, item.id, problem)


@dataclass
class Visit:
    """One settling of one account's drafts. `drafts` is the folder as it was seen last."""

    connection: Connection
    desk: Desk
    account: Account
    now: datetime
    roles: Mapping[Role, Folder]
    sleep: Callable[[float], None] = time.sleep
    _drafts: DraftsFolder | None = field(default=None, repr=False)
    _contents: Contents | None = field(default=None, repr=False)

    @property
    def drafts(self) -> DraftsFolder:
        return self._drafts or self.look()

    def look(self, *, settle: bool = False) -> DraftsFolder:
        """Reads the Drafts folder. Raises FolderMissing where there is none."""
        self._drafts = look(self.connection, drafts_folder(self.roles), settle=settle)
        return self._drafts

    @property
    def intents(self) -> IntentStore:
        return IntentStore(self.desk.database, self.desk.mail(self.account).account)

    # -- the ledger -----------------------------------------------------------------------------------------------

    @property
    def contents(self) -> Contents:
        """The register as it was read last; to be looked at only."""
        if self._contents is None:
            self._contents = self.desk.contents()
        return self._contents

    def read_again(self) -> None:
        """The register has changed, or may have."""
        self._contents = None

    def entries(self) -> list[Entry]:
        return [e for e in self.contents.entries if e.account == self.account.name]

    def entry(self, number: int) -> Entry:
        """The register's entry of an offer; an empty one where it is gone."""
        return self.contents.entry(number) or Entry(number)

    def record(self, number: int, draft: LedgerDraft) -> LedgerDraft:
        """Writes a draft into the ledger, in the place of an earlier line about the same version."""
        with self.desk.register.change() as contents:
            _put(contents, number, draft)
        self.read_again()
        return draft

    def amend(self, number: int, draft: LedgerDraft, **changes: Any) -> LedgerDraft:
        changed = replace(draft, **changes)
        return draft if changed == draft else self.record(number, changed)

    # -- names ----------------------------------------------------------------------------------------------------

    def marker(self, item: Listing, version: str) -> str:
        return self._marker(offer_key(item), version)

    def _marker(self, key: str, version: str) -> str:
        return marker(self.account.user, key, version, self.desk.config.owner.addresses[0])

    def markers(self, item: Listing) -> dict[str, tuple[str, str]]:
        """Marker → (kind, version) of every draft that may ever have been made for this offer, on any computer."""
        known = len(item.entry.drafts)
        keys = dict.fromkeys([offer_key(item), *item.matter.versions, *item.entry.messages])
        versions = list(revisions(KINDS, _days(item), known))
        return {
            self._marker(key, version): (version.partition(":")[0], version) for key in keys for version in versions
        }


def _put(contents: Contents, number: int, draft: LedgerDraft) -> None:
    entry = contents.entry(number)
    if entry is None:
        return
    places = [i for i, d in enumerate(entry.drafts) if d.version == draft.version]
    if places:
        entry.drafts[places[0]] = draft
    else:
        entry.drafts.append(draft)


def offer_key(item: Listing) -> str:
    """What names an offer on every computer: its Message-ID, else its reference, else what the register says of it."""
    offer = item.matter.offer
    if offer.message is not None and offer.message.message_id:
        return offer.message.message_id
    contact = offer.contact.email if offer.contact else ""
    return offer.reference or "\n".join((offer.client, contact, offer.title, str(offer.offered_on)))


def _days(item: Listing) -> list[date]:
    """Every last day of validity that the offer ever had."""
    said = [w.until for w in item.entry.said if w.verb == "extended"]
    days = [item.verdict.valid_until, item.entry.valid_until, *said, *(e.valid_until for e in item.timeline)]
    return list(dict.fromkeys(day for day in days if day))


def next_version(entry: Entry, kind: str, valid_until: date) -> str:
    """The version of a draft made now: numbered after those that were made for the same day."""
    return revision(kind, valid_until, len(earlier(entry, kind, valid_until)))


def earlier(entry: Entry, kind: str, valid_until: date) -> list[LedgerDraft]:
    """The drafts of this kind that were made for this last day of validity."""
    prefix = revision(kind, valid_until, 0).rpartition(":")[0]
    return [d for d in entry.drafts if d.version.rpartition(":")[0] == prefix]
