"""Connecting: encryption, certificates, passwords and tokens, against a real server and a scripted one."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.config import Account, Credential
from assistant.errors import (
    CertificateRefused,
    ConfigurationError,
    LoginRefused,
    ServerUnavailable,
    Throttled,
    Unreachable,
)
from assistant.mailbox import Deadlines, find_folders, open_connection
from tests.dovecot import Dovecot
from tests.mailbox.backends import PASSWORD, account
from tests.servers.dialects import GMAIL, MICROSOFT
from tests.servers.fake_imap import CUT, Dialect, FakeImap

WRONG = Credential("password", "wrong")


def secured(server: Dovecot, security: str, **options: object) -> Account:
    port = server.tls_port if security == "tls" else server.port
    return Account("test", "127.0.0.1", "tls@binalys.example", port=port, security=security, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_the_owners_own_authority_is_accepted(dovecot: Dovecot, security: str) -> None:
    with open_connection(secured(dovecot, security, ca_file=dovecot.cert), PASSWORD) as connection:
        assert "drafts" in find_folders(connection)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_unknown_certificate_is_refused(dovecot: Dovecot, security: str) -> None:
    with pytest.raises(CertificateRefused):
        open_connection(secured(dovecot, security), PASSWORD)


def fingerprint(server: Dovecot) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(server.cert.read_text())).hexdigest()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_pinned_certificate_needs_no_authority(dovecot: Dovecot, security: str) -> None:
    pin = fingerprint(dovecot).upper()
    with open_connection(secured(dovecot, security, pin_sha256=pin), PASSWORD) as connection:
        connection.wire.noop()


def test_another_certificate_than_the_pinned_one_is_refused(dovecot: Dovecot) -> None:
    with pytest.raises(CertificateRefused, match=fingerprint(dovecot)):
        open_connection(secured(dovecot, "tls", pin_sha256="00" * 32), PASSWORD)


def test_plain_text_goes_only_to_this_computer() -> None:
    place = Account("test", "imap.example.org", "me", port=143, security="none")
    with pytest.raises(ConfigurationError):
        open_connection(place, PASSWORD)


@pytest.fixture
def fake() -> Iterator[FakeImap]:
    with FakeImap() as server:
        yield server


def test_a_server_that_lost_its_starttls_gets_no_password(fake: FakeImap) -> None:
    place = Account("test", "127.0.0.1", "me", port=fake.port, security="starttls")
    with pytest.raises(CertificateRefused):
        open_connection(place, PASSWORD)
    assert fake.logins == 0


def test_a_server_that_skips_the_login_gets_no_password_either() -> None:
    # PREAUTH before STARTTLS: one of the attacks of 'Why TLS is better without STARTTLS' (USENIX 2021)
    dialect = Dialect(capabilities="IMAP4rev1 STARTTLS", greeting="PREAUTH welcome back")
    with FakeImap(dialect) as server, pytest.raises(CertificateRefused):
        open_connection(Account("test", "127.0.0.1", "me", port=server.port, security="starttls"), PASSWORD)


def test_answers_smuggled_in_before_the_encryption_are_forgotten() -> None:
    def twist(verb: str, arguments: str, answer: bytes) -> bytes:
        return b"a OK begin\r\n* CAPABILITY IMAP4rev1 EVIL\r\n" if verb == "STARTTLS" else answer

    with FakeImap(Dialect(capabilities="IMAP4rev1 STARTTLS"), twist=twist) as server:
        place = Account("test", "127.0.0.1", "me", port=server.port, security="starttls")
        with pytest.raises((CertificateRefused, Unreachable)):
            open_connection(place, PASSWORD, deadlines=Deadlines(connect=2, answer=1))
        assert server.logins == 0


def test_a_rejected_password_is_tried_once(dovecot: Dovecot, fake: FakeImap) -> None:
    with pytest.raises(LoginRefused):
        open_connection(account(dovecot.port, "wrong@binalys.example"), WRONG)
    with pytest.raises(LoginRefused):
        open_connection(account(fake.port), WRONG)
    assert fake.logins == 1


@pytest.mark.parametrize(
    ("dialect", "refusal", "kind"),
    [
        (GMAIL, "NO [ALERT] Too many simultaneous connections. (Failure)", ServerUnavailable),
        (MICROSOFT, "NO Request is throttled. Suggested Backoff Time: 2000 milliseconds", Throttled),
    ],
)
def test_a_busy_server_is_no_wrong_password(dialect: Dialect, refusal: str, kind: type[Exception]) -> None:
    with FakeImap(Dialect(**{**vars(dialect), "refused_login": refusal})) as server, pytest.raises(kind):
        open_connection(account(server.port), WRONG)


def test_capabilities_are_asked_for_where_the_login_does_not_tell_them() -> None:
    with FakeImap(GMAIL) as server, open_connection(account(server.port), PASSWORD) as connection:
        assert connection.has("X-GM-EXT-1")
        assert connection.provider.all_mail


def test_nobody_listening_and_an_unknown_name_are_temporary() -> None:
    with pytest.raises(Unreachable):
        open_connection(account(1), PASSWORD)
    with pytest.raises(Unreachable, match="not found"):
        open_connection(Account("test", "nowhere.invalid", "me"), PASSWORD)


def test_a_server_that_never_greets_is_given_up() -> None:
    silent = FakeImap(twist=lambda verb, arguments, answer: b"" if verb == "GREETING" else answer)
    with silent as server, pytest.raises(Unreachable):
        open_connection(account(server.port), PASSWORD, deadlines=Deadlines(connect=5, answer=0.3))


def test_a_server_that_drips_is_given_up_at_the_one_deadline() -> None:
    def drip(verb: str, arguments: str, answer: bytes) -> bytes:
        return b"* still thinking\r\n" * 3 if verb == "LOGIN" else answer

    with FakeImap(twist=drip) as server, pytest.raises(Unreachable):
        open_connection(account(server.port), PASSWORD, deadlines=Deadlines(connect=0.5, answer=30))


def test_a_server_that_hangs_up_during_the_login_is_no_wrong_password() -> None:
    def hang_up(verb: str, arguments: str, answer: bytes) -> bytes:
        return b"* BYE [UNAVAILABLE] restarting\r\n" + CUT if verb == "LOGIN" else answer

    with FakeImap(twist=hang_up) as server, pytest.raises((ServerUnavailable, Unreachable)):
        open_connection(account(server.port), PASSWORD)


def test_no_trace_holds_a_secret_or_a_message(dovecot: Dovecot, tmp_path: Path) -> None:
    seen: list[str] = []
    place = account(dovecot.port, "trace@binalys.example")
    with open_connection(place, PASSWORD, trace=lambda way, line: seen.append(line)) as connection:
        connection.wire.append("Drafts", b"Subject: secret matter\r\n\r\nsecret body\r\n")
        connection.wire.examine("Drafts")
        list(connection.wire.fetch("1:*", "UID FLAGS ENVELOPE BODY.PEEK[]"))
    assert any("APPEND" in line for line in seen)
    assert not any("secret" in line or "pass" in line for line in seen)
