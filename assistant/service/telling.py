"""Tells the owner what is worth it, at a bearable hour, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from assistant.config import Config
from assistant.deadlines import Standing
from assistant.notices import Notice, choose, notices, trouble_key
from assistant.store.told import ToldStore

Show = Callable[[Notice], None]

PATIENCE_SECONDS = 300.0  # how long news may wait for a quiet moment before they are told


class Telling:
    """Keeps what waits to be told besides what follows from the offers: troubles of accounts, of the configuration."""

    def __init__(self, store: ToldStore, show: Show) -> None:
        self._store = store
        self._show = show
        self._waiting: dict[str, Notice] = {}
        self._news_since: float | None = None

    def have_news(self, seconds: float) -> None:
        """There may be something to tell, since this moment of the monotonic clock."""
        if self._news_since is None:
            self._news_since = seconds

    def is_time(self, seconds: float, *, is_settled: bool) -> bool:
        """Whether to tell now: there may be news, and all that is under way has come in, or takes too long."""
        if self._news_since is None:
            return False
        return is_settled or seconds - self._news_since >= PATIENCE_SECONDS

    def note(self, notice: Notice) -> None:
        """Something to tell at the next opportunity."""
        self._waiting[notice.key] = notice

    def is_over(self, account: str) -> None:
        """The troubles of an account are over: a new one is news again."""
        beginning = trouble_key(account)
        self._waiting = {k: n for k, n in self._waiting.items() if not k.startswith(beginning)}
        self._store.forget(beginning)

    def tell(self, standings: Iterable[Standing], config: Config, now: datetime) -> int:
        """Shows what is due at `now`; how many notices that were. What is told is remembered before it is shown."""
        self._news_since = None
        known = [*self._waiting.values(), *notices(standings, config.notify, config.policy, now)]
        digest = f"digest {now.astimezone(config.policy.timezone).date()}"
        told = self._store.told([digest, *(n.key for n in known)])
        telling = choose(known, told, config.notify, config.policy, now)
        if telling.keys:
            self._store.remember(telling.keys, now)
        self._waiting = {k: n for k, n in self._waiting.items() if k not in told and k not in telling.keys}
        for notice in telling.shown:
            self._show(notice)
        return len(telling.shown)
