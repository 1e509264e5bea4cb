"""A notification on a real desktop: a D-Bus session, a notification daemon, a screen, and a click on its button."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.daemon.daemon_story import daemon, eventually, log_of, owner_with_offers
from tests.dovecot import Dovecot

NOTIFYD = "/usr/lib/x86_64-linux-gnu/xfce4/notifyd/xfce4-notifyd"
NEEDED = ("Xvfb", "dbus-daemon", "xdotool", "import", "convert", NOTIFYD)
SCREENSHOT = os.environ.get("NOTIFICATION_SCREENSHOT", "")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(shutil.which, NEEDED)),
        reason="needs a screen: apt-get install xvfb xfce4-notifyd dbus-x11 xdotool imagemagick",
    ),
]


@contextmanager
def running(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a desktop session of its own, in which `xdg-open` notes what it is asked to open."""
    display = f":{os.getpid() % 5000 + 100}"
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "xdg-open").write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    (tools / "xdg-mime").write_text("#!/bin/sh\necho mailer.desktop\n")
    for tool in tools.iterdir():
        tool.chmod(0o755)
    bus = ("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1")
    with running("Xvfb", display, "-screen", "0", "520x200x24"):
        eventually(lambda: Path(f"/tmp/.X11-unix/X{display[1:]}").exists())
        with running(*bus, DISPLAY=display, HOME=str(tmp_path)) as session:
            assert session.stdout is not None
            environment = {
                "DISPLAY": display,
                "DBUS_SESSION_BUS_ADDRESS": session.stdout.readline().decode().strip(),
                "XDG_RUNTIME_DIR": str(tmp_path),
                "PATH": f"{tools}:{os.environ['PATH']}",
            }
            with running(NOTIFYD, **environment, HOME=str(tmp_path)):
                yield environment


def picture(environment: dict[str, str], path: Path) -> bytes:
    subprocess.run(["import", "-window", "root", str(path)], env={**os.environ, **environment}, check=True)
    return path.read_bytes()


def press_the_button(environment: dict[str, str], shot: Path) -> None:
    """Clicks into the lower right corner of what stands on the otherwise black screen."""
    found = subprocess.run(["convert", str(shot), "-format", "%@", "info:"], capture_output=True, text=True, check=True)
    size, left, top = found.stdout.split("+")
    width, height = size.split("x")
    corner = [str(int(left) + int(width) - 70), str(int(top) + int(height) - 32)]
    command = ["xdotool", "mousemove", *corner, "click", "1"]
    subprocess.run(command, env={**os.environ, **environment}, check=True)


def test_a_draft_that_is_ready_appears_and_its_button_opens_it(
    desktop: dict[str, str], dovecot: Dovecot, mailbox_user: str, tmp_path: Path
) -> None:
    owner = owner_with_offers(dovecot, mailbox_user, tmp_path / "owner", lapsed=1)
    owner.extra = '[notify]\nquiet_hours = "00:00-00:00"\ndigest_at = "00:00"\n'
    owner.write_config()
    shot = tmp_path / "notification.png"
    empty = picture(desktop, shot)
    with daemon(owner, "-v", environment=desktop):
        eventually(lambda: picture(desktop, shot) != empty, owner=owner)
        time.sleep(1)  # until it is painted whole
        picture(desktop, shot)
        if SCREENSHOT:
            trimmed = ["-trim", "+repage", "-strip", "-colors", "64", f"png8:{SCREENSHOT}"]
            subprocess.run(["convert", str(shot), *trimmed], check=True)
        press_the_button(desktop, shot)
        eventually((tmp_path / "opened").exists, owner=owner)
    opened = (tmp_path / "opened").read_text().strip()
    assert opened.startswith("mid:")
    assert opened.endswith("@binalys.example")
    assert "A draft is ready" not in log_of(owner)  # it was shown, so the log need not tell it


def test_without_a_notification_daemon_the_log_tells_it(dovecot: Dovecot, mailbox_user: str, tmp_path: Path) -> None:
    owner = owner_with_offers(dovecot, mailbox_user, tmp_path / "owner", lapsed=1)
    owner.extra = '[notify]\nquiet_hours = "00:00-00:00"\ndigest_at = "00:00"\n'
    owner.write_config()
    bus = ("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1", "--address=unix:tmpdir=/tmp")
    with running(*bus) as session:
        assert session.stdout is not None
        address = session.stdout.readline().decode().strip()
        with daemon(owner, environment={"DBUS_SESSION_BUS_ADDRESS": address}):
            eventually(lambda: "A draft is ready" in log_of(owner), owner=owner)
