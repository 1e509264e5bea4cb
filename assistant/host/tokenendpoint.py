"""One POST to an authorization server, and what its answers mean (RFC 6749 §5.2, RFC 8628 §3.5)."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from assistant.errors import (
    CertificateRefused,
    LoginRefused,
    OfferAssistantError,
    ServerUnavailable,
    Throttled,
    Unreachable,
)

_SECONDS = 20.0
_LONGEST = 256 * 1024
_AGAIN = "log in again: `offer-assistant account login`"
_REFUSALS = {
    "invalid_grant": ("the access was revoked or has expired", _AGAIN),
    "access_denied": ("the access was declined", _AGAIN),
    "consent_required": ("the provider wants your consent again", _AGAIN),
    "interaction_required": ("the provider wants you to log in again", _AGAIN),
    "expired_token": ("the code was not used in time", _AGAIN),
    "invalid_client": (
        "the provider does not know this client id, or wants its secret",
        "docs/oauth.md tells how to set both",
    ),
    "unauthorized_client": ("this client id may not log in this way", "docs/oauth.md tells how to register one"),
    "invalid_scope": ("this client id may not ask for access to mail", "docs/oauth.md tells which permission to add"),
}
_PENDING = ("authorization_pending", "slow_down")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the request elsewhere; the endpoints do not use them, captive portals do."""

    def redirect_request(self, *_: object) -> None:
        return None


def post(url: str, body: str, *, pending: bool = False, empty: bool = False) -> dict[str, Any]:
    """The JSON of the answer. With `pending` also that of 'not yet'; with `empty` an answer without JSON is {}.

    Raises LoginRefused where the provider says no, and a Temporary where it does not say: unreachable, throttled, down.
    """
    request = urllib.request.Request(  # noqa: S310 - https only, by the next line
        url, data=body.encode(), headers={"Accept": "application/json", "User-Agent": "offer-assistant"}
    )
    if urlsplit(url).scheme != "https":
        raise ValueError(f"{url} is not https")
    host = urlsplit(url).hostname or ""
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=ssl.create_default_context()))
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            return _json(answer, host, empty)
    except urllib.error.HTTPError as error:
        with error:
            return _refusal(error, host, pending)
    except (OSError, HTTPException) as error:
        raise _unreachable(error, host) from None


def _json(answer: HTTPResponse | urllib.error.HTTPError, host: str, empty: bool = False) -> dict[str, Any]:
    try:
        told = json.loads(answer.read(_LONGEST))
    except (ValueError, RecursionError):
        if empty:
            return {}
        raise ServerUnavailable(
            f"{host} answers, but not what it should", hint="behind a login page of the network?"
        ) from None
    return told if isinstance(told, dict) else {}


def _refusal(error: urllib.error.HTTPError, host: str, pending: bool) -> dict[str, Any]:
    """The error that a status and its JSON mean; only what the provider says about this login is a refusal."""
    if error.code == 429:
        after = error.headers.get("Retry-After", "")
        raise Throttled(
            f"{host} asks for a pause", hint="nothing to do: it resumes",
            retry_after=float(after) if after.isdecimal() else None,
        ) from None  # fmt: skip
    if error.code not in (400, 401, 403):
        raise ServerUnavailable(
            f"{host} is not available now (status {error.code})", hint="it is tried again"
        ) from None
    told = _json(error, host)
    code = str(told.get("error", ""))
    if pending and code in _PENDING:
        return told
    raise _named(code, host) from None


def _named(code: str, host: str) -> OfferAssistantError:
    if code in ("temporarily_unavailable", "server_error"):
        return ServerUnavailable(f"{host} is not available now", hint="it is tried again")
    message, hint = _REFUSALS.get(code, (f"{host} refused: {code[:60] or 'no reason given'}", _AGAIN))
    return LoginRefused(message, hint=hint)


def _unreachable(error: Exception, host: str) -> OfferAssistantError:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return CertificateRefused(
            f"the certificate of {host} is not trusted: {reason.verify_message}",
            hint="is the network's own login page in between?",
        )
    return Unreachable(f"{host} cannot be reached", hint="check the network; nothing is wrong with your password")
