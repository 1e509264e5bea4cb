"""An authorization server that our program trusts, and a keyring in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from assistant.host import oauth
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


@pytest.fixture
def auth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory_keyring: MemoryKeyring) -> Iterator[AuthServer]:
    with AuthServer(tmp_path / "auth") as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        monkeypatch.setitem(oauth.PROVIDERS, "oauth-google", server.provider)
        monkeypatch.setitem(oauth.PROVIDERS, "oauth-microsoft", server.provider)
        yield server
