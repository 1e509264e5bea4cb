"""kill -9 at random moments of the real daemon, on mailboxes with twenty lapsed offers.

500 kills: 100 mailboxes, five kills each, every other one of the daemon alone, so that its cycle goes on as an orphan
while the next daemon starts. A mailbox sees few kills, as most drafts stand after three: what is killed then is idle.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.crash.test_random_kills import OFFERS, fill, marked, owner
from tests.daemon.daemon_story import eventually
from tests.daemon.test_daemon_process import processes_of
from tests.dovecot import Dovecot
from tests.running import COMMAND, Owner

SHARE = 0.9  # of the time that a daemon needs until all twenty drafts stand


def start_daemon(owner: Owner) -> subprocess.Popen[bytes]:
    """`run`, leading a session of its own."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(owner.folder), "OFFER_ASSISTANT_CONFIG": str(owner.config)}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        [COMMAND, "run"], env=environment, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )


def kill_all(daemon: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(daemon.pid, signal.SIGKILL)
    daemon.wait()


def lapsed_today(server: Dovecot, user: str, folder: Path) -> Owner:
    """A mailbox whose offers have lapsed by the real clock, which the daemon goes by."""
    made = owner(server, user, folder)
    fill(made, datetime.now(ZoneInfo("Europe/Paris")))
    return made


@pytest.fixture(scope="module")
def whole_run(dovecot: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> float:
    """The seconds from the start of a daemon until all drafts stand."""
    mine = lapsed_today(dovecot, "whole-run@binalys.example", tmp_path_factory.mktemp("whole"))
    begun = time.monotonic()
    daemon = start_daemon(mine)
    try:
        eventually(lambda: len(mine.messages("Drafts")) == OFFERS, 60, mine)
        return time.monotonic() - begun
    finally:
        kill_all(daemon)


def kill_often(mine: Owner, kills: int, seconds: float, chance: random.Random) -> Counter[str]:
    """Starts and kills the daemon so many times: how often a cycle was under way, and how often when some of the
    drafts stood, and not yet all. Nothing is left running."""
    hit: Counter[str] = Counter()
    sessions: list[int] = []
    for number in range(kills):
        daemon = start_daemon(mine)
        sessions.append(daemon.pid)
        time.sleep(chance.uniform(0.1, seconds * SHARE))
        cycle = [pid for pid in processes_of(daemon.pid) if pid != daemon.pid]
        daemon.kill() if number % 2 else os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()
        hit["in a cycle"] += bool(cycle)
        hit["between the first draft and the last"] += bool(cycle) and 0 < len(mine.messages("Drafts")) < OFFERS
    eventually(lambda: not any(processes_of(session) for session in sessions), 30)
    return hit


def survives(mine: Owner, kills: int, seconds: float, chance: random.Random) -> Counter[str]:
    hit = kill_often(mine, kills, seconds, chance)
    for _ in range(2):
        mine.json("check")
    assert len(mine.messages("Drafts")) == len(marked(mine)) == OFFERS
    return hit


@pytest.mark.crash
def test_five_hundred_kills_of_the_daemon_leave_twenty_drafts(dovecot, tmp_path, whole_run, capsys):
    chance, hit, begun = random.Random(9), Counter[str](), time.monotonic()
    for number in range(100):
        mine = lapsed_today(dovecot, f"daemon{number}@binalys.example", tmp_path / str(number))
        hit += survives(mine, 5, whole_run, chance)
    with capsys.disabled():
        minutes = (time.monotonic() - begun) / 60
        print(f"\n500 kills of the daemon in {minutes:.0f} min (all drafts stand after {whole_run:.1f} s): {dict(hit)}")
    assert hit["in a cycle"] > 150
    assert hit["between the first draft and the last"] > 50


def test_a_few_kills_of_the_daemon_leave_twenty_drafts(dovecot, tmp_path, mailbox_user, whole_run):
    survives(lapsed_today(dovecot, mailbox_user, tmp_path), 3, whole_run, random.Random(4))
