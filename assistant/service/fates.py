"""What became of the drafts: adopted where another computer or a lost register placed them, followed until they are
sent or deleted. Reads only; what it learns goes into the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from assistant.mailbox.drafts import DraftsFolder, Seen, read_draft
from assistant.resemblance import envelope_of, fingerprint, same_outside
from assistant.service.departures import left_as, lies_in_trash, read_anew, sent_at
from assistant.service.judging import Listing
from assistant.service.rewriting import is_untouched
from assistant.service.settling import Placed, Visit, told
from assistant.service.wanted import answers
from assistant.store.intents import Intent
from assistant.store.register import Entry, LedgerDraft

FOLLOWED = ("untouched", "edited", "uncertain", "deleted")
DELETED_FOLLOWED_DAYS = 60  # a deleted draft may still turn up as sent: a mail program that was offline


def follow(visit: Visit, listings: list[Listing]) -> list[Placed]:
    """Brings the ledger up to date with the mailbox: adopts what it does not know, then looks after what it does."""
    by_number = {item.id: item for item in listings}
    done = [*_adopt_all(visit, listings)]
    for entry in visit.entries():
        for draft in entry.drafts:
            if _is_followed(draft, visit.now):
                changed = note(visit, entry.id, draft, current(visit, by_number.get(entry.id), draft))
                done += _news(by_number.get(entry.id) or entry, draft, changed)
    return done


def _is_followed(draft: LedgerDraft, now: datetime) -> bool:
    if draft.fate == "deleted":
        return (now - draft.placed_at).days <= DELETED_FOLLOWED_DAYS
    return draft.fate in FOLLOWED


def note(visit: Visit, number: int, before: LedgerDraft | None, sight: Sight) -> LedgerDraft:
    """Writes what was seen of a draft: first into the ledger, which survives, then, for a quicker comparison, where it
    lies. A process that is killed in between looks again."""
    if sight.draft != before:
        if sight.draft.fate == "sent":
            read_anew(visit, sight.draft.message_id)
        visit.record(number, sight.draft)
    if sight.uid is not None:
        _remember(visit, sight.draft, sight.uid)
    return sight.draft


def _remember(visit: Visit, draft: LedgerDraft, uid: int) -> None:
    name = draft.marker or draft.message_id
    known = visit.intents.get(name) or Intent(name, draft.kind, draft.version, "standing", answers=draft.answers)
    step = known.step if known.step == "taking-back" else "standing"
    place = replace(known, step=step, uidvalidity=visit.drafts.uidvalidity, uid=uid)
    if place != known:
        visit.intents.save(place)


def _news(item: Listing | Entry, before: LedgerDraft, after: LedgerDraft) -> Iterator[Placed]:
    """What the owner should hear of a change."""
    what = "last call" if after.kind == "reminder" else "withdrawal"
    if after.missing and not before.missing:
        yield told("missing", item, f"the {what} is not in Drafts; if it is not at the next look, you deleted it.")
    if after.fate == before.fate:
        return
    if after.fate == "sent":
        yield told("sent", item, f"the {what} was sent.")
    elif after.fate == "deleted":
        hint = f"`offer-assistant draft {item.id} --again`"
        yield told("deleted", item, f"the {what} is gone from Drafts; no other is made unless you ask ({hint}).")
    elif after.fate == "edited":
        yield told("edited", item, f"you edited the {what}; it is yours now.")
    elif before.fate == "uncertain" and after.fate == "untouched":
        yield told("adopted", item, f"the {what} is in Drafts after all.")


# -- one draft --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sight:
    """The ledger's line about a draft as the mailbox shows it; `uid` where its bytes were looked at, None elsewhere."""

    draft: LedgerDraft
    uid: int | None = None


def current(visit: Visit, item: Listing | None, draft: LedgerDraft) -> Sight:
    """What became of a draft. Nothing is written."""
    missing, draft = draft.missing, replace(draft, missing=False)
    name = draft.marker or draft.message_id
    intent = visit.intents.get(name)
    sent = left_as(visit, item, draft, intent)
    if sent is not None:
        return Sight(replace(draft, fate="sent", message_id=sent[0], marker=_marker(name, sent[0]), sent_at=sent[1]))
    ours = find_ours(visit.drafts, name, draft.message_id, intent)
    here = [s for s in ours if not s.deleted]
    if here:
        return _standing(visit, item, draft, here[0], intent)
    if intent is not None and intent.step == "taking-back":
        return Sight(replace(draft, fate="taken-back"))
    replaced = _replaced(visit.drafts, draft, intent)
    if replaced is not None:
        found = replaced.envelope.message_id
        place = replace(draft, message_id=found, marker=_marker(name, found), folder=visit.drafts.name)
        return Sight(replace(place, fate="edited"))
    return _gone(visit, draft, sure=missing or bool(ours))


