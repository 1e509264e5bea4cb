"""Which draft should stand in Drafts now, and why one that stands there should not."""

from __future__ import annotations

from assistant.customers import House
from assistant.kinds import By
from assistant.replying import answered_message
from assistant.service.judging import Listing, is_never
from assistant.service.settling import Visit, earlier
from assistant.store.register import Entry, LedgerDraft
from assistant.verdict import State

STANDING = ("untouched", "edited")


def is_due(visit: Visit, item: Listing) -> bool:
    """Whether a withdrawal is to be placed: the verdict wants one, none was made for this version but what we took back
    ourselves, and nothing of ours that could not be taken back is in its way."""
    if item.verdict.due != "withdrawal" or item.verdict.valid_until is None or from_the_future(visit, item):
        return False
    if dated_later(visit, item.id):
        return False
    drafts = visit.entry(item.id).drafts
    made = earlier(visit.entry(item.id), "withdrawal", item.verdict.valid_until)
    return all(d.fate == "taken-back" for d in made) and not any(d.fate == "untouched" for d in drafts)


def dated_later(visit: Visit, number: int) -> bool:
    """Whether a draft of the offer was placed after now: the clock was set back, and no verdict holds."""
    return any(d.placed_at > visit.now for d in visit.entry(number).drafts)


def from_the_future(visit: Visit, item: Listing) -> bool:
    """Whether the conversation holds a message dated after now: it has arrived, so a clock is wrong, perhaps ours. The
    verdict leaves such a message out; a draft must not be made, or stay, on the strength of that."""
    return any(e.at > visit.now for e in item.timeline if e.by is not By.MACHINE)


def needed_state(kind: str) -> State:
    """The state of an offer in which a draft of this kind tells the truth."""
    return State.LAPSED if kind == "withdrawal" else State.OPEN


def why_unwanted(visit: Visit, item: Listing, draft: LedgerDraft) -> str:
    """Why a draft that stands should not, in words; '' where it should."""
    verdict = item.verdict
    if verdict.state is not needed_state(draft.kind) or draft.version.split(":")[1] != str(verdict.valid_until):
        return verdict.reasons[0].text if verdict.reasons else f"the offer is {verdict.state}"
    if _answered_since(visit, item, draft):
        return "the customer has written since."
    if draft.asked or verdict.due or draft.kind == "reminder":
        return ""
    if verdict.attention:
        return verdict.attention.question
    if verdict.hold_until:
        return f"it is left alone until {verdict.hold_until}."
    if _never(visit, item):
        return "you want no drafts to this customer."
    return ""


def _answered_since(visit: Visit, item: Listing, draft: LedgerDraft) -> bool:
    """Whether a person of the other side wrote after the message that the draft replies to."""
    if from_the_future(visit, item):
        return True
    house = visit.desk.house
    newest = answered_message(item.matter.offer, item.timeline, house)
    if newest is None or not draft.answers or newest.message_id == draft.answers:
        return False
    return newest.sender is not None and not house.holds(newest.sender.email)


def answers(item: Listing, house: House) -> str:
    """The Message-ID that a draft made now replies to."""
    parent = answered_message(item.matter.offer, item.timeline, house)
    return parent.message_id if parent else ""


def _never(visit: Visit, item: Listing) -> bool:
    return is_never(item.matter, visit.contents.never)


def is_ignored(entry: Entry) -> bool:
    return any(word.verb == "ignored" for word in entry.said)
