"""What each system's service manager wants to read: a systemd unit, a launchd agent, a Task Scheduler definition."""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

NAME = "offer-assistant"
DESCRIPTION = "Notices lapsed offers in the mailbox and drafts the withdrawal; it never sends"
RESTART_SECONDS = 30

# Each line is in systemd.service(5) or systemd.exec(5). A user manager can only make these namespaces together with
# PrivateUsers=yes. ProtectSystem=strict alone leaves homes writable. MemoryDenyWriteExecute is left out: reading PDF
# goes through ctypes.
_UNIT = """\
[Unit]
Description={description}

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec={restart}
RestartPreventExitStatus=2 3
WatchdogSec=180
TimeoutStopSec=10
KillMode=mixed
UMask=0077
Environment=MALLOC_ARENA_MAX=2
RuntimeDirectory={name}
RuntimeDirectoryMode=0700

NoNewPrivileges=yes
PrivateUsers=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={writable}
PrivateTmp=yes
ProtectControlGroups=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
"""


def systemd_unit(command: Sequence[str], writable: Sequence[Path]) -> str:
    """The user unit. Only the folders `writable` can be written; they must exist when it starts."""
    return _UNIT.format(
        name=NAME,
        description=DESCRIPTION,
        restart=RESTART_SECONDS,
        command=" ".join(_quoted(word, dollar=True) for word in command),
        writable=" ".join(_quoted(str(path)) for path in writable),
    )


def _quoted(word: str, *, dollar: bool = False) -> str:
    """As systemd.syntax(7) and systemd.service(5), 'Command lines', want it: percent and dollar signs are doubled."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return '"' + (word.replace("$", "$$") if dollar else word) + '"'


def launchd_agent(command: Sequence[str]) -> bytes:
    """The property list of an agent (launchd.plist(5)): started at login, again after a failure, as background work."""
    return plistlib.dumps({
        "Label": NAME,
        "ProgramArguments": list(command),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": RESTART_SECONDS,
        "ExitTimeOut": 10,
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "Umask": 0o077,
    })  # fmt: skip


Element = tuple[str, "str | list[Element]"]


def windows_task(command: Sequence[str], user: str) -> bytes:
    """The task for `schtasks /Create /XML` (Task Scheduler schema): at logon, without rights, on battery too, for ever.

    `tests/daemon/task.golden.xml` names Microsoft's page for each element.
    """
    task = ElementTree.Element(
        "Task", {"version": "1.3", "xmlns": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    )
    for name, content in _task(command, user):
        _append(task, name, content)
    task.find("Principals/Principal").set("id", "Author")  # type: ignore[union-attr]
    task.find("Actions").set("Context", "Author")  # type: ignore[union-attr]
    ElementTree.indent(task)
    return bytes(ElementTree.tostring(task, encoding="utf-16", xml_declaration=True))


def _task(command: Sequence[str], user: str) -> list[Element]:
    return [
        ("RegistrationInfo", [("Description", DESCRIPTION), ("URI", f"\\{NAME}")]),
        ("Triggers", [("LogonTrigger", [("Enabled", "true"), ("UserId", user)])]),
        ("Principals", [("Principal", [
            ("UserId", user), ("LogonType", "InteractiveToken"), ("RunLevel", "LeastPrivilege"),
        ])]),
        ("Settings", [
            ("MultipleInstancesPolicy", "IgnoreNew"),
            ("DisallowStartIfOnBatteries", "false"),
            ("StopIfGoingOnBatteries", "false"),
            ("StartWhenAvailable", "true"),
            ("ExecutionTimeLimit", "PT0S"),
            ("RestartOnFailure", [("Interval", "PT1M"), ("Count", "255")]),
        ]),
        ("Actions", [("Exec", [("Command", command[0]), ("Arguments", _windows_line(command[1:]))])]),
    ]  # fmt: skip


def _append(parent: ElementTree.Element, name: str, content: str | list[Element]) -> None:
    child = ElementTree.SubElement(parent, name)
    if isinstance(content, str):
        child.text = content
        return
    for name_within, content_within in content:
        _append(child, name_within, content_within)


def _windows_line(words: Sequence[str]) -> str:
    from subprocess import list2cmdline

    return list2cmdline(words)
