"""`run`: the daemon, in the foreground."""

from __future__ import annotations

import signal
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.app import App, pass_app
from assistant.errors import UsageError

if TYPE_CHECKING:
    from assistant.service.daemon import Daemon
    from assistant.service.tools import Tools


@click.command("run")
@pass_app
def command(app: App) -> None:
    """Watch the mailbox and keep the deadlines until it is told to stop (Ctrl-C, SIGTERM). SIGHUP reads the
    configuration anew, as does changing the file. The log is private; -v adds the conversation with the server."""
    if app.at is not None:
        raise UsageError("run follows the computer's clock", hint="use --at with `check` or `offers`")
    from assistant.host.instance import only_instance
    from assistant.host.logs import log_to
    from assistant.host.paths import log_folder
    from assistant.host.supervisor import Supervisor
    from assistant.service.daemon import Daemon
    from assistant.store import open_database

    config, places = app.config, app.places
    with only_instance(places.store), closing(open_database(places.store)) as database:
        log_to(log_folder(), verbose=bool(app.verbose))
        daemon = Daemon(config, database, _tools(app), Supervisor.of_environment(), verbose=bool(app.verbose))
        _obey_signals(daemon)
        daemon.run()


def _tools(app: App) -> Tools:
    """The real ones, put together in one place."""
    from assistant.host.configuration import load_config
    from assistant.host.notifications import Notifier
    from assistant.service.opening import open_notice
    from assistant.service.tools import Begun, Tools, watch

    path = app.path.absolute()
    return Tools(
        load=partial(load_config, path),
        mark=partial(_mark, path),
        show=Notifier(partial(open_notice, app.config, path)).show,
        watch=partial(watch, trace=_trace if app.verbose else None),
        begin=Begun,
    )


def _mark(path: Path) -> object:
    """What changes whenever the file does; None while there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _trace(direction: str, line: str) -> None:
    import logging

    logging.getLogger("assistant.mailbox").debug("%s %s", direction, line)


def _obey_signals(daemon: Daemon) -> None:
    """SIGTERM and Ctrl-C end it, SIGHUP reloads; a signal during the end changes nothing any more."""
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: daemon.end())
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: daemon.reload())
