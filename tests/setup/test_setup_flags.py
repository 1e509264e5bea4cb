"""`setup` without a terminal: every answer from a flag, every mistake one sentence; and the next check drafts."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from assistant.cli import run
from tests.setup.newowner import AT, NewOwner


def test_without_a_terminal_it_explains_the_flags(owner: NewOwner) -> None:
    done = owner.run("setup")
    assert done.returncode == 2
    assert "there is no terminal" in done.stderr
    assert "--non-interactive --address you@your-company.com --password-stdin" in done.stderr


def test_flags_alone_lead_to_the_list_and_the_next_check_places_the_due_drafts(owner: NewOwner) -> None:
    begun = time.monotonic()
    done = owner.set_up("--json")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun < 60
    told = json.loads(done.stdout)
    assert [(item["client"], item["state"]) for item in told["offers"]] == [
        ("Valmontel Collecte", "lapsed"),
        ("Atelier Morvan", "lapsed"),
    ]
    assert told["would_draft"] == [1, 2]
    assert told["folders"]["drafts"] == "Drafts"
    assert told["act_from"] == "2026-01-18"
    assert owner.drafts() == 0
    assert owner.run("check", "--at", AT).returncode == 0
    assert owner.drafts() == 2


def test_nothing_is_drafted_for_what_lapsed_before_the_day_given(owner: NewOwner) -> None:
    done = owner.set_up("--act-from", "04/05/2026", "--json")
    assert (done.returncode, json.loads(done.stdout)["would_draft"]) == (0, [2])
    assert owner.run("check", "--at", AT).returncode == 0
    assert owner.drafts() == 1


def test_a_day_that_is_none_is_refused_before_anything_is_done(owner: NewOwner) -> None:
    done = owner.set_up("--act-from", "soon")
    assert (done.returncode, "--act-from: 'soon' is no day" in done.stderr) == (2, True)
    assert not owner.config.exists()


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--address", "nobody"), "--address: 'nobody' is no e-mail address"),
        (("--port", "many"), "--port: 'many' is no port"),
        (("--security", "ssl"), "--security: 'ssl' is not one of"),
        (("--host", "imap.binalys.example", "--security", "none"), "--security: 'none' is not one of tls, starttls"),
        (("--auth", "telepathy"), "--auth 'telepathy' is unknown"),
        (("--auth", "oauth-google"), "without a terminal --oauth-client-id is needed"),
    ],
)
def test_a_flag_that_makes_no_sense_is_named(
    tmp_path: Path, flags: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--non-interactive", "--address", "c@binalys.example", "--host", "127.0.0.1", "--port", "1", "--security")
    arguments = ("setup", "--config", str(tmp_path / "config.toml"), *given, "none", "--password-command", "echo x")
    assert run([*arguments, *flags]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "config.toml").exists()


def test_an_unknown_server_without_a_terminal_names_the_flag(owner: NewOwner) -> None:
    done = owner.run(
        "setup", "--non-interactive", "--address", "camille@binalys.example", "--password-stdin", input="x\n"
    )
    assert done.returncode == 2
    assert "--host" in done.stderr


@pytest.mark.parametrize(
    ("flags", "input", "code", "told"),
    [
        ((), "wrong\n", 3, "the server refused the login"),
        ((), "\n", 2, "no password came on stdin"),
        (("--port", "1"), "pass\n", 75, "Connection refused"),
        (("--drafts", "Nirgends"), "pass\n", 3, "the folder 'Nirgends' set for drafts does not exist"),
        (("--country", "France"), "pass\n", 2, "--country: 'France' is no country"),
        (("--language", "klingon"), "pass\n", 2, "--language: 'klingon' is not one of"),
        (("--alias", "x"), "pass\n", 2, "--alias: 'x' is no e-mail address"),
    ],
)
def test_what_stops_it_is_one_sentence_and_writes_nothing(
    owner: NewOwner, flags: tuple[str, ...], input: str, code: int, told: str
) -> None:
    done = owner.set_up(*flags, input=input)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert told in done.stderr
    assert not owner.config.exists()


def test_a_command_for_the_password_needs_no_keyring(owner: NewOwner) -> None:
    owner.keyring = None
    given = ("--address", owner.user, "--host", "127.0.0.1", "--port", str(owner.server.port), "--security", "none")
    done = owner.run(
        "setup", "--non-interactive", *given, "--country", "FR", "--at", AT, "--password-command", "echo pass"
    )
    assert done.returncode == 0, done.stderr
    assert 'password_command = "echo pass"' in owner.config.read_text("utf-8")


def test_without_a_keyring_the_choices_are_named(owner: NewOwner) -> None:
    owner.keyring = None
    done = owner.set_up()
    assert done.returncode == 3
    assert "the keyring is missing on this computer" in done.stderr
    assert "password_command" in done.stderr


def test_a_second_account_stands_beside_the_first(owner: NewOwner) -> None:
    assert owner.set_up().returncode == 0
    done = owner.set_up("--account", "other", "--address", "other@binalys.example", "--user", "other@binalys.example")
    assert done.returncode == 0, done.stderr
    listed = json.loads(owner.run("account", "list", "--json").stdout)["accounts"]
    assert [(row["name"], row["secret"]) for row in listed] == [("default", "keyring"), ("other", "keyring")]


def test_a_configuration_that_is_no_toml_is_not_overwritten(owner: NewOwner) -> None:
    owner.config.parent.mkdir(parents=True)
    owner.config.write_text("[owner\n", "utf-8")
    done = owner.set_up()
    assert done.returncode == 2
    assert "not valid TOML" in done.stderr
    assert owner.config.read_text("utf-8") == "[owner\n"
