"""Settles the drafts of an account: exactly one for each due offer, whatever happens (docs/reliability.md).

The order keeps the promise: what was interrupted is resolved, what stands is followed, what should not stand is taken
back, and only then is anything placed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from assistant.config import Account
from assistant.drafts import to_bytes
from assistant.errors import DraftRefused, FolderMissing, NeedsOwner
from assistant.mailbox import AppendRefused, Connection, find_folders, folders_to_read
from assistant.mailbox.drafts import drafts_folder, place
from assistant.service.departures import lies_in_trash
from assistant.service.desk import Desk
from assistant.service.fates import adopt, follow
from assistant.service.judging import Listing
from assistant.service.recovering import recover, resolve, uncertain
from assistant.service.retracting import retract
from assistant.service.settling import Placed, Visit, next_version, told
from assistant.service.wanted import answers, dated_later, from_the_future, is_due, needed_state
from assistant.service.writing import write
from assistant.store.intents import Intent

Recheck = Callable[[Connection, Desk, Account, datetime], list[Listing]]
_RECHECKS = 3


def settle_drafts(
    connection: Connection,
    desk: Desk,
    account: Account,
    listings: list[Listing],
    now: datetime,
    *,
    recheck: Recheck,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Placed]:
    """Follows, takes back and places drafts; what was done, and what the owner should know.

    `recheck` reads the newest mail and judges again; it is called directly before each append. The caller holds the
    account's lock. Raises the first NeedsOwner (no Drafts folder, a full mailbox, a broken template) after everything
    else was done, and Temporary at once: nothing is lost, the next cycle goes on from there.
    """
    visit = Visit(connection, desk, account, now, find_folders(connection), sleep)
    if "drafts" not in visit.roles:
        if any(is_due(visit, item) for item in listings):
            drafts_folder(visit.roles)  # raises
        return []
    visit.look()
    done = [*recover(visit, listings), *follow(visit, listings), *retract(visit, listings)]
    told_of = {p.listing for p in done if p.what == "uncertain"}
    done += [p for item in listings for p in _standing_questions(visit, item, told_of)]
    return done + _place_due(visit, listings, recheck)


def _place_due(visit: Visit, listings: list[Listing], recheck: Recheck) -> list[Placed]:
    done: list[Placed] = []
    failures: list[NeedsOwner] = []
    for item in listings:
        if not is_due(visit, item):
            continue
        try:
            done.append(place_draft(visit, item, "withdrawal", recheck=recheck))
        except DraftRefused as refused:
            done.append(told("left", item, refused.message, code=refused.code, hint=refused.hint))
        except NeedsOwner as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return done


def _standing_questions(visit: Visit, item: Listing, told_of: set[int]) -> list[Placed]:
    """What waits for the owner as long as it is so: a lost draft, and a yes that came after the notice was sent."""
    drafts = visit.entry(item.id).drafts
    lost = bool(drafts) and drafts[-1].fate == "uncertain" and item.id not in told_of
    found = [uncertain(item)] if lost else []
    if dated_later(visit, item.id):
        text = "nothing is done about its draft, which is dated after now."
        found.append(told("left", item, text, code="clock", hint="is this computer's clock right?"))
    attention = item.verdict.attention
    if attention and attention.code == "late-acceptance" and any(d.fate == "sent" for d in drafts):
        hint = f"`offer-assistant accepted {item.id}` or `offer-assistant withdrawn {item.id}`, and tell the customer"
        found.append(told("alarm", item, attention.question, code="late-acceptance", hint=hint))
    return found


def place_draft(visit: Visit, item: Listing, kind: str, *, recheck: Recheck, asked: bool = False) -> Placed:
    """Places one draft: the steps S0 to S5 of docs/reliability.md. With `asked` the owner wants it whatever is due."""
    assert item.verdict.valid_until is not None
    version = next_version(visit.entry(item.id), kind, item.verdict.valid_until)
    name = visit.marker(item, version)
    intent = _written(visit, item, Intent(name, kind, version, "intended", asked=asked))
    visit.intents.save(intent)
    if lies_in_trash(visit, name):
        visit.intents.drop(name)
        return adopt(visit, item, name, kind, version, deleted=True)
    drafts = visit.look()
    if drafts.bearing(name):
        return adopt(visit, item, name, kind, version)
    fresh = _rechecked(visit, item, recheck)
    if fresh is None or not _still_right(visit, fresh, intent):
        visit.intents.drop(name)
        return told("left", item, "nothing was drafted: news came in just before.")
    intent = _written(visit, fresh, intent)
    intent = replace(intent, step="appending", uidvalidity=drafts.uidvalidity, uidnext=drafts.uidnext)
    return _append(visit, fresh, visit.intents.save(intent))


def _written(visit: Visit, item: Listing, intent: Intent) -> Intent:
    """The intent with the letter as the offer gives it now."""
    draft = write(visit.desk, item, visit.now, kind=intent.kind, message_id=intent.marker)  # type: ignore[arg-type]
    return replace(intent, message=to_bytes(draft), answers=answers(item, visit.desk.house))


def _still_right(visit: Visit, item: Listing, intent: Intent) -> bool:
    """Whether the newest mail leaves the draft as right as it was."""
    if intent.version.split(":")[1] != str(item.verdict.valid_until) or from_the_future(visit, item):
        return False
    return item.verdict.state is needed_state(intent.kind) if intent.asked else is_due(visit, item)


def _rechecked(visit: Visit, item: Listing, recheck: Recheck) -> Listing | None:
    """The offer by the newest mail: read and judged until no more comes in meanwhile."""
    arrivals = folders_to_read(visit.roles)[0].name
    for _ in range(_RECHECKS):
        listings = recheck(visit.connection, visit.desk, visit.account, visit.now)
        visit.read_again()
        known = visit.desk.mail(visit.account).folders().get(arrivals)
        uidnext = visit.connection.wire.examine(arrivals).uidnext
        if known is None or uidnext is None or uidnext <= known.uidnext:
            return next((fresh for fresh in listings if fresh.id == item.id), None)
    return None


def _append(visit: Visit, item: Listing, intent: Intent) -> Placed:
    try:
        stored = place(visit.connection, visit.drafts.name, intent.message)
    except AppendRefused as refused:
        if not refused.after_literal:
            visit.intents.drop(intent.marker)
            raise
        seen = resolve(visit, item, intent)
        return _refused(item, refused) if seen.what == "left" else seen
    except FolderMissing:
        visit.intents.drop(intent.marker)
        raise
    uid = stored.uid if stored.uidvalidity == intent.uidvalidity else None
    intent = visit.intents.save(replace(intent, step="placed", uid=uid))
    return resolve(visit, item, intent)


def _refused(item: Listing, refused: AppendRefused) -> Placed:
    return told("left", item, f"no draft was placed: {refused.message}.", code="draft-not-stored", hint=refused.hint)


__all__ = ["Placed", "place_draft", "settle_drafts"]
