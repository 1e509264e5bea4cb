"""What servers complain about, in their own words, and what it means for the owner."""

from __future__ import annotations

import socket
import ssl

import pytest

from assistant.errors import (
    CertificateRefused,
    FolderMissing,
    LoginRefused,
    OfferAssistantError,
    ServerUnavailable,
    Throttled,
    Unreachable,
)
from assistant.mailbox.failures import (
    CommandRefused,
    TokenExpired,
    broken_connection,
    goodbye,
    refused_command,
    refused_login,
)


@pytest.mark.parametrize(
    ("text", "kind", "pause"),
    [
        # Gmail: https://support.google.com/mail/answer/7126229 and imapflow's issues
        ("[OVERQUOTA] Account exceeded command or bandwidth limits. ab1 (Failure)", Throttled, None),
        ("[THROTTLED] Rate limit hit.", Throttled, None),
        # Microsoft: protocol log lines quoted in EmailEngine's and davmail's issues
        ("Request is throttled. Suggested Backoff Time: 299961 milliseconds", Throttled, 299.961),
        ("Suggested Backoff Time: 999999999 milliseconds", Throttled, 3600.0),
        ("User is authenticated but not connected.", ServerUnavailable, None),
        ("[UNAVAILABLE] Internal error occurred. Refer to server log", ServerUnavailable, None),
        ("[NONEXISTENT] Unknown Mailbox: Sent", FolderMissing, None),
        ("[TRYCREATE] Mailbox doesn't exist: Sent", FolderMissing, None),
        ("[CANNOT] Something odd", CommandRefused, None),
    ],
)
def test_a_refused_command(text: str, kind: type[OfferAssistantError], pause: float | None) -> None:
    error = refused_command("NO", text, "FETCH")
    assert type(error) is kind
    assert getattr(error, "retry_after", None) == pause


def test_a_full_mailbox_is_no_throttling() -> None:
    assert isinstance(refused_command("NO", "[OVERQUOTA] Quota exceeded", "APPEND"), CommandRefused)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[AUTHENTICATIONFAILED] Invalid credentials (Failure)", LoginRefused),
        ("LOGIN failed.", LoginRefused),
        ("[ALERT] Application-specific password required: https://support.google.com/…", LoginRefused),
        ("[ALERT] Too many simultaneous connections. (Failure)", ServerUnavailable),
        ("[LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)",
         ServerUnavailable),
        ("[UNAVAILABLE] Temporary authentication failure.", ServerUnavailable),
        ("[AUTHENTICATIONFAILED] Too many login failures", LoginRefused),
    ],
)  # fmt: skip
def test_a_refused_login_is_told_from_a_busy_server(text: str, kind: type[OfferAssistantError]) -> None:
    assert type(refused_login(text, token=False)) is kind


def test_a_refused_token_asks_for_a_fresh_one_not_for_a_password() -> None:
    assert type(refused_login("AUTHENTICATE failed.", token=True)) is TokenExpired


def test_an_app_password_is_named_where_the_provider_wants_one() -> None:
    error = refused_login("[ALERT] Application-specific password required", token=False)
    assert "app password" in error.hint


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Session invalidated - AccessTokenExpired", TokenExpired),
        ("[UNAVAILABLE] Server shutting down.", ServerUnavailable),
        ("Logged out for inactivity", Unreachable),
        ("Connection is closed. 13", Unreachable),
    ],
)
def test_a_goodbye_with_its_reason(text: str, kind: type[OfferAssistantError]) -> None:
    assert type(goodbye(text)) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(-2, "Name or service not known"), Unreachable),
        (ConnectionRefusedError(111, "Connection refused"), Unreachable),
        (TimeoutError("timed out"), Unreachable),
        (ssl.SSLCertVerificationError("certificate has expired"), CertificateRefused),
    ],
)
def test_what_the_socket_raises(error: OSError, kind: type[OfferAssistantError]) -> None:
    assert type(broken_connection(error, "imap.example.org")) is kind


@pytest.mark.parametrize("reason", ["certificate has expired", "certificate is not yet valid"])
def test_a_certificate_out_of_its_time_is_waited_for_not_pinned(reason: str) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = reason

    refused = broken_connection(error, "imap.example.org")

    assert refused.hint == "check the clock of this computer; else wait until the provider has renewed it"