def _gone(visit: Visit, draft: LedgerDraft, *, sure: bool) -> Sight:
    """A draft that does not stand in Drafts: `sure` where it lies there marked \\Deleted, or was missed before. What is
    missed once may be on its way from one folder to another: programs move and edit in several steps."""
    if draft.fate in ("uncertain", "deleted"):
        return Sight(draft)
    names = dict.fromkeys([draft.message_id, draft.marker or draft.message_id])
    if sure or any(lies_in_trash(visit, name) for name in names):
        return Sight(replace(draft, fate="deleted"))
    return Sight(replace(draft, missing=True))


def _marker(ours: str, theirs: str) -> str:
    """What the ledger keeps of our own Message-ID: nothing where the server left it as it was."""
    return "" if ours == theirs else ours


def find_ours(drafts: DraftsFolder, name: str, message_id: str, intent: Intent | None) -> list[Seen]:
    """The messages in Drafts that are this draft: by its Message-ID, else where it was put, else, of those that came
    after the append began, by all but a Message-ID that the server replaced. The lowest UID first."""
    found = drafts.bearing(name) or drafts.bearing(message_id)
    if found or intent is None or intent.uidvalidity != drafts.uidvalidity:
        return found
    if intent.uid is not None:
        return [s for s in drafts.seen if s.uid == intent.uid]
    outside = envelope_of(intent.message)
    first = intent.uidnext or 0
    return [s for s in drafts.seen if s.uid >= first and same_outside(outside, s.envelope)]


def _standing(visit: Visit, item: Listing | None, draft: LedgerDraft, seen: Seen, intent: Intent | None) -> Sight:
    """A draft that lies in Drafts. A message cannot change under its UID (RFC 3501 §2.3.1.1): it is read again only
    where it lies elsewhere than before."""
    drafts, name = visit.drafts, draft.marker or draft.message_id
    ours = seen.envelope.message_id or name
    place = replace(draft, message_id=ours, marker=_marker(name, ours), folder=drafts.name)
    known = intent is not None and (intent.uidvalidity, intent.uid) == (drafts.uidvalidity, seen.uid)
    if known and draft.fate in ("untouched", "edited") and draft.fingerprint:
        return Sight(place, seen.uid)
    whole = read_draft(visit.connection, drafts.name, seen.uid)
    if whole is None:  # gone since we looked: the next cycle sees what became of it
        return Sight(draft)
    if draft.fingerprint:
        touched = fingerprint(whole.message) != draft.fingerprint
    else:
        touched = not is_untouched(visit, item, whole.message, draft, intent)
    if touched:
        return Sight(replace(place, fate="edited"), seen.uid)
    return Sight(replace(place, fate="untouched", fingerprint=fingerprint(whole.message)), seen.uid)


def _replaced(drafts: DraftsFolder, draft: LedgerDraft, intent: Intent | None) -> Seen | None:
    """A later message in Drafts that answers the same message: an edited draft that got another Message-ID."""
    if intent is None or intent.uid is None or not draft.answers or intent.uidvalidity != drafts.uidvalidity:
        return None
    people = {a.email for a in envelope_of(intent.message).to}
    for seen in drafts.seen:
        later = seen.uid > intent.uid and not seen.deleted and draft.answers in seen.envelope.in_reply_to
        if later and people & {a.email for a in seen.envelope.to}:
            return seen
    return None


# -- adopting ---------------------------------------------------------------------------------------------------------


def _adopt_all(visit: Visit, listings: list[Listing]) -> Iterator[Placed]:
    """Takes into the ledger the drafts that bear a marker of ours and that it does not know."""
    inside = {s.envelope.message_id for s in visit.drafts.seen if not s.deleted}
    for item in listings:
        known = {d.version for d in item.entry.drafts}
        markers = visit.markers(item)
        for name in markers:
            kind, version = markers[name]
            if version in known:
                continue
            at = None if name in inside or item.entry.drafts else sent_at(visit, name)
            if name in inside or at is not None:
                yield adopt(visit, item, name, kind, version, sent=at)
                known.add(version)


def adopt(
    visit: Visit,
    item: Listing,
    name: str,
    kind: str,
    version: str,
    *,
    sent: datetime | None = None,
    deleted: bool = False,
) -> Placed:
    """Takes a draft of ours, found in Drafts, among the sent mail or in Trash, into the ledger."""
    intent = visit.intents.get(name)
    here = next(iter(visit.drafts.bearing(name)), None)
    replies = here.envelope.in_reply_to[0] if here is not None and here.envelope.in_reply_to else ""
    draft = LedgerDraft(
        name, kind, version, "uncertain", sent or visit.now, answers=replies or answers(item, visit.desk.house)
    )
    if sent is not None:
        draft = note(visit, item.id, None, Sight(replace(draft, fate="sent", sent_at=sent)))
    elif deleted:
        draft = visit.record(item.id, replace(draft, fate="deleted"))
    else:
        draft = replace(draft, asked=intent is not None and intent.asked)
        draft = note(visit, item.id, None, current(visit, item, draft))
    return told("adopted", item, f"a draft of ours was found in the mailbox ({draft.fate}); no other is made.")
