"""Kills a cycle at the n-th step that leaves the process: a command on the wire, a commit of the store, a write of the
register. The real code runs in a forked child; the steps are counted from outside, by wrapping where they leave."""

from __future__ import annotations

import contextlib
import os
import signal
import struct
from collections.abc import Callable, Iterator
from typing import Any

from assistant.mailbox.stream import Stream
from assistant.store import register as register_module
from assistant.store.database import Database
from assistant.store.register import Register

CHANGING = (b" APPEND ", b" UID STORE ", b" UID EXPUNGE ", b" UID MOVE ")


class Killer:
    """Counts steps; ends the process at step number `at` (from 1), without a word."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.count = 0

    def step(self, just_before: Callable[[], None] = lambda: None) -> None:
        self.count += 1
        if self.count == self.at:
            just_before()
            os.kill(os.getpid(), signal.SIGKILL)


def install(killer: Killer) -> None:
    """Wraps the three places. A command that changes nothing counts once, before it; one that may change something, or
    a literal, three times: before, with half of it sent, and after."""
    _wrap_wire(killer)
    _wrap_store(killer)
    _wrap_register(killer)


def _wrap_wire(killer: Killer) -> None:
    send = Stream.send

    def counted(stream: Stream, data: bytes) -> None:
        killer.step()
        changes = not data[:8].startswith(b"a") or any(verb in data[:40] for verb in CHANGING)
        if changes:
            killer.step(lambda: stream.socket.sendall(data[: len(data) // 2]))
        send(stream, data)
        if changes:
            killer.step()

    Stream.send = counted  # type: ignore[method-assign]


def _wrap_store(killer: Killer) -> None:
    transaction = Database.transaction

    @contextlib.contextmanager
    def counted(database: Database) -> Iterator[Any]:
        outermost = not database.connection.in_transaction
        with transaction(database) as connection:
            yield connection
            if outermost:
                killer.step()
        if outermost:
            killer.step()

    Database.transaction = counted  # type: ignore[method-assign]


def _wrap_register(killer: Killer) -> None:
    write, replace = Register._write, os.replace

    class CountingOs:
        def __getattr__(self, name: str) -> Any:
            return getattr(os, name)

        @staticmethod
        def replace(old: Any, new: Any) -> None:
            killer.step()
            replace(old, new)
            killer.step()

    def counted(register: Register, text: str) -> None:
        killer.step()
        write(register, text)
        killer.step()

    register_module.os = CountingOs()  # type: ignore[attr-defined]
    Register._write = counted  # type: ignore[method-assign]


def run_killed(work: Callable[[], object], at: int | None) -> int | None:
    """Runs `work` in a forked child that is killed at step `at`; the number of steps it took, None where it was killed.

    Errors that a cycle may end with are an end like any other.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            killer = Killer(at)
            install(killer)
            _attempt(work)
            os.write(writing, struct.pack("!I", killer.count))
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if told:
        return int(struct.unpack("!I", told)[0])
    assert os.WIFSIGNALED(status), f"the child failed by itself: {status}"
    return None


def _attempt(work: Callable[[], object]) -> None:
    from assistant.errors import OfferAssistantError

    try:
        work()
    except OfferAssistantError:
        pass
    except BaseException:
        import traceback

        traceback.print_exc()
        raise
