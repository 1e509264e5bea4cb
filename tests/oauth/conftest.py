"""An authorization server that our program trusts, and a keyring in memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from assistant.host import oauth
from tests.dovecot import DOVECOT, Dovecot
from tests.oauth.authserver import AuthServer


class MemoryKeyring(keyring.backend.KeyringBackend):
    """Keeps secrets as long as the test runs; passes the same contract as the real ones (test_vault.py)."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise keyring.errors.PasswordDeleteError("not found")
        del self.kept[service, username]


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    kept = MemoryKeyring()
    keyring.set_keyring(kept)
    yield kept
    keyring.set_keyring(before)


@pytest.fixture(scope="session")
def auth_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthServer]:
    with AuthServer(tmp_path_factory.mktemp("auth")) as server:
        yield server


@pytest.fixture
def auth(auth_server: AuthServer, monkeypatch: pytest.MonkeyPatch, memory_keyring: MemoryKeyring) -> AuthServer:
    auth_server.forget()
    monkeypatch.setenv("SSL_CERT_FILE", str(auth_server.certificate))
    monkeypatch.setitem(oauth.PROVIDERS, "oauth-google", auth_server.provider)
    monkeypatch.setitem(oauth.PROVIDERS, "oauth-microsoft", auth_server.provider)
    return auth_server


@pytest.fixture(scope="session")
def token_mailbox(auth_server: AuthServer) -> Iterator[Dovecot]:
    """A Dovecot that takes the access tokens of the authorization server, and passwords."""
    if not DOVECOT:
        pytest.skip("dovecot is not installed: `make test` installs it")
    folder = Path(tempfile.mkdtemp(prefix="oauth-"))  # Dovecot runs as another user: not below pytest's own folder
    server = Dovecot(oauth2=auth_server.dovecot_settings(folder)).start()
    yield server
    server.stop()
    shutil.rmtree(folder)
