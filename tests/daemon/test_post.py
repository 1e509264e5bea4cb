"""When a cycle of one account may start, and how long it waits after a failure."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from assistant.config import Account
from assistant.service.backoff import Backoff
from assistant.service.errand import Outcome, Trouble
from assistant.service.post import Post

NOW = datetime(2026, 5, 18, 9, tzinfo=UTC)
DOWN = Trouble("server-unavailable", "restarting", exit_code=75)
OFFLINE = Trouble("unreachable", "no network", exit_code=75)
REFUSED = Trouble("login-refused", "no", exit_code=3)
NO_DRAFTS = Trouble("folder-missing", "no Drafts", exit_code=3)


def online() -> Post:
    return Post(Account("work", "h", "u"), NOW, online=True)


def test_wishes_that_come_together_are_one_cycle() -> None:
    post = online()
    post.want("news")
    post.want("deadline")
    assert post.next_kind(0) == "check"
    assert post.start(0) == {"news", "deadline"}
    assert post.next_kind(0) is None


def test_nothing_starts_while_a_cycle_runs_and_what_is_wished_then_follows_it() -> None:
    post = online()
    post.want("news")
    wishes = post.start(0)
    post.want("more news")
    assert post.next_kind(1) is None
    post.end(Outcome(()), wishes, 2, NOW)
    assert (post.next_kind(3), post.next_kind(4)) == (None, "check")  # rests as long as it worked


def test_a_deadline_that_passes_offline_waits_for_the_network() -> None:
    post = online()
    post.online = False
    post.want("deadline")
    assert post.next_kind(0) is None
    post.online = True
    assert post.next_kind(0) == "check"


def test_a_wish_whose_cycle_failed_remains() -> None:
    post = online()
    post.want("deadline")
    post.end(Outcome(trouble=DOWN), post.start(0), 1, NOW)
    assert post.wanted == {"deadline"}
    assert post.next_kind(1) is None
    assert post.next_kind(1 + 900) == "check"


def test_a_refused_login_stops_the_account_until_its_owner_acts() -> None:
    post = online()
    post.want("news")
    post.end(Outcome(trouble=REFUSED), post.start(0), 1, NOW)
    post.online = True
    assert post.next_kind(10_000) is None
    post.resume()
    assert post.next_kind(10_000) == "check"


def test_a_missing_folder_is_the_owners_to_mend_but_mail_is_read_on() -> None:
    post = online()
    post.want("news")
    post.end(Outcome((), trouble=NO_DRAFTS), post.start(0), 1, NOW)
    assert post.stopped is None
    assert post.next_kind(1 + 900) == "check"


def test_while_offline_the_store_is_judged_once() -> None:
    post = online()
    post.online = False
    post.fail(OFFLINE, NOW)
    assert post.next_kind(0) == "judge"
    post.judged(Outcome(()), post.start(0))
    assert post.next_kind(0) is None
    assert post.trouble is OFFLINE


def pauses(trouble: Trouble, count: int, chance: float = 0.5) -> list[float]:
    backoff = Backoff(lambda: chance)
    return [backoff.pause(trouble) for _ in range(count)]


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    assert pauses(DOWN, 9) == [15, 30, 60, 120, 240, 480, 900, 900, 900]


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_offline_the_next_look_is_never_more_than_half_a_minute_away(chance: float) -> None:
    assert max(pauses(OFFLINE, 50, chance)) <= 25


def test_jitter_spreads_the_pauses() -> None:
    assert (pauses(DOWN, 1, 0.0), pauses(DOWN, 1, 1.0)) == ([11.25], [18.75])


def test_the_server_is_given_the_pause_that_it_asks_for() -> None:
    throttled = Trouble("throttled", "slow down", exit_code=75, retry_after=300)
    assert pauses(throttled, 2) == [300, 300]
    assert pauses(Trouble("throttled", "", exit_code=75, retry_after=1e9), 1) == [3600]


def test_many_cuts_of_the_network_do_not_lengthen_the_pause_of_a_restarting_server() -> None:
    backoff = Backoff(lambda: 0.5)
    for _ in range(20):
        backoff.pause(OFFLINE)
    assert backoff.pause(DOWN) == 15


def test_only_success_resets_the_pause() -> None:
    backoff = Backoff(lambda: 0.5)
    grown = [backoff.pause(DOWN) for _ in range(3)]
    assert all(a < b for a, b in pairwise(grown))
    backoff.reset()
    assert backoff.pause(DOWN) == 15
