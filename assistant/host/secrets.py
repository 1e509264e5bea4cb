"""Where the password of an account comes from: a command, a credential of the service manager, or the OS keyring.

It is never in the configuration, on a command line, in a log or in a traceback.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from assistant.config import Account, Credential
from assistant.errors import SecretUnavailable

SERVICE = "offer-assistant"
_COMMAND_SECONDS = 60


def credential(account: Account) -> Credential:
    """What proves who the owner is. Raises SecretUnavailable with the choices."""
    if account.password_command:
        return Credential("password", _from_command(account))
    return Credential("password", _from_service_manager(account) or _from_keyring(account))


def _from_command(account: Account) -> str:
    """The first line that `password_command` prints."""
    try:
        done = subprocess.run(
            shlex.split(account.password_command),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            timeout=_COMMAND_SECONDS,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        raise SecretUnavailable(
            f"the password_command of account {account.name} failed", hint="run it by hand; it must print the password"
        ) from None
    secret = done.stdout.decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r")
    if not secret:
        raise SecretUnavailable(
            f"the password_command of account {account.name} printed nothing", hint="it must print the password"
        )
    return secret


def _from_service_manager(account: Account) -> str:
    """systemd's credential (systemd.exec, LoadCredential=): the file offer-assistant.NAME in $CREDENTIALS_DIRECTORY."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return ""
    try:
        return (Path(folder) / f"{SERVICE}.{account.name}").read_text("utf-8").rstrip("\r\n")
    except OSError:
        return ""


def _from_keyring(account: Account) -> str:
    import keyring
    import keyring.errors

    choices = f"`offer-assistant account login {account.name}` stores it; or set password_command in the configuration"
    try:
        secret = keyring.get_password(SERVICE, f"{account.user}@{account.host}")
    except keyring.errors.KeyringError:
        raise SecretUnavailable("the keyring is locked or missing", hint=f"unlock it; {choices}") from None
    if not secret:
        raise SecretUnavailable(f"no password is stored for {account.user} at {account.host}", hint=choices)
    return str(secret)
