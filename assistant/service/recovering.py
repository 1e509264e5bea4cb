"""After a crash or a lost answer: what had been begun is looked for, never simply begun again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assistant.mailbox.drafts import DraftsFolder
from assistant.service.departures import lies_in_trash, sent_at
from assistant.service.fates import current, find_ours, note
from assistant.service.judging import Listing
from assistant.service.retracting import finish
from assistant.service.settling import Placed, Visit, told
from assistant.service.wanted import answers
from assistant.store.intents import Intent
from assistant.store.register import LedgerDraft

SETTLING_SECONDS = (0.0, 0.5, 1.5)


def recover(visit: Visit, listings: list[Listing]) -> Iterator[Placed]:
    """Brings every intent that was interrupted to its end."""
    open_intents = visit.intents.at("intended", "appending", "placed", "taking-back")
    if not open_intents:
        return
    owners = {name: item for item in listings for name in visit.markers(item)}
    for intent in open_intents:
        item = owners.get(intent.marker)
        if intent.step == "intended":
            visit.intents.drop(intent.marker)  # nothing was sent: it is begun anew where it is still due
        elif item is not None and intent.step == "taking-back":
            yield from _finish_taking_back(visit, item, intent)
        elif item is not None and not _in_ledger(visit, item, intent):
            yield resolve(visit, item, intent)
        elif item is not None:
            visit.intents.save(replace(intent, step="standing"))


def _in_ledger(visit: Visit, item: Listing, intent: Intent) -> bool:
    """Whether only the last note was missing: what became of the draft since is then followed, not guessed."""
    return any(d.version == intent.version and d.fate != "uncertain" for d in visit.entry(item.id).drafts)


def _finish_taking_back(visit: Visit, item: Listing, intent: Intent) -> Iterator[Placed]:
    for draft in visit.entry(item.id).drafts:
        if intent.marker in (draft.marker, draft.message_id):
            if draft.fate == "taken-back":
                visit.intents.drop(intent.marker)
            else:
                yield finish(visit, item, draft, "as begun before the interruption.")


def resolve(visit: Visit, item: Listing, intent: Intent) -> Placed:
    """What became of an append: found → it is in the ledger; surely not stored → nothing was done, a new attempt may
    follow; else uncertain, and the owner is asked."""
    draft = ledger_line(visit, item, intent)
    if _found(visit, intent):
        return record(visit, item, draft)
    if lies_in_trash(visit, intent.marker):
        visit.record(item.id, replace(draft, fate="deleted"))
        visit.intents.drop(intent.marker)
        return told("deleted", item, "the draft was deleted as soon as it was placed; no other is made.")
    if intent.step == "appending" and surely_absent(visit.drafts, intent):
        visit.intents.drop(intent.marker)
        return told("left", item, "an interrupted attempt left no draft behind.")
    visit.record(item.id, draft)
    visit.intents.save(replace(intent, step="uncertain"))
    return uncertain(item)


def _found(visit: Visit, intent: Intent) -> bool:
    """Whether the draft is in Drafts, or was sent from there. A server may still be storing what a killed process sent
    it: absence counts only once it has lasted."""
    for seconds in SETTLING_SECONDS:
        visit.sleep(seconds)
        drafts = visit.look(settle=True)
        if find_ours(drafts, intent.marker, intent.marker, intent) or sent_at(visit, intent.marker):
            return True
    return False


def ledger_line(visit: Visit, item: Listing, intent: Intent) -> LedgerDraft:
    """What the ledger says of an append before anybody has seen its result."""
    replies = intent.answers or answers(item, visit.desk.house)
    return LedgerDraft(
        intent.marker, intent.kind, intent.version, "uncertain", visit.now, answers=replies, asked=intent.asked,
        folder=visit.drafts.name,
    )  # fmt: skip


def record(visit: Visit, item: Listing, draft: LedgerDraft) -> Placed:
    """Writes a draft that was found into the ledger, as it is."""
    found = note(visit, item.id, None, current(visit, item, draft))
    what = "last call" if draft.kind == "reminder" else "withdrawal"
    return told(
        "placed",
        item,
        f"the {what} waits in {found.folder}." if found.fate == "untouched" else f"the {what} is {found.fate}.",
    )


def uncertain(item: Listing) -> Placed:
    hint = f"look into Drafts; if no draft is there: `offer-assistant draft {item.id} --again`"
    text = (
        "was the draft stored? The server's answer was lost, and it is not to be seen. No other is made unless you ask."
    )
    return told("uncertain", item, text, code="draft-uncertain", hint=hint)


def surely_absent(drafts: DraftsFolder, intent: Intent) -> bool:
    """Whether nothing of ours can have been stored: the folder is the same, and every UID given out since is accounted
    for by another message (RFC 3501 §2.3.1.1: UIDs only grow, and UIDNEXT with them)."""
    if drafts.uidnext is None or intent.uidnext is None or intent.uidvalidity != drafts.uidvalidity:
        return False
    given = set(range(intent.uidnext, drafts.uidnext))
    return len(given) < 10_000 and given <= {s.uid for s in drafts.seen}
