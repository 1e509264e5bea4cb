"""The certificate of a server: how long it is good for, and its fingerprint, for the owner to look at."""

from __future__ import annotations

import hashlib
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from assistant.config import Account
from assistant.mailbox.connection import Connection

_SECONDS = 10.0
_LONGEST_LINE = 8192


@dataclass(frozen=True, slots=True)
class Encryption:
    """How a connection is encrypted: 'TLSv1.3', the fingerprint (64 hexadecimal digits), the end of the certificate
    (None for a pinned one, which the library does not read)."""

    version: str
    sha256: str
    expires: datetime | None


def encryption_of(connection: Connection) -> Encryption | None:
    """How an open connection is encrypted; None where it is not."""
    sock = connection.wire.stream.socket
    if not isinstance(sock, ssl.SSLSocket):
        return None
    ends = (sock.getpeercert() or {}).get("notAfter")
    expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None
    return Encryption(sock.version() or "TLS", fingerprint(sock.getpeercert(binary_form=True) or b""), expires)


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate in DER, as `pin_sha256` wants it."""
    return hashlib.sha256(certificate).hexdigest()


def shown_fingerprint(account: Account) -> str:
    """The fingerprint of what a server shows that is not trusted, to be looked at by a person; '' where it shows none.

    Nothing but STARTTLS is said to the server, and nothing it says is believed.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((account.host, account.port), _SECONDS) as sock:
            if account.security == "starttls":
                _start_tls(sock)
            with context.wrap_socket(sock, server_hostname=account.host) as encrypted:
                return fingerprint(encrypted.getpeercert(binary_form=True) or b"")
    except (OSError, ValueError):
        return ""


def _start_tls(sock: socket.socket) -> None:
    """RFC 3501 §6.2.1, byte by byte so that nothing of the handshake is read ahead. ValueError where it is refused."""
    _line(sock)
    sock.sendall(b"a STARTTLS\r\n")
    answer = _line(sock)
    while answer.startswith(b"* "):
        answer = _line(sock)
    if not answer.upper().startswith(b"A OK"):
        raise ValueError("STARTTLS was refused")


def _line(sock: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        byte = sock.recv(1)
        if not byte or len(line) > _LONGEST_LINE:
            raise ValueError("no whole line")
        line += byte
    return line
