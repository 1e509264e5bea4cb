"""How long to wait after a failure: doubling, with jitter, capped; reset only by success.

Each kind of failure is counted by itself: twenty cuts of the network are no reason to leave a server that restarts
alone for a quarter of an hour.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from assistant.service.errand import Trouble

# The network comes back without telling: looking every twenty seconds costs a name lookup and finds it in time.
OFFLINE = (1.0, 20.0)
SERVER = (15.0, 900.0)
BUSY = (2.0, 30.0)
LONGEST = 3600.0


class Backoff:
    """The pauses of one account. `pause(trouble)` in seconds; `reset()` after something has worked."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._failures: Counter[tuple[float, float]] = Counter()

    def pause(self, trouble: Trouble) -> float:
        """The next pause: what the server asked for, else twice the last one, more or less a quarter."""
        kind = first, most = {"unreachable": OFFLINE, "busy": BUSY}.get(trouble.code, SERVER)
        seconds = min(first * 2.0 ** min(self._failures[kind], 30), most) * (0.75 + self._chance() / 2)
        self._failures[kind] += 1
        return min(max(seconds, trouble.retry_after or 0.0), LONGEST)

    def reset(self) -> None:
        self._failures.clear()
