"""The background service of each system: what its manager reads, and what it is told."""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from assistant.errors import NeedsOwner
from assistant.host.services import Result, Service, launchd, program, systemd, task_scheduler
from assistant.host.units import launchd_agent, systemd_unit, windows_task
from tests.daemon.daemon_story import eventually, owner_with_offers
from tests.dovecot import Dovecot

GOLDEN = Path(__file__).with_name("task.golden.xml")
MICROSOFT = "https://learn.microsoft.com/en-us/windows/win32/taskschd/"
COMMAND = ["/opt/venv/bin/python", "-P", "-m", "assistant", "--config", "/home/c/my config/100%.toml", "run"]


def directives(unit: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in unit.splitlines() if "=" in line)


# -- systemd ----------------------------------------------------------------------------------------------------------


def test_the_unit_says_when_it_is_ready_alive_and_how_it_is_restarted() -> None:
    unit = directives(systemd_unit(COMMAND, [Path("/home/c/state")]))
    assert (unit["Type"], unit["NotifyAccess"], unit["WatchdogSec"]) == ("notify", "main", "180")
    assert (unit["Restart"], unit["RestartPreventExitStatus"]) == ("on-failure", "2 3")
    assert (unit["KillMode"], unit["TimeoutStopSec"]) == ("mixed", "10")


def test_the_unit_takes_away_what_the_daemon_does_not_need() -> None:
    unit = directives(systemd_unit(COMMAND, [Path("/home/c/state"), Path("/home/c/share of mine")]))
    assert unit["NoNewPrivileges"] == unit["PrivateTmp"] == unit["PrivateUsers"] == "yes"
    assert (unit["ProtectSystem"], unit["ProtectHome"]) == ("strict", "read-only")
    assert unit["ReadWritePaths"] == '"/home/c/state" "/home/c/share of mine"'


def test_paths_with_spaces_and_percent_signs_reach_the_command_whole() -> None:
    line = directives(systemd_unit(COMMAND, []))["ExecStart"]
    assert shlex.split(line.replace("%%", "%")) == COMMAND


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_has_nothing_to_say_against_the_unit(tmp_path: Path) -> None:
    path = tmp_path / "offer-assistant.service"
    config = tmp_path / "my config 100%.toml"
    path.write_text(systemd_unit(program(config), [tmp_path]), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", str(path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_command_of_the_unit_reports_to_systemd(dovecot: Dovecot, mailbox_user: str, tmp_path: Path) -> None:
    """Started as systemd would, with a notify socket and a watchdog: ready, status, alive, and stopping at the end."""
    owner = owner_with_offers(dovecot, mailbox_user, tmp_path, lapsed=1)
    unit = directives(systemd(owner.config, [tmp_path]).content.decode())
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(address))
        listener.setblocking(False)
        heard: list[str] = []

        def hear(word: str) -> bool:
            try:
                while True:
                    heard.extend(listener.recv(4096).decode().split("\n"))
            except BlockingIOError:
                return word in heard

        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        process = subprocess.Popen(
            shlex.split(unit["ExecStart"]),
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "NOTIFY_SOCKET": str(address),
                "WATCHDOG_USEC": "180000000",
            },
            stderr=subprocess.DEVNULL,
        )
        try:
            for word in ("READY=1", "WATCHDOG=1", "STATUS=1 of 1 account(s) online"):
                eventually(lambda word=word: hear(word))  # type: ignore[misc]
            process.send_signal(signal.SIGHUP)
            eventually(lambda: hear("RELOADING=1"))
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) == 0
            assert hear("STOPPING=1")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


# -- launchd ----------------------------------------------------------------------------------------------------------


def test_the_launchd_agent_comes_back_as_it_was_written() -> None:
    agent = plistlib.loads(launchd_agent(COMMAND))
    assert agent["ProgramArguments"] == COMMAND
    assert (agent["Label"], agent["RunAtLoad"], agent["KeepAlive"]) == (
        "offer-assistant",
        True,
        {"SuccessfulExit": False},
    )
    assert plistlib.dumps(agent) == launchd_agent(COMMAND)


# -- Windows ----------------------------------------------------------------------------------------------------------


