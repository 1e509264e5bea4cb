"""The configuration as frozen values. The keys and their meaning are in config.example.toml; settings.py reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import PurePath
from typing import Literal

from assistant.policy import Policy

Security = Literal["tls", "starttls", "none"]
Auth = Literal["password", "oauth-google", "oauth-microsoft"]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose mailbox it is; `addresses` in lower case, the main one first."""

    name: str
    addresses: tuple[str, ...]
    country: str
    language: str = "fr"
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox. `read_since_months` is the horizon; `folders` maps a role to the owner's own folder name."""

    name: str
    host: str
    user: str
    port: int = 993
    security: Security = "tls"
    auth: Auth = "password"
    password_command: str = ""
    folders: Mapping[str, str] = field(default_factory=dict)
    read_since_months: int = 18
    daily_budget_mb: int = 1000
    ca_file: PurePath | None = None
    pin_sha256: str = ""
    oauth_client_id: str = ""
    oauth_client_secret_command: str = ""


@dataclass(frozen=True, slots=True)
class Credential:
    """What proves who the owner is: a password, or an OAuth2 access token (RFC 7628). Never printed."""

    kind: Literal["password", "oauth-token"]
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Notify:
    """When and how the owner is told: quiet hours (from, to), the hour of the daily digest, mail text shown or not."""

    quiet_hours: tuple[time, time] = (time(20), time(8))
    digest_at: time = time(8, 30)
    show_text: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    owner: Owner
    accounts: tuple[Account, ...]
    policy: Policy
    notify: Notify = Notify()
    templates_folder: PurePath | None = None
    store_path: PurePath | None = None
    register_path: PurePath | None = None
