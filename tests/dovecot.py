"""A private Dovecot 2.3 on loopback: own configuration, own folders, a free port; nothing of the system's is touched.

Users are any name, the password is 'pass'. `Dovecot(...)` starts in `start()` and is gone after `stop()`.
"""

from __future__ import annotations

import contextlib
import imaplib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "pass"
DOVECOT = shutil.which("dovecot") or next(
    (p for p in ("/usr/sbin/dovecot", "/usr/local/sbin/dovecot") if os.path.exists(p)), ""
)

CONFIGURATION = """
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = no
{users}
first_valid_uid = 1
first_valid_gid = 0
mail_location = maildir:{root}/mail/%u
mail_home = {root}/home/%u
mail_max_userip_connections = 100
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
{oauth2}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
{mailboxes}
}}
protocol imap {{
{capability}
}}
service imap-login {{
  {chroot}
  service_count = 0
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  {chroot}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  {chroot}
}}
{extra}
"""
SPECIAL_USE = {"Sent": "\\Sent", "Archive": "\\Archive", "Drafts": "\\Drafts", "Trash": "\\Trash"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def self_signed(folder: Path, *, name: str = "localhost", days: int = 30, start: datetime | None = None) -> Path:
    """Writes cert.pem and key.pem for `name` and 127.0.0.1 into `folder`; gives back the certificate's path."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = start or datetime.now() - timedelta(days=1)
    names = [x509.DNSName(name)]
    if name == "localhost":
        import ipaddress

        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))  # type: ignore[arg-type]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem"


class Dovecot:
    """One server. `special_use` maps folder names to attributes ('' for none); `capability` replaces the
    announced IMAP capabilities after login; `extra` is appended to the configuration; `oauth2` a passdb configuration file."""

    host = "127.0.0.1"
    password = PASSWORD

    def __init__(
        self,
        *,
        special_use: dict[str, str] | None = None,
        capability: str = "",
        extra: str = "",
        oauth2: Path | None = None,
    ) -> None:
        self.special_use = SPECIAL_USE if special_use is None else special_use
        self.capability = capability
        self.extra = extra
        self.oauth2 = oauth2
        self.port, self.tls_port = free_port(), free_port()
        # Unix sockets have short paths, and the server runs as another user: not below pytest's own folder.
        self.root = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.cert = self_signed(self.root)
        self.process: subprocess.Popen[bytes] | None = None

    def _configuration(self, uid: int, gid: int, user: str, group: str) -> str:
        boxes = "\n".join(
            f"  mailbox {name} {{\n    auto = create\n" + (f"    special_use = {use}\n" if use else "") + "  }"
            for name, use in self.special_use.items()
        )
        oauth2 = ""
        if self.oauth2:
            oauth2 = f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {self.oauth2}\n}}"
        return CONFIGURATION.format(
            root=self.root,
            users=f"default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}",
            uid=uid,
            gid=gid,
            password=PASSWORD,
            port=self.port,
            tls_port=self.tls_port,
            mailboxes=boxes,
            mechanisms="plain login xoauth2 oauthbearer" if self.oauth2 else "plain login",
            oauth2=oauth2,
            capability=f"  imap_capability = {self.capability}" if self.capability else "",
            chroot="chroot =",
            extra=self.extra,
        )

    def start(self) -> Dovecot:
        """Starts and waits until it greets."""
        import grp

        as_root = os.getuid() == 0
        uid, gid = (65534, 65534) if as_root else (os.getuid(), os.getgid())
        for name in ("run", "mail", "home"):
            (self.root / name).mkdir(exist_ok=True)
        text = self._configuration(uid, gid, pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name)
        (self.root / "dovecot.conf").write_text(text, "utf-8")
        options = {}
        if as_root:
            for path in [self.root, *self.root.rglob("*")]:
                os.chown(path, uid, gid)
            options = {"user": uid, "group": gid, "extra_groups": []}
        with (self.root / "stderr.log").open("ab") as errors:
            self.process = subprocess.Popen(
                [DOVECOT, "-F", "-c", str(self.root / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                **options,  # type: ignore[arg-type]
            )
        self._wait_until_it_greets()
        return self

    def _wait_until_it_greets(self) -> None:
        import time

        end = time.monotonic() + 20
        while time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), 1) as link:
                if link.recv(64).startswith(b"* OK"):
                    return
            time.sleep(0.02)
        raise RuntimeError(f"dovecot did not start: {self.log()}")

    def log(self) -> str:
        paths = [p for p in (self.root / "dovecot.log", self.root / "stderr.log") if p.exists()]
        return "\n".join(p.read_text("utf-8", "replace")[-4000:] for p in paths)

    def kill(self) -> None:
        """Ends the server and all its sessions at once, its data stays."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.process = None

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self.root, ignore_errors=True)

    def login(self, user: str) -> imaplib.IMAP4:
        """A plain second client, of the standard library."""
        client = imaplib.IMAP4(self.host, self.port)
        client.login(user, PASSWORD)
        return client

    @contextlib.contextmanager
    def client(self, user: str) -> Iterator[imaplib.IMAP4]:
        client = self.login(user)
        try:
            yield client
        finally:
            client.logout()

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.cert))
