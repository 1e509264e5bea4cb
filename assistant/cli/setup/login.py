"""Logging in for the first time, keeping the secret, and showing the folders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from assistant.cli.app import App
from assistant.cli.authorising import authorise
from assistant.cli.setup.asking import Asking, a_word
from assistant.config import Account, Credential
from assistant.errors import (
    CertificateRefused,
    FolderMissing,
    LoginRefused,
    OfferAssistantError,
    SecretUnavailable,
)
from assistant.host import secrets
from assistant.mailbox import Connection, Folder, Role, open_connection
from assistant.mailbox.certificate import shown_fingerprint
from assistant.mailbox.connection import is_loopback
from assistant.service.first_look import Writer, folders_and_writer

_ATTEMPTS = 5
Found = tuple[Account, dict[Role, Folder], Writer]


@dataclass(frozen=True, slots=True)
class _Proof:
    """A credential, and how it is kept once it has proved right (None: it is kept already)."""

    credential: Credential
    keep: Callable[[], None] | None = None


def log_in(app: App, asking: Asking, account: Account) -> Found:
    """The account as it works, its folders, and who writes from it; the secret is then in the keyring.

    At the terminal a refusal is explained, and asked again a few times; the last one is raised.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            proof = _proof(asking, account, use_stored=attempt == 1)
            with open_connection(account, proof.credential, trace=app.trace()) as connection:
                asking.say(f"Logged in to {account.host} as {account.user}.")
                account, roles, writer = _folders(asking, connection, account)
            return _kept(asking, account, proof), roles, writer
        except (LoginRefused, CertificateRefused) as error:
            if not asking.interactive or attempt == _ATTEMPTS:
                raise
            account = _amended(asking, account, error)
    raise AssertionError("the last attempt returns or raises")


def _proof(asking: Asking, account: Account, *, use_stored: bool) -> _Proof:
    """From a command, from the keyring, by typing, or by the browser."""
    if account.password_command:
        return _Proof(secrets.credential(account))
    if use_stored and not asking.flags.get("password_stdin") and (stored := _stored(account)):
        asking.say("Trying what is stored in the keyring …")
        return _Proof(stored)
    if account.auth != "password":
        token = authorise(account, asking.insist, by_code=bool(asking.flags.get("device_code")))
        return _Proof(Credential("oauth-token", token.access), lambda: secrets.store_token(account, token))
    password = asking.secret(f"Password of {account.user} (not shown)")
    return _Proof(Credential("password", password), lambda: secrets.store_password(account, password))


def _stored(account: Account) -> Credential | None:
    try:
        return secrets.credential(account) if secrets.where(account) else None
    except OfferAssistantError:
        return None


def _amended(asking: Asking, account: Account, error: OfferAssistantError) -> Account:
    """The account after the owner has read why it was refused: another user name, or a pinned certificate."""
    asking.say(f"\n{error.message}.\n→ {error.hint}\n")
    if isinstance(error, CertificateRefused):
        seen = shown_fingerprint(account) if is_loopback(account.host) else ""
        if not seen:
            raise error
        asking.say(f"This server is on your own computer; its certificate has the SHA-256 fingerprint\n  {seen}")
        if not asking.confirm("Is it yours, and shall this certificate be trusted from now on", False):
            raise error
        return replace(account, pin_sha256=seen)
    return replace(account, user=asking.ask("", "User name", a_word, account.user))


def _kept(asking: Asking, account: Account, proof: _Proof) -> Account:
    """The secret goes into the keyring; where there is none, the owner chooses."""
    while proof.keep is not None:
        try:
            proof.keep()
            asking.say("The secret is in this computer's keyring.")
            break
        except SecretUnavailable as error:
            if not asking.interactive or account.auth != "password":
                raise
            asking.say(f"\n{error.message}.")
            choices = ("try again (unlock the keyring first)", "use a command that prints the password", "stop here")
            choice = asking.choose("What now", choices)
            if choice == 3:
                raise
            if choice == 2:
                return _by_command(asking, account, proof.credential.secret)
    return account


def _by_command(asking: Asking, account: Account, password: str) -> Account:
    """An account whose command has just printed the password that works."""

    def read(text: str) -> Account:
        found = replace(account, password_command=text)
        try:
            printed = secrets.credential(found).secret
        except SecretUnavailable:
            raise ValueError(f"{text!r} failed, or printed nothing") from None
        if printed != password:
            raise ValueError(f"{text!r} printed something else than the password that works") from None
        return found

    return asking.ask("", "Command, as in: pass show mail", read)


def _folders(asking: Asking, connection: Connection, account: Account) -> Found:
    """The folders, shown; one that was not found is asked for."""
    if asking.flags.get("drafts"):
        account = replace(account, folders={**account.folders, "drafts": asking.flags["drafts"]})
    connection.account = account
    roles, writer = folders_and_writer(connection)
    names: tuple[Role, ...] = ("drafts",) if "all" in roles else ("drafts", "sent")
    if any(role not in roles for role in names):
        account = _named_folders(asking, connection, account, [role for role in names if role not in roles])
        connection.account = account
        roles, writer = folders_and_writer(connection)
    asking.say("Its folders:")
    for role in ("inbox", "sent", "archive", "all", "drafts"):
        if role in roles:
            status = roles[role].status
            count = f", {status.messages:,} messages" if status and status.messages is not None else ""
            asking.say(f"  {role:8} {roles[role].name}{count}")
    if connection.provider.all_mail and "all" not in roles:
        asking.say(
            "All Mail is hidden: in Gmail's settings, Labels, tick 'Show in IMAP' for it, else some mail is missed."
        )
    return account, roles, writer


def _named_folders(asking: Asking, connection: Connection, account: Account, missing: list[Role]) -> Account:
    there = {folder.name.casefold(): folder.name for folder in connection.wire.list_folders(with_status=False)}
    listed = ", ".join(sorted(there.values())[:40])
    if not asking.interactive:
        raise FolderMissing(
            f"no folder for {missing[0]} was found among {listed}",
            hint="name it: --drafts FOLDER"
            if missing[0] == "drafts"
            else 'name it in the configuration: folders = { sent = "…" }',
        )

    def read(text: str) -> str:
        if text.casefold() not in there:
            raise ValueError(f"there is no folder {text!r}")
        return there[text.casefold()]

    asking.say(f"The folders of this mailbox: {listed}")
    chosen: dict[str, str] = {role: asking.ask("", f"Which one holds your {role}", read) for role in missing}
    return replace(account, folders={**account.folders, **chosen})
