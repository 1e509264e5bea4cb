"""The IMAP server of the demonstration: pymap on loopback, in memory, in a child process that ends with its parent."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

USER, PASSWORD = "demouser", "demopass"
START_SECONDS = 20


@contextmanager
def demo_server() -> Iterator[int]:
    """The port of a running server with an empty mailbox; the server ends with the block, whatever happens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, "-m", "assistant.cli.demo.server", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port, child)
        yield port
    finally:
        child.kill()
        child.wait()
        if child.stdin:
            child.stdin.close()


def _wait(port: int, child: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and child.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as link:
                if link.recv(16).startswith(b"* OK"):
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server of the demonstration did not start")


def _serve(port: int) -> None:
    """The child: runs pymap until the parent is gone (its end of the pipe closes)."""
    from pymap.main import main

    def leave_with_parent() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=leave_with_parent, daemon=True).start()
    sys.argv = ["pymap", "--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "admin", "dict"]
    asyncio.set_event_loop(None)
    main()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
