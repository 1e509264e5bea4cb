"""A draft when the owner asks: a lapsed offer's withdrawal, an open one's last call; else why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assistant.config import Account
from assistant.drafts import Draft, DraftKind
from assistant.errors import DraftRefused
from assistant.host.locks import account_lock
from assistant.mailbox import Connection, find_folders
from assistant.mailbox.drafts import drafts_folder
from assistant.service.connecting import Trace, connected
from assistant.service.cycle import at_desk, recheck
from assistant.service.desk import Desk
from assistant.service.fates import follow
from assistant.service.judging import Listing, is_never
from assistant.service.placing import place_draft
from assistant.service.recovering import recover
from assistant.service.retracting import retract
from assistant.service.settling import Placed, Visit, earlier
from assistant.service.wanted import from_the_future
from assistant.service.writing import kind_now, write
from assistant.store.register import Contents
from assistant.verdict import State

LOCK_SECONDS = 60.0
_STANDING = ("untouched", "edited")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the wish: the offer as it stands now, what was done, and the letter where only that was wanted."""

    listing: Listing
    done: tuple[Placed, ...] = ()
    letter: Draft | None = None


def ask_for_draft(
    desk: Desk,
    account: Account,
    number: int,
    now: datetime,
    *,
    again: bool = False,
    dry_run: bool = False,
    trace: Trace | None = None,
) -> Answer:
    """Reads the newest mail and places a draft for the offer `number` at once, without grace and whatever its age.

    Raises DraftRefused, with the reason, where none can be made; what a cycle may raise besides.
    """
    with account_lock(desk.places.store, account.name, wait=LOCK_SECONDS), at_desk(desk, dry_run) as open_desk:
        return connected(
            account,
            lambda connection: _ask(connection, open_desk, account, number, now, again=again, dry_run=dry_run),
            trace=trace,
        )


def _ask(
    connection: Connection, desk: Desk, account: Account, number: int, now: datetime, *, again: bool, dry_run: bool
) -> Answer:
    listings = recheck(connection, desk, account, now, write=not dry_run)
    visit = Visit(connection, desk, account, now, find_folders(connection))
    drafts_folder(visit.roles)  # raises where there is none
    done = () if dry_run else (*recover(visit, listings), *follow(visit, listings), *retract(visit, listings))
    item = _offer(listings, number)
    kind = _allowed(visit, item, again)
    if dry_run:
        return Answer(item, letter=write(desk, item, now, kind=kind))
    write(desk, item, now, kind=kind)  # raises before anything is noted where its words would be false
    placed = place_draft(visit, item, kind, recheck=recheck, asked=True)
    return Answer(_offer(recheck(connection, desk, account, now), number), (*done, placed))


def _offer(listings: list[Listing], number: int) -> Listing:
    for item in listings:
        if item.id == number:
            return item
    raise DraftRefused(f"offer {number} is no longer there", hint="`offer-assistant offers` lists them")


def _allowed(visit: Visit, item: Listing, again: bool) -> DraftKind:
    """The kind of draft that can be made now. Raises DraftRefused with the reason where there is none."""
    _check_state(item)
    _check_owner(visit.contents, item)
    kind = kind_now(item)
    if item.verdict.valid_until is None:
        raise DraftRefused(
            "the offer has no last day of validity that a letter could name",
            hint=f"offer-assistant extend {item.id} DATE",
        )
    if from_the_future(visit, item):
        raise DraftRefused("a message of this conversation is dated after now", hint="is this computer's clock right?")
    _check_earlier(visit, item, kind, again)
    return kind


def _check_state(item: Listing) -> None:
    verdict = item.verdict
    if verdict.state not in (State.LAPSED, State.OPEN):
        because = f": {verdict.reasons[0].text}" if verdict.reasons else ""
        raise DraftRefused(f"the offer is {verdict.state}{because}", hint=f"offer-assistant show {item.id}")
    if verdict.state is State.OPEN and verdict.hold_until and verdict.reasons[0].rule == "promised-date":
        raise DraftRefused(verdict.reasons[0].text, hint=f"wait for that day: offer-assistant show {item.id}")


def _check_owner(contents: Contents, item: Listing) -> None:
    """What the owner forbade holds until he takes it back."""
    if contents.paused:
        raise DraftRefused("drafts are paused, as you wished", hint="offer-assistant pause --off")
    if is_never(item.matter, contents.never):
        raise DraftRefused("you want no drafts to this customer", hint="offer-assistant never CUSTOMER --off")


def _check_earlier(visit: Visit, item: Listing, kind: str, again: bool) -> None:
    """One draft stands at most; after one that was deleted, sent or lost the owner must say that he means it."""
    entry = visit.entry(item.id)
    standing = [d for d in entry.drafts if d.fate in _STANDING and not d.missing]
    if standing:
        fate = "with your changes" if standing[0].fate == "edited" else "as it was placed"
        raise DraftRefused(f"a draft stands in {standing[0].folder}, {fate}", hint="send it, or delete it first")
    assert item.verdict.valid_until is not None
    made = [d for d in earlier(entry, kind, item.verdict.valid_until) if d.fate != "taken-back"]
    if made and not again:
        was = {"deleted": "you deleted it", "sent": "it was sent", "uncertain": "whether it was stored is unknown"}
        what = "it is no longer in Drafts" if made[-1].missing else was.get(made[-1].fate, made[-1].fate)
        raise DraftRefused(
            f"a draft was made for this version, {what}",
            hint=f"offer-assistant draft {item.id} --again",
        )
