"""Mapping → Config, all problems at once, each with its key and a hint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from difflib import get_close_matches
from math import ceil
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assistant.config import Account, Config, Notify, Owner
from assistant.errors import ConfigurationError
from assistant.policy import Policy
from assistant.zones import country_zone

_PROVIDER_AUTH = ("password", "oauth-google", "oauth-microsoft")
_ROLES = ("inbox", "sent", "archive", "drafts", "trash")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt")
Problem = tuple[str, str, str]
_SEE_EXAMPLE = "config.example.toml shows every key"


class _Table:
    """One table of the configuration while it is read: takes keys out, notes every problem with its key and a hint."""

    def __init__(self, raw: object, path: str, problems: list[Problem]) -> None:
        self.path, self.problems = path, problems
        self.raw: dict[str, Any] = {}
        if isinstance(raw, Mapping):
            self.raw = dict(raw)
        elif raw is not None:
            self.note("", "is not a table", f"write [{path}] on a line of its own")

    def note(self, key: str, problem: str, hint: str) -> None:
        name = f"{self.path}.{key}" if key and self.path else key or self.path
        self.problems.append((name, problem, hint))

    def take(self, key: str, kind: type, default: Any = None, *, hint: str = "", required: bool = False) -> Any:
        """The value of a key, checked for its type; the default (and a noted problem) where it does not fit."""
        if key not in self.raw:
            if required:
                self.note(key, "is missing", hint or _SEE_EXAMPLE)
            return default
        value = self.raw.pop(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.note(
                key, f"should be {_KIND_NAMES[kind]}, not {value!r:.60}", hint or "config.example.toml shows every key"
            )
            return default
        if isinstance(value, str) and required and not value.strip():
            self.note(key, "is empty", hint or _SEE_EXAMPLE)
        return value

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        value = self.take(key, int, default)
        if not low <= value <= high:
            self.note(key, f"is {value}", f"a whole number from {low} to {high}")
            return default
        return int(value)

    def choice(self, key: str, default: str, choices: Sequence[str]) -> str:
        value = self.take(key, str, default)
        if value not in choices:
            self.note(key, f"is {value!r:.60}", "one of " + ", ".join(choices))
            return default
        return str(value)

    def table(self, key: str) -> _Table:
        return _Table(self.raw.pop(key, None), f"{self.path}.{key}" if self.path else key, self.problems)

    def finish(self, known: Sequence[str]) -> None:
        """Every key left over is unknown; the nearest known one is offered."""
        for key in self.raw:
            near = get_close_matches(key, known, 1)
            self.note(key, "is not a known key", f"did you mean {near[0]}?" if near else "remove it")


_KIND_NAMES = {
    str: "text in quotes",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    date: "a date",
}


def read_config(raw: Mapping[str, Any], *, computer_zone: str = "") -> Config:
    """The configuration as values. Raises ConfigurationError with all problems at once, each with key and hint."""
    problems: list[Problem] = []
    root = _Table(raw, "", problems)
    owner, timezone_name = _owner(root.table("owner"))
    accounts = _accounts(root)
    policy = _policy(root.table("policy"), owner.country, timezone_name, computer_zone, problems)
    notify = _notify(root.table("notify"))
    templates, store = root.table("templates"), root.table("store")
    config = Config(
        owner=owner,
        accounts=accounts,
        policy=policy,
        notify=notify,
        templates_folder=_path(templates, "folder"),
        store_path=_path(store, "path"),
        register_path=_path(store, "register"),
    )
    templates.finish(("folder",))
    store.finish(("path", "register"))
    root.finish(("owner", "account", "accounts", "policy", "store", "templates", "notify"))
    if problems:
        raise ConfigurationError(_summary(problems), hint="config.example.toml shows every key", problems=problems)
    return config


def _summary(problems: Sequence[Problem]) -> str:
    count = len(problems)
    lines = [f"  {key} {problem} ({hint})" for key, problem, hint in problems]
    return f"the configuration has {count} problem{'s' if count != 1 else ''}:\n" + "\n".join(lines)


def _path(table: _Table, key: str) -> PurePath | None:
    value = table.take(key, str, "")
    return PurePath(value) if value else None


def _owner(table: _Table) -> tuple[Owner, str]:
    addresses = table.take("addresses", list, [], required=True, hint='["you@your-company.com"], the main one first')
    good = tuple(a.strip().lower() for a in addresses if isinstance(a, str) and _is_address(a))
    if len(good) != len(addresses):
        table.note("addresses", "holds something that is no e-mail address", 'write ["you@your-company.com"]')
    elif not addresses and not any(key == "owner.addresses" for key, _, _ in table.problems):
        table.note("addresses", "is empty", "at least your main address")
    country = table.take("country", str, "", required=True, hint='two letters, as in "FR"').upper()
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        table.note("country", f"is {country!r:.20}", 'two letters, as in "FR"')
    owner = Owner(
        name=table.take("name", str, "", required=True),
        addresses=good or ("unknown@invalid",),
        country=country or "FR",
        language=table.choice("language", "fr", _LANGUAGES),
        signature=table.take("signature", str, ""),
    )
    timezone = table.take("timezone", str, "")
    table.finish(("name", "addresses", "country", "language", "signature", "timezone"))
    return owner, timezone


def _is_address(text: str) -> bool:
    local, _, domain = text.strip().rpartition("@")
    return bool(local and domain) and not any(c.isspace() or c in "<>,;" for c in text.strip())


def _accounts(root: _Table) -> tuple[Account, ...]:
    several = root.raw.pop("accounts", None)
    single = root.raw.pop("account", None)
    if several is None:
        if single is None:
            root.note("account", "is missing", "[account] with host and user; `offer-assistant setup` writes it")
            return ()
        return (_account("default", _Table(single, "account", root.problems)),)
    if single is not None:
        root.note("account", "stands beside [accounts.NAME]", "use one or the other")
    if not isinstance(several, Mapping) or not several:
        root.note("accounts", "names no account", "[accounts.NAME] with host and user")
        return ()
    return tuple(_account(name, _Table(raw, f"accounts.{name}", root.problems)) for name, raw in several.items())


def _account(name: str, table: _Table) -> Account:
    security = table.choice("security", "tls", ("tls", "starttls", "none"))
    host = table.take("host", str, "", required=True, hint="the IMAP server, as in imap.example.org")
    if security == "none" and host and host not in _LOOPBACK:
        table.note("security", "is none for a server elsewhere", 'use "tls"; none is for a loopback address only')
    account = Account(
        name=name,
        host=host,
        user=table.take("user", str, "", required=True, hint="usually your e-mail address"),
        port=table.whole("port", 993 if security == "tls" else 143, 1, 65535),
        security=security,  # type: ignore[arg-type]
        auth=table.choice("auth", "password", _PROVIDER_AUTH),  # type: ignore[arg-type]
        password_command=table.take("password_command", str, ""),
        folders=_folders(table),
        read_since_months=_months(table),
        daily_budget_mb=table.whole("daily_budget_mb", 1000, 1, 1_000_000),
        ca_file=_path(table, "ca_file"),
        pin_sha256=_pin(table),
        oauth_client_id=table.take("oauth_client_id", str, ""),
        oauth_client_secret_command=table.take("oauth_client_secret_command", str, ""),
    )
    if account.auth != "password" and not (account.oauth_client_id or account.password_command):
        table.note("oauth_client_id", "is missing", "docs/oauth.md tells how to register one")
    table.finish([f.replace("read_since_months", "read_since") for f in Account.__dataclass_fields__ if f != "name"])
    return account


def _folders(table: _Table) -> Mapping[str, str]:
    raw = table.take("folders", dict, {})
    for role, name in raw.items():
        if role not in _ROLES:
            table.note(f"folders.{role}", "is no known role", "one of " + ", ".join(_ROLES))
        elif not isinstance(name, str) or not name:
            table.note(f"folders.{role}", "should be the folder's name", 'as in drafts = "Brouillons"')
    return {r: n for r, n in raw.items() if r in _ROLES and isinstance(n, str)}


def _months(table: _Table) -> int:
    """'18 months', '2 years', '90 days' (rounded up) as months."""
    text = table.take("read_since", str, "18 months")
    number, _, unit = text.strip().partition(" ")
    factor = {"month": 1.0, "year": 12.0, "day": 1 / 30, "week": 7 / 30}.get(unit.strip().rstrip("s"))
    if factor is None or not number.isdecimal() or not 0 < int(number) <= 1200:
        table.note("read_since", f"is {text!r:.40}", 'a number and a unit, as in "18 months"')
        return 18
    return max(1, ceil(int(number) * factor))


def _pin(table: _Table) -> str:
    text = str(table.take("pin_sha256", str, "")).replace(":", "").lower()
    if text and (len(text) != 64 or any(c not in "0123456789abcdef" for c in text)):
        table.note("pin_sha256", "is no SHA-256 fingerprint", "64 hexadecimal digits, as doctor shows it")
    return text


def _policy(table: _Table, country: str, zone_name: str, computer: str, problems: list[Problem]) -> Policy:
    try:
        timezone = ZoneInfo(zone_name) if zone_name else country_zone(country, computer)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(("owner.timezone", f"is {zone_name!r:.40}", 'a name such as "Europe/Paris"'))
        timezone = ZoneInfo("UTC")
    policy = Policy(
        country=country,
        timezone=timezone,
        grace_working_days=table.whole("grace_working_days", 3, 0, 60),
        draft_within_days=table.whole("draft_within_days", 120, 1, 3650),
        pilot_notice_working_days=table.whole("pilot_notice_working_days", 7, 1, 120),
        honour_promised_dates=table.take("honour_promised_dates", bool, True),
        act_from=table.take("act_from", date, None, hint="a date without quotes, as in 2026-06-01"),
    )
    table.finish([f for f in Policy.__dataclass_fields__ if f not in ("country", "timezone")])
    return policy


def _notify(table: _Table) -> Notify:
    hours = table.take("quiet_hours", str, "20:00-08:00")
    start, _, end = hours.partition("-")
    quiet = (_clock(start), _clock(end))
    digest = _clock(table.take("digest_at", str, "08:30"))
    if None in quiet:
        table.note("quiet_hours", f"is {hours!r:.40}", 'as in "20:00-08:00"')
    if digest is None:
        table.note("digest_at", "is no time of day", 'as in "08:30"')
    show_text = table.take("show_text", bool, False)
    table.finish(("quiet_hours", "digest_at", "show_text"))
    return Notify((quiet[0] or time(20), quiet[1] or time(8)), digest or time(8, 30), show_text)


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text.strip().zfill(5))
    except ValueError:
        return None
