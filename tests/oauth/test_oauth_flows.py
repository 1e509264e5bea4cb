"""The flows against a real authorization server: consent, refusal, wrong state, codes, refresh, revocation, failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from assistant.errors import CertificateRefused, LoginRefused, ServerUnavailable, Throttled, Unreachable
from assistant.host.oauth import (
    PROVIDERS,
    Client,
    Token,
    log_in_by_browser,
    log_in_by_device,
    refreshed,
    revoke,
)
from assistant.host.redirect import Redirect
from assistant.host.tokenendpoint import post
from tests.oauth.authserver import AuthServer, browser

NOW = datetime(2026, 5, 18, 9, tzinfo=UTC)
CLIENT = Client("desktop-client")
USER = "camille.rouvier@binalys.example"


def by_browser(
    auth: AuthServer, client: Client = CLIENT, *, seconds: float = 10, pages: list[str] | None = None
) -> Token:
    return log_in_by_browser(auth.provider, client, USER, lambda: NOW, browser(auth, pages), seconds=seconds)


def test_consent_in_the_browser_brings_both_tokens(auth: AuthServer) -> None:
    pages: list[str] = []
    token = by_browser(auth, pages=pages)
    assert token.refresh in auth.refresh_tokens
    assert (token.obtained_at, token.seconds) == (NOW, 3600)
    assert token.is_fresh(NOW)
    assert not pages or "has its answer" in pages[0]


def test_the_request_carries_pkce_the_least_scope_and_the_owners_address(auth: AuthServer) -> None:
    by_browser(auth)
    asked = auth.asked[0]
    assert (asked["response_type"], asked["code_challenge_method"], asked["scope"]) == (
        "code",
        "S256",
        "imap offline_access",
    )
    assert asked["login_hint"] == USER
    assert asked["access_type"] == "offline"
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert len(asked["state"]) >= 32


def test_a_refusal_in_the_browser_ends_the_login(auth: AuthServer) -> None:
    auth.decision = "refuse"
    with pytest.raises(LoginRefused, match="declined in the browser") as refused:
        by_browser(auth)
    assert "account login" in refused.value.hint


def test_an_answer_with_a_wrong_state_is_not_taken(auth: AuthServer) -> None:
    auth.decision = "wrong-state"
    with pytest.raises(LoginRefused, match="did not come back with the right answer"):
        by_browser(auth, seconds=0.5)
    assert [form for form in auth.asked if "grant_type" in form] == []


def test_nobody_comes_back(auth: AuthServer) -> None:
    auth.decision = "wander-off"
    with pytest.raises(LoginRefused, match="the browser did not come back"):
        by_browser(auth, seconds=0.3)


def test_a_stray_visit_does_not_disturb_the_login() -> None:
    import threading
    import urllib.error
    import urllib.request

    told = []
    with Redirect() as redirect:

        def visits() -> None:
            for query in ("/favicon.ico", "/?code=stolen&state=guessed", "/?code=right&state=ours"):
                try:
                    with urllib.request.urlopen(redirect.uri + query, timeout=5) as page:
                        told.append(page.status)
                except urllib.error.HTTPError as error:
                    told.append(error.code)
                    error.close()

        visitor = threading.Thread(target=visits)
        visitor.start()
        assert redirect.wait("ours", 10) == "right"
        visitor.join(5)
    assert told == [404, 400, 200]


def test_a_code_cannot_be_redeemed_by_somebody_who_does_not_know_the_verifier(auth: AuthServer) -> None:
    address = auth.authorize(
        {"redirect_uri": "http://127.0.0.1:1/", "state": "s", "code_challenge": "of-somebody-else"}
    )  # fmt: skip
    code = parse_qs(urlsplit(address).query)["code"][0]
    body = f"grant_type=authorization_code&client_id=desktop-client&code={code}&redirect_uri=http://127.0.0.1:1/"
    with pytest.raises(LoginRefused):
        post(auth.provider.token, body + "&code_verifier=guessed")


def test_the_clients_secret_is_sent_where_there_is_one(auth: AuthServer) -> None:
    auth.client_secret = "no-secret-really"
    assert by_browser(auth, Client("desktop-client", "no-secret-really")).access
    with pytest.raises(LoginRefused, match="client id") as refused:
        by_browser(auth)
    assert "docs/oauth.md" in refused.value.hint


def test_a_code_typed_elsewhere_brings_the_tokens_after_some_waiting(auth: AuthServer) -> None:
    auth.pending = 3
    shown: list[tuple[str, str]] = []
    pauses: list[float] = []
    token = log_in_by_device(auth.provider, CLIENT, lambda: NOW, lambda *s: shown.append(s), pause=pauses.append)
    assert shown == [(f"{auth.url}/activate", "ABCD-EFGH")]
    assert token.refresh in auth.refresh_tokens
    assert pauses == [5, 5, 10, 10]  # slow_down adds 5 seconds (RFC 8628 §3.5)


def test_a_code_that_nobody_types_ends_in_time(auth: AuthServer) -> None:
    auth.pending = 1000
    pauses: list[float] = []
    with pytest.raises(LoginRefused, match="not used in time"):
        log_in_by_device(auth.provider, CLIENT, lambda: NOW, lambda *_: None, pause=pauses.append)
    assert sum(pauses) >= 60


def test_a_code_that_is_declined(auth: AuthServer) -> None:
    auth.decision = "refuse"
    with pytest.raises(LoginRefused, match="declined"):
        log_in_by_device(auth.provider, CLIENT, lambda: NOW, lambda *_: None, pause=lambda _: None)


@pytest.mark.parametrize(
    ("later", "fresh"),
    [
        (timedelta(0), True),
        (timedelta(minutes=54, seconds=59), True),
        (timedelta(minutes=55), False),  # five minutes early
        (timedelta(hours=2), False),
        (timedelta(seconds=-1), False),  # the clock was set back: unknown, so not trusted
    ],
)
def test_a_token_is_fresh_until_five_minutes_before_its_end(later: timedelta, fresh: bool) -> None:
    assert Token("a", "r", NOW, 3600).is_fresh(NOW + later) is fresh


def test_a_refresh_keeps_the_refresh_token_unless_a_new_one_comes(auth: AuthServer) -> None:
    first = by_browser(auth)
    second = refreshed(auth.provider, CLIENT, first, NOW + timedelta(hours=1))
    assert second.refresh == first.refresh
    assert second.access != first.access
    auth.rotates = True
    third = refreshed(auth.provider, CLIENT, second, NOW + timedelta(hours=2))
    assert third.refresh in auth.refresh_tokens
    assert third.refresh != first.refresh


def test_a_revoked_access_is_a_refusal_with_the_next_step(auth: AuthServer) -> None:
    token = by_browser(auth)
    auth.refresh_tokens.clear()
    with pytest.raises(LoginRefused, match="revoked or has expired") as refused:
        refreshed(auth.provider, CLIENT, token, NOW)
    assert "account login" in refused.value.hint


@pytest.mark.parametrize(
    ("status", "kind"), [(500, ServerUnavailable), (503, ServerUnavailable), (404, ServerUnavailable), (429, Throttled)]
)
def test_a_token_endpoint_that_is_down_is_no_bad_password(auth: AuthServer, status: int, kind: type[Exception]) -> None:
    token = by_browser(auth)
    auth.status = status
    with pytest.raises(kind) as failed:
        refreshed(auth.provider, CLIENT, token, NOW)
    assert failed.value.exit_code == 75
    if status == 429:
        assert failed.value.retry_after == 7


def test_a_token_endpoint_that_cannot_be_reached(auth: AuthServer) -> None:
    nowhere = replace(auth.provider, token="https://localhost:1/token")
    with pytest.raises(Unreachable, match="localhost cannot be reached"):
        refreshed(nowhere, CLIENT, Token("a", "r", NOW, 3600), NOW)


@pytest.mark.parametrize("path", ["portal", "elsewhere"])
def test_a_captive_portal_is_no_answer(auth: AuthServer, path: str) -> None:
    with pytest.raises(ServerUnavailable):
        refreshed(replace(auth.provider, token=f"{auth.url}/{path}"), CLIENT, Token("a", "r", NOW, 3600), NOW)


def test_a_certificate_that_is_not_trusted_stops_the_request(auth: AuthServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(CertificateRefused):
        refreshed(auth.provider, CLIENT, Token("a", "r", NOW, 3600), NOW)
    assert auth.asked == []


def test_the_token_endpoint_is_never_asked_without_encryption() -> None:
    with pytest.raises(ValueError, match="not https"):
        post("http://127.0.0.1:1/token", "")


def test_logging_out_revokes_the_access(auth: AuthServer) -> None:
    token = by_browser(auth)
    assert revoke(auth.provider, token)
    assert auth.revoked == [token.refresh]
    assert not revoke(replace(auth.provider, revoke=""), token)


def test_a_token_shows_nothing_of_itself() -> None:
    token = Token("access-secret", "refresh-secret", NOW, 3600)
    assert "secret" not in repr(token)
    assert "secret" not in repr(Client("id", "client-secret")).replace("client_secret", "")
    assert Token.from_text(token.as_text()) == token


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"access": 1}', "{" * 2000, '{"access":"a","refresh":"r","obtained_at":"x","seconds":1}'],
)
def test_a_damaged_entry_of_the_keyring_counts_as_none(text: str) -> None:
    assert Token.from_text(text) is None


def test_google_and_microsoft_are_asked_for_mail_over_imap_and_nothing_else() -> None:
    assert PROVIDERS["oauth-google"].scopes == ("https://mail.google.com/",)
    assert PROVIDERS["oauth-microsoft"].scopes == (
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "offline_access",
    )
    for provider in PROVIDERS.values():
        assert all(url.startswith("https://") for url in (provider.authorize, provider.token))
