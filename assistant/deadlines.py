"""When something becomes true by the calendar alone: the end of validity, of grace, of a snooze, the daily digest.

Every moment is an instant with an offset, computed from days in the owner's own zone. It does not matter where the
computer is, whether its clock was wrong meanwhile, or whether the night of the change has 23 hours or 25.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from assistant.config import Notify
from assistant.policy import Policy, end_of_day, is_working_day

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """An offer as it stood when it was judged last: what deadlines and notices are made of.

    registered   the customer's name, or the reference, as the owner registered it; '' where he did not
    event_id     the message that made the state (the question, the yes), `since` when it was written
    quote        its sentence: mail text, shown only where the owner switched that on
    due          a withdrawal draft must stand now
    """

    id: int
    account: str
    state: str
    client: str = ""
    registered: str = ""
    valid_until: date | None = None
    hold_until: date | None = None
    attention: str = ""
    question: str = ""
    event_id: str = ""
    since: datetime | None = None
    quote: str = ""
    due: bool = False
    draft_id: str = ""
    draft_kind: str = ""
    draft_fate: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """An instant from which on an offer must be judged again, and why."""

    at: datetime
    what: str
    account: str
    offer: int


def start_of_day(day: date, timezone: ZoneInfo) -> datetime:
    """The first moment of `day`: nothing held until that day is held from then on."""
    return end_of_day(day - _DAY, timezone)


def deadlines(standings: Iterable[Standing], policy: Policy) -> list[Moment]:
    """Every moment that the calendar brings to these offers, earliest first; those in the past included."""
    return sorted(moment for standing in standings for moment in _moments(standing, policy))


def _moments(standing: Standing, policy: Policy) -> Iterable[Moment]:
    zone = policy.timezone
    if standing.state == "open" and standing.valid_until:
        yield _moment(end_of_day(standing.valid_until, zone), "validity-over", standing)
    if standing.hold_until:
        yield _moment(start_of_day(standing.hold_until, zone), "hold-over", standing)
        if standing.state == "open":  # a promised day counts whole
            yield _moment(end_of_day(standing.hold_until, zone), "promise-over", standing)


def _moment(at: datetime, what: str, standing: Standing) -> Moment:
    return Moment(at.astimezone(UTC), what, standing.account, standing.id)  # of one zone would compare without fold


def next_deadline(standings: Iterable[Standing], policy: Policy, now: datetime) -> Moment | None:
    """The first moment after `now`, None where nothing is to come."""
    return next((moment for moment in deadlines(standings, policy) if moment.at > now), None)


# -- when the owner may be told ---------------------------------------------------------------------------------------


def is_quiet(now: datetime, notify: Notify, timezone: ZoneInfo) -> bool:
    """Whether the owner's clock is within the quiet hours; the same hour twice means none."""
    start, end = notify.quiet_hours
    clock = _clock(now, timezone)
    return start <= clock < end if start <= end else clock >= start or clock < end


def digest_is_due(now: datetime, notify: Notify, policy: Policy) -> bool:
    """Whether this is a working day on which the hour of the digest has come, outside the quiet hours."""
    today = now.astimezone(policy.timezone).date()
    late_enough = _clock(now, policy.timezone) >= notify.digest_at
    return is_working_day(today, policy.country) and late_enough and not is_quiet(now, notify, policy.timezone)


def before_digest(now: datetime, notify: Notify, policy: Policy) -> bool:
    """Whether the digest of today is still to come: what there is to tell waits for it."""
    today = now.astimezone(policy.timezone).date()
    return is_working_day(today, policy.country) and _clock(now, policy.timezone) < notify.digest_at


def next_telling(now: datetime, notify: Notify, policy: Policy) -> datetime:
    """The next moment at which what had to wait may be told: a digest, or the end of the quiet hours."""
    zone = policy.timezone
    today = now.astimezone(zone).date()
    days = [today + n * _DAY for n in range(2)]
    moments = [_at(day, notify.quiet_hours[1], zone) for day in days]
    moments += [_at(day, notify.digest_at, zone) for day in days]
    return min(moment for moment in moments if moment > now)


def _clock(now: datetime, timezone: ZoneInfo) -> time:
    return now.astimezone(timezone).time()


def _at(day: date, clock: time, timezone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, timezone).astimezone(UTC)
