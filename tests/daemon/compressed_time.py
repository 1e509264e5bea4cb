"""A year of a founder's computer, in seconds: the real daemon, verdicts, register and store; a clock that the script
moves, a network that comes and goes, and a mailbox that is only a register entry for each draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import time_machine

from assistant.config import Account, Config, Notify, Owner
from assistant.errors import ConfigurationError
from assistant.host.paths import Places
from assistant.host.supervisor import Supervisor
from assistant.notices import Notice
from assistant.policy import Policy
from assistant.service.child import standing_of
from assistant.service.daemon import Daemon
from assistant.service.desk import Desk, open_desk
from assistant.service.errand import Order, Outcome, Trouble
from assistant.service.judging import Listing, judge
from assistant.service.tools import Tools
from assistant.service.watcher import Listener
from assistant.store.register import Entry, LedgerDraft, Said

PARIS = ZoneInfo("Europe/Paris")
OFFLINE = Trouble("unreachable", "no network", exit_code=75)
REFUSED = Trouble("login-refused", "the server refused the login", "log in again", exit_code=3)
UNTOUCHED, TAKEN_BACK = "untouched", "taken-back"


@dataclass
class Shown:
    """A notification, and when it appeared."""

    at: datetime
    notice: Notice


class FakeWatcher:
    """Online as soon as the network is there, but not faster than a real one: at most twenty seconds later."""

    def __init__(self, computer: Computer, account: Account, listener: Listener) -> None:
        self.computer, self.account, self.listener = computer, account, listener
        self.connected = self.running = False
        self.retry_at = 0.0
        self.logins = 0

    def start(self) -> None:
        self.running = True
        self.look()

    def hurry(self) -> None:
        self.connected, self.retry_at = False, 0.0

    def worked(self) -> None:
        pass

    def stop(self) -> None:
        self.running = False

    def join(self, seconds: float) -> None:
        pass

    def look(self) -> None:
        reachable = self.computer.network
        if not self.running or (self.connected and reachable) or self.computer.seconds < self.retry_at:
            return
        trouble = OFFLINE if not reachable else self.computer.refuses.get(self.account.name)
        self.connected = trouble is None
        self.retry_at = self.computer.seconds + 20
        if trouble is None:
            self.logins += 1
            self.listener.online()
            self.listener.news()
        else:
            self.retry_at += 1e12 if trouble.stops else 0
            self.logins += trouble.stops
            self.listener.troubled(trouble)


class FakeErrand:
    def __init__(self, computer: Computer, order: Order, done: Callable[[Outcome], None]) -> None:
        done(computer.cycle(order))

    def stop(self) -> None:
        pass

    def join(self, seconds: float) -> None:
        pass


@dataclass
class Computer:
    """The founder's laptop. `seconds` is its monotonic clock, `clock` what the wall clock shows first."""

    folder: Path
    traveller: time_machine.Traveller
    clock: datetime
    accounts: tuple[str, ...] = ("work",)
    notify: Notify = field(default_factory=Notify)
    policy: Policy = field(default_factory=lambda: Policy("FR", PARIS))
    seconds: float = 1000.0
    network: bool = True
    refuses: dict[str, Trouble] = field(default_factory=dict)
    screen: list[Shown] = field(default_factory=list)
    cycles: list[tuple[datetime, str]] = field(default_factory=list)
    watchers: dict[str, FakeWatcher] = field(default_factory=dict)
    file: int = 0
    broken: bool = False

    def __post_init__(self) -> None:
        self.traveller.move_to(self.clock)
        self.config = Config(
            Owner("Camille", ("c@binalys.example",), "FR"),
            tuple(Account(name, "imap.example", "c") for name in self.accounts),
            self.policy,
            self.notify,
        )
        places = Places(self.folder / "mail.sqlite", self.folder / "offers.toml")
        self.desk: Desk = open_desk(self.config, places)
        self.boot()

    def boot(self) -> None:
        """Starts the daemon, as after a restart of the computer: only store and register remain."""
        tools = Tools(
            load=self._load, mark=lambda: self.file, show=lambda n: self.screen.append(Shown(self.now, n)),
            watch=self._watch, begin=lambda order, done: FakeErrand(self, order, done), now=lambda: self.now,
            seconds=lambda: self.seconds, way_out=lambda: ("192.168.1.2",) if self.network else (),
        )  # fmt: skip
        self.daemon = Daemon(self.config, self.desk.database, tools, Supervisor())
        self.daemon.begin()

    def _load(self) -> Config:
        if self.broken:
            raise ConfigurationError("the configuration has 1 problem")
        return self.config

    def _watch(self, account: Account, listener: Listener) -> FakeWatcher:
        self.watchers[account.name] = FakeWatcher(self, account, listener)
        return self.watchers[account.name]

    @property
    def now(self) -> datetime:
        return datetime.now(UTC).astimezone(PARIS)

    # -- the mailbox ----------------------------------------------------------------------------------------------

    def cycle(self, order: Order) -> Outcome:
        if order.kind == "check" and not self.network:
            return Outcome(trouble=OFFLINE)
        account = next(a for a in order.config.accounts if a.name == order.account)
        desk = replace(self.desk, config=order.config)
        listings = judge(desk, account, desk.contents(), self.now)
        if order.kind == "check":
            self.cycles.append((self.now, order.account))
            if any(item.verdict.due and not item.entry.drafts for item in listings):
                listings = self._place(desk, account)
        return Outcome(tuple(standing_of(item) for item in listings))

    def _place(self, desk: Desk, account: Account) -> list[Listing]:
        with desk.register.change() as contents:
            for item in judge(desk, account, contents, self.now):
                if item.verdict.due and not item.entry.drafts:
                    item.entry.drafts.append(self._draft(item.entry))
        return judge(desk, account, desk.contents(), self.now)

    def _draft(self, entry: Entry) -> LedgerDraft:
        return LedgerDraft(f"<draft-{entry.id}@binalys.example>", "withdrawal", "1", UNTOUCHED, self.now, "Drafts")

    def offer(self, valid_until: date, account: str = "work") -> int:
        with self.desk.register.change() as contents:
            entry = Entry(
                0, account, registered=True, sent_on=valid_until - timedelta(days=30), valid_until=valid_until
            )
            entry.contact = f"jan@customer{contents.next_id}.example"
            entry.reference = f"R-{contents.next_id:04}"
            return contents.add(entry).id

    def say(self, number: int, verb: str, until: date | None = None) -> None:
        with self.desk.register.change() as contents:
            entry = contents.entry(number)
            assert entry is not None
            entry.said.append(Said(verb, self.now, until))

    def placed_at(self, number: int) -> datetime | None:
        """When the withdrawal was placed, in Paris."""
        entry = self.desk.contents().entry(number)
        assert entry is not None
        assert len(entry.drafts) <= 1
        return entry.drafts[0].placed_at.astimezone(PARIS) if entry.drafts else None

    # -- time -----------------------------------------------------------------------------------------------------

    def run(self, duration: timedelta, step: timedelta = timedelta(minutes=5)) -> None:
        """Runs for so long, looking at most `step` apart (the daemon itself looks every 20 seconds)."""
        end = self.now.astimezone(UTC) + duration
        while (left := (end - self.now.astimezone(UTC)).total_seconds()) > 0:
            wait = self.beat()
            self._pass(min(left, step.total_seconds() if wait >= 20 else max(wait, 1.0)))
        self.beat()

    def run_until(self, moment: datetime, step: timedelta = timedelta(minutes=5)) -> None:
        self.run(moment.astimezone(UTC) - self.now.astimezone(UTC), step)

    def beat(self) -> float:
        """What happens between two sleeps of the daemon."""
        wait = 0.0
        for _ in range(4):  # an event may bring the next one about
            for watcher in self.watchers.values():
                watcher.look()
            wait = self.daemon.beat()
            if self.daemon.events.empty():
                break
            while not self.daemon.events.empty():
                self.daemon.wake(0.0)
        return wait

    def sleep(self, duration: timedelta) -> None:
        """Suspended: the wall clock goes on, the monotonic clock does not, and nobody notices."""
        self.traveller.shift(duration)
        for watcher in self.watchers.values():
            watcher.connected = False

    def set_clock(self, by: timedelta) -> None:
        """Somebody sets the wall clock; no time passes."""
        self.traveller.shift(by)

    def _pass(self, seconds: float) -> None:
        self.traveller.shift(timedelta(seconds=seconds))
        self.seconds += seconds
