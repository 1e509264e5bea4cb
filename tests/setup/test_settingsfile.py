"""The configuration file: written from the example, edited without losing a word of what the owner wrote."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from assistant.errors import ConfigurationError
from assistant.host.settingsfile import edited, example, read_settings, write_settings

OWNER = {
    "name": "Camille",
    "addresses": ["c@binalys.fr"],
    "country": "FR",
    "language": "fr",
    "timezone": "Europe/Paris",
}
NEW = {"owner": OWNER, "account": {"host": "imap.binalys.fr", "user": "c@binalys.fr", "port": None}}


def test_a_new_file_is_the_example_with_the_owners_values(tmp_path: Path) -> None:
    path = tmp_path / "deep/config.toml"
    config = write_settings(path, NEW)
    assert (config.owner.name, config.accounts[0].host, config.accounts[0].port) == ("Camille", "imap.binalys.fr", 993)
    text = path.read_text("utf-8")
    assert "# port = 993" in text
    assert 'timezone = "Europe/Paris"   # by default the computer\'s' in text
    assert text.count("\n") == example().count("\n")
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert "binalys.example" not in "".join(line for line in text.splitlines() if not line.startswith("#"))


def test_editing_changes_the_lines_it_must_and_no_others(tmp_path: Path) -> None:
    before = """# my configuration
[owner]
name = "Camille"          # as I sign
addresses = [
  "c@binalys.fr",         # the main one
]
country = "FR"

[account]
user = "c@binalys.fr"
host = "old.binalys.fr"   # until June
# pin_sha256 = "not now"

[notify]
show_text = true
"""
    after = edited(
        before, {"account": {"host": "new.binalys.fr", "port": 1143}, "policy": {"act_from": date(2026, 5, 1)}}
    )
    assert after.startswith(before[: before.index("host =")])
    assert 'host = "new.binalys.fr"   # until June\n' in after
    assert '# pin_sha256 = "not now"' in after
    assert "show_text = true" in after
    assert tomllib.loads(after)["account"]["port"] == 1143
    assert tomllib.loads(after)["policy"] == {"act_from": date(2026, 5, 1)}


def test_editing_twice_changes_nothing_more() -> None:
    once = edited(None, NEW)
    assert edited(once, NEW) == once


def test_a_key_set_to_nothing_goes() -> None:
    text = edited(edited(None, {"account": {"password_command": "pass"}}), {"account": {"password_command": None}})
    assert "password_command" not in tomllib.loads(text)["account"]


def test_a_second_account_makes_room_beside_the_first() -> None:
    text = edited(edited(None, NEW), {"account": {"host": "imap.gmail.com", "user": "c@gmail.com"}}, "gmail")
    raw = tomllib.loads(text)
    assert raw["accounts"]["default"]["host"] == "imap.binalys.fr"
    assert raw["accounts"]["gmail"] == {"host": "imap.gmail.com", "user": "c@gmail.com"}
    assert "account" not in raw
    again = edited(text, {"account": {"port": 1993}}, "gmail")
    assert tomllib.loads(again)["accounts"]["gmail"]["port"] == 1993
    assert tomllib.loads(again)["accounts"]["default"] == raw["accounts"]["default"]


@pytest.mark.parametrize("value", ['a "quoted" name', "back\\slash", "Zoë Ñandú", "line\nbreak", "tab\tand ]"])
def test_any_name_is_written_so_that_it_reads_back(value: str) -> None:
    assert tomllib.loads(edited(None, {"owner": {"name": value}}))["owner"]["name"] == value


def test_a_file_that_is_no_toml_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[owner\n", "utf-8")
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        read_settings(path)
    assert path.read_text("utf-8") == "[owner\n"


def test_a_change_that_would_break_the_configuration_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    write_settings(path, NEW)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError):
        write_settings(path, {"account": {"security": "none"}})
    assert path.read_bytes() == before


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real, link = tmp_path / "dotfiles/config.toml", tmp_path / "config.toml"
    write_settings(real, NEW)
    link.symlink_to(real)
    write_settings(link, {"owner": {"name": "Renamed"}})
    assert link.is_symlink()
    assert 'name = "Renamed"' in real.read_text("utf-8")


def test_what_an_editor_of_windows_left_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + edited(None, NEW).replace("\n", "\r\n").encode())
    assert write_settings(path, {"owner": {"name": "Renamed"}}).owner.name == "Renamed"
    assert b"\r\n" in path.read_bytes()
