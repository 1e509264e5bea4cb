"""`service`: put the daemon into the background, take it away, see how it is and what it says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.app import App, pass_app

if TYPE_CHECKING:
    from assistant.host.services import Service


@click.group("service")
def command() -> None:
    """Run in the background: from login on, again after a failure, with the rights it needs and no others."""


@command.command("install")
@pass_app
def install(app: App) -> None:
    """Put the daemon into the background and start it; installing again replaces it."""
    service = _service(app)
    service.install()
    if app.as_json:
        app.print_json({"installed": True, "manager": service.manager, "file": service.path})
    app.say(f"Installed and started ({service.path}). `offer-assistant status` shows how it is.")


@command.command("uninstall")
@pass_app
def uninstall(app: App) -> None:
    """Stop the daemon and take it out of the background. Your offers and drafts stay."""
    service = _service(app)
    was_there = service.uninstall()
    if app.as_json:
        app.print_json({"installed": False, "was_installed": was_there})
    app.say("Taken away." if was_there else "It was not installed.")


@command.command("status")
@pass_app
def status(app: App) -> None:
    """Tell whether it is installed, and how the daemon is."""
    from assistant.cli.status import daemon_status, say_status

    service = _service(app)
    installed = service.path.exists()
    found = {"installed": installed, "manager": service.manager, "file": service.path} | daemon_status(app)
    if app.as_json:
        app.print_json(found)
        return
    app.say(f"Installed with {service.manager} ({service.path})." if installed else "Not installed.")
    say_status(app, found)


@command.command("logs")
@click.option("-n", "--lines", default=50, show_default=True, help="How many lines.")
@click.option("-f", "--follow", is_flag=True, help="Go on showing what comes.")
@pass_app
def logs(app: App, lines: int, follow: bool) -> int:
    """Show the log: references and states, never addresses, secrets or words of mail."""
    import subprocess

    from assistant.host.logs import FILE_NAME
    from assistant.host.paths import log_folder

    service = _service(app)
    path = log_folder() / FILE_NAME
    if service.logs and service.path.exists():
        more = ["--follow"] if follow else ["--no-pager"]
        return subprocess.run([*service.logs, "--lines", str(lines), *more], check=False).returncode
    if not path.exists():
        app.say("There is no log yet.")
        return 0
    _show_file(path, lines, follow)
    return 0


def _show_file(path: Path, lines: int, follow: bool) -> None:
    import time

    with path.open(encoding="utf-8", errors="replace") as file:
        sys.stdout.writelines(file.readlines()[-lines:])
        while follow:
            sys.stdout.write(file.read())
            sys.stdout.flush()
            time.sleep(0.5)


def _service(app: App) -> Service:
    """The service of this configuration; the folders that it may write exist afterwards."""
    from assistant.host.paths import log_folder
    from assistant.host.services import service_here

    writable = list(dict.fromkeys([app.places.store.parent, app.places.register.parent, log_folder()]))
    for folder in writable:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return service_here(app.path.absolute(), [folder.absolute() for folder in writable])
