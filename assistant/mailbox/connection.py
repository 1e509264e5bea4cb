"""From an account and a credential to one logged-in connection; every foreign error is translated here.

imapclient connects, negotiates TLS and logs in; then its socket goes to our own wire layer, which does the rest.
"""

from __future__ import annotations

import hashlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

from imapclient import IMAPClient, SocketTimeout

from assistant.config import Account, Credential
from assistant.errors import CertificateRefused, ConfigurationError, LoginRefused, Unreachable
from assistant.mailbox.failures import broken_connection, goodbye
from assistant.mailbox.login import log_in
from assistant.mailbox.providers import Provider, provider_of
from assistant.mailbox.stream import Stream, Trace
from assistant.mailbox.wire import Wire


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds: for everything until we are logged in, and for each single answer meanwhile."""

    connect: float = 90.0
    answer: float = 16.0


class Connection:
    """One logged-in connection to one account; used by one thread at a time.

    `wire` speaks IMAP, `provider` tells what this server does differently. A context manager: leaving it logs out, or
    just closes after an error.
    """

    def __init__(self, account: Account, wire: Wire, provider: Provider) -> None:
        self.account = account
        self.wire = wire
        self.provider = provider

    @property
    def capabilities(self) -> frozenset[str]:
        return self.wire.capabilities

    def has(self, capability: str) -> bool:
        """Whether the server offers it and keeps its word about it."""
        return capability in self.wire.capabilities

    @property
    def traffic(self) -> int:
        """Bytes received and sent since the login."""
        return self.wire.stream.received + self.wire.stream.sent

    def expect_much(self) -> None:
        """A large reading is to come: compress it where that pays, over a network. Headers shrink to a sixth."""
        if not is_loopback(self.account.host):
            self.wire.compress()

    def close(self) -> None:
        """Log out where the connection is still good. Never raises."""
        if self.wire.stream.closed:
            return
        self.wire.logout()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None:
            self.close()
        else:
            self.wire.stream.close()


def open_connection(
    account: Account, credential: Credential, *, deadlines: Deadlines = Deadlines(), trace: Trace | None = None
) -> Connection:
    """Connect, check the certificate, log in.

    Raises CertificateRefused, LoginRefused (TokenExpired for a token), Throttled, ServerUnavailable, Unreachable,
    ConfigurationError (a plain-text connection to another computer).
    """
    _refuse_plain_text(account)
    with _translated(account.host), _one_deadline(deadlines.connect) as watched:
        client = _connect(account, deadlines)
        watched.append(client.socket())
        try:
            _secure(client, account)
            capabilities = log_in(client, account, credential)
        except BaseException:
            _drop(client)
            raise
    stream = Stream(client.socket(), account.host, buffered=_unread(client), trace=trace)
    _keep_alive(client.socket())
    wire = Wire(stream, capabilities)
    if not wire.capabilities:
        wire.capabilities = _ask_capabilities(wire)
    provider = provider_of(account.host, wire.capabilities)
    wire.capabilities -= provider.distrusted
    return Connection(account, wire, provider)


def _refuse_plain_text(account: Account) -> None:
    if account.security == "none" and not is_loopback(account.host):
        raise ConfigurationError(
            f"security = 'none' would send the password in clear over the network to {account.host}",
            hint="use 'tls' or 'starttls'; 'none' is for a server on this computer",
        )


def is_loopback(host: str) -> bool:
    """Whether the host is this computer, by its name or address alone (nothing is resolved)."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _context(account: Account) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(account.ca_file) if account.ca_file else None)
    if account.pin_sha256:  # the pin replaces the authorities and the name: a bridge signs its own certificate
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _connect(account: Account, deadlines: Deadlines) -> IMAPClient:
    tls = account.security == "tls"
    client = IMAPClient(
        account.host, port=account.port, ssl=tls, ssl_context=_context(account) if tls else None,
        timeout=SocketTimeout(deadlines.answer, deadlines.answer),
    )  # fmt: skip
    client._imap.debug = 0  # at any other level imaplib keeps and logs what it sends
    return client


def _secure(client: IMAPClient, account: Account) -> None:
    """Encrypt where STARTTLS is asked for, or fail; then compare the pin."""
    if account.security == "starttls":
        if client._imap.state != "NONAUTH" or b"STARTTLS" not in client.capabilities():
            raise CertificateRefused(
                f"{account.host} offers no encryption on port {account.port}; nothing was sent",
                hint="use security = 'tls' with port 993, or ask the provider",
            )
        client.starttls(ssl_context=_context(account))
    if account.pin_sha256 and account.security != "none":
        _compare_pin(client.socket(), account)


def _compare_pin(sock: socket.socket, account: Account) -> None:
    certificate = sock.getpeercert(binary_form=True) if isinstance(sock, ssl.SSLSocket) else None
    seen = hashlib.sha256(certificate or b"").hexdigest()
    if not certificate or seen != account.pin_sha256.replace(":", "").lower():
        raise CertificateRefused(
            f"the certificate of {account.host} is not the pinned one; its SHA-256 is {seen}",
            hint="if you renewed it yourself, update pin_sha256 in [account]",
        )


def _ask_capabilities(wire: Wire) -> frozenset[str]:
    words: list[bytes] = []
    for pieces in wire.run(b"CAPABILITY", seconds=60):
        if pieces[0][:13].upper() == b"* CAPABILITY ":
            words += pieces[0][13:].upper().split()
    return frozenset(word.decode("latin-1") for word in words)


def _unread(client: IMAPClient) -> bytes:
    """What imaplib has buffered beyond the login's answer: it is the start of our own reading."""
    sock, file = client.socket(), client._imap.file
    sock.settimeout(0)
    try:
        return bytes(file.read1(1 << 16) or b"")
    except OSError:  # nothing there: BlockingIOError, or SSLWantReadError under TLS
        return b""
    finally:
        sock.settimeout(60)


def _keep_alive(sock: socket.socket) -> None:
    """Let the system notice a dead peer within minutes, and send small commands at once."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    for name, seconds in (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), seconds))
    for level, option, value in options:
        try:
            sock.setsockopt(level, option, value)
        except OSError:  # not a TCP socket, or not on this system
            pass


def _drop(client: IMAPClient) -> None:
    try:
        client.socket().close()
    except OSError:
        pass


@contextmanager
def _one_deadline(seconds: float) -> Iterator[list[socket.socket]]:
    """Shut the watched sockets when the time is up: a byte a second would defeat every single timeout."""
    watched: list[socket.socket] = []

    def cut() -> None:
        for sock in watched:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield watched
    finally:
        timer.cancel()


@contextmanager
def _translated(host: str) -> Iterator[None]:
    """What imapclient, ssl and the socket raise → our errors."""
    try:
        yield
    except OSError as error:
        raise broken_connection(error, host) from error
    except IMAPClient.AbortError as error:
        raise goodbye(str(error)) from error
    except IMAPClient.Error as error:
        raise Unreachable(f"{host} does not speak IMAP as expected: {error}", hint="check host and port") from error


__all__ = ["Connection", "Deadlines", "LoginRefused", "is_loopback", "open_connection"]
