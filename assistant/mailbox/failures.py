"""What the server and the socket complain about → the program's own errors. The only place that reads their wording.

Response codes are those of RFC 5530; the phrases are the providers' own (sources in providers.py and the tests).
"""

from __future__ import annotations

import re
import socket
import ssl

from assistant.errors import (
    CertificateRefused,
    FolderMissing,
    LoginRefused,
    OfferAssistantError,
    ProtocolError,
    ServerUnavailable,
    Throttled,
    Unreachable,
)

_CODE = re.compile(r"\[([A-Z0-9.\-]{1,40})(?: ([^\]]{0,2000}))?\]")
_BACKOFF = re.compile(r"Suggested Backoff Time: (\d{1,9})(?: (milliseconds|seconds))?", re.IGNORECASE)
_THROTTLE_PHRASES = ("throttled", "command or bandwidth limits", "rate limit", "too many login", "too many requests")
_BUSY_PHRASES = ("too many simultaneous connections", "maximum number of connections", "too many connections",
                 "authenticated but not connected", "try again later", "shutting down", "restart",
                 "temporar", "internal error", "internal server error")  # fmt: skip
_EXPIRED_PHRASES = ("accesstokenexpired", "token expired", "session expired", "session invalidated")
LONGEST_PAUSE = 3600.0


class TokenExpired(LoginRefused):
    """The access token is no longer good: fetch a fresh one and connect again. It says nothing about the account."""


class CommandRefused(ServerUnavailable):
    """A clean tagged NO or BAD without a better-known reason; the connection stays usable.

    `status` is NO or BAD, `response_code` the word in brackets (RFC 5530), '' where there is none.
    """

    def __init__(self, status: str, response_code: str, text: str, doing: str) -> None:
        super().__init__(f"the server refused {doing}: {text}", hint="it is tried again at the next cycle")
        self.status = status
        self.response_code = response_code
        self.text = text


def response_code(text: str) -> tuple[str, str]:
    """The response code at the start of a status text and its argument: ('APPENDUID', '1 2'), ('', '') without one."""
    found = _CODE.match(text)
    return (found[1].upper(), found[2] or "") if found else ("", "")


def backoff_seconds(text: str) -> float | None:
    """The pause that Microsoft names ('Suggested Backoff Time: 299961 milliseconds'), at most an hour; else None."""
    found = _BACKOFF.search(text)
    if not found:
        return None
    seconds = float(found[1]) / (1 if found[2] == "seconds" else 1000)
    return min(seconds, LONGEST_PAUSE)


def _known_reason(text: str) -> OfferAssistantError | None:
    """The error for a reason that means the same wherever it is said; None for an unknown one."""
    code, _ = response_code(text)
    lower = text.lower()
    pause = backoff_seconds(text)
    if code in ("THROTTLED", "OVERQUOTA") or pause is not None or any(phrase in lower for phrase in _THROTTLE_PHRASES):
        return Throttled(f"the server asks for a pause: {text}", hint="nothing to do: it resumes", retry_after=pause)
    if any(phrase in lower for phrase in _EXPIRED_PHRASES):
        return TokenExpired(
            "the server ended the session: the access has expired", hint="offer-assistant account login"
        )
    if code in ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG") or any(phrase in lower for phrase in _BUSY_PHRASES):
        return ServerUnavailable(f"the server is not available now: {text}", hint="nothing to do: it is tried again")
    return None


def refused_command(status: str, text: str, doing: str) -> OfferAssistantError:
    """The error for a tagged NO or BAD in answer to `doing` (a command's name, never its arguments)."""
    code, _ = response_code(text)
    if code == "OVERQUOTA" and doing == "APPEND":
        return CommandRefused(status, code, text, doing)
    if code in ("NONEXISTENT", "TRYCREATE"):
        return FolderMissing(f"the server does not have this folder: {text}", hint="offer-assistant doctor")
    if code in ("AUTHENTICATIONFAILED", "EXPIRED"):
        return TokenExpired(f"the server no longer accepts this session: {text}", hint="offer-assistant account login")
    return _known_reason(text) or CommandRefused(status, code, text, doing)


def refused_login(text: str, *, token: bool) -> OfferAssistantError:
    """The error for a refused LOGIN or AUTHENTICATE. A throttled or busy server is no bad password."""
    code, _ = response_code(text)
    temporary = None if code in ("AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED") else _known_reason(text)
    if temporary is not None and not isinstance(temporary, LoginRefused):
        return temporary
    if token:
        return TokenExpired(f"the server refused the access token: {text}", hint="offer-assistant account login")
    hint = "check the password with: offer-assistant account login"
    if "application-specific" in text.lower() or "app password" in text.lower():
        hint = "this provider wants an app password: create one in its security settings, then account login"
    return LoginRefused(f"the server refused the login: {text}", hint=hint)


def goodbye(text: str) -> OfferAssistantError:
    """The error for an untagged BYE: its reason where it names one, else the connection was simply closed."""
    return _known_reason(text) or Unreachable(f"the server closed the connection: {text}", hint="it is tried again")


def broken_connection(error: OSError, host: str) -> OfferAssistantError:
    """The error for what a socket raised."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = str(getattr(error, "verify_message", error))
        hint = "if this server is yours, set ca_file or pin_sha256 in [account]"
        if "expired" in reason or "not yet valid" in reason:
            hint = "check the clock of this computer; else wait until the provider has renewed it"
        return CertificateRefused(f"the certificate of {host} is not trusted: {reason}", hint=hint)
    if isinstance(error, ssl.SSLError):
        return Unreachable(
            f"no encrypted connection to {host}: {error.reason or error}", hint="check port and security"
        )
    if isinstance(error, socket.gaierror):
        return Unreachable(f"the name {host} was not found", hint="check the network, then host in [account]")
    if isinstance(error, TimeoutError):
        return Unreachable(f"{host} does not answer", hint="it is tried again")
    return Unreachable(f"the connection to {host} failed: {error.strerror or error}", hint="it is tried again")


def nonsense(what: str) -> ProtocolError:
    """The error for an answer that IMAP does not allow; the connection must be dropped."""
    return ProtocolError(f"the server's answer makes no sense: {what}", hint="offer-assistant doctor")
