"""The sweep: killed at every step that leaves the process, on every path, then restarted until quiet.

`make crash` runs all of it and prints how many crash points there were; the ordinary tests run a sample.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.crash.killing import run_killed
from tests.crash.paths import (
    LEFT,
    PLACE,
    RECOVER,
    SERVERS,
    TAKE_BACK,
    Mailbox,
    Memory,
    Server,
    Way,
    attempts,
    check,
    points,
)
from tests.placing.lapsed_story import Story
from tests.servers.drafts_server import DraftsServer

PATHS = [(server, way) for server in SERVERS for way in server.paths]
SAMPLED = ("UIDPLUS", "no UIDPLUS", "stores and hangs up", "Gmail")
SAMPLE_EVERY = 13
WORKERS = 2
PATIENCE = 1 / 40  # how much of a real pause is waited for a server in the next thread
MOST_STEPS = 2_000
# A server's threads run in the parent, and the child that is forked is killed or ends without them.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there is one: this is about processes that die, not about disks."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="crash-", dir=memory if memory.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


def sweep(server: Server, way: Way, folder: Path, *, every: int = 1, first: int = 1) -> int:
    """Kills one cycle at every `every`-th step; the number of crash points."""
    with DraftsServer(server.dialect, server.ways) as imap:
        story, memory, before = begin(imap, way, folder)
        for count, at in enumerate(range(first, MOST_STEPS, every)):
            memory.restore()
            if run_killed(lambda: story.cycle(way.now), at) is not None:
                return count
            try:
                attempts(story, way.now)
                check(story, way, before)
            except AssertionError as error:
                raise AssertionError(f"{server.name}, {way.name}, killed at step {at}: {error}") from error
            finally:
                story.close()
    raise AssertionError("the cycle does not end")


def begin(imap: DraftsServer, way: Way, folder: Path) -> tuple[Story, Memory, Mailbox]:
    """The state from which the path begins, saved; and the mailbox without our drafts."""
    story = Story(imap, "camille@binalys.example", folder / "one", way.offers)
    story.sleep = lambda seconds: time.sleep(seconds * PATIENCE)
    way.prepare(story.fill())
    memory = Memory(imap, story)
    memory.save()
    return story, memory, story.everything()


def name(pair: tuple[Server, Way]) -> str:
    return f"{pair[0].name}: {pair[1].name}"


@pytest.mark.crash
@pytest.mark.parametrize("pair", PATHS, ids=name)
def test_killed_at_every_step_one_draft_remains(pair, quick_folder):
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("fork")) as pool:
        shares = [pool.submit(sweep, *pair, quick_folder / f"{n}", every=WORKERS, first=n + 1) for n in range(WORKERS)]
        points[name(pair)] = sum(share.result() for share in shares)


@pytest.mark.crash
@pytest.mark.parametrize("pair", [p for p in PATHS if p[0].name in ("UIDPLUS", "no UIDPLUS", "Gmail")], ids=name)
def test_killed_twice_one_draft_remains(pair, quick_folder):
    """Again during the recovery: at random steps, by a fixed seed."""
    server, way = pair
    chance = random.Random(name(pair))
    with DraftsServer(server.dialect, server.ways) as imap:
        story, memory, before = begin(imap, way, quick_folder)
        for _ in range(25):
            memory.restore()
            steps = [chance.randint(1, 90) for _ in range(2)]
            killed = [run_killed(lambda: story.cycle(way.now), at) is None for at in steps]
            attempts(story, way.now)
            check(story, way, before)
            story.close()
            points[f"twice: {name(pair)}"] = points.get(f"twice: {name(pair)}", 0) + sum(killed)


@pytest.mark.parametrize(
    "pair", [p for p in PATHS if p[0].name in SAMPLED and p[1] in (PLACE, RECOVER, TAKE_BACK, LEFT)], ids=name
)
def test_killed_at_some_steps_one_draft_remains(pair, quick_folder):
    assert sweep(*pair, quick_folder, every=SAMPLE_EVERY, first=3) >= 2


@pytest.mark.crash
def test_the_crash_points_are_counted(capsys):
    with capsys.disabled():
        print("\n" + "\n".join(f"{count:6}  {what}" for what, count in points.items()))
        print(f"{sum(points.values()):6}  crash points")
    assert sum(points.values()) == 0 or len(points) < len(PATHS) or sum(points.values()) > 2_000
