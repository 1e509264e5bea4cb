"""Nothing private gets into the log, however it comes there."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.host.logs import JournalFormatter, PrivateFormatter, log_to, redacted


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("no password is stored for b.lacaze@valmontel.example at host", "no password is stored for ‹address› at host"),
        ("draft <abc.123@binalys.example> placed", "draft <‹address›> placed"),
        ("password=hunter2 and more", "password=‹secret› and more"),
        ("Authorization: Bearer ya29.secret", "Authorization: ‹secret›"),
        ("sent Bearer ya29.secret", "sent Bearer ‹secret›"),
        ("check the password with account login", "check the password with account login"),
        ("→ a1 LOGIN camille hunter2", "→ a1 LOGIN ‹…›"),
        ("→ a1 AUTHENTICATE PLAIN AGNhbWlsbGU=", "→ a1 AUTHENTICATE PLAIN ‹…›"),
        ("a forged\r\x1b[31mline\u202e", "a forged·\u00b7[31mline·"),
        ("account default: 3 offers", "account default: 3 offers"),
    ],
)
def test_what_is_taken_out(said: str, written: str) -> None:
    assert redacted(said) == written


@given(st.text(max_size=20_000))
def test_any_text_is_redacted_in_bounded_time_and_length(text: str) -> None:
    assert len(redacted(text)) <= 60_000
    assert "\x1b" not in redacted(text)


def _record(message: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("assistant", logging.WARNING, "", 0, message, arguments, info)


def test_arguments_and_tracebacks_are_redacted_like_the_message() -> None:
    try:
        raise ValueError("cannot read mail of b.lacaze@valmontel.example")
    except ValueError as error:
        text = PrivateFormatter("%(message)s").format(_record("failed: %s", "b.lacaze@valmontel.example", error=error))
    assert "valmontel" not in text
    assert "Traceback" in text


def test_a_message_cannot_forge_a_second_line() -> None:
    assert "\n" not in PrivateFormatter("%(message)s").format(_record("one\nI forged"))


def test_the_journal_gets_the_priority() -> None:
    assert JournalFormatter("%(message)s").format(_record("careful")) == "<4>careful"


@pytest.fixture
def clean_root() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield root
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:], root.level = handlers, level


def test_the_file_is_the_owners_alone_even_after_it_was_rotated(clean_root: logging.Logger, tmp_path: Path) -> None:
    log_to(tmp_path / "log")
    for _ in range(400):
        logging.getLogger("assistant").info("x" * 3900)
    files = sorted((tmp_path / "log").iterdir())
    assert [f.name for f in files] == ["daemon.log", "daemon.log.1"]
    assert {f.stat().st_mode & 0o777 for f in files} == {0o600}
    assert max(f.stat().st_size for f in files) <= 1 << 20


def test_under_systemd_it_goes_to_the_journal(
    clean_root: logging.Logger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "journal").open("w") as journal:
        status = os.fstat(journal.fileno())
        monkeypatch.setattr(sys, "stderr", journal)
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        log_to(tmp_path / "log")
        logging.getLogger("assistant").info("started")
    assert (tmp_path / "journal").read_text() == "<6>started\n"
    assert not (tmp_path / "log").exists()
