"""Which server an address has: a table of large providers (also by the domain's mail exchangers), what the domain says
itself (Thunderbird's autoconfig; SRV records of RFC 6186 and 8314), and guesses, which are tried.

Only the domain of the address is asked, over DNS and https; no service in between learns of it.
"""

from __future__ import annotations

import re
import socket
import ssl
import tomllib
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from http.client import HTTPException
from importlib.resources import files
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from assistant.config import Security

Way = Literal["password", "app-password", "oauth-google", "oauth-microsoft"]
_SECONDS = 5.0
_LONGEST = 256 * 1024
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,251}[A-Za-z0-9])?\Z")
_NOBODYS = (".example", ".test", ".invalid", ".localhost", ".local")  # RFC 6761, 6762: nobody to ask
AUTOCONFIG = (
    "https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={address}",
    "https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
)


@dataclass(frozen=True, slots=True)
class MailProvider:
    """What providers.toml knows of one."""

    name: str
    host: str
    ways: tuple[Way, ...]
    port: int = 993
    security: Security = "tls"
    domains: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()
    page: str = ""
    password_steps: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Server:
    """Where to log in, and as whom; `source` tells in words how it was found.

    `unproven`: only DNS, which can be forged, says that this server outside the domain is right; a person must confirm
    it (RFC 6186 §6).
    """

    host: str
    port: int
    security: Security
    user: str
    source: str
    provider: MailProvider | None = None
    unproven: bool = False


@dataclass(frozen=True)
class Lookup:
    """How the outside is asked: a dnspython resolver (None: this computer's), and the addresses of autoconfig."""

    resolver: Any = None
    autoconfig: Sequence[str] = field(default=AUTOCONFIG)


def find_servers(address: str, lookup: Lookup | None = None) -> Iterator[Server]:
    """Servers that this address may have, the likeliest first; those not of the table have answered just now."""
    domain = address.rpartition("@")[2].lower()
    known = next((p for p in providers() if domain in p.domains), None)
    if known is not None:
        yield _of_table(known, address, "the table of providers")
        return
    if domain.endswith(_NOBODYS):
        return
    asked = lookup or Lookup()
    with ThreadPoolExecutor(3) as pool:  # each may have to wait for its deadline
        exchangers = pool.submit(_mail_exchangers, domain, asked)
        told, records = pool.submit(_autoconfig, address, asked), pool.submit(_services, address, asked)
        yield from _by_exchanger(exchangers.result(), address)
        yield from filter(answers, told.result())
        yield from filter(answers, records.result())
    yield from filter(answers, _guesses(address))


@lru_cache(maxsize=1)
def providers() -> tuple[MailProvider, ...]:
    raw: dict[str, dict[str, Any]] = tomllib.loads((files("assistant.host") / "providers.toml").read_text("utf-8"))
    return tuple(MailProvider(**{key: _frozen(value) for key, value in entry.items()}) for entry in raw.values())


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def provider_of_host(host: str) -> MailProvider | None:
    """The provider whose server this is."""
    return next((p for p in providers() if p.host == host.lower().rstrip(".")), None)


def answers(server: Server, seconds: float = _SECONDS) -> bool:
    """Whether an IMAP server greets there, with a certificate that is trusted where the port is encrypted."""
    try:
        with socket.create_connection((server.host, server.port), seconds) as sock:
            if server.security != "tls":
                return _greets(sock)
            with ssl.create_default_context().wrap_socket(sock, server_hostname=server.host) as encrypted:
                return _greets(encrypted)
    except (OSError, ValueError):
        return False


def _greets(sock: socket.socket) -> bool:
    return sock.recv(64).startswith((b"* OK", b"* PREAUTH"))


def _of_table(provider: MailProvider, address: str, source: str) -> Server:
    return Server(provider.host, provider.port, provider.security, address, source, provider)


def _by_exchanger(exchangers: Sequence[str], address: str) -> Iterator[Server]:
    """Own domains at a large provider: its name is in their MX records."""
    for name in exchangers:
        for provider in providers():
            if any(name == end or name.endswith("." + end) for end in provider.mx):
                yield _of_table(provider, address, f"the mail exchanger {name}")
                return


