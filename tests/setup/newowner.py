"""Somebody who has just installed the command: a clean home, a keyring, a mailbox with two offers, and a terminal."""

from __future__ import annotations

import imaplib
import os
import re
import subprocess
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from imaplib import Time2Internaldate
from pathlib import Path
from typing import Any

import pexpect

from tests.dovecot import Dovecot
from tests.running import COMMAND
from tests.secretservice import SecretService

AT = "2026-05-18T09:00:00+02:00"
_TEXT = """Bonjour {name},

Suite à notre rendez-vous, veuillez trouver ci-joint notre proposition commerciale {reference} : {amount} € HT.
Cette offre est valable jusqu'au {until}.

Bien cordialement,
Camille Rouvier
"""
OFFERS = (
    ("P-2026-014", "b.lacaze@valmontel-collecte.example", "Monsieur Lacaze", "48 000", "30 avril 2026", "2026-04-02"),
    ("P-2026-021", "i.morvan@atelier-morvan.example", "Madame Morvan", "12 500", "8 mai 2026", "2026-04-14"),
)


def offer(user: str, reference: str, to: str, name: str, amount: str, until: str, day: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = f"Camille Rouvier <{user}>", to
    message["Subject"] = f"Proposition commerciale {reference}"
    message["Date"] = format_datetime(datetime.fromisoformat(f"{day}T10:00:00+02:00"))
    message["Message-ID"] = f"<{reference}@binalys.example>"
    message.set_content(_TEXT.format(name=name, reference=reference, amount=amount, until=until))
    return message.as_bytes()


@dataclass
class NewOwner:
    """`run` a command, or sit at the `terminal`; what they leave is under `home`."""

    home: Path
    server: Dovecot
    user: str
    keyring: SecretService | None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.home / ".config/offer-assistant/config.toml"

    def surroundings(self) -> dict[str, str]:
        self.home.mkdir(parents=True, exist_ok=True)
        bus = {"DBUS_SESSION_BUS_ADDRESS": self.keyring.environment["DBUS_SESSION_BUS_ADDRESS"]} if self.keyring else {}
        around = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "NO_COLOR": "1",
        }
        return around | bus | self.environment

    def fill(self) -> None:
        with self.server.client(self.user) as client:
            for details in OFFERS:
                when = datetime.fromisoformat(f"{details[-1]}T10:00:00+02:00")
                client.append("Sent", "(\\Seen)", Time2Internaldate(when), offer(self.user, *details))

    def run(self, *arguments: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(COMMAND), *arguments], capture_output=True, text=True, env=self.surroundings(), cwd=self.home,
            stdin=subprocess.DEVNULL if input is None else None, input=input, timeout=90, check=False,
        )  # fmt: skip

    def set_up(self, *arguments: str, input: str = "pass\n") -> subprocess.CompletedProcess[str]:
        """`setup` without a terminal, against the test server."""
        given = ("--address", self.user, "--host", "127.0.0.1", "--port", str(self.server.port), "--security", "none")
        more = ("--country", "FR", "--language", "fr", "--password-stdin", "--at", AT)
        return self.run("setup", "--non-interactive", *given, *more, *arguments, input=input)

    def keep_password(self, password: str) -> None:
        """Puts it into the keyring, where `setup` would have put it."""
        import secretstorage
        from jeepney.io.blocking import open_dbus_connection

        assert self.keyring
        with open_dbus_connection(self.keyring.environment["DBUS_SESSION_BUS_ADDRESS"]) as link:
            attributes = {
                "service": "offer-assistant",
                "username": f"{self.user}@127.0.0.1",
                "application": "Python keyring library",
            }
            secretstorage.get_default_collection(link).create_item("mail", attributes, password.encode(), replace=True)

    def terminal(self, *arguments: str) -> Terminal:
        return Terminal(str(COMMAND), [*arguments], self.surroundings(), self.home)

    def drafts(self) -> int:
        with self.server.client(self.user) as client:
            return int(client.select("Drafts", readonly=True)[1][0])

    def drafts_with(self, password: str) -> int:
        """The same, by the password of the test."""
        client = imaplib.IMAP4(self.server.host, self.server.port)
        client.login(self.user, password)
        count = int(client.select("Drafts", readonly=True)[1][0])
        client.logout()
        return count


class Terminal:
    """A pseudo-terminal with the command in it. `answers` waits for a question and types."""

    def __init__(self, command: str, arguments: list[str], environment: dict[str, str], folder: Path) -> None:
        self._child: Any = pexpect.spawn(
            command, arguments, env=environment, cwd=str(folder), encoding="utf-8", timeout=30, dimensions=(50, 110)
        )
        self._child.delaybeforesend = None
        self.text = ""

    def sees(self, text: str) -> str:
        """Waits for the text; gives back everything that was shown until then."""
        self._child.expect(re.escape(text))
        shown = str(self._child.before + self._child.after)
        self.text += shown
        return shown

    def answers(self, question: str, *typed: str, complaint: str = "") -> None:
        """Waits for the question and types; with a `complaint` all but the last answer are refused in these words."""
        for answer in typed[:-1]:
            self.sees(question)
            self._child.sendline(answer)
            if complaint:
                self.sees(complaint)
        self.sees(question)
        self._child.sendline(typed[-1])

    def hears(self, control: str) -> None:
        self._child.sendcontrol(control)

    def ends(self) -> int:
        """Waits for the end; the exit code."""
        self._child.expect(pexpect.EOF)
        self.text += str(self._child.before)
        self._child.close()
        return int(self._child.exitstatus)
