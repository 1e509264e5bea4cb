"""The parent's end of the child process: hand over a document, wait for its answer, kill what takes too long.

One exchange: eight bytes of length, one byte for the format, the document; back comes one line of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer

from assistant.documents.formats import Format

WALL_SECONDS = 10.0
START_SECONDS = 5.0
MAX_ANSWER_BYTES = 2_000_000
CHILD = Path(__file__).with_name("child.py")
MARKS = {Format.PDF: b"P", Format.DOCX: b"D", Format.ODT: b"O"}


class Reader:
    """A child process, started when the first document comes, started anew after one that killed it."""

    def __init__(self, wall_seconds: float = WALL_SECONDS) -> None:
        self.wall_seconds = wall_seconds
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, kind: Format, content: bytes) -> tuple[str | None, str]:
        """The text (None where there is none) and the reason ('' where all was read)."""
        fresh = self._child is None
        child = self._child = self._child or _start()
        timer = Timer(self.wall_seconds + fresh * START_SECONDS, child.kill)
        timer.start()
        try:
            answer = _exchange(child, kind, content)
        finally:
            in_time = timer.is_alive()
            timer.cancel()
        if answer is not None:
            return answer
        self.close()
        return None, "the document could not be read" if in_time else "reading took too long"

    def close(self) -> None:
        """Ends the child, if there is one, and waits for it."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        child.wait()


def _start() -> subprocess.Popen[bytes]:
    """`-P` keeps the folder of the script and the current folder off the import path."""
    return subprocess.Popen(
        [sys.executable, "-P", str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _exchange(child: subprocess.Popen[bytes], kind: Format, content: bytes) -> tuple[str | None, str] | None:
    """The child's answer, None where it died or spoke nonsense."""
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(len(content).to_bytes(8, "big") + MARKS[kind] + content)
        child.stdin.flush()
        text, reason = json.loads(child.stdout.readline(MAX_ANSWER_BYTES))
    except (OSError, ValueError):
        return None
    return text, reason
