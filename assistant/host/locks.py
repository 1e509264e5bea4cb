"""One cycle at a time for each account on this computer; the lock is freed even by SIGKILL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import Busy


@contextmanager
def account_lock(store: Path, account: str, *, wait: float = 0.0) -> Iterator[None]:
    """Holds an account's lock while the block runs. Raises Busy where another process has it after `wait` seconds."""
    from filelock import FileLock, Timeout

    store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = "".join(c if c.isalnum() else "_" for c in account)
    try:
        with FileLock(store.with_name(f"{store.name}.{name}.lock"), timeout=wait, mode=0o600):
            yield
    except Timeout as error:
        raise Busy(
            f"another process works on account {account}",
            hint="wait until it is done; `offer-assistant status` shows it",
        ) from error
