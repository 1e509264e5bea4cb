"""What is worth telling the owner, in words that may stand on a locked screen, and when.

A notice has a key that names the fact it tells; a fact is told once. Words of mail (a sentence, a name out of a
signature) are in it only where the owner switched `show_text` on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from assistant.config import Notify
from assistant.deadlines import Standing, before_digest, digest_is_due, is_quiet
from assistant.policy import Policy, working_days_after

ENDS_SOON_DAYS = 3
YOUR_TURN_AFTER = timedelta(days=2)
MOST_AT_ONCE = 3
_NO_LONGER_DUE = ("accepted", "declined", "your-turn", "open")
_ASKED_ABOUT = ("mixed-signals", "maybe-answered-elsewhere", "two-customers")


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell. What is `urgent` is told at once (outside the quiet hours), the rest waits for the digest.

    `offer` and `draft_id` are what its button opens: the draft where there is one, else `show OFFER`; 0, '' for none.
    """

    key: str
    title: str
    text: str
    urgent: bool = False
    offer: int = 0
    draft_id: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """What to show now, and the keys of all that is told by it."""

    shown: tuple[Notice, ...] = ()
    keys: tuple[str, ...] = ()


def notices(standings: Iterable[Standing], notify: Notify, policy: Policy, now: datetime) -> list[Notice]:
    """Everything that the owner should know of these offers at `now`, whether told before or not."""
    return [notice for standing in standings for notice in _of(standing, notify, policy, now)]


def _of(s: Standing, notify: Notify, policy: Policy, now: datetime) -> Iterator[Notice]:
    name = _name(s, notify)
    quote = f"\n“{' '.join(s.quote.split())[:200]}”" if notify.show_text and s.quote else ""
    yield from _of_the_draft(s, name, quote)
    if s.attention == "late-acceptance":
        text = f"{name}: a yes came after the offer had ended. Confirm it, or object without delay.{quote}"
        yield _notice(f"late-yes {s.id} {s.event_id}", "A late yes", text, s, urgent=True)
    elif s.attention in _ASKED_ABOUT:
        text = f"{name}: `offer-assistant show {s.id}` asks one question.{quote}"
        yield _notice(f"question {s.id} {sha256(s.question.encode()).hexdigest()[:16]}", "One question to you", text, s)
    if s.state == "your-turn" and s.since and now - s.since >= YOUR_TURN_AFTER:
        since = _day(s.since.astimezone(policy.timezone).date())
        text = f"{name}: the customer has waited for your answer since {since}.{quote}"
        yield _notice(f"your-turn {s.id} {s.event_id}", "Your turn", text, s)
    if s.state == "open" and s.valid_until and _ends_soon(s.valid_until, policy, now):
        text = f"{name} ends on {_day(s.valid_until)}."
        yield _notice(f"ends-soon {s.id} {s.valid_until}", "An offer ends soon", text, s)


def _of_the_draft(s: Standing, name: str, quote: str) -> Iterator[Notice]:
    if s.draft_kind != "withdrawal":
        return
    if s.draft_fate == "taken-back":
        text = f"{name}: the customer has answered, or the offer stands again. The draft was taken back.{quote}"
        yield _notice(f"taken-back {s.draft_id}", "Draft taken back", text, s, urgent=True, with_draft=False)
    elif s.draft_fate in ("untouched", "edited") and s.state in _NO_LONGER_DUE:
        text = f"{name} is no longer lapsed, but a withdrawal stands in your Drafts. Look before you send.{quote}"
        yield _notice(f"stale-draft {s.draft_id}", "Do not send this draft", text, s, urgent=True)
    elif s.draft_fate == "untouched":
        text = f"{name} has lapsed: the withdrawal waits in your Drafts."
        yield _notice(f"draft {s.draft_id}", "A draft is ready", text, s, urgent=True)


def _notice(key: str, title: str, text: str, s: Standing, *, urgent: bool = False, with_draft: bool = True) -> Notice:
    draft = s.draft_id if with_draft and s.draft_fate in ("untouched", "edited") else ""
    return Notice(key, title, text, urgent, s.id, draft, s.account)


def _name(s: Standing, notify: Notify) -> str:
    shown = s.registered or (s.client if notify.show_text else "")
    return f"Offer {s.id}" + (f" ({shown[:60]})" if shown else "")


def _ends_soon(valid_until: date, policy: Policy, now: datetime) -> bool:
    """Whether at most three working days are left, today not counted."""
    today = now.astimezone(policy.timezone).date()
    return today <= valid_until <= working_days_after(today, ENDS_SOON_DAYS, policy.country)


def _day(day: date) -> str:
    """'Friday 3 April'."""
    return f"{day:%A} {day.day} {day:%B}"


# -- about the accounts and the configuration -------------------------------------------------------------------------


def account_trouble(account: str, code: str, *, stops: bool) -> Notice:
    """Something only the owner can mend; told once, until the account has worked again. `stops`: it rests until then,
    else mail is still read (no Drafts folder, a broken template)."""
    text = f"Account {account} {'waits for you' if stops else 'needs you'} ({code}). "
    title = "Login needed" if stops else "offer-assistant needs you"
    hint = "`offer-assistant status` says what to do."
    return Notice(trouble_key(account, code), title, text + hint, urgent=True, account=account)


def trouble_key(account: str, code: str = "") -> str:
    """The key of an account's trouble; without a code the beginning of all of them."""
    return f"trouble {account} {code}"


def configuration_refused(fingerprint: str) -> Notice:
    text = "The changed configuration has mistakes; the old one stays in force. `offer-assistant doctor` names them."
    return Notice(f"configuration {fingerprint}", "Configuration not taken over", text, urgent=True)


# -- when -------------------------------------------------------------------------------------------------------------


def choose(known: Sequence[Notice], told: Collection[str], notify: Notify, policy: Policy, now: datetime) -> Telling:
    """What to show at `now` of all that is known, and what is told by it.

    Nothing in the quiet hours, nor between them and the digest of a working day; then everything in one digest; after
    it only what is urgent, one by one while there are few.
    """
    fresh = [notice for notice in known if notice.key not in told]
    if is_quiet(now, notify, policy.timezone) or before_digest(now, notify, policy):
        return Telling()
    digest = f"digest {now.astimezone(policy.timezone).date()}"
    if digest_is_due(now, notify, policy) and digest not in told:
        return Telling(_together(fresh, 1), (digest, *(n.key for n in fresh)))
    urgent = [notice for notice in fresh if notice.urgent]
    return Telling(_together(urgent, MOST_AT_ONCE), tuple(n.key for n in urgent))


def _together(found: Sequence[Notice], most: int) -> tuple[Notice, ...]:
    """Each by itself while they are few; else one summary with a count for each title."""
    if len(found) <= most:
        return tuple(found)
    titles = dict.fromkeys(notice.title for notice in found)
    lines = [_counted(title, [n for n in found if n.title == title]) for title in titles]
    return (Notice("summary", f"{len(found)} things about your offers", "\n".join(lines), urgent=True),)


def _counted(title: str, found: Sequence[Notice]) -> str:
    numbers = ", ".join(str(n.offer) for n in found[:6] if n.offer)
    more = ", …" if len(found) > 6 else ""
    return f"{title}: offer{'s' if len(found) > 1 else ''} {numbers}{more}" if numbers else title
