"""`offer-assistant templates`: list, show, check, copy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.cli import run

NAME = "fr/withdrawal.formal.txt.j2"
CONFIG = """
[owner]
name = "Camille Rouvier"
addresses = ["camille@binalys.example"]
country = "FR"
[account]
host = "imap.example.org"
user = "camille@binalys.example"
[templates]
folder = '{folder}'
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(folder=tmp_path / "own"), "utf-8")
    return str(path)


def test_copying_never_overwrites(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["templates", "copy", "fr/withdrawal", "--config", config]) == 0
    own = tmp_path / "own" / NAME
    own.write_text("mine", "utf-8")
    assert run(["templates", "copy", "fr", "--config", config]) == 0
    assert own.read_text("utf-8") == "mine"
    assert sorted(path.name for path in (tmp_path / "own" / "fr").iterdir()) == [
        "reminder.familiar.txt.j2",
        "reminder.formal.txt.j2",
        "subject.txt.j2",
        "withdrawal.familiar.txt.j2",
        "withdrawal.formal.txt.j2",
    ]
    assert "was there already; left as it is" in capsys.readouterr().out


def test_listing_marks_the_owners_own(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["templates", "copy", NAME, "--config", config])
    capsys.readouterr()
    assert run(["templates", "list", "--config", config, "--json"]) == 0
    rows = {row["template"]: row["own"] for row in json.loads(capsys.readouterr().out)["templates"]}
    assert rows[NAME] is True
    assert rows["en/withdrawal.formal.txt.j2"] is False


def test_show_prints_the_file_and_refuses_another_path(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["templates", "show", NAME, "--config", config]) == 0
    assert capsys.readouterr().out.startswith("{{ greeting }}\n\nNotre proposition")
    assert run(["templates", "show", "../pyproject.toml", "--config", config]) == 2


def test_check_is_content_with_what_is_built_in(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["templates", "check", "--config", config]) == 0
    assert "Every template renders" in capsys.readouterr().out


def test_check_names_errors_and_warnings(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own" / "fr").mkdir(parents=True)
    (tmp_path / "own" / NAME).write_text("{{ greeting }}\n\n{{ referense }}\n", "utf-8")
    (tmp_path / "own" / "fr" / "withdrawl.txt.j2").write_text("x", "utf-8")
    assert run(["templates", "check", "--config", config, "--json"]) == 3
    flaws = json.loads(capsys.readouterr().out)["flaws"]
    assert {(flaw["grade"], flaw["template"]) for flaw in flaws} == {
        ("error", NAME),
        ("warning", "fr/withdrawl.txt.j2"),
    }
    assert "line 3 is broken: 'referense' is undefined" in str(flaws)
