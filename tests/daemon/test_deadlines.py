"""When something becomes true by the calendar alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from assistant.config import Notify
from assistant.deadlines import Standing, deadlines, digest_is_due, is_quiet, next_deadline, next_telling
from assistant.policy import Policy

PARIS = ZoneInfo("Europe/Paris")
FRANCE = Policy("FR", PARIS)
NOTIFY = Notify()


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def found(standing: Standing, policy: Policy = FRANCE) -> list[tuple[str, str]]:
    return [(m.at.astimezone(policy.timezone).isoformat(), m.what) for m in deadlines([standing], policy)]


def test_an_open_offer_is_judged_again_when_its_last_day_is_over_where_the_owner_works() -> None:
    assert found(Standing(1, "a", "open", valid_until=date(2026, 3, 31))) == [
        ("2026-04-01T00:00:00+02:00", "validity-over")
    ]


def test_a_day_on_which_the_clock_changes_ends_at_its_own_midnight() -> None:
    spring = Standing(1, "a", "open", valid_until=date(2026, 3, 29))  # 23 hours long
    autumn = Standing(1, "a", "open", valid_until=date(2026, 10, 25))  # 25 hours long
    assert [m.at for m in deadlines([spring, autumn], FRANCE)] == [
        datetime(2026, 3, 29, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
    ]


def test_what_is_held_until_a_day_is_held_until_that_day_begins() -> None:
    lapsed = Standing(1, "a", "lapsed", valid_until=date(2026, 3, 31), hold_until=date(2026, 4, 3))
    assert found(lapsed) == [("2026-04-03T00:00:00+02:00", "hold-over")]


def test_a_promised_day_counts_whole() -> None:
    promised = Standing(1, "a", "open", hold_until=date(2026, 4, 15))
    assert found(promised) == [
        ("2026-04-15T00:00:00+02:00", "hold-over"),
        ("2026-04-16T00:00:00+02:00", "promise-over"),
    ]


@pytest.mark.parametrize("state", ["accepted", "declined", "withdrawn", "your-turn", "undelivered"])
def test_what_is_settled_or_waits_for_somebody_has_no_deadline(state: str) -> None:
    assert found(Standing(1, "a", state, valid_until=date(2026, 3, 31))) == []


def test_the_next_deadline_is_the_first_one_to_come() -> None:
    offers = [Standing(n, "a", "open", valid_until=date(2026, 3, n)) for n in (28, 5, 12)]
    moment = next_deadline(offers, FRANCE, paris("2026-03-06T00:00"))
    assert moment is not None
    assert (moment.offer, moment.what) == (12, "validity-over")
    assert next_deadline(offers, FRANCE, paris("2026-03-29T00:00")) is None


# -- when the owner may be told ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "hours", "quiet"),
    [
        ("07:59", (time(20), time(8)), True),
        ("08:00", (time(20), time(8)), False),
        ("19:59", (time(20), time(8)), False),
        ("20:00", (time(20), time(8)), True),
        ("13:00", (time(12), time(14)), True),
        ("14:00", (time(12), time(14)), False),
        ("03:00", (time(8), time(8)), False),  # the same hour twice: no quiet hours
    ],
)
def test_quiet_hours(clock: str, hours: tuple[time, time], quiet: bool) -> None:
    assert is_quiet(paris(f"2026-05-18T{clock}"), Notify(hours), PARIS) is quiet


def test_quiet_hours_are_those_of_the_owner_not_of_the_computer() -> None:
    in_tokyo = datetime(2026, 5, 18, 10, tzinfo=ZoneInfo("Asia/Tokyo"))  # 3 in the morning in Paris
    assert is_quiet(in_tokyo, NOTIFY, PARIS)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-05-18T08:29", False),
        ("2026-05-18T08:30", True),  # a Monday
        ("2026-05-16T09:00", False),  # a Saturday
        ("2026-05-14T09:00", False),  # Ascension Day
        ("2026-05-18T21:00", False),  # the computer was switched on in the quiet hours
    ],
)
def test_the_digest_comes_on_working_mornings(moment: str, due: bool) -> None:
    assert digest_is_due(paris(moment), NOTIFY, FRANCE) is due


def test_the_next_telling_is_the_end_of_quiet_hours_or_the_digest() -> None:
    told = [paris("2026-05-18T07:00")]
    for _ in range(3):
        told.append(next_telling(told[-1], NOTIFY, FRANCE))
    assert [t.astimezone(PARIS).strftime("%d %H:%M") for t in told[1:]] == ["18 08:00", "18 08:30", "19 08:00"]


def test_a_digest_set_into_the_hour_that_does_not_exist_still_comes() -> None:
    notify = Notify((time(0), time(0)), time(2, 30))  # on 29 March 2026 the clock goes from 2:00 to 3:00
    assert next_telling(paris("2026-03-29T01:00"), notify, FRANCE) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
