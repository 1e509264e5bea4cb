"""The wheel is what people install: it holds everything, and from a clean home it leads to the first drafts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.dovecot import Dovecot
from tests.setup import newowner
from tests.setup.newowner import AT, NewOwner

ROOT = Path(__file__).parents[2]
UV = ROOT / ".tools/bin/uv"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not UV.exists():
        pytest.skip("uv is not in .tools: `make test` puts it there")
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT], check=True, timeout=120)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_all_that_the_checkout_needs(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "assistant").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    templates = {
        f"assistant/_templates/{path.relative_to(ROOT / 'templates').as_posix()}"
        for path in (ROOT / "templates").rglob("*.j2")
    }
    assert package <= packed
    assert templates <= packed
    assert "assistant/_config.example.toml" in packed
    assert "offer_assistant-0.1.0.data/data/share/man/man1/offer-assistant.1" in packed
    assert not [name for name in packed if name.startswith(("tests/", "docs/"))]


def test_the_lock_covers_every_dependency_with_hashes_on_every_system() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    locked = (ROOT / "requirements.lock").read_text("utf-8")
    names = {re.split(r"[=\[ ;]", line)[0].lower() for line in locked.splitlines() if line[:1].isalnum()}
    wanted = {re.split(r"[\[>=<~ ;]", d)[0].lower() for d in project["project"]["dependencies"]}
    assert wanted <= names
    assert locked.count("--hash=sha256:") > len(names)
    assert "sys_platform == 'win32'" in locked
    assert "sys_platform == 'darwin'" in locked


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, installed from the wheel as a tool of its own."""
    folder = tmp_path_factory.mktemp("tools")
    around = os.environ | {"UV_TOOL_DIR": str(folder / "tools"), "UV_TOOL_BIN_DIR": str(folder / "bin")}
    subprocess.run(
        [UV, "tool", "install", "--quiet", "--python", sys.executable, wheel], check=True, timeout=300, env=around
    )
    return folder / "bin/offer-assistant"


@pytest.mark.slow
def test_a_new_user_gets_from_the_wheel_to_the_drafts_and_back_to_nothing(
    installed: Path, tmp_path: Path, dovecot: Dovecot, mailbox_user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newowner, "COMMAND", installed)
    owner = NewOwner(tmp_path / "home", dovecot, mailbox_user, None)
    owner.fill()
    given = ("--address", owner.user, "--host", "127.0.0.1", "--port", str(dovecot.port), "--security", "none")
    more = ("--country", "FR", "--at", AT, "--password-command", "echo pass")
    done = owner.run("setup", "--non-interactive", *given, *more)
    assert done.returncode == 0, done.stderr
    assert "2026-04-30" in done.stdout
    assert owner.run("check", "--at", AT).returncode == 0
    assert owner.drafts() == 2
    assert owner.run("templates", "check").returncode == 0
    assert owner.run("doctor").returncode == 0
    assert owner.run("uninstall", "--erase", "--register").returncode == 0
    assert [path for path in owner.home.rglob("*") if path.is_file()] == []


@pytest.mark.slow
def test_the_demonstration_runs_from_the_wheel(
    installed: Path, tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newowner, "COMMAND", installed)
    done = NewOwner(tmp_path / "home", dovecot, "nobody", None).run("demo")
    assert done.returncode == 0, done.stderr
    assert "Valmontel" in done.stdout
