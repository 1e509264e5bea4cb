"""`account login | logout | list`: the secrets of the accounts, in the keyring of this computer."""

from __future__ import annotations

import sys
from typing import Any

import click

from assistant.cli.app import App, pass_app
from assistant.config import Account, Credential
from assistant.errors import OfferAssistantError, UsageError

_name = click.argument("name", required=False)


@click.group()
def command() -> None:
    """Log in and out; list the accounts.

    Passwords and tokens are kept in the keyring of this computer, never in a file of ours. NAME is needed only where
    the configuration has several accounts.
    """


def _account(app: App, name: str | None) -> Account:
    accounts = {account.name: account for account in app.config.accounts}
    if name is None and len(accounts) > 1:
        raise UsageError("there are several accounts", hint=f"name one of {', '.join(accounts)}")
    found = accounts.get(name or next(iter(accounts)))
    if found is None:
        raise UsageError(f"there is no account {name!r}", hint=f"one of {', '.join(accounts)}")
    return found


@command.command("list")
@pass_app
def list_(app: App) -> None:
    """List the accounts, and where the secret of each is kept; it is not shown."""
    rows = [_row(account) for account in app.config.accounts]
    if app.as_json:
        app.print_json({"accounts": rows})
    for row in rows:
        app.say(f"{row['name']}: {row['user']} at {row['host']}, {row['auth']}: {row['secret'] or 'not logged in'}")


def _row(account: Account) -> dict[str, Any]:
    from assistant.host import secrets

    try:
        kept = secrets.where(account)
    except OfferAssistantError as error:
        kept = error.message
    return {"name": account.name, "user": account.user, "host": account.host, "auth": account.auth, "secret": kept}


@command.command()
@_name
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")
@click.option("--device-code", is_flag=True, help="Log in with a code typed elsewhere (Microsoft).")
@pass_app
def login(app: App, name: str | None, password_stdin: bool, device_code: bool) -> None:
    """Log in: asks for the password, or opens the browser. It is tried on the server before it is kept."""
    from assistant.host import secrets
    from assistant.mailbox import open_connection

    account = _account(app, name)
    if account.password_command:
        credential, keep = secrets.credential(account), None
    elif account.auth != "password":
        from assistant.cli.authorising import authorise

        token = authorise(account, _to_stderr, by_code=device_code)
        credential, keep = Credential("oauth-token", token.access), lambda: secrets.store_token(account, token)
    else:
        password = _password(account, password_stdin)
        credential, keep = Credential("password", password), lambda: secrets.store_password(account, password)
    with open_connection(account, credential, trace=app.trace()):
        pass
    if keep is not None:
        keep()
    kept = "from password_command" if keep is None else "in the keyring"
    if app.as_json:
        app.print_json({"name": account.name, "secret": kept})
    app.say(f"Logged in to {account.host} as {account.user}; the secret is {kept}.")


def _to_stderr(text: str) -> None:
    """Instructions for a person; stdout stays for --json."""
    click.echo(text, err=True)


def _password(account: Account, from_stdin: bool) -> str:
    if from_stdin:
        from assistant.cli.setup.asking import first_line

        return first_line()
    if not sys.stdin.isatty():
        raise UsageError("without a terminal the password comes from stdin", hint="--password-stdin")
    return str(click.prompt(f"Password of {account.user} (not shown)", hide_input=True, err=True))


@command.command()
@_name
@pass_app
def logout(app: App, name: str | None) -> None:
    """Log out: the secret is taken out of the keyring, and an access by browser is revoked at the provider."""
    from assistant.host import secrets

    account = _account(app, name)
    was_kept, revoked = secrets.forget(account)
    if app.as_json:
        app.print_json({"name": account.name, "forgotten": was_kept, "revoked": revoked})
    app.say(f"{account.user}: {'the secret is out of the keyring' if was_kept else 'no secret was in the keyring'}.")
    if account.auth != "password":
        page = secrets.provider_of(account).revoke_page
        app.say("The access was revoked." if revoked else f"To take the access back, open {page}")
    if account.password_command:
        app.say("Its password_command is untouched.")
