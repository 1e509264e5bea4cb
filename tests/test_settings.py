"""The configuration: read from a mapping, every problem told at once with its key and a hint."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.config import Account
from assistant.errors import ConfigurationError
from assistant.settings import read_config

ROOT = Path(__file__).parent.parent
SMALLEST = {
    "owner": {"name": "Camille", "addresses": ["camille@binalys.example"], "country": "FR"},
    "account": {"host": "imap.example.org", "user": "camille"},
}


def with_(table: str, **keys: Any) -> dict[str, Any]:
    return SMALLEST | {table: SMALLEST.get(table, {}) | keys}


def problems(raw: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ConfigurationError) as caught:
        read_config(raw)
    return [(key, problem) for key, problem, _ in caught.value.problems]


def test_the_smallest_configuration_has_sound_defaults() -> None:
    config = read_config(SMALLEST)
    assert config.accounts == (Account("default", "imap.example.org", "camille", 993, "tls"),)
    assert config.policy.grace_working_days == 3
    assert config.policy.timezone.key == "Europe/Paris"
    assert config.owner.language == "fr"


def test_the_example_configuration_is_valid_and_shows_every_key() -> None:
    text = (ROOT / "config.example.toml").read_text("utf-8")
    read_config(tomllib.loads(text))
    shown = "\n".join(line.removeprefix("# ") if " = " in line else line for line in text.splitlines())
    config = read_config(tomllib.loads(shown.replace('auth = "password"           #', 'auth = "password" #')) | {})
    assert config.policy.act_from == date(2026, 1, 1)
    keys = {f for f in Account.__dataclass_fields__ if f not in ("name", "read_since_months")} | {"read_since"}
    for key in keys:
        assert f"{key} = " in text, f"config.example.toml does not show [account] {key}"


def test_every_problem_is_told_at_once_with_its_key() -> None:
    raw = {
        "owner": {"name": "x", "adresses": ["a@b.example"]},
        "account": {"host": "mail.example.org", "security": "none", "port": 0},
        "policy": {"grace_working_days": "three"},
        "colour": 1,
    }
    assert problems(raw) == [
        ("owner.addresses", "is missing"),
        ("owner.country", "is missing"),
        ("owner.adresses", "is not a known key"),
        ("account.security", "is none for a server elsewhere"),
        ("account.user", "is missing"),
        ("account.port", "is 0"),
        ("policy.grace_working_days", "should be a whole number, not 'three'"),
        ("colour", "is not a known key"),
    ]


def test_plain_text_is_for_a_loopback_address_only() -> None:
    assert read_config(with_("account", host="127.0.0.1", security="none")).accounts[0].port == 143
    assert problems(with_("account", security="none")) == [("account.security", "is none for a server elsewhere")]


@pytest.mark.parametrize(
    ("text", "months"), [("18 months", 18), ("2 years", 24), ("1 month", 1), ("90 days", 3), ("6 weeks", 2)]
)
def test_the_horizon_is_a_number_and_a_unit(text: str, months: int) -> None:
    assert read_config(with_("account", read_since=text)).accounts[0].read_since_months == months


@pytest.mark.parametrize("text", ["soon", "months", "0 months", "-3 months", "18months", "1e3 years"])
def test_a_horizon_that_is_none_is_told(text: str) -> None:
    assert problems(with_("account", read_since=text))[0][0] == "account.read_since"


def test_several_accounts_have_names() -> None:
    raw = {"owner": SMALLEST["owner"], "accounts": {"work": SMALLEST["account"], "other": SMALLEST["account"]}}
    assert [a.name for a in read_config(raw).accounts] == ["work", "other"]


def test_a_fingerprint_may_be_written_with_colons() -> None:
    pin = ":".join(["ab"] * 32)
    assert read_config(with_("account", pin_sha256=pin)).accounts[0].pin_sha256 == "ab" * 32
    assert problems(with_("account", pin_sha256="abc"))[0][0] == "account.pin_sha256"


@pytest.mark.parametrize(
    ("table", "keys", "key"),
    [
        ("owner", {"addresses": ["no address"]}, "owner.addresses"),
        ("owner", {"addresses": []}, "owner.addresses"),
        ("owner", {"country": "France"}, "owner.country"),
        ("owner", {"timezone": "Mars/Olympus"}, "owner.timezone"),
        ("owner", {"language": "la"}, "owner.language"),
        ("account", {"folders": {"outbox": "x"}}, "account.folders.outbox"),
        ("account", {"folders": "Drafts"}, "account.folders"),
        ("account", {"auth": "oauth-google"}, "account.oauth_client_id"),
        ("account", {"security": "ssl"}, "account.security"),
        ("policy", {"act_from": "2026-01-01"}, "policy.act_from"),
        ("policy", {"honour_promised_dates": "yes"}, "policy.honour_promised_dates"),
        ("notify", {"quiet_hours": "late"}, "notify.quiet_hours"),
        ("notify", {"digest_at": "25:00"}, "notify.digest_at"),
    ],
)
def test_a_wrong_value_is_told_with_its_key(table: str, keys: dict[str, Any], key: str) -> None:
    assert [k for k, _ in problems(with_(table, **keys))] == [key]
