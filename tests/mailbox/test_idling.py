"""Waiting for news: hints, renewals, dead connections and a computer that sleeps; clocks are the test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from assistant.errors import ServerUnavailable, Unreachable
from assistant.mailbox import open_connection
from assistant.mailbox.idling import Hint, Idler
from tests.dovecot import Dovecot
from tests.mailbox.backends import PASSWORD, account, on_dovecot
from tests.servers.fake_imap import CUT, Dialect, FakeImap

IDLE = Dialect(capabilities="IMAP4rev1 IDLE")
MAIL = b"From: a@x.example\r\nSubject: x\r\n\r\nx\r\n"


class Clock:
    """A clock that a test moves; each look at it moves it on by `step`."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 1_000.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def server() -> Iterator[FakeImap]:
    with FakeImap(IDLE) as running:
        yield running


def idler_on(server: FakeImap, **options: Any) -> Idler:
    return Idler(open_connection(account(server.port), PASSWORD), "INBOX", **options)


def pushing(server: FakeImap, *lines: str) -> None:
    """From now on the server says these lines together with the '+' of IDLE."""
    said = "".join(f"{line}\r\n" for line in lines).encode()
    server.twist = lambda verb, arguments, answer: answer + said if verb == "IDLE+" else answer


@pytest.mark.parametrize("line", ["* 1 EXISTS", "* VANISHED 3", "* 1 EXPUNGE"])
def test_news_in_the_same_packet_as_the_plus_is_not_missed(server: FakeImap, line: str) -> None:
    pushing(server, line)
    with idler_on(server) as idler:
        assert idler.wait(5) is Hint.CHANGED


@pytest.mark.parametrize("line", ["* OK Still here", "* 0 EXISTS", "* 0 RECENT", "* 2 FETCH (FLAGS (\\Seen))"])
def test_what_is_no_news_wakes_nobody(server: FakeImap, line: str) -> None:
    pushing(server, line)
    with idler_on(server) as idler:
        assert idler.wait(0.05) is Hint.TIME_IS_UP


def test_a_new_message_on_a_real_server_is_noticed(dovecot: Dovecot) -> None:
    served = on_dovecot(dovecot)
    with Idler(served.connect(), "INBOX") as idler:
        assert idler.wait(0) is Hint.TIME_IS_UP
        served.deliver("INBOX", MAIL)
        assert idler.wait(10) is Hint.CHANGED


def test_the_wait_is_renewed_every_nine_minutes(server: FakeImap) -> None:
    clock = Clock(step=61.0)  # every look at the clock is a minute later: a sleep of a minute wakes at once
    with idler_on(server, wall=clock, monotonic=clock, heartbeat=0.0) as idler:
        idler._was_asleep = lambda *times: False  # type: ignore[method-assign]  # this clock jumps by design
        assert idler.wait(3_000) is Hint.TIME_IS_UP
    renewals = server.commands.count("IDLE") - 1
    assert 3 <= renewals <= 5  # 50 minutes


def test_a_connection_that_is_open_on_our_side_only_is_noticed_at_the_renewal(
    server: FakeImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.mailbox.idling.ANSWER_SECONDS", 0.2)
    server.twist = lambda verb, arguments, answer: b"" if verb == "IDLE" else answer  # never answers DONE
    with idler_on(server, renewal=0.05) as idler, pytest.raises(Unreachable):
        idler.wait(5)


def test_a_closed_connection_ends_the_wait_at_once(server: FakeImap) -> None:
    # imapclient's idle_check returned [] for ever, 76,000 times a second (its issue 565)
    server.twist = lambda verb, arguments, answer: answer + CUT if verb == "IDLE+" else answer
    with idler_on(server) as idler, pytest.raises(Unreachable):
        idler.wait(5)


def test_a_goodbye_while_waiting_says_why(server: FakeImap) -> None:
    pushing(server, "* BYE [UNAVAILABLE] shutting down")
    with idler_on(server) as idler, pytest.raises(ServerUnavailable):
        idler.wait(5)


def test_a_server_that_ends_the_wait_by_itself_is_asked_again(server: FakeImap) -> None:
    said: list[str] = []

    def end_once(verb: str, arguments: str, answer: bytes) -> bytes:
        if verb != "IDLE+" or said:
            return answer
        said.append(verb)
        return answer + b"a2 OK that was long enough\r\n"

    server.twist = end_once
    with idler_on(server) as idler:
        idler.wait(0.2)
    assert said


def test_a_suspend_drops_the_connection(server: FakeImap) -> None:
    wall, monotonic = Clock(step=20.0), Clock()  # the wall clock runs on while the other stands still
    with idler_on(server, wall=wall, monotonic=monotonic, heartbeat=0.0) as idler:
        wall.step = 100.0
        assert idler.wait(60) is Hint.RESUMED
        with pytest.raises(Unreachable):
            idler.wait(60)


def test_a_wall_clock_that_is_set_back_means_nothing(server: FakeImap) -> None:
    wall, monotonic = Clock(step=-7_200.0), Clock(step=1.0)
    with idler_on(server, wall=wall, monotonic=monotonic, heartbeat=0.0) as idler:
        assert idler.wait(20) is Hint.TIME_IS_UP


def test_stop_ends_the_wait_of_another_thread(server: FakeImap) -> None:
    with idler_on(server) as idler:
        threading.Timer(0.1, idler.stop).start()
        assert idler.wait(30) is Hint.STOPPED


def test_a_quiet_hour_wakes_for_nothing_but_heartbeat_and_renewal(server: FakeImap) -> None:
    with idler_on(server, heartbeat=0.1) as idler:
        idler.wait(1.0)
        assert idler.wakeups <= 12


def test_without_idle_the_server_is_asked_at_the_renewal() -> None:
    with FakeImap(Dialect(capabilities="IMAP4rev1")) as server, idler_on(server, renewal=0.1) as idler:
        server.twist = lambda verb, arguments, answer: b"* 7 EXISTS\r\n" + answer if verb == "NOOP" else answer
        assert idler.wait(5) is Hint.CHANGED
