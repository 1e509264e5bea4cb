"""How the server of an address is found: the table, the mail exchanger, the domain's own file, SRV records, a guess."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.host import autoconfig
from assistant.host.autoconfig import Lookup, Server, answers, find_servers, providers, read_autoconfig
from tests.dovecot import Dovecot, self_signed
from tests.setup.nameserver import NameServer

ADDRESS = "camille@binalys.fr"
FILE = b"""<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="binalys.fr">
  <incomingServer type="pop3"><hostname>pop.%EMAILDOMAIN%</hostname><port>995</port>
    <socketType>SSL</socketType></incomingServer>
  <incomingServer type="imap"><hostname>clear.%EMAILDOMAIN%</hostname><port>143</port>
    <socketType>plain</socketType></incomingServer>
  <incomingServer type="imap"><hostname>mail.%EMAILDOMAIN%</hostname><port>993</port><socketType>SSL</socketType>
    <username>%EMAILLOCALPART%</username><authentication>password-cleartext</authentication></incomingServer>
  <incomingServer type="imap"><hostname>mail.%EMAILDOMAIN%</hostname><port>143</port><socketType>STARTTLS</socketType>
    <username>%EMAILADDRESS%</username></incomingServer>
</emailProvider></clientConfig>"""


@pytest.fixture
def all_answer(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every server answers; gives back which were tried."""
    tried: list[str] = []

    def note(server: Server, seconds: float = 0) -> bool:
        tried.append(server.host)
        return True

    monkeypatch.setattr(autoconfig, "answers", note)
    return tried


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, dict[str, bytes | str]]]:
    """A web server over TLS that this program trusts: its address, and its pages (a text is a redirect)."""
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    pages: dict[str, bytes | str] = {}

    class Visit(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            self.send_response(404 if page is None else 302 if isinstance(page, str) else 200)
            if isinstance(page, str):
                self.send_header("Location", page)
            body = page if isinstance(page, bytes) else b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Visit)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"https://localhost:{server.server_port}", pages
    server.shutdown()
    server.server_close()


def found(records: dict[tuple[str, str], list[str]], *urls: str) -> list[tuple[str, int, str]]:
    with NameServer(records) as names:
        servers = find_servers(ADDRESS, Lookup(names.resolver, urls))
        return [(server.host, server.port, server.security) for server in servers]


def test_a_large_provider_is_known_without_asking_anybody() -> None:
    with NameServer({}) as names:
        servers = list(find_servers("camille@gmail.com", Lookup(names.resolver, ())))
        assert names.asked == []
    assert [(s.host, s.port, s.security, s.user) for s in servers] == [
        ("imap.gmail.com", 993, "tls", "camille@gmail.com")
    ]


@pytest.mark.parametrize(
    ("exchangers", "host"),
    [
        (["10 alt1.aspmx.l.google.com.", "1 aspmx.l.google.com."], "imap.gmail.com"),
        (["1 smtp.google.com."], "imap.gmail.com"),
        (["0 binalys-fr.mail.protection.outlook.com."], "outlook.office365.com"),
        (["1 mx0.mail.ovh.net.", "5 mx1.mail.ovh.net."], "ssl0.ovh.net"),
        (["10 spool.mail.gandi.net."], "mail.gandi.net"),
        (["10 in1-smtp.messagingengine.com."], "imap.fastmail.com"),
        (["10 mail.protonmail.ch."], "127.0.0.1"),
    ],
)
def test_an_own_domain_is_told_by_its_mail_exchanger(exchangers: list[str], host: str, all_answer: list[str]) -> None:
    assert found({("binalys.fr", "MX"): exchangers})[0][0] == host


def test_a_domain_that_only_looks_like_a_provider_is_not_taken_for_one(all_answer: list[str]) -> None:
    assert found({("binalys.fr", "MX"): ["1 mx.evilgoogle.com."]})[0][0] == "imap.binalys.fr"


def test_the_domains_own_file_is_read(web: tuple[str, dict[str, bytes | str]], all_answer: list[str]) -> None:
    url, pages = web
    pages["/mail/config-v1.1.xml?emailaddress=camille%40binalys.fr"] = FILE
    pattern = url + "/mail/config-v1.1.xml?emailaddress={address}"
    assert found({}, url + "/missing", pattern)[:2] == [
        ("mail.binalys.fr", 993, "tls"),
        ("mail.binalys.fr", 143, "starttls"),
    ]