def bare(name: str) -> str:
    return name.rpartition("}")[2]


def as_lists(element: ElementTree.Element) -> list[object]:
    """Name, attributes, text and children, without comments and indentation."""
    children = [as_lists(child) for child in element if isinstance(child.tag, str)]
    return [bare(element.tag), dict(element.attrib), (element.text or "").strip(), children]


def test_the_windows_task_is_the_golden_one() -> None:
    made = windows_task(["C:\\Program Files\\Python\\pythonw.exe", *COMMAND[1:]], "DESK\\camille")
    golden = ElementTree.parse(GOLDEN).getroot()
    assert as_lists(ElementTree.fromstring(made)) == as_lists(golden)


def test_every_element_of_the_golden_task_cites_microsofts_page() -> None:
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    elements = [*ElementTree.parse(GOLDEN, parser).getroot().iter()]
    uncited = []
    for before, element in pairwise(elements):
        if isinstance(element.tag, str):
            is_cited = not isinstance(before.tag, str) and _cites(str(before.text), bare(element.tag))
            uncited += [] if is_cited else [bare(element.tag)]
    assert uncited == []


def _cites(comment: str, name: str) -> bool:
    return comment.strip().startswith(f"{MICROSOFT}taskschedulerschema-{name.lower()}-") or (
        name == "Principal" and comment.strip().startswith(f"{MICROSOFT}taskschedulerschema-principal-")
    )


def test_the_task_is_utf_16_as_schtasks_wants_it() -> None:
    assert windows_task(COMMAND, "c")[:2] in (b"\xff\xfe", b"\xfe\xff")


# -- telling the manager ----------------------------------------------------------------------------------------------


class Manager:
    """Notes what it is told; refuses commands that hold `refused`."""

    def __init__(self, refused: str = "\0") -> None:
        self.told: list[str] = []
        self.refused = refused

    def __call__(self, command: Sequence[str]) -> Result:
        line = " ".join(command)
        self.told.append(line)
        return Result(1, "Failed to connect to bus") if self.refused in line else Result(0, "")


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return systemd(tmp_path / "config.toml", [tmp_path])


def test_installing_writes_the_unit_and_starts_it(service: Service) -> None:
    manager = Manager()
    service.install(manager)
    assert service.path.read_bytes() == service.content
    assert manager.told[-2:] == [
        "systemctl --user daemon-reload",
        "systemctl --user enable --now offer-assistant.service",
    ]


def test_uninstalling_stops_it_and_takes_the_unit_away(service: Service) -> None:
    service.install(Manager())
    manager = Manager()
    assert service.uninstall(manager) is True
    assert manager.told == ["systemctl --user disable --now offer-assistant.service", "systemctl --user daemon-reload"]
    assert not service.path.exists()
    assert service.uninstall(manager) is False


def test_a_manager_that_refuses_is_told_to_the_owner(service: Service) -> None:
    with pytest.raises(NeedsOwner, match="Failed to connect to bus"):
        service.install(Manager(refused="enable"))


def test_the_reason_is_told_not_where_systemctl_says_to_look_for_it() -> None:
    said = """Created symlink …/default.target.wants/offer-assistant.service → …/offer-assistant.service.
Job for offer-assistant.service failed because the control process exited with error code.
See "systemctl --user status offer-assistant.service" and "journalctl --user -xeu offer-assistant.service" for details."""
    assert Result(1, said).reason == (
        "Job for offer-assistant.service failed because the control process exited with error code."
    )
    assert Result(1, "").reason == "it gave no reason"


@pytest.mark.parametrize("build", [launchd, lambda config: task_scheduler(config, config.parent)])
def test_the_other_managers_are_told_too(build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("HOME", str(tmp_path))
    made = build(tmp_path / "config.toml")
    manager = Manager()
    made.install(manager)
    assert made.path.exists()
    made.uninstall(manager)
    assert not made.path.exists()
    assert manager.told[0].split()[0] in ("launchctl", "schtasks")


def test_the_program_is_this_one_and_ignores_the_folder_it_is_started_in(tmp_path: Path) -> None:
    assert program(tmp_path / "c.toml")[:4] == [sys.executable, "-P", "-m", "assistant"]
