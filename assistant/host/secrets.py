"""What proves who the owner is: from a command, a credential of the service manager, or the keyring of the system.

A secret is never in the configuration, on a command line, in a log, in a traceback or in a core dump.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config import Account, Credential
from assistant.errors import OfferAssistantError, SecretUnavailable
from assistant.host import clock, vault
from assistant.host.memory import guard_memory

if TYPE_CHECKING:
    from assistant.host.oauth import Client, Provider, Token

_COMMAND_SECONDS = 60


def credential(account: Account, *, renew: bool = False, now: Callable[[], datetime] = clock.now) -> Credential:
    """The password, or an access token that is good for 5 minutes; with `renew` a token that is new.

    Raises SecretUnavailable with the choices; for a token also LoginRefused (revoked) or a Temporary.
    """
    guard_memory()
    if account.auth != "password":
        return Credential("oauth-token", _access(account, renew, now()))
    return Credential("password", _password(account))


def _password(account: Account) -> str:
    if account.password_command:
        return _printed(account.password_command, f"the password_command of account {account.name}")
    secret = _from_service_manager(account) or vault.read(_password_name(account))
    if not secret:
        raise SecretUnavailable(
            f"no password is stored for {account.user} at {account.host}",
            hint=f"`offer-assistant account login{_argument(account)}` stores it; or set password_command",
        )
    return secret


def _access(account: Account, renew: bool, now: datetime) -> str:
    """The access token: printed by `password_command` where one is set, else the stored one, refreshed where stale."""
    if account.password_command:
        return _printed(account.password_command, f"the password_command of account {account.name}")
    from assistant.host.oauth import refreshed

    token = stored_token(account)
    if token is None:
        raise SecretUnavailable(
            f"nobody has logged in to {account.user} yet", hint=f"`offer-assistant account login{_argument(account)}`"
        )
    if renew or not token.is_fresh(now):
        token = refreshed(provider_of(account), client_of(account), token, now)
        store_token(account, token)
    return token.access


def provider_of(account: Account) -> Provider:
    """The authorization server of an account that logs in by OAuth2."""
    from assistant.host.oauth import PROVIDERS

    return PROVIDERS[account.auth]


def client_of(account: Account) -> Client:
    """The client id of the configuration, and its secret where a command prints one."""
    from assistant.host.oauth import Client

    command = account.oauth_client_secret_command
    what = f"the oauth_client_secret_command of account {account.name}"
    return Client(account.oauth_client_id, _printed(command, what) if command else "")


def store_password(account: Account, password: str) -> None:
    """Keeps the password in the keyring. Raises SecretUnavailable where there is none."""
    guard_memory()
    vault.write(_password_name(account), password)


def stored_token(account: Account) -> Token | None:
    from assistant.host.oauth import Token

    return Token.from_text(vault.read(_token_name(account)))


def store_token(account: Account, token: Token) -> None:
    """Keeps both tokens in the keyring."""
    guard_memory()
    vault.write(_token_name(account), token.as_text())


def where(account: Account) -> str:
    """Where the secret of an account comes from, in words; '' where there is none. The secret is not shown."""
    if account.password_command:
        return "password_command"
    if account.auth == "password" and _from_service_manager(account):
        return "service manager"
    name = _password_name(account) if account.auth == "password" else _token_name(account)
    return "keyring" if vault.read(name) else ""


def forget(account: Account) -> tuple[bool, bool]:
    """(whether a secret was stored, whether the provider took the access back). What is stored goes in any case."""
    from assistant.host.oauth import revoke

    taken_back = False
    if account.auth != "password" and (token := stored_token(account)):
        try:
            taken_back = revoke(provider_of(account), token)
        except OfferAssistantError:
            taken_back = False
    forgotten = [vault.erase(_password_name(account)), vault.erase(_token_name(account))]
    return any(forgotten), taken_back


def _password_name(account: Account) -> str:
    return f"{account.user}@{account.host}"


def _token_name(account: Account) -> str:
    return f"{account.user}@{account.host} {account.auth}"


def _argument(account: Account) -> str:
    return "" if account.name == "default" else f" {account.name}"


def _printed(command: str, what: str) -> str:
    """The first line that a command prints."""
    try:
        done = subprocess.run(
            shlex.split(command),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            timeout=_COMMAND_SECONDS,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        raise SecretUnavailable(f"{what} failed", hint="run it by hand; it must print the secret") from None
    secret = done.stdout.decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r")
    if not secret:
        raise SecretUnavailable(f"{what} printed nothing", hint="it must print the secret on its first line")
    return secret


def _from_service_manager(account: Account) -> str:
    """systemd's credential (systemd.exec, LoadCredential=): the file offer-assistant.NAME in $CREDENTIALS_DIRECTORY."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return ""
    try:
        return (Path(folder) / f"{vault.SERVICE}.{account.name}").read_text("utf-8").rstrip("\r\n")
    except OSError:
        return ""
