"""The sweep on a real server: a fresh mailbox for every crash."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from tests.crash.killing import run_killed
from tests.crash.paths import PLACE, RECOVER, REPLACE, SUPERSEDE, TAKE_BACK, TWINS, Way, attempts, check, points
from tests.crash.test_crash_sweep import MOST_STEPS, PATIENCE, quick_folder
from tests.dovecot import Dovecot
from tests.placing.lapsed_story import Story

__all__ = ["quick_folder"]
_names = itertools.count(1)
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


def killed(dovecot: Dovecot, way: Way, folder: Path, at: int) -> bool:
    """One crash at step `at` and what follows; False where the cycle had ended before."""
    story = Story(dovecot, f"crash{next(_names)}@binalys.example", folder / str(at), way.offers)
    story.sleep = lambda seconds: time.sleep(seconds * PATIENCE * 4)
    try:
        way.prepare(story.fill())
        before = story.everything()
        story.close()
        if run_killed(lambda: story.cycle(way.now), at) is not None:
            return False
        attempts(story, way.now)
        check(story, way, before)
    finally:
        story.close()
    return True


@pytest.mark.crash
@pytest.mark.parametrize("way", [PLACE, TAKE_BACK, REPLACE, SUPERSEDE, TWINS, RECOVER], ids=lambda way: way.name)
def test_killed_at_every_step_on_dovecot_one_draft_remains(dovecot, way, quick_folder):
    for at in range(1, MOST_STEPS):
        if not killed(dovecot, way, quick_folder, at):
            break
        points[f"Dovecot: {way.name}"] = at


@pytest.mark.parametrize("way", [PLACE, TAKE_BACK], ids=lambda way: way.name)
def test_killed_at_some_steps_on_dovecot_one_draft_remains(dovecot, way, quick_folder):
    steps = itertools.takewhile(lambda at: killed(dovecot, way, quick_folder, at), range(5, MOST_STEPS, 11))
    assert len(list(steps)) >= 2