def test_a_redirect_to_an_unencrypted_page_is_not_followed(
    web: tuple[str, dict[str, bytes | str]], all_answer: list[str]
) -> None:
    url, pages = web
    pages["/file"] = "http://localhost:1/file"
    assert found({}, url + "/file")[0][0] == "imap.binalys.fr"


def test_user_names_of_the_file_are_filled_in() -> None:
    assert [server.user for server in read_autoconfig(FILE, ADDRESS)] == ["camille", "camille@binalys.fr"]


def test_srv_records_come_by_priority_and_encrypted_from_the_start_before_starttls(all_answer: list[str]) -> None:
    records = {
        ("_imaps._tcp.binalys.fr", "SRV"): ["20 0 993 second.binalys.fr.", "10 0 9993 first.binalys.fr."],
        ("_imap._tcp.binalys.fr", "SRV"): ["0 0 143 plain.binalys.fr."],
    }
    assert found(records)[:3] == [
        ("first.binalys.fr", 9993, "tls"),
        ("second.binalys.fr", 993, "tls"),
        ("plain.binalys.fr", 143, "starttls"),
    ]


def test_a_record_that_points_outside_the_domain_wants_a_persons_word(all_answer: list[str]) -> None:
    records = {("_imaps._tcp.binalys.fr", "SRV"): ["0 0 993 imap.attacker.net.", "1 0 993 imap.fastmail.com."]}
    with NameServer(records) as names:
        found = list(find_servers(ADDRESS, Lookup(names.resolver, ())))[:3]
    assert [(server.host, server.unproven) for server in found] == [
        ("imap.attacker.net", True),
        ("imap.fastmail.com", False),  # of the table
        ("imap.binalys.fr", False),
    ]


def test_a_record_that_says_there_is_none_is_believed(all_answer: list[str]) -> None:
    assert found({("_imaps._tcp.binalys.fr", "SRV"): ["0 0 0 ."]})[0] == ("imap.binalys.fr", 993, "tls")


def test_guesses_come_last_and_only_those_that_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autoconfig, "answers", lambda server: server.host == "mail.binalys.fr")
    assert found({}) == [("mail.binalys.fr", 993, "tls"), ("mail.binalys.fr", 143, "starttls")]


def test_a_name_server_that_is_silent_costs_seconds_not_minutes(
    all_answer: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autoconfig, "_SECONDS", 0.3)
    with NameServer({}, silent=True) as names:
        assert next(find_servers(ADDRESS, Lookup(names.resolver, ()))).source == "a guess that answers"


@pytest.mark.parametrize("domain", ["binalys.example", "binalys.test", "binalys.invalid", "printer.local"])
def test_domains_that_nobody_owns_are_not_looked_for(domain: str) -> None:
    with NameServer({}) as names:
        assert list(find_servers(f"camille@{domain}", Lookup(names.resolver, ()))) == []
        assert names.asked == []


def test_a_server_answers_when_it_greets_with_a_trusted_certificate(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypted = Server("localhost", dovecot.tls_port, "tls", ADDRESS, "")
    assert not answers(encrypted)
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.cert))
    assert answers(encrypted)
    assert answers(Server("localhost", dovecot.port, "starttls", ADDRESS, ""))
    assert not answers(Server("localhost", 1, "tls", ADDRESS, ""))


def test_the_table_is_complete_and_without_doubles() -> None:
    for kind in ("domains", "mx"):
        names = [name for provider in providers() for name in getattr(provider, kind)]
        assert len(names) == len(set(names))
    for provider in providers():
        assert provider.ways
        assert set(provider.ways) <= {"password", "app-password", "oauth-google", "oauth-microsoft"}
        assert all(step.endswith((".", ")")) for step in (*provider.steps, *provider.password_steps))
        assert not provider.page or provider.page.startswith("https://")
        assert (provider.security == "tls") == (provider.port == 993)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"<html>not found</html>", b"\xff\xfe", b"<clientConfig>" * 5000,
        b'<!DOCTYPE a [<!ENTITY b "c">]><clientConfig>&b;</clientConfig>',
        FILE.replace(b"993", b"99999").replace(b"143", b"-1"),
        FILE.replace(b"mail.%EMAILDOMAIN%", b"-bad host"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_gives_no_server(text: bytes) -> None:
    assert read_autoconfig(text, ADDRESS) == []


@given(st.binary(max_size=400), st.integers(0, len(FILE)))
@settings(max_examples=100, deadline=None)
def test_any_file_is_read_or_left(junk: bytes, at: int) -> None:
    assert all(server.security != "none" for server in read_autoconfig(FILE[:at] + junk + FILE[at:], ADDRESS))
