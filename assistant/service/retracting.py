"""Taking drafts back: an untouched one that should no longer stand, and the second of two with one marker. A draft that
the owner touched is never removed: he is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assistant.mailbox.drafts import DraftsFolder, Seen, Taken, can_take_back, read_draft, take_back
from assistant.resemblance import fingerprint
from assistant.service.fates import find_ours
from assistant.service.judging import Listing
from assistant.service.rewriting import is_untouched
from assistant.service.settling import Placed, Visit, told
from assistant.service.wanted import dated_later, is_ignored, why_unwanted
from assistant.store.intents import Intent
from assistant.store.register import Entry, LedgerDraft


def retract(visit: Visit, listings: list[Listing]) -> Iterator[Placed]:
    """Takes back what should not stand, and one of two; says what could not be."""
    by_number = {item.id: item for item in listings}
    for entry in visit.entries():
        item = by_number.get(entry.id)
        if dated_later(visit, entry.id):
            continue
        for draft in entry.drafts:
            if draft.missing:
                continue  # not in Drafts, perhaps on its way: the next cycle tells whether there is one to take back
            if draft.fate == "untouched":
                yield from _remove_twins(visit, item or entry, draft)
            reason = _reason(visit, entry, item, draft)
            if reason and draft.fate == "untouched":
                yield _retract(visit, item or entry, draft, reason)
            elif reason and draft.fate == "edited":
                yield _edited(item or entry, draft, reason)


def _reason(visit: Visit, entry: Entry, item: Listing | None, draft: LedgerDraft) -> str:
    """Why the draft should go; '' also for an offer that is not listed, unless the owner said that it is none."""
    if item is not None:
        return why_unwanted(visit, item, draft)
    return "it is not an offer, you said." if is_ignored(entry) else ""


def _edited(item: Listing | Entry, draft: LedgerDraft, reason: str) -> Placed:
    text = f"do not send the draft that you edited: {reason} It was left as it is."
    return told(
        "left", item, text, code="draft-edited", hint="delete it in your mail program, or send it if you still mean it"
    )


def _retract(visit: Visit, item: Listing | Entry, draft: LedgerDraft, reason: str) -> Placed:
    if not can_take_back(visit.connection, visit.roles):
        text = f"do not send the draft in {draft.folder}: {reason} This server does not let it be removed safely."
        return told("left", item, text, code="draft-left", hint=f"delete it in your mail program: {draft.folder}")
    name = draft.marker or draft.message_id
    intent = visit.intents.get(name) or Intent(name, draft.kind, draft.version, "standing", answers=draft.answers)
    visit.intents.save(replace(intent, step="taking-back"))
    return finish(visit, item, draft, reason)


def finish(visit: Visit, item: Listing | Entry, draft: LedgerDraft, reason: str) -> Placed:
    """Removes a draft whose removal is written down; the ledger then says so."""
    name = draft.marker or draft.message_id
    intent = visit.intents.get(name)
    here = find_ours(visit.drafts, name, draft.message_id, intent)
    taken = Taken.GONE
    if here:
        taken = take_back(visit.connection, visit.roles, visit.drafts, here[0].uid, draft.fingerprint)
        visit.look()
    if taken is Taken.GONE:
        visit.amend(item.id, draft, fate="taken-back")
        visit.intents.drop(name)
        return told("taken-back", item, f"the draft was taken back: {reason}")
    if intent is not None:
        visit.intents.save(replace(intent, step="standing"))
    if taken is Taken.CHANGED:
        visit.amend(item.id, draft, fate="edited")
        return _edited(item, draft, reason)
    text = f"do not send the draft in {draft.folder}: {reason} The server refused to remove it."
    return told("left", item, text, code="draft-left", hint=f"delete it in your mail program: {draft.folder}")


# -- two of one -------------------------------------------------------------------------------------------------------


def _remove_twins(visit: Visit, item: Listing | Entry, draft: LedgerDraft) -> Iterator[Placed]:
    """Of several drafts with one marker the lowest UID stays, the untouched others go: two computers were quick."""
    drafts = visit.drafts
    same = drafts.bearing(draft.marker or draft.message_id)
    lowest = next((s.uid for s in same if not s.deleted), None)
    twins = [s for s in same if lowest is not None and s.uid > lowest]  # one may be marked from an interrupted try
    for twin in twins:
        if _remove_twin(visit, item, draft, drafts, twin):
            yield told("taken-back", item, "two computers placed the draft at once; one of the two was removed.")
        else:
            text = f"two drafts stand in {drafts.name}, one of them with your changes."
            yield told("left", item, text, code="two-drafts", hint="delete one of them in your mail program")
    if twins:
        visit.look()


def _remove_twin(visit: Visit, item: Listing | Entry, draft: LedgerDraft, drafts: DraftsFolder, twin: Seen) -> bool:
    whole = read_draft(visit.connection, drafts.name, twin.uid)
    if whole is None:
        return True
    mine = fingerprint(whole.message)
    listing = item if isinstance(item, Listing) else None
    intent = visit.intents.get(draft.marker or draft.message_id)
    untouched = mine == draft.fingerprint or is_untouched(visit, listing, whole.message, draft, intent)
    return untouched and take_back(visit.connection, visit.roles, drafts, twin.uid, mine) is Taken.GONE
