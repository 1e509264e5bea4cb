"""The documents tell the truth: every command, option, configuration key and linked page is there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from assistant.cli import VERBS, cli
from assistant.config import Account, Notify
from assistant.policy import Policy

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLE = (ROOT / "config.example.toml").read_text("utf-8")
KEYS = (
    {f for f in Account.__dataclass_fields__ if f not in ("name", "read_since_months")}
    | {"read_since"}
    | {f for f in Policy.__dataclass_fields__ if f not in ("country",)}
    | set(Notify.__dataclass_fields__)
    | {"name", "addresses", "country", "language", "signature", "timezone", "path", "register", "folder"}
)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_command_is_documented(verb: str) -> None:
    assert f"`{verb}" in (ROOT / "docs" / "commands.md").read_text("utf-8")


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_command_has_help_that_says_what_it_does(verb: str) -> None:
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    assert command.help and len(command.help) > 20, f"{verb} has no help"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{verb} {parameter.opts[0]} has no help"


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_configuration_key_is_in_the_example(key: str) -> None:
    assert re.search(rf"^(# )?{key} = ", EXAMPLE, re.MULTILINE), f"config.example.toml does not show {key}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_dependency_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    reasons = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    for requirement in project["dependencies"]:
        name = re.split(r"[><=\[ ]", requirement)[0]
        assert re.search(rf"\b{re.escape(name)}\b", reasons), f"docs/dependencies.md gives no reason for {name}"
