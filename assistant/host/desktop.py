"""Opening something with the program that the owner's desktop has for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_SECONDS = 10.0


def can_open(address: str) -> bool:
    """Whether a program is registered for the scheme of `address`; http always."""
    scheme = address.partition(":")[0]
    if scheme in ("http", "https"):
        return True
    if sys.platform == "darwin":
        return scheme == "message"
    if os.name == "nt" or not shutil.which("xdg-mime"):
        return False
    return bool(_output("xdg-mime", "query", "default", f"x-scheme-handler/{scheme}").strip())


def open_on_desktop(address: str) -> None:
    """Opens an address or a file. Nothing happens where there is no desktop."""
    if os.name == "nt":
        os.startfile(address)  # type: ignore[attr-defined,unused-ignore]  # noqa: S606
        return
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    _start([*_outside_of_our_sandbox(), opener, address])


def show_text(name: str, text: str) -> None:
    """Shows a text in the owner's editor or viewer, from a private file in the runtime folder."""
    import platformdirs

    folder = Path(platformdirs.user_runtime_dir("offer-assistant", appauthor=False))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    open_on_desktop(str(path))


def _outside_of_our_sandbox() -> list[str]:
    """Under systemd a mail program must not inherit our read-only view of the disk: the manager starts it for us."""
    if os.environ.get("INVOCATION_ID") and shutil.which("systemd-run"):
        return ["systemd-run", "--user", "--quiet", "--collect"]
    return []


def _start(command: list[str]) -> None:
    try:
        subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        pass


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")
