"""Where the daemon's log goes, and that nothing private gets into it.

Under systemd to the journal (standard error, with the priority that sd-daemon(3) describes); else to a file in the
platform's log folder that its owner alone can read and that never grows beyond a few megabytes. On a terminal too.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_NAME = "daemon.log"
_MOST_BYTES = 1 << 20
_KEPT_FILES = 3
_LONGEST = 4_000

_ADDRESS = re.compile(r"[^\s<>@\"'(),;:]{1,64}@[^\s<>@\"'(),;:]{1,255}")
_SECRET = re.compile(
    r"(?i)\b(?:(password|passwd|secret|token|credential|authorization)(\W{0,3}[=:]\W{0,3})(?:bearer |basic )?"
    r"|(bearer)( ))[^\s,;)\"']{3,4096}"
)
_COMMAND = re.compile(r"(?i)\b(LOGIN|AUTHENTICATE \S{1,40}) .{1,4096}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def redacted(text: str) -> str:
    """Without addresses (Message-IDs look the same), secrets, and characters that could forge a line or a colour."""
    text = _ADDRESS.sub("‹address›", text[:_LONGEST])
    text = _COMMAND.sub(r"\1 ‹…›", _SECRET.sub(r"\1\2\3\4‹secret›", text))
    return _CONTROL.sub("·", text)


class PrivateFormatter(logging.Formatter):
    """Redacts the finished line, traceback included: nothing gets past it by being an argument or a cause."""

    def format(self, record: logging.LogRecord) -> str:
        text = redacted(super().format(record))
        return text if record.exc_info else text.replace("\n", " ")


class JournalFormatter(PrivateFormatter):
    """With the priority in front, line by line, so that `journalctl -p warning` works."""

    def format(self, record: logging.LogRecord) -> str:
        level = {"CRITICAL": 2, "ERROR": 3, "WARNING": 4, "INFO": 6}.get(record.levelname, 7)
        return "\n".join(f"<{level}>{line}" for line in super().format(record).split("\n"))


def log_to(folder: Path, *, verbose: bool = False) -> None:
    """Sets up the root logger of the daemon. Called once, at its start."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    for handler in _handlers(folder):
        root.addHandler(handler)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for chatty in ("apscheduler", "asyncio", "imapclient", "desktop_notifier", "keyring", "urllib3", "dbus_fast"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _handlers(folder: Path) -> list[logging.Handler]:
    if _is_journal():
        journal = logging.StreamHandler(sys.stderr)
        journal.setFormatter(JournalFormatter("%(message)s"))
        return [journal]
    plain = PrivateFormatter("%(asctime)s %(levelname).1s %(message)s")
    handlers: list[logging.Handler] = [_file(folder)]
    if sys.stderr is not None and sys.stderr.isatty():
        handlers.append(logging.StreamHandler(sys.stderr))
    for handler in handlers:
        handler.setFormatter(plain)
    return handlers


def _file(folder: Path) -> RotatingFileHandler:
    """The rotating file, made with mode 0600 in a folder with mode 0700."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    class PrivateFile(RotatingFileHandler):
        def _open(self):  # type: ignore[no-untyped-def]
            descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    return PrivateFile(folder / FILE_NAME, maxBytes=_MOST_BYTES, backupCount=_KEPT_FILES)


def _is_journal() -> bool:
    """Whether standard error leads to the journal (systemd.exec(5), $JOURNAL_STREAM)."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    if not (device and inode) or sys.stderr is None:
        return False
    try:
        status = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return (str(status.st_dev), str(status.st_ino)) == (device, inode)
