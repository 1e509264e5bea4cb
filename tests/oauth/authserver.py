"""An OAuth2 authorization server on loopback, over TLS: authorization code with PKCE, device code, refresh, revocation;
its access tokens are JWTs (RFC 9068, RS256) that Dovecot verifies by the public key.

What the person in front of the browser does is `decision`; what the provider does is `status`, `lifetime`, `rotates`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import ssl
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from assistant.host.oauth import Provider
from tests.dovecot import self_signed


@dataclass
class AuthServer:
    """One authorization server; `with` it. Its clock is `now`, so that it can be another than ours."""

    folder: Path
    user: str = "camille.rouvier@binalys.example"
    client_id: str = "desktop-client"
    client_secret: str = ""
    decision: str = "consent"  # consent, refuse, wrong-state, wander-off
    status: int = 200  # of the token endpoint
    lifetime: int = 3600
    rotates: bool = False
    offset: float = 0.0  # how far its clock is ahead of ours
    pending: int = 0  # how often a device code is answered 'not yet'
    asked: list[dict[str, str]] = field(default_factory=list)
    refresh_tokens: set[str] = field(default_factory=set)
    revoked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __enter__(self) -> AuthServer:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate = self_signed(self.folder)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        server = self

        class Visit(_Visit):
            auth = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Visit)
        self._http.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.folder / "key.pem")
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.url = f"https://localhost:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def forget(self) -> None:
        """As it was at the start: everybody consents, everything works, nothing was asked."""
        fresh = AuthServer(self.folder)
        for name in ("client_secret", "decision", "status", "lifetime", "rotates", "offset", "pending"):
            setattr(self, name, getattr(fresh, name))
        for kept in (self.asked, self.refresh_tokens, self.revoked, self._codes):
            kept.clear()

    @property
    def provider(self) -> Provider:
        return Provider(
            "Loopback",
            authorize=f"{self.url}/authorize",
            token=f"{self.url}/token",
            scopes=("imap", "offline_access"),
            device=f"{self.url}/device",
            revoke=f"{self.url}/revoke",
            parameters={"access_type": "offline"},
        )

    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def dovecot_settings(self, folder: Path) -> Path:
        """The files by which Dovecot verifies our tokens; gives back the path of its passdb settings."""
        keys = folder / "keys" / self.client_id / "RS256"
        keys.mkdir(parents=True)
        (keys / "main").write_bytes(self.public_key())
        settings = folder / "oauth2.conf"
        settings.write_text(
            "introspection_mode = local\n"
            f"local_validation_key_dict = fs:posix:prefix={folder}/keys/\n"
            "username_attribute = email\n"
            f"issuers = {self.url}\n",
            "utf-8",
        )
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        return settings

    def access_token(self, **changes: Any) -> str:
        """A signed token; `changes` to its claims make it expired, foreign or premature."""
        now = int(time.time() + self.offset)
        claims = {
            "iss": self.url, "sub": self.user, "email": self.user, "azp": self.client_id, "aud": self.client_id,
            "iat": now, "nbf": now, "exp": now + self.lifetime, "scope": "imap", "jti": secrets.token_hex(8),
        }  # fmt: skip
        return jwt.encode(claims | changes, self._key, "RS256", headers={"kid": "main"})

    # -- what the endpoints do ------------------------------------------------------------------------------------

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent after the person has decided."""
        self.asked.append(query)
        if self.decision == "refuse":
            answer = {"error": "access_denied", "state": query["state"]}
        else:
            code = secrets.token_urlsafe(16)
            self._codes[code] = query
            answer = {"code": code, "state": "of-another-login" if self.decision == "wrong-state" else query["state"]}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(form)
        if self.status != 200:
            return self.status, {}
        if form.get("client_id") != self.client_id or (
            self.client_secret and form.get("client_secret") != self.client_secret
        ):
            return 401, {"error": "invalid_client"}
        kind = form["grant_type"]
        if kind == "authorization_code":
            return self._by_code(form)
        if kind == "refresh_token":
            return self._by_refresh(form["refresh_token"])
        return self._by_device()

    def _by_code(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not asked or asked["redirect_uri"] != form["redirect_uri"] or asked["code_challenge"] != proof:
            return 400, {"error": "invalid_grant"}
        return 200, self._tokens(self._new_refresh())

    def _by_refresh(self, refresh: str) -> tuple[int, dict[str, Any]]:
        if refresh not in self.refresh_tokens:
            return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        if self.rotates:
            self.refresh_tokens.discard(refresh)
            return 200, self._tokens(self._new_refresh())
        return 200, self._tokens("")

    def _by_device(self) -> tuple[int, dict[str, Any]]:
        if self.decision == "refuse":
            return 400, {"error": "access_denied"}
        if self.pending:
            self.pending -= 1
            return 400, {"error": "slow_down" if self.pending % 2 else "authorization_pending"}
        return 200, self._tokens(self._new_refresh())

    def device(self) -> dict[str, Any]:
        return {
            "device_code": "device-code", "user_code": "ABCD-EFGH", "verification_uri": f"{self.url}/activate",
            "expires_in": 60, "interval": 5,
        }  # fmt: skip

    def _new_refresh(self) -> str:
        refresh = "refresh-" + secrets.token_urlsafe(24)
        self.refresh_tokens.add(refresh)
        return refresh

    def _tokens(self, refresh: str) -> dict[str, Any]:
        told = {
            "access_token": self.access_token(),
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "scope": "imap",
        }
        return told | ({"refresh_token": refresh} if refresh else {})

    def revoke(self, token: str) -> None:
        self.revoked.append(token)
        self.refresh_tokens.discard(token)


class _Visit(BaseHTTPRequestHandler):
    auth: AuthServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/authorize" and self.auth.decision == "wander-off":
            self.auth.asked.append(query)
            self._json(200, {})
        elif parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.auth.authorize(query))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._json(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if self.path == "/token":
            self._json(*self.auth.token(form))
        elif self.path == "/device":
            self.auth.asked.append(form)
            self._json(200, self.auth.device())
        elif self.path == "/revoke":
            self.auth.revoke(form["token"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/portal":
            self._raw(200, b"<html>Welcome to the hotel's network</html>")
        elif self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", f"{self.auth.url}/portal")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._json(404, {})

    def _json(self, status: int, told: dict[str, Any]) -> None:
        self._raw(status, json.dumps(told).encode())

    def _raw(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def browse(address: str, certificate: Path) -> str:
    """What a browser does with the address: follows the redirects; the text of the last page."""
    try:
        context = ssl.create_default_context(cafile=str(certificate))
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
        with opener.open(address, timeout=10) as page:
            return str(page.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return error.read().decode()


def browser(server: AuthServer, pages: list[str] | None = None) -> Any:
    """A `show` that browses in the background, as the owner would."""

    def show(address: str, code: str) -> None:
        def visit() -> None:
            (pages if pages is not None else []).append(browse(address, server.certificate))

        if not code:
            threading.Thread(target=visit, daemon=True).start()

    return show
