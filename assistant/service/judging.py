"""From the store and the register to the list of offers, each with its verdict; without the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assistant.config import Account
from assistant.customers import fold, organisation
from assistant.kinds import Kind
from assistant.matters import find_matters
from assistant.offers import Matter, Proposal
from assistant.service.desk import Desk
from assistant.store.register import Contents, Entry, LedgerDraft
from assistant.timeline import Timeline, build_timeline
from assistant.understanding import Understood, corrected
from assistant.verdict import Verdict, Word, decide


@dataclass(frozen=True, slots=True)
class Listing:
    """One offer as the owner sees it: its number and words (`entry`), what mail says (`matter`), what follows."""

    account: str
    entry: Entry
    matter: Matter
    timeline: Timeline
    verdict: Verdict

    @property
    def draft(self) -> LedgerDraft | None:
        """The newest draft that was made for it."""
        return self.entry.drafts[-1] if self.entry.drafts else None

    @property
    def id(self) -> int:
        return self.entry.id


def judge(desk: Desk, account: Account, contents: Contents, now: datetime) -> list[Listing]:
    """The offers of one account, by number. `contents` gets an entry for every offer that it did not know yet, and
    learns the versions of those it did; the caller decides whether that is written."""
    store = desk.readings(account)
    corrections = _corrections(contents)
    loaded = [(t, _corrected(u, corrections, desk)) for t, u in store.load(store.watched())]
    thread_of = {u.message_id: thread for thread, u in loaded}
    mine = [e for e in contents.entries if e.account == account.name]
    proposals = {e.id: _proposal(e) for e in mine if e.registered}
    matters = find_matters(
        [u for _, u in loaded], thread_of, list(proposals.values()), desk.house, desk.config.policy.timezone
    )
    listings = []
    for matter in matters:
        entry = _entry(matter, mine, proposals) or contents.add(Entry(0, account=account.name))
        entry.messages = list(dict.fromkeys([*entry.messages, *matter.versions]))
        if not any(s.verb == "ignored" for s in entry.said):
            listings.append(_listing(desk, entry, matter, contents, now))
    return sorted(listings, key=lambda item: item.id)


def _corrections(contents: Contents) -> dict[str, Kind]:
    """What the owner said of single messages; and a notice that left is a withdrawal whatever he made of its words."""
    ours = {"withdrawal": Kind.WITHDRAWAL, "reminder": Kind.FOLLOW_UP}
    drafts = {d.message_id: ours[d.kind] for e in contents.entries for d in e.drafts if d.kind in ours}
    return drafts | {c.message_id: Kind(c.kind) for c in contents.corrections}


def _corrected(heard: Understood, corrections: dict[str, Kind], desk: Desk) -> Understood:
    kind = corrections.get(heard.message_id)
    return heard if kind is None else corrected(heard, kind, desk.house)


def _proposal(entry: Entry) -> Proposal:
    return Proposal(
        entry.reference, entry.client, entry.contact, entry.title, entry.amount, entry.sent_on, entry.valid_until
    )


def _entry(matter: Matter, entries: Sequence[Entry], proposals: dict[int, Proposal]) -> Entry | None:
    """The register's entry of a matter: the proposal it was linked to, else the one that carried the same messages."""
    for entry in entries:
        if matter.offer.proposal is not None and proposals.get(entry.id) is matter.offer.proposal:
            return entry
    return next((e for e in entries if set(e.messages) & set(matter.versions)), None)


def _listing(desk: Desk, entry: Entry, matter: Matter, contents: Contents, now: datetime) -> Listing:
    verdict = decide(matter, _words(entry, matter, contents), desk.config.policy, now)
    if contents.paused:
        verdict = replace(verdict, due=None)
    language = matter.offer.language or desk.config.owner.language
    matter = replace(matter, offer=replace(matter.offer, language=language))
    return Listing(entry.account, entry, matter, build_timeline(matter), verdict)


def _words(entry: Entry, matter: Matter, contents: Contents) -> list[Word]:
    """The owner's words as the verdict takes them. What he said of an older version does not bind a newer one."""
    offered = matter.offer.message.sent_at if matter.offer.message else None
    newer = len(matter.versions) > 1 and offered is not None
    words = [Word(s.verb, s.at, s.until) for s in entry.said if not (newer and offered and s.at < offered)]
    if is_never(matter, contents.never):
        words.append(Word("never", datetime.min.replace(tzinfo=offered.tzinfo if offered else None)))
    sent = [d for d in entry.drafts if d.fate == "sent" and d.kind == "withdrawal" and d.sent_at]
    if sent and (offered is None or sent[-1].sent_at >= offered):  # type: ignore[operator]
        words.append(Word("notice-sent", sent[-1].sent_at))  # type: ignore[arg-type]
    return words


def is_never(matter: Matter, never: Sequence[str]) -> bool:
    names = {fold(matter.offer.client)}
    if matter.offer.contact:
        names |= {matter.offer.contact.email, organisation(matter.offer.contact.email)}
    return any(fold(n) in names for n in never)
