"""What all verbs share: the options, and what they lead to, opened when first asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import UsageError

if TYPE_CHECKING:
    from assistant.config import Config
    from assistant.host.paths import Places
    from assistant.service.desk import Desk


class App:
    """The global options, and the configuration, clock and files that follow from them."""

    config_path: str | None = None
    as_json: bool = False
    at: str | None = None
    verbose: int = 0

    def __init__(self) -> None:
        self._open: list[Any] = []

    @cached_property
    def path(self) -> Path:
        from assistant.host.paths import default_config_path

        return Path(self.config_path) if self.config_path else default_config_path()

    @cached_property
    def config(self) -> Config:
        from assistant.host.configuration import load_config

        return load_config(self.path)

    @cached_property
    def places(self) -> Places:
        from assistant.host.paths import places

        return places(self.config)

    @cached_property
    def desk(self) -> Desk:
        """The store and the register, opened."""
        from assistant.service.desk import open_desk

        desk = open_desk(self.config, self.places)
        self._open.append(desk)
        return desk

    def now(self) -> datetime:
        """The present moment in the owner's zone, or what --at puts in its place."""
        from assistant.host import clock

        zone = self.config.policy.timezone
        if self.at is None:
            return clock.now().astimezone(zone)
        try:
            moment = datetime.fromisoformat(self.at)
        except ValueError as error:
            raise UsageError(f"--at {self.at!r} is no ISO date-time", hint="as in --at 2026-05-18T09:00") from error
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    def trace(self) -> Callable[[str, str], None] | None:
        """Where -v sends the conversation with the server: stderr, never a literal, never a secret."""
        return (lambda direction, line: click.echo(f"{direction} {line}", err=True)) if self.verbose else None

    def print_json(self, value: Any) -> None:
        """The one thing that --json puts on stdout."""
        import json

        json.dump(value, sys.stdout, ensure_ascii=False, indent=1, default=_plain)
        sys.stdout.write("\n")

    def say(self, text: str) -> None:
        """A line for a person; nothing with --json."""
        if not self.as_json:
            click.echo(text)

    def close(self) -> None:
        for opened in reversed(self._open):
            opened.close()
        self._open.clear()


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


pass_app = click.make_pass_decorator(App, ensure=True)
