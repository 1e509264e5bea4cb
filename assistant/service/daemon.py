"""The daemon: hints, deadlines and the owner's signals go in; cycles, notices and the state for `status` come out.

One thread decides everything. Watchers and errands have threads of their own, which only put events into the queue;
so nothing here needs a lock. An event is a function that the loop calls.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from queue import Empty, SimpleQueue

from assistant.config import Account, Config
from assistant.deadlines import next_telling
from assistant.errors import Busy, ConfigurationError, StoreUnreadable
from assistant.host.supervisor import Supervisor
from assistant.notices import account_trouble, configuration_refused
from assistant.service.charts import Charts
from assistant.service.errand import Kind, Order, Outcome, Trouble
from assistant.service.hearing import Ear, Events
from assistant.service.post import Post, summary
from assistant.service.schedule import HEART_SECONDS, Schedule
from assistant.service.surroundings import Surroundings
from assistant.service.telling import Telling
from assistant.service.tools import Running, Tools, Watching
from assistant.store import Database
from assistant.store.told import HealthStore, ToldStore

log = logging.getLogger(__name__)

POLL_SECONDS = 6 * 3600.0  # a whole cycle even if nothing was noticed
ERRAND_SECONDS, WATCHER_SECONDS = 3.0, 0.5  # how long they may take to end


class Daemon:
    """Runs until `end` is called (from a signal, or an event)."""

    def __init__(
        self, config: Config, database: Database, tools: Tools, supervisor: Supervisor, *, verbose: bool = False
    ) -> None:
        self.config = config
        self.tools = tools
        self.posts: dict[str, Post] = {}
        self.events: Events = SimpleQueue()
        self.ending = False
        self._supervisor, self._verbose = supervisor, verbose
        self._watchers: dict[str, Watching] = {}
        self._errands: dict[str, Running] = {}
        self._schedule = Schedule()
        self._telling = Telling(ToldStore(database), tools.show)
        self._charts = Charts(HealthStore(database))
        self._surroundings = Surroundings(tools)

    # -- the loop -------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Lives until `end`; leaves no thread and no child behind."""
        self.begin()
        try:
            while not self.ending:
                self.wake(self.beat())
        finally:
            self.close()

    def begin(self) -> None:
        for account in self.config.accounts:
            self._take_on(account)
        self._plan_poll()
        self._plan_telling()
        self._supervisor.ready(summary(self.posts.values()))
        log.info("started: %d account(s)", len(self.posts))

    def end(self) -> None:
        """Makes `run` return; may be called from a signal handler."""
        self.ending = True
        self.events.put(lambda: None)

    def reload(self) -> None:
        """Reads the configuration anew; accounts that are not online try again at once. For signal handlers too."""
        self.events.put(self._reload)

    def beat(self) -> float:
        """Everything that time alone brings: jumps of the clock, a changed file, deadlines. How long to sleep then."""
        self._look_around()
        wait = self._schedule.run_due()
        self._begin_errands()
        self._act(self._tell)
        self._act(self._save_health)
        self._supervisor.alive()
        waits = [w for post in self.posts.values() if (w := post.wait(self.tools.seconds())) is not None]
        return min([wait, 1.0 if self._surroundings.is_unsettled else HEART_SECONDS, *waits])

    def wake(self, wait: float) -> None:
        """Sleeps until an event comes, for `wait` seconds at most, and does what it asks for."""
        with suppress(Empty):
            self._act(self.events.get(timeout=wait))

    def _act(self, act: Callable[[], None]) -> None:
        """A store that is busy, or a disk that is full, must not end the daemon: what was to be told is told later."""
        try:
            act()
        except (Busy, StoreUnreadable) as error:
            log.warning("%s", error.message)
            self._have_news()

    def close(self) -> None:
        """Ends watchers and errands, within seconds."""
        self._supervisor.stopping()
        for thread in (*self._watchers.values(), *self._errands.values()):
            thread.stop()
        begun = self.tools.seconds()
        for errand in self._errands.values():
            errand.join(max(0.1, begun + ERRAND_SECONDS - self.tools.seconds()))
        for watcher in self._watchers.values():  # one that waits for a silent server has nothing to lose
            watcher.join(max(0.05, begun + WATCHER_SECONDS - self.tools.seconds()))
        self._schedule.close()
        log.info("ended")

    # -- accounts -------------------------------------------------------------------------------------------------

    def _take_on(self, account: Account) -> None:
        post = self.posts[account.name] = Post(account, self.tools.now())
        post.want("started")
        watcher = self._watchers[account.name] = self.tools.watch(account, Ear(self, post))
        watcher.start()

    def _let_go(self, name: str) -> None:
        del self.posts[name]
        self._watchers.pop(name).stop()
        if name in self._errands:
            self._errands.pop(name).stop()
        self._schedule.cancel(f"deadline {name}")

    def heard_online(self, post: Post) -> None:
        if post.comes_online():
            log.info("account %s is online", post.account.name)

    def heard_news(self, post: Post) -> None:
        post.want("news")

    def heard_trouble(self, post: Post, trouble: Trouble) -> None:
        if post.online or post.trouble is None or post.trouble.code != trouble.code or trouble.stops:
            log.info("account %s: %s", post.account.name, trouble.message)
        post.online = False
        post.fail(trouble, self.tools.now())
        self._note_trouble(post)

    # -- cycles ---------------------------------------------------------------------------------------------------

    def _begin_errands(self) -> None:
        for name, post in self.posts.items():
            if post.stopped and self._charts.has_worked(name, post.since):
                self._resume(post)
            kind = post.next_kind(self.tools.seconds())
            if kind is not None:
                wishes = post.start(self.tools.seconds())
                log.debug("account %s: %s because of %s", name, kind, ", ".join(sorted(wishes)))
                order = Order(self.config, name, kind, self._verbose)
                self._errands[name] = self.tools.begin(order, self._ending_of(post, kind, wishes))

    def _resume(self, post: Post) -> None:
        post.resume()
        self._watchers[post.account.name].hurry()

    def _ending_of(self, post: Post, kind: Kind, wishes: frozenset[str]) -> Callable[[Outcome], None]:
        def ended(outcome: Outcome) -> None:
            if self.posts.get(post.account.name) is post:  # else it was taken away meanwhile
                self._errands.pop(post.account.name, None)
                if kind == "judge":
                    post.judged(outcome, wishes)
                else:
                    self._cycle_ended(post, wishes, outcome)
                self._plan_deadline(post)
                self._have_news()

        return lambda outcome: self.events.put(lambda: ended(outcome))

    def _cycle_ended(self, post: Post, wishes: frozenset[str], outcome: Outcome) -> None:
        name, was_hindered = post.account.name, post.trouble is not None and post.trouble.needs_owner
        post.end(outcome, wishes, self.tools.seconds(), self.tools.now())
        if outcome.trouble is not None:
            log.warning("account %s: %s", name, outcome.trouble.message)
            self._note_trouble(post)
            return
        log.info("account %s: %d offers", name, len(outcome.standings or ()))
        self._watchers[name].worked()
        if was_hindered:
            self._telling.is_over(name)

    def _note_trouble(self, post: Post) -> None:
        trouble = post.trouble
        if trouble and trouble.needs_owner:
            self._telling.note(account_trouble(post.account.name, trouble.code, stops=trouble.stops))
            self._have_news()

    # -- time -----------------------------------------------------------------------------------------------------

    def _plan_deadline(self, post: Post) -> None:
        name = f"deadline {post.account.name}"
        moment = post.deadline(self.config.policy, self._now())
        if moment is None:
            self._schedule.cancel(name)
        else:
            self._schedule.at(name, moment.at, lambda: self._reached(post, moment.what))

    def _reached(self, post: Post, what: str) -> None:
        post.want(what)
        self._plan_deadline(post)

    def _plan_poll(self) -> None:
        self._schedule.every("poll", POLL_SECONDS, lambda: self._want_all("poll"), now=self.tools.now())

    def _want_all(self, reason: str) -> None:
        for post in self.posts.values():
            post.want(reason)

    def _plan_telling(self) -> None:
        self._schedule.at("telling", next_telling(self._now(), self.config.notify, self.config.policy), self._may_tell)

    def _may_tell(self) -> None:
        """The quiet hours are over, or the digest is due: with fresh news, where there is a network."""
        self._want_all("digest")
        self._have_news()
        self._plan_telling()

    def _look_around(self) -> None:
        """After a suspend or a clock that was set everything is scheduled anew; another network is used at once."""
        change = self._surroundings.look()
        if change.jump:
            log.info("the clock jumped by %d seconds", change.jump)
            for post in self.posts.values():
                self._plan_deadline(post)
            self._plan_poll()
            self._plan_telling()
        if change.jump or change.network:
            log.info("connecting anew")
            self._hurry()
        if change.file:
            self._reload()

    def _now(self) -> datetime:
        return self.tools.now().astimezone(self.config.policy.timezone)

    def _hurry(self) -> None:
        for name, watcher in self._watchers.items():
            if self.posts[name].stopped is None:
                watcher.hurry()

    # -- the configuration ----------------------------------------------------------------------------------------

    def _reload(self) -> None:
        self._supervisor.reloading()
        mark = self._surroundings.file_was_read()
        try:
            self._adopt(self.tools.load())
        except ConfigurationError as error:
            log.error("the configuration was refused, the old one stays: %s", error.message)
            self._telling.note(configuration_refused(mark))
            self._have_news()
        for post in self.posts.values():
            if not post.online:
                self._resume(post)
        self._supervisor.ready(summary(self.posts.values()))

    def _adopt(self, config: Config) -> None:
        """Takes the new configuration over; the store stays where it is until the next start."""
        config = replace(config, store_path=self.config.store_path, register_path=self.config.register_path)
        old = {a.name: a for a in self.config.accounts}
        new = {a.name: a for a in config.accounts}
        self.config = config
        for name in [n for n in old if new.get(n) != old[n]]:
            self._let_go(name)
        for name in [n for n in new if new[n] != old.get(n)]:
            self._take_on(new[name])
        for post in self.posts.values():
            post.want("configuration")
            self._plan_deadline(post)
        self._plan_telling()
        log.info("the configuration was read: %d account(s)", len(self.posts))

    def _have_news(self) -> None:
        self._telling.have_news(self.tools.seconds())

    def _tell(self) -> None:
        settled = all(post.is_settled for post in self.posts.values())
        if self._telling.is_time(self.tools.seconds(), is_settled=settled):
            standings = [s for post in self.posts.values() for s in post.standings or ()]
            self._telling.tell(standings, self.config, self._now())

    def _save_health(self) -> None:
        now = self._now()
        if self._charts.write(post.health(self.config.policy, now) for post in self.posts.values()):
            self._supervisor.status(summary(self.posts.values()))
