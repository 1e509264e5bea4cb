"""A private Secret Service: gnome-keyring on a D-Bus and in a home of its own; nothing of the user's is touched.

`SecretService()` starts in `start()` (unlocked, or `locked=True`), is gone after `stop()`; `environment` leads to it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

GNOME_KEYRING = shutil.which("gnome-keyring-daemon") or ""
DBUS = shutil.which("dbus-daemon") or ""

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={root}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class SecretService:
    """One keyring; its master password is 'master'. A locked one was unlocked once before, so that it exists."""

    def __init__(self, *, locked: bool = False) -> None:
        self.locked = locked
        self.root = Path(tempfile.mkdtemp(prefix="keyring-"))
        self._running: list[subprocess.Popen[bytes]] = []
        self.environment = {
            "HOME": str(self.root / "home"),
            "XDG_RUNTIME_DIR": str(self.root / "runtime"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.root}/bus",
        }

    def start(self) -> SecretService:
        for name in ("home", "runtime"):
            (self.root / name).mkdir(mode=0o700, exist_ok=True)
        (self.root / "bus.conf").write_text(BUS.format(root=self.root), "utf-8")
        self._spawn(DBUS, "--nofork", "--nopidfile", f"--config-file={self.root}/bus.conf")
        self._wait(lambda: (self.root / "bus").exists())
        daemon = self._spawn(GNOME_KEYRING, "--foreground", "--unlock", "--components=secrets", stdin=b"master")
        self._wait(self._answers)
        if self.locked:
            _end(daemon)
            self._spawn(GNOME_KEYRING, "--foreground", "--components=secrets")
            self._wait(self._answers)
        return self

    def stop(self) -> None:
        for process in reversed(self._running):
            _end(process)
        shutil.rmtree(self.root, ignore_errors=True)

    def files(self) -> list[Path]:
        """Where the keyring keeps its secrets, encrypted."""
        return [path for path in self.root.rglob("*.keyring") if path.is_file()]

    def _spawn(self, *command: str, stdin: bytes | None = None) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], **self.environment},
            start_new_session=True,
        )
        if stdin and process.stdin:
            process.stdin.write(stdin)
            process.stdin.close()
        self._running.append(process)
        return process

    def _answers(self) -> bool:
        """Whether somebody owns the name org.freedesktop.secrets on the bus."""
        from jeepney import DBusAddress, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        with contextlib.suppress(OSError), open_dbus_connection(self.environment["DBUS_SESSION_BUS_ADDRESS"]) as link:
            message = new_method_call(bus, "NameHasOwner", "s", ("org.freedesktop.secrets",))
            return bool(link.send_and_get_reply(message, timeout=2).body[0])
        return False

    def _wait(self, ready: object) -> None:
        end = time.monotonic() + 15
        while time.monotonic() < end:
            if ready():  # type: ignore[operator]
                return
            time.sleep(0.02)
        self.stop()
        raise RuntimeError("the keyring did not start")


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
