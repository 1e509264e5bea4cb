"""How each account is, written down where `status` finds it: what changed, and since when it is so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from assistant.store.told import AccountHealth, HealthStore


class Charts:
    """Writes a chart only when it changed: the store is on a disk that likes to rest."""

    def __init__(self, store: HealthStore) -> None:
        self._store = store
        self._written: dict[str, AccountHealth] = {}

    def has_worked(self, account: str, since: datetime) -> bool:
        """Whether a cycle has gone through since then: the owner put things right, and ran `check` by hand."""
        last = self._store.last_cycle(account)
        return last is not None and last[1] == "done" and last[0] > since

    def write(self, found: Iterable[AccountHealth]) -> bool:
        """Whether anything changed."""
        changed = False
        for health in found:
            before = self._written.get(health.account)
            if before is not None and before.state == health.state:
                health = replace(health, since=before.since)
            if health != before:
                self._store.save(health)
                self._written[health.account] = health
                changed = True
        return changed
