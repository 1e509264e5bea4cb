"""From a watcher's thread to the daemon's: what was heard becomes an event in the daemon's queue."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import Protocol

from assistant.service.errand import Trouble
from assistant.service.post import Post

Events = SimpleQueue[Callable[[], None]]


class Hearer(Protocol):
    """Who acts on it, in the daemon's thread."""

    events: Events
    posts: dict[str, Post]

    def heard_online(self, post: Post) -> None: ...

    def heard_news(self, post: Post) -> None: ...

    def heard_trouble(self, post: Post, trouble: Trouble) -> None: ...


class Ear:
    """The Listener of one post. What comes after the post was given up is not heard any more."""

    def __init__(self, hearer: Hearer, post: Post) -> None:
        self._hearer, self._post = hearer, post

    def online(self) -> None:
        self._tell(lambda: self._hearer.heard_online(self._post))

    def news(self) -> None:
        self._tell(lambda: self._hearer.heard_news(self._post))

    def troubled(self, trouble: Trouble) -> None:
        self._tell(lambda: self._hearer.heard_trouble(self._post, trouble))

    def _tell(self, event: Callable[[], None]) -> None:
        def act() -> None:
            if self._hearer.posts.get(self._post.account.name) is self._post:
                event()

        self._hearer.events.put(act)
