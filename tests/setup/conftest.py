"""A real keyring for the whole run, and the keyrings that the contract of the vault is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from tests.dovecot import Dovecot
from tests.oauth.conftest import MemoryKeyring, auth, auth_server, memory_keyring, token_mailbox
from tests.secretservice import DBUS, GNOME_KEYRING, SecretService
from tests.setup.newowner import NewOwner

__all__ = ["auth", "auth_server", "memory_keyring", "token_mailbox"]


@pytest.fixture(scope="session")
def secret_service() -> Iterator[SecretService]:
    if not (GNOME_KEYRING and DBUS):
        pytest.skip("gnome-keyring or D-Bus is not installed: `make test` installs them")
    service = SecretService().start()
    yield service
    service.stop()


@pytest.fixture
def locked_service() -> Iterator[SecretService]:
    if not (GNOME_KEYRING and DBUS):
        pytest.skip("gnome-keyring or D-Bus is not installed: `make test` installs them")
    service = SecretService(locked=True).start()
    yield service
    service.stop()


@pytest.fixture(params=["memory", "secret service"])
def any_keyring(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each kind of keyring in turn."""
    before = keyring.get_keyring()
    if request.param == "memory":
        keyring.set_keyring(MemoryKeyring())
    else:
        from keyring.backends.SecretService import Keyring

        service: SecretService = request.getfixturevalue("secret_service")
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        keyring.set_keyring(Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def owner(tmp_path: Path, dovecot: Dovecot, mailbox_user: str, secret_service: SecretService) -> NewOwner:
    """Somebody with a mailbox, a keyring and a clean home."""
    someone = NewOwner(tmp_path / "home", dovecot, mailbox_user, secret_service)
    someone.fill()
    return someone
