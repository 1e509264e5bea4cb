"""A systemd user manager of the tests' own: a real one, in a mount namespace and a control group that end with it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.daemon.daemon_story import eventually

MANAGER = Path("/usr/lib/systemd/systemd")
HIDDEN = ("/tmp", "/var/tmp")
# What a computer that was booted with systemd has: the folder by which it is told, sd_booted(3), and what a sandbox puts
# in the place of files that it hides.
BOOT = """
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system /run/systemd/unit-root /run/systemd/inaccessible/dir || exit
cd /run/systemd/inaccessible && touch reg && mkfifo fifo && mknod chr c 0 0 && mknod blk b 0 0 && chmod 0 * && cd / || exit
exec "$0" --user --log-target=null
"""


class Unavailable(Exception):
    """Why no manager can be started here."""


@dataclass
class UserManager:
    """A running manager; `environment` is that of its user's session, with a home of his own below `root`."""

    root: Path
    process: subprocess.Popen[bytes]

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(self.root / "runtime"),
        }

    def systemctl(self, *arguments: str) -> str:
        """What it prints; fails where it does."""
        done = subprocess.run(
            ["systemctl", "--user", *arguments],
            capture_output=True, text=True, env=self.environment, timeout=30, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout.strip()

    def property_of(self, unit: str, name: str) -> str:
        return self.systemctl("show", "--value", "--property", name, unit)


@contextmanager
def user_manager() -> Iterator[UserManager]:
    """Raises Unavailable. The home is none of the folders that PrivateTmp= hides."""
    _check()
    groups = _control_groups()
    root = Path(tempfile.mkdtemp(prefix="offer-assistant-", dir="/home"))
    try:
        with _running(root, groups) as process:
            eventually(lambda: (root / "runtime/systemd/private").exists() or process.poll() is not None)
            if process.poll() is not None:
                raise Unavailable("the manager ends at once")
            yield UserManager(root, process)
    finally:
        for group in groups:
            eventually(lambda group=group: _removed(group))  # type: ignore[misc]
        shutil.rmtree(root)


def _check() -> None:
    if os.geteuid() != 0:
        raise Unavailable("only root can give a manager a control group")
    missing = [name for name in ("systemctl", "unshare") if not shutil.which(name)]
    if missing or not MANAGER.exists():
        raise Unavailable(f"not installed: {', '.join(missing) or 'systemd'}")
    if any(Path(place).is_relative_to(hidden) for place in (sys.executable, __file__) for hidden in HIDDEN):
        raise Unavailable("PrivateTmp= would hide the program, which lies in /tmp")


@contextmanager
def _running(root: Path, groups: list[Path]) -> Iterator[subprocess.Popen[bytes]]:
    for name in ("home", "runtime"):
        (root / name).mkdir(mode=0o700)
    environment = {"PATH": os.environ["PATH"], "HOME": str(root / "home"), "XDG_RUNTIME_DIR": str(root / "runtime")}
    enter = "".join(f"echo $$ > {group}/cgroup.procs || exit\n" for group in groups)
    process = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", enter + BOOT, str(MANAGER)],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()  # it ends its units, then itself
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _control_groups() -> list[Path]:
    """One below our own in each hierarchy that systemd keeps its units in: v2, or both of a hybrid layout."""
    mounted = Path("/sys/fs/cgroup")
    hybrid = {"name=systemd": mounted / "systemd", "": mounted / "unified"}
    hierarchies = hybrid if hybrid["name=systemd"].is_dir() else {"": mounted}
    made = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers in hierarchies:
            group = hierarchies[controllers] / path.lstrip("/") / f"offer-assistant-test-{os.getpid()}"
            try:
                group.mkdir()
            except OSError as error:
                raise Unavailable(f"no control group can be made: {error.strerror}") from error
            made.append(group)
    return made


def _removed(group: Path) -> bool:
    """Ends what is left in a group and takes it away, innermost first; False while that is under way."""
    for processes in group.rglob("cgroup.procs"):
        for pid in processes.read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
    try:
        for folder in sorted((p for p in group.rglob("*") if p.is_dir()), key=lambda p: -len(p.parts)):
            folder.rmdir()
        group.rmdir()
    except OSError:
        return False
    return True