def _mail_exchangers(domain: str, lookup: Lookup) -> list[str]:
    records = _records(domain, "MX", lookup)
    return [str(r.exchange).rstrip(".").lower() for r in sorted(records, key=lambda r: int(r.preference))][:10]


def _services(address: str, lookup: Lookup) -> list[Server]:
    """_imaps._tcp before _imap._tcp (RFC 8314 §5.1); a target '.' says that there is none (RFC 2782)."""
    domain = address.rpartition("@")[2]
    found = []
    kinds: tuple[tuple[str, Security], ...] = (("_imaps._tcp", "tls"), ("_imap._tcp", "starttls"))
    for service, security in kinds:
        records = sorted(
            _records(f"{service}.{domain}", "SRV", lookup), key=lambda r: (int(r.priority), -int(r.weight))
        )
        for record in records[:5]:
            host = str(record.target).rstrip(".").lower()
            if _HOST.match(host):
                server = _server(host, int(record.port), security, address, f"the SRV record of {domain}")
                elsewhere = not f".{host}".endswith(f".{domain.lower()}")
                found.append(replace(server, unproven=elsewhere and server.provider is None))
    return found


def _server(host: str, port: int, security: Security, user: str, source: str) -> Server:
    return Server(host, port, security, user, source, provider_of_host(host))


def _records(name: str, kind: str, lookup: Lookup) -> list[Any]:
    """The DNS records; none where there are none, or nobody answers."""
    import dns.exception
    import dns.resolver

    try:
        resolver = lookup.resolver or dns.resolver.Resolver()
        return list(resolver.resolve(name, kind, lifetime=_SECONDS))
    except (dns.exception.DNSException, OSError, ValueError):
        return []


def _autoconfig(address: str, lookup: Lookup) -> list[Server]:
    """What the domain's own configuration file says; the first that is one."""
    domain = address.rpartition("@")[2].lower()
    for pattern in lookup.autoconfig:
        text = _fetch(pattern.format(domain=domain, address=quote(address)))
        if text and (found := read_autoconfig(text, address)):
            return found
    return []


def _fetch(url: str) -> bytes:
    """The file, b'' where there is none; over https only, wherever a redirect leads."""
    opener = urllib.request.build_opener(_HttpsOnly, urllib.request.HTTPSHandler(context=ssl.create_default_context()))
    try:
        with opener.open(url, timeout=_SECONDS) as answer:
            return bytes(answer.read(_LONGEST))
    except (OSError, HTTPException, ValueError):
        return b""


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl).scheme != "https":
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def read_autoconfig(text: bytes, address: str) -> list[Server]:
    """The IMAP servers in a file of Thunderbird's format (config-v1.1); unencrypted ones are left out."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(text)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return []
    found = []
    for entry in root.findall("./emailProvider/incomingServer")[:20]:
        server = _incoming(lambda tag, entry=entry: (entry.findtext(tag) or "").strip(), address)  # type: ignore[misc]
        if entry.get("type") == "imap" and server is not None:
            found.append(server)
    return found


def _incoming(text_of: Callable[[str], str], address: str) -> Server | None:
    securities: dict[str, Security] = {"SSL": "tls", "STARTTLS": "starttls"}
    security = securities.get(text_of("socketType").upper())
    host, port = _filled(text_of("hostname"), address), text_of("port")
    if security is None or not _HOST.match(host) or not port.isdecimal() or not 0 < int(port[:6]) < 65536:
        return None
    user = _filled(text_of("username"), address) or address
    return _server(host.lower(), int(port), security, user, f"the autoconfig file of {address.rpartition('@')[2]}")


def _filled(text: str, address: str) -> str:
    local, _, domain = address.rpartition("@")
    for mark, value in (("%EMAILADDRESS%", address), ("%EMAILLOCALPART%", local), ("%EMAILDOMAIN%", domain)):
        text = text.replace(mark, value)
    return text


def _guesses(address: str) -> list[Server]:
    domain = address.rpartition("@")[2].lower()
    ways: tuple[tuple[int, Security], ...] = ((993, "tls"), (143, "starttls"))
    return [
        _server(host, port, security, address, "a guess that answers")
        for port, security in ways
        for host in (f"imap.{domain}", f"mail.{domain}", domain)
    ]
