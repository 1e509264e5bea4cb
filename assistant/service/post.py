"""One account as the daemon sees it: is it online, what is wanted of it, may a cycle start now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from assistant.config import Account
from assistant.deadlines import Moment, Standing, next_deadline
from assistant.policy import Policy
from assistant.service.backoff import Backoff
from assistant.service.errand import Kind, Outcome, Trouble
from assistant.store.told import AccountHealth

SHARE_OF_TIME = 1.0  # a cycle of n seconds is followed by as long a rest: a flood of mail costs half a core at most
LONGEST_REST = 30.0


@dataclass
class Post:
    """Decides, for one account, when a cycle starts. Seconds are of the monotonic clock; `since`: the last failure."""

    account: Account
    since: datetime
    online: bool = False
    stopped: Trouble | None = None
    trouble: Trouble | None = None
    problems: tuple[Mapping[str, str], ...] = ()
    standings: tuple[Standing, ...] | None = None
    settled: bool = False
    busy: bool = False
    wanted: set[str] = field(default_factory=set)
    backoff: Backoff = field(default_factory=Backoff)
    not_before: float = 0.0
    started: float = 0.0

    @property
    def is_settled(self) -> bool:
        """Whether nothing is under way that would change what there is to tell."""
        under_way = self.busy or (bool(self.wanted) and self.online)
        return self.stopped is not None or (self.settled and not under_way)

    def want(self, reason: str) -> None:
        """Something asks for a cycle; several wishes are one cycle."""
        self.wanted.add(reason)

    def next_kind(self, seconds: float) -> Kind | None:
        """The errand that may start now: a cycle where one is wanted and online; while offline, once, judging alone."""
        if self.busy or seconds < self.not_before:
            return None
        if not self.online and self.trouble and not self.settled:
            return "judge"
        return "check" if self.wanted and self.online and not self.stopped else None

    def wait(self, seconds: float) -> float | None:
        """How long until a wish may be followed, None where nothing waits for the clock."""
        waits = self.wanted and self.online and not self.busy and not self.stopped
        return max(0.0, self.not_before - seconds) if waits else None

    def start(self, seconds: float) -> frozenset[str]:
        """A cycle starts: the wishes that it fulfils."""
        self.busy, self.started = True, seconds
        wishes = frozenset(self.wanted)
        self.wanted.clear()
        return wishes

    def judged(self, outcome: Outcome, wishes: frozenset[str]) -> None:
        """Judging alone has ended: how the offers stand is known, but no wish was fulfilled and no trouble is over."""
        self.busy, self.settled = False, True
        self.standings = outcome.standings or self.standings
        self.wanted |= wishes

    def end(self, outcome: Outcome, wishes: frozenset[str], seconds: float, now: datetime) -> None:
        """A cycle has ended: what is known now, and when the next may start. Wishes that were not fulfilled remain."""
        self.busy, self.settled = False, True
        self.problems = outcome.problems
        if outcome.standings is not None:
            self.standings = outcome.standings
        self.trouble = outcome.trouble
        if outcome.trouble is None:
            self.backoff.reset()
            self.not_before = seconds + min((seconds - self.started) * SHARE_OF_TIME, LONGEST_REST)
            return
        self.wanted |= wishes
        self.fail(outcome.trouble, now)
        self.not_before = seconds + self.backoff.pause(outcome.trouble)

    def fail(self, trouble: Trouble, now: datetime) -> None:
        """Trouble of a cycle or of the watcher's: the account rests until its owner acted, or goes on by itself."""
        self.trouble, self.since = trouble, now
        if trouble.stops:
            self.stopped = trouble
            self.online = False

    def comes_online(self) -> bool:
        """The account is connected and logged in; whether it was not before. Where that had needed its owner (a bad
        certificate), a cycle tells whether all is well again."""
        was_offline, self.online = not self.online, True
        if self.trouble and not self.trouble.needs_owner:
            self.trouble = None
        elif self.trouble and was_offline:
            self.want("mended")
        return was_offline

    def resume(self) -> None:
        """The owner has acted, or something changed: try again at once."""
        self.stopped = None
        self.not_before = 0.0
        self.backoff.reset()
        self.want("resumed")

    def deadline(self, policy: Policy, now: datetime) -> Moment | None:
        return next_deadline(self.standings or (), policy, now)

    def health(self, policy: Policy, now: datetime) -> AccountHealth:
        """How the account is, for `status`."""
        trouble = self.stopped or self.trouble
        state = "stopped" if self.stopped else "online" if self.online else "offline"
        moment = self.deadline(policy, now)
        return AccountHealth(
            self.account.name,
            state,
            now,
            trouble.code if trouble else "",
            trouble.message if trouble else "",
            trouble.hint if trouble else "",
            moment.at if moment else None,
            moment.what if moment else "",
            moment.offer if moment else 0,
        )


def summary(posts: Iterable[Post]) -> str:
    """One line for the service manager."""
    states = [post.online for post in posts]
    return f"{sum(states)} of {len(states)} account(s) online"
