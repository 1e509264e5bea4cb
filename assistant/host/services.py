"""The background service of this computer: put there, taken away, asked for its state and its log."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import NeedsOwner
from assistant.host.units import NAME, launchd_agent, systemd_unit, windows_task

_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Result:
    """How a command of the service manager ended."""

    exit_code: int
    output: str

    @property
    def reason(self) -> str:
        """The last line that says something; systemctl's last line only says where to look further."""
        lines = [line for line in self.output.splitlines() if line and not line.startswith("See ")]
        return lines[-1] if lines else "it gave no reason"


Run = Callable[[Sequence[str]], Result]


def run_command(command: Sequence[str]) -> Result:
    """Runs it; a command that is not there ends with 127 as in a shell."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=_SECONDS,
            check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return Result(127, f"{command[0]} is not installed")
    except subprocess.TimeoutExpired:
        return Result(124, f"{command[0]} did not answer")
    return Result(done.returncode, done.stdout.decode("utf-8", "replace").strip())


@dataclass(frozen=True, slots=True)
class Service:
    """One service manager: the file it reads, and its commands. `leave` and `enter` are run in this order."""

    manager: str
    path: Path
    content: bytes
    enter: tuple[tuple[str, ...], ...]
    leave: tuple[tuple[str, ...], ...]
    logs: tuple[str, ...] | None = None

    def install(self, run: Run = run_command) -> None:
        """Writes the file and starts the service; a service that is there is replaced. Raises NeedsOwner."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for command in self.leave:
            run(command)
        self.path.write_bytes(self.content)
        for command in self.enter:
            done = run(command)
            if done.exit_code != 0:
                raise NeedsOwner(
                    f"{self.manager} refused the service: {done.reason}",
                    hint=f"the file is {self.path}; `offer-assistant run` runs it in the foreground meanwhile",
                )

    def uninstall(self, run: Run = run_command) -> bool:
        """Stops the service and takes its file away; False where there was none."""
        was_there = self.path.exists()
        for command in self.leave:
            run(command)
        self.path.unlink(missing_ok=True)
        return was_there


def program(config: Path) -> list[str]:
    """The command of the service: this very Python and program, wherever they are; without a console on Windows."""
    python = Path(sys.executable)
    windowless = python.with_name("pythonw.exe")
    chosen = windowless if os.name == "nt" and windowless.exists() else python
    return [str(chosen), "-P", "-m", "assistant", "--config", str(config), "run"]


def systemd(config: Path, writable: Sequence[Path]) -> Service:
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    unit = f"{NAME}.service"
    control = ("systemctl", "--user")
    return Service(
        "systemd",
        folder / "systemd" / "user" / unit,
        systemd_unit(program(config), writable).encode(),
        enter=((*control, "daemon-reload"), (*control, "enable", "--now", unit)),
        leave=((*control, "disable", "--now", unit), (*control, "daemon-reload")),
        logs=("journalctl", "--user", "--unit", unit, "--output", "short-iso"),
    )


def launchd(config: Path) -> Service:
    path = Path.home() / "Library" / "LaunchAgents" / f"{NAME}.plist"
    domain = f"gui/{os.getuid()}" if hasattr(os, "getuid") else "gui/0"
    return Service(
        "launchd",
        path,
        launchd_agent(program(config)),
        enter=(("launchctl", "bootstrap", domain, str(path)),),
        leave=(("launchctl", "bootout", f"{domain}/{NAME}"),),
    )


def task_scheduler(config: Path, folder: Path) -> Service:
    path = folder / f"{NAME}.xml"
    user = f"{os.environ.get('USERDOMAIN', '')}\\{os.environ.get('USERNAME', '')}".lstrip("\\")
    return Service(
        "the Task Scheduler",
        path,
        windows_task(program(config), user),
        enter=(("schtasks", "/Create", "/TN", NAME, "/XML", str(path), "/F"), ("schtasks", "/Run", "/TN", NAME)),
        leave=(("schtasks", "/End", "/TN", NAME), ("schtasks", "/Delete", "/TN", NAME, "/F")),
    )


def service_here(config: Path, writable: Sequence[Path]) -> Service:
    """The service manager of this computer."""
    if os.name == "nt":
        return task_scheduler(config, writable[0])
    return launchd(config) if sys.platform == "darwin" else systemd(config, writable)
