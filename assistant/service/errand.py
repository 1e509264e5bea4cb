"""A cycle in a child process that ends: what only a cycle needs (the judgement, documents, templates) is not kept.

The child gets the daemon's own configuration, so that a file that was changed and refused plays no part. It answers
with an Outcome as JSON; what it says on standard error goes into the log.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Literal

import assistant
from assistant.config import Config
from assistant.deadlines import Standing
from assistant.errors import OfferAssistantError
from assistant.store.plain import from_json

log = logging.getLogger(__name__)
Kind = Literal["check", "judge"]

LONGEST_SECONDS = 4 * 3600.0  # the first reading of a large mailbox; what was read by then is kept
POLITE_SECONDS = 2.0
MOST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error of assistant/errors.py, as far as it is told on: see there for `code` and `exit_code`."""

    code: str
    message: str
    hint: str = ""
    exit_code: int = 1
    retry_after: float | None = None

    @classmethod
    def of(cls, error: OfferAssistantError) -> Trouble:
        return cls(error.code, error.message, error.hint, error.exit_code, getattr(error, "retry_after", None))

    @property
    def stops(self) -> bool:
        """Whether the account must rest until its owner has acted: the next try would be refused as this one was, and
        too many of them lock an account. A bad certificate is none of these: no password is said to it, and it is often
        mended by somebody else, or belongs to the sign-in page of a hotel's network."""
        return self.code in ("login-refused", "secret-unavailable")

    @property
    def needs_owner(self) -> bool:
        return self.exit_code == 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an errand came to: how the offers stand (None where that could not be told), and what was in the way."""

    standings: tuple[Standing, ...] | None = None
    problems: tuple[Mapping[str, str], ...] = ()
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What the child is to do: a whole cycle, or only judging what the store holds."""

    config: Config
    account: str
    kind: Kind = "check"
    verbose: bool = False


class Errand:
    """One child process. `run()` waits for it; `stop()`, from another thread, ends it within seconds."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self) -> Outcome:
        """The child's answer; one that died gives a Trouble."""
        with tempfile.TemporaryFile() as answer:
            process = self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "assistant.service.child"],
                stdin=subprocess.PIPE, stdout=answer, stderr=subprocess.PIPE, env=_environment(),
            )  # fmt: skip
            with process, _limit(process):
                if self._stopped:
                    self.stop()
                self._talk(process)
            answer.seek(0)
            return _outcome(answer.read(MOST_BYTES), process.returncode)

    def stop(self) -> None:
        """Asks the child to end as Ctrl-C does, and kills it where it does not within two seconds."""
        self._stopped = True
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        killer = Timer(POLITE_SECONDS, process.kill)
        killer.daemon = True
        killer.start()

    def _talk(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stderr is not None
        try:
            process.stdin.write(pickle.dumps(self.order))
            process.stdin.close()
        except OSError:  # it died before it listened; its exit code tells
            pass
        for line in process.stderr:
            if self._stopped:
                continue  # what an interrupted child complains about is our own doing
            log.log(*_leveled(line.decode("utf-8", "replace").rstrip()))


def _leveled(line: str) -> tuple[int, str]:
    """The child begins its lines with the number of their level."""
    level, found, text = line.partition(" ")
    return (int(level), text) if found and level.isdecimal() and len(level) == 2 else (logging.WARNING, line)


def _limit(process: subprocess.Popen[bytes]) -> _Limit:
    return _Limit(LONGEST_SECONDS, process.kill)


class _Limit(Timer):
    def __enter__(self) -> None:
        self.daemon = True
        self.start()

    def __exit__(self, *_: object) -> None:
        self.cancel()


def _environment() -> dict[str, str]:
    """The child finds this very package, wherever it was started from; the current folder is not searched (-P)."""
    here = str(Path(assistant.__file__).parent.parent)
    path = [here, *filter(None, [os.environ.get("PYTHONPATH", "")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


def _outcome(answer: bytes, exit_code: int) -> Outcome:
    try:
        return from_json(Outcome, answer.decode())  # type: ignore[no-any-return]
    except (ValueError, TypeError, KeyError):
        return Outcome(trouble=Trouble("error", f"the cycle ended unexpectedly (exit {exit_code})", "see the log"))
