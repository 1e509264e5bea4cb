"""What `setup` says about a provider, and what it makes of its server, before anybody logs in."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.cli.setup.asking import Asking
from assistant.cli.setup.server import choose_account
from assistant.errors import UsageError
from assistant.host import autoconfig
from assistant.host.autoconfig import Lookup
from tests.setup.nameserver import NameServer

FLAGS: dict[str, Any] = {"account": "default"}


def chosen(capsys: pytest.CaptureFixture[str], **flags: Any) -> tuple[Any, str]:
    _, account = choose_account(Asking(FLAGS | flags, interactive=False), {}, "default", Lookup(None, ()))
    return account, capsys.readouterr().out


def test_gmail_wants_an_app_password_and_all_mail_to_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    account, said = chosen(capsys, address="camille@gmail.com")
    assert (account.host, account.port, account.security, account.auth) == ("imap.gmail.com", 993, "tls", "password")
    assert "https://myaccount.google.com/apppasswords" in said
    assert "'Show in IMAP' must be ticked for All Mail" in said


def test_gmail_in_the_browser_says_nothing_of_passwords(capsys: pytest.CaptureFixture[str]) -> None:
    account, said = chosen(capsys, address="camille@gmail.com", auth="oauth-google", oauth_client_id="id")
    assert (account.auth, account.oauth_client_id) == ("oauth-google", "id")
    assert "password" not in said
    assert "All Mail" in said


def test_microsoft_wants_the_browser_and_imap_switched_on(capsys: pytest.CaptureFixture[str]) -> None:
    account, said = chosen(capsys, address="camille@outlook.com", oauth_client_id="id")
    assert (account.host, account.auth) == ("outlook.office365.com", "oauth-microsoft")
    assert "IMAP must be on" in said


def test_microsoft_without_a_client_id_points_to_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="--oauth-client-id"):
        chosen(capsys, address="camille@outlook.com")
    assert "docs/oauth.md" in capsys.readouterr().out


def test_proton_is_read_through_its_bridge(capsys: pytest.CaptureFixture[str]) -> None:
    account, said = chosen(capsys, address="camille@proton.me")
    assert (account.host, account.port, account.security) == ("127.0.0.1", 1143, "starttls")
    assert "through its Bridge" in said


def test_a_forgeable_record_is_not_taken_without_a_person(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(autoconfig, "answers", lambda server: True)
    records = {("_imaps._tcp.binalys.fr", "SRV"): ["0 0 993 imap.attacker.net."]}
    with NameServer(records) as names:
        asking = Asking(FLAGS | {"address": "camille@binalys.fr"}, interactive=False)
        with pytest.raises(UsageError, match="--host"):
            choose_account(asking, {}, "default", Lookup(names.resolver, ()))
    assert "outside your domain" in capsys.readouterr().out


def test_what_the_configuration_says_is_proposed(capsys: pytest.CaptureFixture[str]) -> None:
    before = {
        "owner": {"addresses": ["c@binalys.example"]},
        "account": {"host": "mail.binalys.example", "user": "camille", "security": "starttls", "pin_sha256": "ab" * 32},
    }
    address, account = choose_account(Asking(FLAGS, interactive=False), before, "default", Lookup(None, ()))
    assert address == "c@binalys.example"
    assert (account.host, account.port, account.security) == ("mail.binalys.example", 143, "starttls")
    assert (account.user, account.pin_sha256) == ("camille", "ab" * 32)
