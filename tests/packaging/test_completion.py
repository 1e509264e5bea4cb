"""Completion for bash, zsh and fish, and the manual page: both come from the commands themselves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from assistant.cli import VERBS, run
from tests.running import COMMAND

PAGE = Path(__file__).parents[2] / "man/offer-assistant.1"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_it_accepts(
    shell: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["completion", shell]) == 0
    script = tmp_path / "script"
    script.write_text(capsys.readouterr().out, "utf-8")
    assert "_OFFER_ASSISTANT_COMPLETE" in script.read_text("utf-8")
    if found := shutil.which(shell):
        subprocess.run([found, "-n", str(script)], check=True, timeout=20)


def complete(*words: str) -> list[str]:
    environment = {
        "PATH": os.environ["PATH"], "COMP_WORDS": " ".join(("offer-assistant", *words)), "COMP_CWORD": str(len(words)),
        "_OFFER_ASSISTANT_COMPLETE": "bash_complete",
    }  # fmt: skip
    done = subprocess.run([COMMAND], env=environment, capture_output=True, text=True, timeout=20, check=True)
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_verbs_options_and_their_values_are_completed() -> None:
    assert complete("do") == ["doctor"]
    assert "--act-from" in complete("setup", "--a")
    assert complete("completion", "z") == ["zsh"]


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "csh"]) == 2
    assert "'csh'" in capsys.readouterr().err


def test_the_manual_page_has_every_verb() -> None:
    page = PAGE.read_text("utf-8").replace("\\-", "-")
    missing = [verb for verb in VERBS if not re.search(rf"^\.SS {re.escape(verb)}\b", page, re.MULTILINE)]
    assert missing == []


@pytest.mark.slow
def test_the_manual_page_is_that_of_the_commands_as_they_are() -> None:
    """`make man` writes it."""
    import runpy

    written = runpy.run_path(str(PAGE.with_name("generate.py")))["page"]()
    assert PAGE.read_text("utf-8") == written


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_the_manual_page_is_set_without_complaint() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Kutf8", "-Tutf8", "-ww", str(PAGE)], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stderr == ""
