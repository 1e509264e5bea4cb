"""One daemon for each store on this computer. The system frees the lock, even after SIGKILL or a loss of power."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import Busy


def lock_path(store: Path) -> Path:
    return store.with_name(store.name + ".daemon.lock")


@contextmanager
def only_instance(store: Path) -> Iterator[None]:
    """Holds the daemon's lock while the block runs; the process id is written into it. Raises Busy where one runs."""
    path = lock_path(store)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _lock(descriptor):
            raise Busy("the daemon runs already", hint="`offer-assistant status` shows it; `service uninstall` ends it")
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def running(store: Path) -> int | None:
    """The process id of the running daemon (0 where it cannot be told), None where there is none."""
    try:
        descriptor = os.open(lock_path(store), os.O_RDWR)
    except OSError:
        return None
    try:
        if _try_lock(descriptor):
            return None
        text = os.read(descriptor, 20)
        return int(text) if text.isdigit() else 0
    except OSError:  # Windows lets nobody read a locked region
        return 0
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Tries for a moment: `status` holds the lock while it looks whether somebody else does."""
    for _ in range(5):
        if _try_lock(descriptor):
            return True
        time.sleep(0.02)
    return False


def _try_lock(descriptor: int) -> bool:
    """Whether the lock could be had; it is held until the descriptor is closed."""
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(descriptor, 1 << 20, os.SEEK_SET)  # beyond the process id, which stays readable
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
