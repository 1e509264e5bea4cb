"""The daemon through a year: nights and weekends asleep, days offline, the clock set, summer time, travel, restarts."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine

from assistant.policy import is_working_day, working_days_after
from assistant.store import open_database
from tests.daemon.compressed_time import PARIS, REFUSED, Computer

Make = Callable[..., Computer]
HOUR = timedelta(hours=1)


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """A computer that was switched on at a moment in Paris."""
    made: list[Computer] = []
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=PARIS), tick=False) as traveller:

        def build(moment: str, **more: object) -> Computer:
            made.append(Computer(tmp_path, traveller, paris(moment), **more))  # type: ignore[arg-type]
            return made[-1]

        yield build
        for computer in made:
            computer.daemon.close()
            computer.desk.close()


# Easter Monday is the 6th of April, Good Friday is no holiday in France: three working days after Tuesday the 31st.
def test_the_draft_stands_from_the_first_minute_of_its_day(make: Make) -> None:
    computer = make("2026-03-30T09:00")
    offer = computer.offer(date(2026, 3, 31))
    computer.run_until(paris("2026-04-02T23:58"))
    assert computer.placed_at(offer) is None
    computer.run(timedelta(minutes=4), step=timedelta(seconds=20))
    assert computer.placed_at(offer) == paris("2026-04-03T00:00")


def test_what_fell_due_while_it_slept_is_done_when_it_wakes(make: Make) -> None:
    computer = make("2026-04-02T18:00")
    offer = computer.offer(date(2026, 3, 31))
    computer.run(HOUR)
    computer.sleep(timedelta(hours=14, minutes=17))
    computer.run(timedelta(seconds=40))
    placed = computer.placed_at(offer)
    assert placed is not None
    assert placed <= paris("2026-04-03T09:17:40")


def test_what_fell_due_offline_is_done_within_half_a_minute_of_the_network(make: Make) -> None:
    computer = make("2026-04-02T18:00")
    offer = computer.offer(date(2026, 3, 31))
    computer.run(HOUR)
    computer.network = False
    computer.run_until(paris("2026-04-06T11:00"))
    assert computer.placed_at(offer) is None
    computer.network = True
    computer.run(timedelta(seconds=30), step=timedelta(seconds=5))
    assert computer.placed_at(offer) is not None


def test_a_daemon_that_starts_offline_still_tells_what_ends_soon(make: Make) -> None:
    computer = make("2026-05-18T09:00", network=False)
    computer.offer(date(2026, 5, 20))
    computer.daemon.reload()
    computer.run(timedelta(minutes=10))
    assert [s.notice.title for s in computer.screen] == ["An offer ends soon"]


@pytest.mark.parametrize("hours", [-30, -1, 1, 5])
def test_a_clock_that_is_set_loses_nothing_and_repeats_nothing(make: Make, hours: int) -> None:
    computer = make("2026-03-31T10:00")
    offer = computer.offer(date(2026, 3, 31))
    computer.run(HOUR)
    computer.set_clock(hours * HOUR)
    computer.run(2 * HOUR)
    computer.set_clock(-hours * HOUR)
    computer.run_until(paris("2026-04-03T12:00"))
    assert computer.placed_at(offer) == paris("2026-04-03T00:00")
    assert Counter(s.notice.key for s in computer.screen).most_common(1)[0][1] == 1


def test_a_clock_set_back_over_a_deadline_makes_no_second_draft(make: Make) -> None:
    computer = make("2026-04-03T00:10")
    offer = computer.offer(date(2026, 3, 31))
    computer.run(HOUR)
    assert computer.placed_at(offer) is not None
    computer.set_clock(-48 * HOUR)
    computer.run(72 * HOUR)
    assert computer.placed_at(offer) is not None  # and asserts that there is one


def test_the_poll_survives_a_clock_set_back_by_a_year(make: Make) -> None:
    computer = make("2026-05-18T09:00")
    computer.run(HOUR)
    computer.set_clock(timedelta(days=-365))
    before = len(computer.cycles)
    computer.run(7 * HOUR)
    assert len(computer.cycles) > before


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_a_laptop_that_travels_keeps_the_owners_days(make: Make, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    computer = make("2026-03-30T09:00")
    offer = computer.offer(date(2026, 3, 31))
    computer.run(HOUR)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        computer.run_until(paris("2026-04-03T09:00"))
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert computer.placed_at(offer) == paris("2026-04-03T00:00")
    assert os.environ.get("TZ") is None


def test_a_snooze_and_an_extension_move_the_deadline(make: Make) -> None:
    computer = make("2026-03-30T09:00")
    snoozed, extended = computer.offer(date(2026, 3, 31)), computer.offer(date(2026, 3, 31))
    computer.run(HOUR)
    computer.say(snoozed, "snoozed", date(2026, 4, 20))
    computer.say(extended, "extended", date(2026, 4, 30))
    computer.run_until(paris("2026-05-07T09:00"))
    assert computer.placed_at(snoozed) == paris("2026-04-20T00:00")
    assert computer.placed_at(extended) == paris("2026-05-06T00:00")  # the 1st of May is a holiday


# -- several accounts, logins, configuration --------------------------------------------------------------------------


def test_a_refused_login_is_tried_once_and_told_once_and_the_other_account_goes_on(make: Make) -> None:
    computer = make("2026-03-30T09:00", accounts=("broken", "work"), refuses={"broken": REFUSED})
    offer = computer.offer(date(2026, 3, 31))
    computer.run_until(paris("2026-04-10T12:00"))
    assert computer.placed_at(offer) == paris("2026-04-03T00:00")
    assert computer.watchers["broken"].logins == 1
    told = [f"{s.notice.title}\n{s.notice.text}" for s in computer.screen]
    assert sum("Login needed" in text for text in told) == 1
    assert computer.daemon.posts["broken"].stopped is REFUSED


def test_after_the_owner_has_logged_in_and_reloads_the_account_works_again(make: Make) -> None:
    computer = make("2026-03-30T09:00", accounts=("broken",), refuses={"broken": REFUSED})
    computer.run(HOUR)
    computer.refuses.clear()
    computer.daemon.reload()
    computer.run(timedelta(minutes=1))
    post = computer.daemon.posts["broken"]
    assert (post.online, post.stopped, post.trouble) == (True, None, None)


def test_a_changed_configuration_is_taken_over_and_a_broken_one_is_not(make: Make) -> None:
    from dataclasses import replace

    computer = make("2026-05-18T09:00")
    computer.run(HOUR)
    good = replace(computer.config, policy=replace(computer.policy, grace_working_days=9))
    computer.config, computer.broken, computer.file = good, True, 1
    computer.run(timedelta(minutes=2))
    assert computer.daemon.config.policy.grace_working_days == 3
    assert [s.notice.title for s in computer.screen] == ["Configuration not taken over"]
    computer.broken, computer.file = False, 2
    computer.run(timedelta(minutes=2))
    assert computer.daemon.config.policy.grace_working_days == 9


def test_an_account_that_is_taken_out_is_let_go_and_a_new_one_taken_on(make: Make) -> None:
    from dataclasses import replace

    from assistant.config import Account

    computer = make("2026-05-18T09:00", accounts=("old", "kept"))
    computer.run(HOUR)
    kept = computer.watchers["kept"]
    accounts = (computer.config.accounts[1], Account("new", "imap.example", "c"))
    computer.config, computer.file = replace(computer.config, accounts=accounts), 1
    computer.run(timedelta(minutes=2))
    assert set(computer.daemon.posts) == {"kept", "new"}
    assert not computer.watchers["old"].running
    assert computer.watchers["kept"] is kept
    assert computer.daemon.posts["new"].online


# -- the year ---------------------------------------------------------------------------------------------------------


def test_a_year_of_offers(make: Make) -> None:
    """Twenty-six offers, one each fortnight, on a laptop that sleeps at night, stays shut on weekends, is offline for a
    week in August, travels in October, is restarted each month, and whose clock is wrong for an hour now and then."""
    computer = make("2026-01-05T08:00")
    offers = {
        computer.offer(date(2026, 1, 7) + timedelta(days=14 * n)): date(2026, 1, 7) + timedelta(days=14 * n)
        for n in range(26)
    }
    awake: list[tuple[datetime, datetime]] = []
    for day in (date(2026, 1, 5) + timedelta(days=n) for n in range(365)):
        if day.weekday() >= 5:
            continue
        _one_day(computer, day, awake)
    for offer, valid_until in offers.items():
        first = working_days_after(valid_until, 3, "FR")
        if first > date(2026, 12, 30):
            continue
        placed, chance = computer.placed_at(offer), _first_chance(first, awake)
        assert placed is not None
        assert chance <= placed <= chance + timedelta(seconds=30), f"{offer} valid until {valid_until}"
    _was_bearable(computer)


def _one_day(computer: Computer, day: date, awake: list[tuple[datetime, datetime]]) -> None:
    opened = datetime(day.year, day.month, day.day, 8, 5, tzinfo=PARIS)
    computer.sleep(opened.astimezone(ZoneInfo("UTC")) - computer.now.astimezone(ZoneInfo("UTC")))
    computer.network = not date(2026, 8, 10) <= day <= date(2026, 8, 16)
    if day.day == 1:
        computer.daemon.close()
        computer.boot()
    if computer.network:
        awake.append((opened, opened.replace(hour=19)))
    computer.run(timedelta(seconds=60), step=timedelta(seconds=20))
    computer.run_until(
        opened.replace(hour=12),
    )
    if day.day == 15:
        computer.set_clock(HOUR)
        computer.run(timedelta(minutes=5))
        computer.set_clock(-HOUR)
    computer.run_until(opened.replace(hour=19), step=HOUR / 3)


def _first_chance(day: date, awake: list[tuple[datetime, datetime]]) -> datetime:
    """The moment, on that day or the next one with computer and network, at which the laptop was opened."""
    return next(opened for opened, _ in awake if opened.date() >= day)


def _was_bearable(computer: Computer) -> None:
    """No notice twice, none in the quiet hours, on no morning more than one digest."""
    keys = Counter(s.notice.key for s in computer.screen if s.notice.key != "summary")
    assert max(keys.values()) == 1
    assert all(8 <= s.at.hour < 20 for s in computer.screen)
    summaries = Counter(s.at.date() for s in computer.screen if s.notice.key == "summary")
    assert max(summaries.values(), default=0) <= 1
    assert all(is_working_day(day, "FR") for day in summaries)
    assert {"draft", "ends-soon"} <= {key.split(" ")[0] for key in keys}


def test_a_store_that_is_busy_for_a_moment_does_not_end_the_daemon(make: Make) -> None:
    computer = make("2026-05-18T09:00")
    computer.offer(date(2026, 5, 20))
    computer.run(timedelta(seconds=1))
    computer.screen.clear()
    computer.offer(date(2026, 5, 21))
    computer.run_until(paris("2026-05-19T08:29"))
    computer.desk.database.connection.execute("PRAGMA busy_timeout = 0")
    with open_database(computer.folder / "mail.sqlite") as other, other.transaction():
        computer.run(timedelta(minutes=5), step=timedelta(seconds=20))
        assert computer.screen == []
    computer.run(timedelta(minutes=1), step=timedelta(seconds=20))
    assert [s.notice.text for s in computer.screen] == ["Offer 2 (R-0002) ends on Thursday 21 May."]
