"""What answers from the store alone answers at once: it loads nothing that only a cycle needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.daemon.daemon_story import daemon, eventually, owner_with_offers
from tests.dovecot import Dovecot
from tests.running import Owner

NETWORK = {"imapclient", "ssl", "keyring", "oauthlib", "urllib.request", "dns"}
PAGES = {"numpy", "lxml", "inscriptis", "docx2python", "pypdfium2", "defusedxml"}
BACKGROUND = {"apscheduler", "desktop_notifier", "asyncio"}
LETTERS = {"jinja2"}
TABLES = {"rich"}
READING = {"assistant.headers", "assistant.messages", "assistant.verdict", "tomlkit", "holidays", "filelock"}


@pytest.fixture
def owner(dovecot: Dovecot, mailbox_user: str, tmp_path: Path) -> Owner:
    """With one offer that has lapsed, and its draft."""
    made = owner_with_offers(dovecot, mailbox_user, tmp_path, lapsed=1)
    assert made.json("check")["offers"][0]["draft"]["fate"] == "untouched"
    return made


def loaded(owner: Owner, *arguments: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    code = (
        f"import sys; from assistant.cli import run; code = run(['--config', {str(owner.config)!r}, *sys.argv[1:]]);"
        "print(code, *sys.modules)"
    )
    environment = {**os.environ, "TZ": "Europe/London"}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, env=environment
    )
    ended, *modules = done.stdout.splitlines()[-1].split()
    assert ended == "0", done.stdout
    return set(modules)


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (("status",), NETWORK | PAGES | BACKGROUND | LETTERS | TABLES | READING | {"babel"}),
        (("status", "--json"), NETWORK | PAGES | BACKGROUND | LETTERS | TABLES | READING | {"babel"}),
        (("offers", "--json"), NETWORK | PAGES | BACKGROUND | LETTERS | TABLES),
        (("offers",), NETWORK | PAGES | BACKGROUND | LETTERS),
        (("show", "1"), NETWORK | PAGES | BACKGROUND),
    ],
    ids=["status", "status --json", "offers --json", "offers", "show"],
)
def test_a_command_that_asks_the_store_loads_only_what_it_shows(
    owner: Owner, arguments: tuple[str, ...], heavy: set[str]
) -> None:
    assert loaded(owner, *arguments) & heavy == set()


def test_the_daemon_keeps_no_reader_of_pages(owner: Owner) -> None:
    with daemon(owner) as process:
        eventually(lambda: owner.json("status")["accounts"][0]["state"] == "online", owner=owner)
        mapped = Path(f"/proc/{process.pid}/maps").read_text()
    assert "lxml" not in mapped
