"""What is kept in the keyring comes back; what is not there, or locked, is said clearly."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail

from assistant.errors import SecretUnavailable
from assistant.host import vault
from tests.oauth.conftest import MemoryKeyring
from tests.running import COMMAND
from tests.secretservice import SecretService

NAME = "camille.rouvier@binalys.example@imap.binalys.example"


@pytest.mark.usefixtures("any_keyring")
@pytest.mark.parametrize("secret", ["pass", "mot de passe à œillères", "x" * 999, "y" * 1000, "z" * 1001, "t" * 4321])
def test_a_secret_comes_back_as_it_was(secret: str) -> None:
    vault.write(NAME, secret)
    assert vault.read(NAME) == secret
    assert vault.erase(NAME)
    assert vault.read(NAME) == ""


@pytest.mark.usefixtures("any_keyring")
def test_a_shorter_secret_leaves_nothing_of_the_longer_one() -> None:
    vault.write(NAME, "long" * 700)
    vault.write(NAME, "short")
    assert vault.read(NAME) == "short"
    assert vault.erase(NAME)
    assert not vault.erase(NAME)


@pytest.mark.usefixtures("any_keyring")
def test_what_was_never_kept_is_empty() -> None:
    assert vault.read("nobody@nowhere") == ""
    assert vault.erase("nobody@nowhere") is False


def test_every_entry_fits_the_windows_credential_manager() -> None:
    before, kept = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(kept)
    vault.write(NAME, "t" * 5000)
    keyring.set_keyring(before)
    assert all(len(piece.encode("utf-16-le")) <= 2560 for piece in kept.kept.values())


def test_an_endless_secret_is_not_kept() -> None:
    with pytest.raises(ValueError):
        vault.write(NAME, "t" * 100_000)


def test_a_computer_without_a_keyring_says_what_can_be_done() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    try:
        for action in (lambda: vault.read(NAME), lambda: vault.write(NAME, "geheim"), lambda: vault.erase(NAME)):
            with pytest.raises(SecretUnavailable, match="the keyring is missing on this computer") as refused:
                action()
            assert "password_command" in refused.value.hint
            assert "geheim" not in f"{refused.value!r}{refused.value.hint}"
    finally:
        keyring.set_keyring(before)


def test_a_locked_keyring_stops_the_check_with_a_sentence_and_the_choices(
    locked_service: SecretService, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[owner]\nname = "C"\naddresses = ["c@binalys.example"]\ncountry = "FR"\n'
        '[account]\nhost = "127.0.0.1"\nuser = "c@binalys.example"\nport = 1\nsecurity = "none"\n',
        "utf-8",
    )
    environment = {"PATH": os.environ["PATH"], "OFFER_ASSISTANT_CONFIG": str(config), **locked_service.environment}
    done = subprocess.run([COMMAND, "check"], env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith("offer-assistant: the keyring is locked, or does not answer\n→ unlock it")
    assert "password_command" in done.stderr
