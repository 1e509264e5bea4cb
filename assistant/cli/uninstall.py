"""`uninstall`: takes the program's traces off this computer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from assistant.cli.app import App, pass_app
from assistant.config import Account
from assistant.errors import ConfigurationError, OfferAssistantError, UsageError
from assistant.host.paths import Places, default_places


@click.command("uninstall")
@click.option("--erase", is_flag=True, help="Take it all away; without it only what there is is listed.")
@click.option("--register/--keep-register", "with_register", default=None,
              help="Take your register too, or keep it, without asking.")  # fmt: skip
@pass_app
def command(app: App, erase: bool, with_register: bool | None) -> None:
    """Take the program's traces off this computer: service, secrets, store, logs, configuration.

    Your register (your proposals, your words, the drafts made) goes only if you say so, your own templates and the
    drafts in your mailbox never. The program itself is removed the way it was installed (pipx uninstall …).
    """
    from assistant.host.traces import erase as erase_files
    from assistant.host.traces import working_files

    places, accounts = _known(app)
    register = places.register
    if not erase:
        _list(app, accounts, working_files(places), register)
        return
    if with_register is None and register.exists():
        with_register = _wants_register_gone(register)
    with ExitStack() as held:
        _stop_everything(app.path, accounts, places, held)
        forgotten = _forget_secrets(accounts)
    gone = [path for path in (*working_files(places), app.path) if path.exists()]
    gone += [register] if with_register and register.exists() else []
    erase_files(gone)
    if app.as_json:
        app.print_json({"erased": gone, "secrets": forgotten, "register_kept": register.exists()})
    app.say(f"Erased: {len(gone)} files and folders, {forgotten} secrets.")
    if register.exists():
        app.say(f"Kept: your register, {register}")
    app.say("To remove the program: `pipx uninstall offer-assistant`, or `uv tool uninstall offer-assistant`.")


def _known(app: App) -> tuple[Places, tuple[Account, ...]]:
    """The files and accounts of the configuration; the usual places where there is none, or none that can be read."""
    try:
        return app.places, app.config.accounts
    except ConfigurationError:
        return default_places(), ()


def _list(app: App, accounts: Sequence[Account], there: list[Path], register: Path) -> None:
    kept = [account.name for account in accounts if _is_kept(account)]
    if app.as_json:
        app.print_json({"files": [*there, app.path], "register": register, "secrets": kept})
    app.say("`offer-assistant uninstall --erase` takes away:")
    for path in (*there, app.path):
        app.say(f"  {path}")
    for name in kept:
        app.say(f"  the secret of account {name} in the keyring")
    if register.exists():
        app.say(f"and, if you say so, your register: {register}")


def _is_kept(account: Account) -> bool:
    from assistant.host import secrets

    try:
        return secrets.where(account) == "keyring"
    except OfferAssistantError:
        return False


def _wants_register_gone(register: Path) -> bool:
    if not sys.stdin.isatty():
        raise UsageError(f"shall {register} go too?", hint="--register erases it, --keep-register keeps it")
    return click.confirm(f"Erase your register too ({register})? It cannot be rebuilt from the mailbox", default=False)


def _stop_everything(config: Path, accounts: Sequence[Account], places: Places, held: ExitStack) -> None:
    """The service goes first; then no other process may work on an account. Raises Busy where one does."""
    from assistant.host.locks import account_lock
    from assistant.host.services import service_here

    service = service_here(config.absolute(), [places.store.parent])
    if service.path.exists():
        service.uninstall()
    if places.store.exists():
        for account in accounts:
            held.enter_context(account_lock(places.store, account.name, wait=10))


def _forget_secrets(accounts: Sequence[Account]) -> int:
    """How many accounts had a secret in the keyring; a keyring that does not open is named, not fatal."""
    from assistant.host import secrets

    count = 0
    for account in accounts:
        try:
            count += secrets.forget(account)[0]
        except OfferAssistantError as error:
            if not account.password_command:
                click.secho(f"! {account.user}: {error.message}; look for offer-assistant in it", fg="yellow", err=True)
    return count
