"""Password and OAuth2 logins (RFC 3501 §6.2, RFC 4616, RFC 7628, Google's XOAUTH2) through imapclient."""

from __future__ import annotations

import base64
import binascii
import json

from imapclient import IMAPClient

from assistant.config import Account, Credential
from assistant.errors import LoginRefused
from assistant.mailbox.failures import goodbye, refused_login, response_code


def log_in(client: IMAPClient, account: Account, credential: Credential) -> frozenset[str]:
    """Log in once; the capabilities if the server sent them along, else an empty set.

    Raises LoginRefused (TokenExpired for a token), or the temporary error that the refusal names. Nothing is retried.
    """
    try:
        if credential.kind == "oauth-token":
            text = _with_token(client, account.user, credential.secret)
        else:
            text = _with_password(client, account.user, credential.secret)
    except IMAPClient.Error as error:
        text = _plain(str(error))
        if _lost_connection(error):
            raise goodbye(text) from error
        raise refused_login(text, token=credential.kind == "oauth-token") from None
    code, argument = response_code(text)
    if code != "CAPABILITY":
        argument = _untagged_capabilities(client)
    return frozenset(argument.upper().split())


def _lost_connection(error: BaseException) -> bool:
    """Whether a refused login was none: imapclient wraps a goodbye or a broken answer in the same error."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, IMAPClient.AbortError):
        seen = seen.__context__
    return seen is not None


def _with_password(client: IMAPClient, user: str, password: str) -> str:
    if client.has_capability("AUTH=PLAIN"):
        return _text(client.plain_login(user, password))
    if client.has_capability("LOGINDISABLED"):
        raise LoginRefused(
            "the server takes no password on this connection",
            hint="use security = 'tls', or auth = 'oauth-google' or 'oauth-microsoft'",
        )
    if not (user + password).isascii():
        raise LoginRefused("this server takes only ASCII passwords", hint="create an app password at the provider")
    return _text(client.login(user, password))


def _with_token(client: IMAPClient, user: str, token: str) -> str:
    """XOAUTH2 or OAUTHBEARER. A refusing server says why in a challenge, to be answered (RFC 7628 §3.2.3)."""
    if client.has_capability("AUTH=XOAUTH2") or not client.has_capability("AUTH=OAUTHBEARER"):
        mechanism, first, farewell = "XOAUTH2", f"user={user}\1auth=Bearer {token}\1\1", ""
    else:
        safe = user.replace("=", "=3D").replace(",", "=2C")
        mechanism, first, farewell = "OAUTHBEARER", f"n,a={safe},\1auth=Bearer {token}\1\1", "\1"
    reasons: list[str] = []
    sent = False

    def answer(challenge: bytes) -> bytes:
        nonlocal sent
        if sent:
            reasons.append(_status_of(challenge))
            return farewell.encode()
        sent = True
        return first.encode()

    try:
        return _text(client.sasl_login(mechanism, answer))
    except IMAPClient.Error as error:
        raise IMAPClient.Error(f"{_plain(str(error))} {' '.join(reasons)}".strip()) from error


def _status_of(challenge: bytes) -> str:
    """The status in the server's JSON ('{"status":"401",…}', base64 already taken off or not), '' where unreadable."""
    for raw in (challenge, _decoded(challenge)):
        try:
            found = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return f"(status {found.get('status', '?')})"
    return ""


def _decoded(raw: bytes) -> bytes:
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error:
        return b""


def _untagged_capabilities(client: IMAPClient) -> str:
    """The capabilities that came as an untagged answer to the login (Gmail does so); '' where none came."""
    found = client._imap.untagged_responses.get("CAPABILITY") or []
    return _text(found[-1]) if found else ""


def _text(raw: object) -> str:
    if isinstance(raw, tuple | list):
        raw = raw[-1] if raw else b""
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def _plain(text: str) -> str:
    """imaplib's errors carry the repr of bytes: b'[ALERT] …' → [ALERT] …"""
    return text[2:-1] if text[:2] in ("b'", 'b"') else text
