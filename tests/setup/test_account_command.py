"""`account login | logout | list`, and `uninstall`: secrets go in, are shown to nobody, and come out again."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.dovecot import Dovecot
from tests.secretservice import SecretService
from tests.setup.newowner import AT, NewOwner


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot, secret_service: SecretService) -> NewOwner:
    """Somebody who has set up; the tests below get copies of the home."""
    owner = NewOwner(tmp_path_factory.mktemp("furnished") / "home", dovecot, "at.home@binalys.example", secret_service)
    owner.fill()
    assert owner.set_up().returncode == 0
    return owner


@pytest.fixture
def at_home(furnished: NewOwner, tmp_path: Path) -> NewOwner:
    shutil.copytree(furnished.home, tmp_path / "home")
    owner = replace(furnished, home=tmp_path / "home")
    owner.keep_password("pass")
    return owner


def test_login_asks_without_showing_and_tries_before_it_keeps(at_home: NewOwner) -> None:
    terminal = at_home.terminal("account", "login")
    terminal.answers("(not shown)", "a-wrong-password")
    assert terminal.ends() == 3
    assert "a-wrong-password" not in terminal.text
    assert at_home.run("check", "--at", AT).returncode == 0  # the right one is still there
    terminal = at_home.terminal("account", "login")
    terminal.answers("(not shown)", "pass")
    terminal.sees("the secret is in the keyring")
    assert terminal.ends() == 0


def test_logout_forgets_and_the_next_check_says_what_to_do(at_home: NewOwner) -> None:
    assert "the secret is out of the keyring" in at_home.run("account", "logout").stdout
    assert json.loads(at_home.run("account", "list", "--json").stdout)["accounts"][0]["secret"] == ""
    done = at_home.run("check", "--at", AT)
    assert done.returncode == 3
    assert "account login" in done.stderr
    done = at_home.run("account", "login", "--password-stdin", input="pass\n")
    assert done.returncode == 0, done.stderr
    assert at_home.run("check", "--at", AT).returncode == 0


def test_an_unknown_account_is_named(at_home: NewOwner) -> None:
    done = at_home.run("account", "login", "work")
    assert (done.returncode, "there is no account 'work'" in done.stderr) == (2, True)


def left(home: Path) -> set[str]:
    return {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}


def test_uninstall_lists_what_there_is_and_takes_nothing_unasked(at_home: NewOwner) -> None:
    before = left(at_home.home)
    done = at_home.run("uninstall")
    assert done.returncode == 0, done.stderr
    assert str(at_home.config) in done.stdout
    assert "the secret of account default" in done.stdout
    assert left(at_home.home) == before


def test_uninstall_leaves_nothing_behind(at_home: NewOwner) -> None:
    done = at_home.run("uninstall", "--erase", "--register")
    assert done.returncode == 0, done.stderr
    assert left(at_home.home) == set()
    assert not [path for path in at_home.home.rglob("*") if path.name == "offer-assistant"]
    assert at_home.run("uninstall", "--erase").returncode == 0  # nothing there is nothing wrong


def test_uninstall_asks_before_it_takes_the_register(at_home: NewOwner) -> None:
    done = at_home.run("uninstall", "--erase")
    assert done.returncode == 2
    assert "--keep-register" in done.stderr
    terminal = at_home.terminal("uninstall", "--erase")
    terminal.answers("Erase your register too", "perhaps", "", complaint="invalid input")
    assert terminal.ends() == 0
    assert left(at_home.home) == {".local/share/offer-assistant/offers.toml"}


def test_uninstall_never_takes_the_owners_templates(at_home: NewOwner) -> None:
    mine = at_home.config.parent / "templates/fr/withdrawal.formal.txt.j2"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", "utf-8")
    assert at_home.run("uninstall", "--erase", "--register").returncode == 0
    assert mine.exists()
