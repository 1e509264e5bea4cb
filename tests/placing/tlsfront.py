"""TLS in front of a server on loopback: its certificate changes when the test says so, its connections end at a chosen
word of the client's."""

from __future__ import annotations

import contextlib
import ipaddress
import select
import socket
import ssl
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


class Authority:
    """Signs certificates for this computer; `path` is its own, which the client trusts."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "authority.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The tests' authority")])
        own = self._builder(self._name, self._key, -30 * DAY, 30 * DAY).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        folder.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def certificate(self, begins: timedelta = -DAY, ends: timedelta = DAY) -> Path:
        """The certificate and its key in one file; it is good between these two moments, counted from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = self._builder(name, key, begins, ends).add_extension(here, critical=False)
        signed = builder.add_extension(issuer, critical=False).sign(self._key, hashes.SHA256())
        path = self.folder / f"{signed.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )
        return path

    def _builder(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, begins: timedelta, ends: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.now()
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begins)
            .not_valid_after(now + ends)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )


@dataclass(frozen=True)
class Cut:
    """The connection ends when the client says `word`, which the server still hears or not; `certificate` is what the
    next one is shown."""

    word: bytes
    heard: bool
    certificate: Path


class TlsFront:
    """Listens on `port`; `logins` counts how often a client has said who it is."""

    def __init__(self, target: int, certificate: Path) -> None:
        self.target = target
        self.cut: Cut | None = None
        self.logins = 0
        self.show(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._links: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> TlsFront:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(5)

    def show(self, certificate: Path) -> None:
        """From the next handshake on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._context = context

    def hang_up(self) -> None:
        """Ends all that is open."""
        for link in self._links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._links.append(near)
                thread = threading.Thread(target=self._serve, args=(near, self._context), daemon=True)
                thread.start()
                self._threads.append(thread)

    def _serve(self, near: socket.socket, context: ssl.SSLContext) -> None:
        with (
            contextlib.suppress(OSError),  # a client that refuses the certificate raises one too
            near,
            context.wrap_socket(near, server_side=True) as encrypted,
            socket.create_connection(("127.0.0.1", self.target), 5) as far,
        ):
            self._links.append(encrypted)
            self._relay(encrypted, far)

    def _relay(self, near: ssl.SSLSocket, far: socket.socket) -> None:
        while True:
            for link in [near] if near.pending() else select.select([near, far], [], [])[0]:
                data = link.recv(1 << 16)
                if not data:
                    return
                if link is far:
                    near.sendall(data)
                    continue
                self.logins += b" LOGIN " in data or b" AUTHENTICATE " in data
                cut = self.cut
                if cut is not None and cut.word in data:
                    self._end(far, data if cut.heard else b"", cut)
                    return
                far.sendall(data)

    def _end(self, far: socket.socket, last: bytes, cut: Cut) -> None:
        """The server hears `last` to its end and does it; the client hears no answer."""
        self.cut = None
        self.show(cut.certificate)
        far.sendall(last)
        far.shutdown(socket.SHUT_WR)
        while far.recv(1 << 16):
            pass
