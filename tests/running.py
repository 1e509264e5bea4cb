"""Runs the installed command as its user would: a configuration in a folder of its own, a mailbox on a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from imaplib import Time2Internaldate
from pathlib import Path
from typing import Any

from tests.dovecot import PASSWORD, Dovecot
from tests.mailbuilder import Case, as_register, build

COMMAND = Path(sys.executable).with_name("offer-assistant")
FOLDERS = {"inbox": "INBOX", "sent": "Sent", "archive": "Archive", "drafts": "Drafts"}


@dataclass
class Owner:
    """A person with a mailbox, a configuration and the command."""

    folder: Path
    server: Dovecot
    user: str
    addresses: Sequence[str]
    country: str = "FR"
    language: str = "fr"
    name: str = "Camille Rouvier"
    extra: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def write_config(self, *, account: str = "", **changes: Any) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        values = {"host": "127.0.0.1", "port": self.server.port, "security": "none", "user": self.user} | changes
        lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        self.config.write_text(
            f"""
[owner]
name = {json.dumps(self.name)}
addresses = {json.dumps(list(self.addresses))}
country = "{self.country}"
language = "{self.language}"
[account]
{chr(10).join(lines)}
password_command = "echo {PASSWORD}"
{account}
[store]
path = "{self.folder / "mail.sqlite"}"
register = "{self.folder / "offers.toml"}"
{self.extra}
""",
            "utf-8",
        )

    def run(self, *arguments: str, input: str | None = None, timeout: float = 90) -> subprocess.CompletedProcess[str]:
        home = self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "OFFER_ASSISTANT_CONFIG": str(self.config),
            **self.environment,
        }
        return subprocess.run(
            [str(COMMAND), *arguments],
            capture_output=True,
            text=True,
            env=environment,
            cwd=home,
            input=input,
            timeout=timeout,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def deliver(self, folder: str, message: bytes, at: datetime) -> None:
        with self.server.client(self.user) as client:
            client.append(FOLDERS.get(folder, folder), None, Time2Internaldate(at), message)

    def messages(self, folder: str) -> list[bytes]:
        """The bytes of all messages of a folder, in order; looked at without marking them."""
        with self.server.client(self.user) as client:
            client.select(folder, readonly=True)
            _, data = (
                client.fetch("1:*", "(BODY.PEEK[])") if client.untagged_responses.get("EXISTS") != [b"0"] else (0, [])
            )
            return [part[1] for part in data if isinstance(part, tuple)]


def owner_of(case: Case, server: Dovecot, user: str, folder: Path) -> Owner:
    """The owner of a case: the mailbox filled, the configuration written, the register imported."""
    owner = Owner(folder, server, user, case.owner, case.country, case.language)
    owner.write_config()
    fill(owner, case)
    if case.registered:
        register = folder / "register.csv"
        register.write_text(as_register(case), "utf-8")
        done = owner.run("import", str(register), "--at", case.now.isoformat())
        assert done.returncode == 0, done.stderr
    return owner


def fill(owner: Owner, case: Case) -> None:
    with owner.server.client(owner.user) as client:
        for folder, message, at in build(case):
            client.append(FOLDERS[folder], None, Time2Internaldate(at), message)
