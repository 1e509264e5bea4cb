"""OAuth2 as a program on the owner's computer does it: authorization code with PKCE on a loopback redirect (RFC 8252,
7636), device code (RFC 8628), refresh (RFC 6749 §6), revocation (RFC 7009).

A refusal by the owner or the provider is LoginRefused; a token endpoint that is down is Temporary and says nothing
about the account.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from assistant.errors import LoginRefused, ServerUnavailable
from assistant.host.redirect import Redirect
from assistant.host.tokenendpoint import post

EARLY = timedelta(minutes=5)
BROWSER_SECONDS = 300.0
_AGAIN = "`offer-assistant account login` begins again"


@dataclass(frozen=True, slots=True)
class Provider:
    """The endpoints of an authorization server, '' for one it does not have; `scopes` are the least that IMAP needs."""

    name: str
    authorize: str
    token: str
    scopes: tuple[str, ...]
    device: str = ""
    revoke: str = ""
    redirect_host: str = "127.0.0.1"
    parameters: Mapping[str, str] = field(default_factory=dict)
    revoke_page: str = ""


_MICROSOFT = "https://login.microsoftonline.com/common/oauth2/v2.0"
PROVIDERS: dict[str, Provider] = {
    # https://developers.google.com/identity/protocols/oauth2/native-app; the device flow does not give mail scopes
    "oauth-google": Provider(
        name="Google",
        authorize="https://accounts.google.com/o/oauth2/v2/auth",
        token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        scopes=("https://mail.google.com/",),
        revoke="https://oauth2.googleapis.com/revoke",
        parameters={"access_type": "offline", "prompt": "consent"},
        revoke_page="https://myaccount.google.com/connections",
    ),
    # https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow: any port of http://localhost
    "oauth-microsoft": Provider(
        name="Microsoft",
        authorize=f"{_MICROSOFT}/authorize",
        token=f"{_MICROSOFT}/token",
        scopes=("https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access"),
        device=f"{_MICROSOFT}/devicecode",
        redirect_host="localhost",
        revoke_page="https://myapps.microsoft.com",
    ),
}


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks: the client id, and the secret where the provider gives desktop programs one (Google)."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """What the provider gave. Never printed."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    obtained_at: datetime
    seconds: int

    def is_fresh(self, now: datetime) -> bool:
        """Whether it is good for 5 minutes more. A clock that was set back since makes it stale, not eternal."""
        return self.obtained_at <= now < self.obtained_at + timedelta(seconds=self.seconds) - EARLY

    def as_text(self) -> str:
        return json.dumps(asdict(self) | {"obtained_at": self.obtained_at.isoformat()})

    @classmethod
    def from_text(cls, text: str) -> Token | None:
        """The token kept as text; None where it is none."""
        try:
            raw = json.loads(text)
            return cls(raw["access"], raw["refresh"], datetime.fromisoformat(raw["obtained_at"]), int(raw["seconds"]))
        except (ValueError, KeyError, TypeError):
            return None


Show = Callable[[str, str], None]
"""Called with an address to open and the code to type there ('' for none)."""


def log_in_by_browser(
    provider: Provider, client: Client, user: str, now: Callable[[], datetime], show: Show,
    *, seconds: float = BROWSER_SECONDS,
) -> Token:  # fmt: skip
    """The owner consents in the browser, which comes back to a port of this computer. Waits for `seconds`.

    Raises LoginRefused (declined, or nobody came back), or what the token endpoint ends with.
    """
    from oauthlib.oauth2 import WebApplicationClient

    oauth = WebApplicationClient(client.id)
    verifier, state = oauth.create_code_verifier(64), secrets.token_urlsafe(32)
    with Redirect(provider.redirect_host) as redirect:
        address = oauth.prepare_request_uri(
            provider.authorize,
            redirect_uri=redirect.uri,
            scope=list(provider.scopes),
            state=state,
            code_challenge=oauth.create_code_challenge(verifier, "S256"),
            code_challenge_method="S256",
            login_hint=user,
            **provider.parameters,
        )
        show(address, "")
        answer = redirect.wait(state, seconds)
        body = oauth.prepare_request_body(
            answer, redirect.uri, code_verifier=verifier, **_secret(client)
        )  # fmt: skip
    return _token(post(provider.token, body), now())


def log_in_by_device(
    provider: Provider, client: Client, now: Callable[[], datetime], show: Show,
    *, pause: Callable[[float], None] = time.sleep,
) -> Token:  # fmt: skip
    """The owner types a code into a browser, here or elsewhere (RFC 8628); this asks until it is done or too late."""
    from oauthlib.oauth2 import DeviceClient

    oauth = DeviceClient(client.id)
    asked = post(provider.device, urlencode({"client_id": client.id, "scope": " ".join(provider.scopes)}))
    try:
        code, shown = str(asked["device_code"]), str(asked["user_code"])
        page = str(asked.get("verification_uri") or asked["verification_url"])
        left, interval = float(asked.get("expires_in", 900)), float(asked.get("interval", 5))
    except (KeyError, ValueError, TypeError):
        raise ServerUnavailable("the provider's answer makes no sense", hint=_AGAIN) from None
    show(page, shown)
    body = oauth.prepare_request_body(code, include_client_id=True, **_secret(client))
    while left > 0:
        pause(interval)
        left -= interval
        answer = post(provider.token, body, pending=True)
        if answer.get("error") == "slow_down":
            interval += 5
        elif "error" not in answer:
            return _token(answer, now())
    raise LoginRefused("the code was not used in time", hint=_AGAIN)


def refreshed(provider: Provider, client: Client, token: Token, now: datetime) -> Token:
    """A fresh token for an old one. LoginRefused where the access was revoked or has expired for good."""
    from oauthlib.oauth2 import WebApplicationClient

    oauth = WebApplicationClient(client.id)
    body = oauth.prepare_refresh_body(refresh_token=token.refresh, client_id=client.id, **_secret(client))
    return _token(post(provider.token, body), now, earlier=token)


def revoke(provider: Provider, token: Token) -> bool:
    """Takes the access back at the provider; False where it offers no such thing (RFC 7009).

    A token that the provider no longer knows counts as taken back.
    """
    if not provider.revoke:
        return False
    try:
        post(provider.revoke, urlencode({"token": token.refresh or token.access}), empty=True)
    except LoginRefused:
        pass
    return True


def _secret(client: Client) -> dict[str, str]:
    return {"client_secret": client.secret} if client.secret else {}


def _token(answer: Mapping[str, Any], now: datetime, *, earlier: Token | None = None) -> Token:
    """The token in an answer; a refresh token that is not given anew stays (RFC 6749 §6)."""
    access, refresh = answer.get("access_token"), answer.get("refresh_token") or (earlier.refresh if earlier else "")
    if not isinstance(access, str) or not access or str(answer.get("token_type", "bearer")).lower() != "bearer":
        raise ServerUnavailable("the provider's answer holds no access token", hint=_AGAIN)
    if not isinstance(refresh, str) or not refresh:
        raise LoginRefused("the provider gave no lasting access", hint=f"{_AGAIN}; consent to all that is asked")
    try:
        seconds = int(answer.get("expires_in", 3600))
    except (TypeError, ValueError):
        seconds = 3600
    return Token(access, refresh, now, seconds)
