"""An account: its name, its secret, its certificate, its login, its folders, its quota, and what time it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from assistant.config import Account
from assistant.errors import CertificateRefused, FolderMissing, OfferAssistantError
from assistant.host import network
from assistant.mailbox import Connection, Folder, Role, find_folders
from assistant.mailbox.certificate import Encryption, encryption_of, shown_fingerprint
from assistant.mailbox.connection import is_loopback
from assistant.mailbox.fetched import Fetched
from assistant.mailbox.quota import quota_of
from assistant.service.connecting import Trace, connect
from assistant.service.diagnosis.finding import Finding, of_error, who

_SOON = timedelta(days=14)
_WRONG_CLOCK = timedelta(minutes=2)
_FULL, _NEARLY_FULL = 1.0, 0.9

# capability → (what it is good for, what happens without it)
_USES = {
    "IDLE": ("new mail is noticed at once", "new mail is noticed at the next poll, every few minutes"),
    "CONDSTORE": ("changes are found without reading everything", "changes are found by comparing whole folders"),
    "QRESYNC": ("deletions too, in one answer", "deletions are found by comparing lists of numbers"),
    "UIDPLUS": (
        "a draft of ours is taken back safely",
        "a draft of ours that is no longer wanted is left, with a warning",
    ),
}
_SHOW_ALL_MAIL = "in Gmail: Settings, Labels, All Mail, 'Show in IMAP'"


def examine_account(account: Account, clock: Callable[[], datetime], trace: Trace | None = None) -> Iterator[Finding]:
    """Every step from the name of the server to its folders; after a failed step the later ones are left out."""
    try:
        found = network.addresses_of(account.host)
        yield Finding("dns", "ok", f"{who(account)}{account.host} is {', '.join(found[:3])}")
        connection = connect(account, trace=trace)
    except OfferAssistantError as error:
        yield from _refusal(account, error)
        return
    try:
        with connection:
            yield from _logged_in(account, connection, clock)
    except OfferAssistantError as error:
        yield from of_error("session", error, who(account))


def _refusal(account: Account, error: OfferAssistantError) -> Iterator[Finding]:
    checks = {
        "certificate-refused": "tls",
        "secret-unavailable": "keyring",
        "login-refused": "login",
        "unreachable": "connection",
    }
    yield from of_error(checks.get(error.code, "login"), error, who(account))
    if isinstance(error, CertificateRefused) and (seen := shown_fingerprint(account)):
        yield Finding(
            "tls",
            "warning",
            f"{who(account)}the certificate shown has the SHA-256 fingerprint {seen}",
            "if the server is yours, compare it there, then set pin_sha256 to it; else leave it",
        )


def _logged_in(account: Account, connection: Connection, clock: Callable[[], datetime]) -> Iterator[Finding]:
    yield _encryption(account, encryption_of(connection), clock())
    yield Finding("login", "ok", f"{who(account)}logged in as {account.user} ({connection.provider.name})")
    yield from _capabilities(account, connection)
    yield from _folders(account, connection)
    yield from _quota(account, connection)
    yield _clock(account, connection, clock)


def _encryption(account: Account, found: Encryption | None, now: datetime) -> Finding:
    if found is None:
        return Finding("tls", "ok", f"{who(account)}not encrypted; the server is on this computer")
    if account.pin_sha256:
        return Finding("tls", "ok", f"{who(account)}{found.version}, the pinned certificate")
    if found.expires is None:
        return Finding("tls", "ok", f"{who(account)}{found.version}, a trusted certificate")
    told = f"{who(account)}{found.version}, a trusted certificate, good until {found.expires:%Y-%m-%d}"
    if found.expires - now < _SOON:
        return Finding(
            "tls", "warning", told, "it ends soon: the login fails from then on unless the provider renews it"
        )
    return Finding("tls", "ok", told)


def _capabilities(account: Account, connection: Connection) -> Iterator[Finding]:
    offered = [f"{name} ({uses[0]})" for name, uses in _USES.items() if connection.has(name)]
    if offered:
        yield Finding("capabilities", "ok", f"{who(account)}{', '.join(offered)}")
    for name, (_, without) in _USES.items():
        if not connection.has(name):
            matters = name in ("IDLE", "UIDPLUS") and not connection.provider.deletes_by_moving
            yield Finding(
                "capabilities",
                "warning" if matters else "ok",
                f"{who(account)}no {name}: {without}",
                "nothing to do: it works, less quickly"
                if name != "UIDPLUS"
                else "delete such a draft yourself when told",
            )


def _folders(account: Account, connection: Connection) -> Iterator[Finding]:
    try:
        roles = find_folders(connection)
    except OfferAssistantError as error:
        yield from of_error("folders", error, who(account))
        return
    told = ", ".join(f"{role} is {folder.name!r}" for role, folder in roles.items() if role != "junk")
    yield Finding("folders", "ok", f"{who(account)}{told}")
    yield from missing_folders(account, connection, roles)


def missing_folders(account: Account, connection: Connection, roles: dict[Role, Folder]) -> Iterator[Finding]:
    """An error for each folder without which nothing works; a warning where Gmail hides All Mail."""
    table = "[account]" if account.name == "default" else f"[accounts.{account.name}]"
    for role, use in (("drafts", "drafts cannot be placed"), ("sent", "your offers cannot be found")):
        if role not in roles and not (role == "sent" and "all" in roles):
            yield Finding(
                "folders",
                "error",
                f"{who(account)}no folder for {role} was found: {use}",
                f'make one in your mail program, or name it: folders = {{ {role} = "…" }} in {table}',
                FolderMissing.code,
                FolderMissing.exit_code,
            )
    if connection.provider.all_mail and "all" not in roles:
        yield Finding("folders", "warning", f"{who(account)}All Mail is hidden from IMAP", _SHOW_ALL_MAIL)


def _quota(account: Account, connection: Connection) -> Iterator[Finding]:
    quota = quota_of(connection)
    if quota is None:
        return
    told = f"{who(account)}{quota.share:.0%} of {quota.limit / 1024**3:.1f} GB used"
    if quota.share >= _FULL:
        yield Finding("quota", "error", told, "free some space: no draft can be stored", "needs-owner", 3)
    elif quota.share >= _NEARLY_FULL:
        yield Finding("quota", "warning", told, "free some space: soon no draft can be stored")
    else:
        yield Finding("quota", "ok", told)


def _clock(account: Account, connection: Connection, clock: Callable[[], datetime]) -> Finding:
    """This computer's clock beside the server's; where it tells no time, the newest arrival is a lower bound."""
    there = None if is_loopback(account.host) else network.time_of(account.host)
    if there is not None:
        off = clock() - there
        if abs(off) > _WRONG_CLOCK:
            return _wrong_clock(account, off)
        return Finding("clock", "ok", f"{who(account)}the clock is right (by the server's Date)")
    arrived = _newest_arrival(connection)
    if arrived is not None and arrived - clock() > _WRONG_CLOCK:
        return _wrong_clock(account, clock() - arrived)
    return Finding("clock", "ok", f"{who(account)}the clock is not behind the newest mail")


def _wrong_clock(account: Account, off: timedelta) -> Finding:
    minutes = abs(off).total_seconds() / 60
    behind = "behind" if off < timedelta(0) else "ahead of"
    return Finding(
        "clock",
        "warning",
        f"{who(account)}this computer's clock is {minutes:,.0f} minutes {behind} the server's",
        "set the clock (switch its automatic setting on): days of validity depend on it",
    )


def _newest_arrival(connection: Connection) -> datetime | None:
    """When the newest message of the Inbox arrived by the server's clock; None for an empty one."""
    connection.wire.examine("INBOX")
    newest = connection.wire.search("UID *")
    if not newest:
        return None
    for found in connection.wire.fetch(str(newest[-1]), "UID INTERNALDATE"):
        if isinstance(found, Fetched):
            return datetime.fromtimestamp(found.internal_date, UTC) if found.internal_date is not None else None
    return None
