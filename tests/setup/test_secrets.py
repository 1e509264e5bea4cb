"""Where a password comes from: a command, the service manager, the keyring; and how it says that there is none."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from assistant.config import Account
from assistant.errors import SecretUnavailable
from assistant.host import secrets
from tests.oauth.conftest import MemoryKeyring

ACCOUNT = Account("default", "imap.binalys.example", "camille")


def by_command(command: str) -> Account:
    return Account("default", "imap.binalys.example", "camille", password_command=command)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    import keyring

    memory = MemoryKeyring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", memory)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return memory


def test_the_first_line_that_the_command_prints_is_the_password(kept: MemoryKeyring) -> None:
    assert secrets.credential(by_command("printf 'one two\\r\\nthree\\n'")).secret == "one two"


@pytest.mark.parametrize("command", ["false", "true", "/nonexistent/command", "printf '\\n'", "'unbalanced"])
def test_a_command_that_gives_nothing_is_named(kept: MemoryKeyring, command: str) -> None:
    with pytest.raises(SecretUnavailable, match="password_command of account default"):
        secrets.credential(by_command(command))


def test_a_failing_command_that_prints_the_password_gives_it_to_nobody(kept: MemoryKeyring) -> None:
    try:
        secrets.credential(by_command("sh -c 'echo geheim; echo geheim >&2; exit 1'"))
    except SecretUnavailable as error:
        told = "".join(traceback.format_exception(error))
    assert "CalledProcessError" not in told
    assert told.count("geheim") == 0 or "echo geheim" not in told.split("SecretUnavailable")[-1]


def test_the_service_managers_credential_comes_before_the_keyring(
    kept: MemoryKeyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.store_password(ACCOUNT, "of-the-keyring")
    assert secrets.credential(ACCOUNT).secret == "of-the-keyring"
    (tmp_path / "offer-assistant.default").write_text("of-systemd\n", "utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert secrets.credential(ACCOUNT).secret == "of-systemd"
    assert secrets.where(ACCOUNT) == "service manager"


def test_where_the_secret_is_can_be_told_without_showing_it(kept: MemoryKeyring) -> None:
    assert secrets.where(ACCOUNT) == ""
    secrets.store_password(ACCOUNT, "geheim")
    assert secrets.where(ACCOUNT) == "keyring"
    assert secrets.where(by_command("pass show mail")) == "password_command"


def test_nothing_stored_names_the_command_that_stores_it(kept: MemoryKeyring) -> None:
    with pytest.raises(SecretUnavailable, match="no password is stored for camille") as refused:
        secrets.credential(ACCOUNT)
    assert "account login" in refused.value.hint


def test_forgetting_takes_the_password_out(kept: MemoryKeyring) -> None:
    secrets.store_password(ACCOUNT, "geheim")
    assert secrets.forget(ACCOUNT) == (True, False)
    assert secrets.forget(ACCOUNT) == (False, False)
    assert kept.kept == {}


@pytest.mark.skipif(sys.platform != "linux", reason="prctl and core dumps of Linux")
def test_a_process_that_read_a_secret_leaves_no_core_dump_and_no_way_to_look_into_it(tmp_path: Path) -> None:
    code = """
import os, resource, subprocess
resource.setrlimit(resource.RLIMIT_CORE, resource.getrlimit(resource.RLIMIT_CORE)[1:] * 2)
from assistant.config import Account
from assistant.host import secrets
secrets.credential(Account("default", "h", "u", password_command="printf geheim"))
import ctypes
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
subprocess.run(["true"], check=True)      # child processes still work
os.abort()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
                          env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])})  # fmt: skip
    assert done.stdout == "(0, 0) 0\n", done.stderr
    assert done.returncode < 0
    assert list(tmp_path.iterdir()) == []
