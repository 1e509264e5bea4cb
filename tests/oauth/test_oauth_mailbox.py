"""A mailbox behind access tokens: Dovecot verifies the JWTs of the authorization server with its public key."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.config import Account, Credential
from assistant.errors import LoginRefused, SecretUnavailable, Temporary
from assistant.host import clock, secrets
from assistant.host.oauth import Token
from assistant.mailbox import Connection, TokenExpired, find_folders, open_connection
from assistant.service.connecting import connect, connected
from tests.dovecot import Dovecot
from tests.oauth.authserver import AuthServer
from tests.oauth.interrupting import Interrupting

USER = "camille.rouvier@binalys.example"


@pytest.fixture
def account(token_mailbox: Dovecot) -> Account:
    return Account(
        "default", "127.0.0.1", USER, token_mailbox.port, "none", auth="oauth-google", oauth_client_id="desktop-client"
    )


def kept(auth: AuthServer, account: Account, access: str, *, age: timedelta = timedelta(0)) -> Token:
    """A login of some time ago whose tokens are in the keyring."""
    auth.refresh_tokens.add("refresh-1")
    token = Token(access, "refresh-1", clock.now() - age, auth.lifetime)
    secrets.store_token(account, token)
    return token


def refreshes(auth: AuthServer) -> int:
    return sum(form.get("grant_type") == "refresh_token" for form in auth.asked)


def test_a_mailbox_opens_with_an_access_token(auth: AuthServer, account: Account) -> None:
    kept(auth, account, auth.access_token())
    with connect(account) as connection:
        assert find_folders(connection)["drafts"].name == "Drafts"
    assert refreshes(auth) == 0


def test_a_token_near_its_end_is_refreshed_before_the_login(auth: AuthServer, account: Account) -> None:
    kept(auth, account, "worthless", age=timedelta(minutes=56))
    with connect(account):
        pass
    assert refreshes(auth) == 1
    assert secrets.stored_token(account).refresh == "refresh-1"  # type: ignore[union-attr]


def test_a_refused_token_is_renewed_once(auth: AuthServer, account: Account) -> None:
    expired = auth.access_token(exp=int(time.time()) - 60)
    kept(auth, account, expired)
    with connect(account):
        pass
    assert refreshes(auth) == 1


def test_a_token_that_stays_refused_is_renewed_only_once(auth: AuthServer, account: Account) -> None:
    kept(auth, account, auth.access_token(exp=int(time.time()) - 60))
    auth.lifetime = -60  # whatever it gives out has run out already
    with pytest.raises(TokenExpired):
        connect(account)
    assert refreshes(auth) == 1


def test_a_token_of_somebody_else_opens_nothing(auth: AuthServer, account: Account) -> None:
    foreign = auth.access_token(email="somebody.else@binalys.example")
    with pytest.raises(TokenExpired):
        open_connection(account, Credential("oauth-token", foreign))


def test_a_revoked_access_asks_the_owner_to_log_in_again(auth: AuthServer, account: Account) -> None:
    kept(auth, account, auth.access_token(exp=int(time.time()) - 60))
    auth.refresh_tokens.clear()
    with pytest.raises(LoginRefused, match="revoked") as refused:
        connect(account)
    assert refused.value.exit_code == 3
    assert "account login" in refused.value.hint


def test_a_token_endpoint_that_is_down_is_tried_again_later(auth: AuthServer, account: Account) -> None:
    kept(auth, account, "worthless", age=timedelta(hours=2))
    auth.status = 503
    with pytest.raises(Temporary):
        connect(account)
    auth.status = 200
    with connect(account):
        pass


def test_a_session_that_ends_with_its_token_goes_on_with_a_fresh_one(auth: AuthServer, account: Account) -> None:
    from dataclasses import replace

    kept(auth, account, auth.access_token())
    with Interrupting(account.port) as proxy:
        calls = []

        def work(connection: Connection) -> int:
            calls.append(connection)
            proxy.ends = len(calls) == 1
            return len(find_folders(connection))

        assert connected(replace(account, port=proxy.port), work) == 5
    assert (len(calls), proxy.sessions, refreshes(auth)) == (2, 2, 1)


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_that_is_wrong_by_hours_does_not_lock_the_owner_out(
    auth: AuthServer, account: Account, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """Three hours behind: the token seems fresh, and is not. Three hours ahead: it seems stale every time."""
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(hours=hours))
    kept(auth, account, auth.access_token(exp=int(time.time()) - 60))
    with connect(account):
        pass
    assert refreshes(auth) == 1


def test_a_provider_whose_clock_is_ahead_is_told_apart_from_a_bad_password(auth: AuthServer, account: Account) -> None:
    """Its tokens are not valid yet for the server: the refusal names the token, and the next login gets another."""
    auth.offset = 3600
    kept(auth, account, auth.access_token())
    with pytest.raises(TokenExpired, match="access token"):
        connect(account)
    auth.offset = 0
    with connect(account):
        pass


def test_nobody_has_logged_in_yet(account: Account) -> None:
    with pytest.raises(SecretUnavailable, match="nobody has logged in"):
        connect(account)


def test_a_command_may_print_the_access_token(auth: AuthServer, account: Account, tmp_path: Path) -> None:
    from dataclasses import replace

    token = tmp_path / "token"
    token.write_text(auth.access_token() + "\n", "utf-8")
    with connect(replace(account, password_command=f"cat {token}")) as connection:
        assert connection.has("IDLE")
