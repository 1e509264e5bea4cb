"""What the daemon works with, so that a test can put a year into a second: clocks, watchers, errands, notifications."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assistant.config import Account, Config
from assistant.host import clock
from assistant.host.route import way_out
from assistant.notices import Notice
from assistant.service.connecting import Trace, connect
from assistant.service.errand import Errand, Order, Outcome
from assistant.service.watcher import Listener, Watcher


class Watching(Protocol):
    """A Watcher, or what a test puts in its place."""

    def start(self) -> None: ...

    def hurry(self) -> None: ...

    def worked(self) -> None: ...

    def stop(self) -> None: ...

    def join(self, seconds: float) -> None: ...


class Running(Protocol):
    """An errand under way."""

    def stop(self) -> None: ...

    def join(self, seconds: float) -> None: ...


@dataclass(frozen=True)
class Tools:
    """`load` reads the configuration, `mark` changes when its file does; `begin` starts an errand and calls back."""

    load: Callable[[], Config]
    mark: Callable[[], object]
    show: Callable[[Notice], None]
    watch: Callable[[Account, Listener], Watching]
    begin: Callable[[Order, Callable[[Outcome], None]], Running]
    now: Callable[[], datetime] = clock.now
    seconds: Callable[[], float] = time.monotonic
    way_out: Callable[[], tuple[str, ...]] = way_out


def watch(account: Account, listener: Listener, trace: Trace | None = None) -> Watcher:
    """A real watcher; it logs in with what the owner stored."""
    return Watcher(account, lambda: connect(account, trace=trace), listener)


class Begun:
    """A real errand in a thread of its own."""

    def __init__(self, order: Order, done: Callable[[Outcome], None]) -> None:
        self._errand = Errand(order)
        self._thread = threading.Thread(
            target=lambda: done(self._errand.run()), name=f"errand {order.account}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._errand.stop()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)
