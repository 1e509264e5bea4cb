"""`setup`: from an address to the first list of offers. It drafts nothing, and every step can be repeated.

asking    questions and flags            server   which server, and how one logs in there
login     logging in, and the secret     review   the offers found, and from which day on to act
"""

from __future__ import annotations

import sys
from typing import Any

import click

from assistant.cli.app import App, pass_app
from assistant.config import Account
from assistant.errors import UsageError

_FLAGS_HINT = "offer-assistant setup --non-interactive --address you@your-company.com --password-stdin < FILE"
_OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--address", {"metavar": "ADDRESS", "help": "Your e-mail address."}),
    ("--alias", {"metavar": "ADDRESS", "multiple": True, "help": "Another address of yours; may be repeated."}),
    ("--name", {"help": "Your name, as you sign."}),
    ("--country", {"metavar": "XX", "help": "Where you work, two letters: FR, DE, GB …"}),
    ("--language", {"metavar": "xx", "help": "Of drafts where the thread does not tell: fr, en, de, es, it, nl, pt."}),
    ("--host", {"help": "The IMAP server; by default it is looked for."}),
    ("--port", {"help": "Its port; by default 993, else 143."}),
    ("--security", {"help": "tls, starttls; none only to a server on this computer."}),
    ("--user", {"help": "The user name there; by default your address."}),
    ("--auth", {"help": "password, oauth-google, oauth-microsoft."}),
    ("--oauth-client-id", {"metavar": "ID", "help": "docs/oauth.md tells how to get one."}),
    ("--oauth-client-secret-command", {"metavar": "COMMAND", "help": "A command that prints the client secret."}),
    ("--device-code", {"is_flag": True, "help": "Log in with a code typed elsewhere (Microsoft)."}),
    ("--password-stdin", {"is_flag": True, "help": "Read the password from the first line of stdin."}),
    ("--password-command", {"metavar": "COMMAND", "help": "A command that prints the password; else the keyring."}),
    ("--ca-file", {"metavar": "FILE", "help": "A certificate authority of your own."}),
    ("--pin-sha256", {"metavar": "HEX", "help": "The fingerprint of a local bridge's certificate; doctor shows it."}),
    ("--drafts", {"metavar": "FOLDER", "help": "The Drafts folder, where it is not found."}),
    ("--act-from", {"metavar": "DATE", "help": "Leave offers alone that lapsed before this day."}),
    ("--account", {"metavar": "NAME", "default": "default", "help": "Which account, where there are several."}),
    ("--service/--no-service", {"default": None, "help": "Put the daemon into the background at the end, or not."}),
    ("--non-interactive", {"is_flag": True, "help": "Ask nothing: everything comes from the flags."}),
)  # fmt: skip


def _with_options(command: Any) -> Any:
    for name, details in reversed(_OPTIONS):
        command = click.option(name, **details)(command)
    return command


@click.command("setup")
@_with_options
@pass_app
def command(app: App, /, non_interactive: bool, **flags: Any) -> None:
    """Find the server of your address, log in, and list the offers found. Nothing is drafted.

    It asks what it needs; without a terminal, or with --non-interactive, the options answer. It can be run again
    at any time: an existing configuration is edited, and what it says is proposed.
    """
    from assistant.cli.setup.asking import Asking

    interactive = not non_interactive and sys.stdin.isatty() and sys.stdout.isatty()
    if not interactive and not (non_interactive or flags["address"]):
        raise UsageError("setup asks questions, and there is no terminal", hint=_FLAGS_HINT)
    _set_up(app, Asking(flags, interactive and not app.as_json, quiet=app.as_json))


def _set_up(app: App, asking: Any) -> None:
    """The steps in their order. Nothing is written before a login succeeded."""
    from assistant.cli.setup.asking import check_flags
    from assistant.cli.setup.login import log_in
    from assistant.cli.setup.owner import owner_details
    from assistant.cli.setup.review import review
    from assistant.cli.setup.server import choose_account
    from assistant.host.settingsfile import read_settings, write_settings

    check_flags(asking)
    name = asking.flags["account"]
    before = read_settings(app.path)
    asking.say(
        "Reads your mailbox, finds your offers, drafts nothing yet, and never sends. Ctrl-C stops at any time.\n"
    )
    address, account = choose_account(asking, before, name)
    account, roles, writer = log_in(app, asking, account)
    owner = owner_details(asking, before, address, writer)
    app.config = write_settings(app.path, {"owner": owner, "account": account_table(account)}, name)
    asking.say(f"\nWritten: {app.path}")
    review(app, asking, name, roles)


def account_table(account: Account) -> dict[str, Any]:
    """What of an account goes into the configuration; None for what is as by default."""
    usual_port = 993 if account.security == "tls" else 143
    return {
        "host": account.host,
        "user": account.user,
        "port": account.port if account.port != usual_port else None,
        "security": account.security if account.security != "tls" else None,
        "auth": account.auth if account.auth != "password" else None,
        "password_command": account.password_command or None,
        "oauth_client_id": account.oauth_client_id or None,
        "oauth_client_secret_command": account.oauth_client_secret_command or None,
        "folders": dict(account.folders) or None,
        "ca_file": str(account.ca_file) if account.ca_file else None,
        "pin_sha256": account.pin_sha256 or None,
    }
