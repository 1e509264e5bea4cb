"""A founder whose offers have just lapsed, by the real clock: what a daemon that runs now has to deal with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from tests.dovecot import Dovecot
from tests.running import Owner

CAMILLE = "camille.rouvier@binalys.example"


def offer(customer: int, sent_at: datetime, valid_until: date) -> bytes:
    """An offer of Camille's to a customer of his own."""
    message = _message(CAMILLE, "Camille Rouvier", sent_at)
    message["To"] = f"Jan Peters <{address(customer)}>"
    message["Subject"] = f"Our offer P-{2026000 + customer}: deployment of Binalys"
    message["Message-ID"] = offer_id(customer)
    message.set_content(
        f"Dear Jan,\n\nPlease find our offer P-{2026000 + customer} for the deployment of Binalys at 14 branches: "
        f"18,400 euros a year, plus 2,500 euros for the setup.\n\n"
        f"This offer is valid until {valid_until.day} {valid_until:%B %Y}.\n\nKind regards,\nCamille Rouvier\n"
    )
    return message.as_bytes(policy=SMTP)


def reply(customer: int, at: datetime, text: str, number: int = 1) -> bytes:
    message = _message(address(customer), "Jan Peters", at)
    message["To"] = CAMILLE
    message["Subject"] = f"Re: Our offer P-{2026000 + customer}: deployment of Binalys"
    message["In-Reply-To"] = message["References"] = offer_id(customer)
    message["Message-ID"] = f"<reply-{number}-{customer}@customer{customer}.example>"
    message.set_content(f"Hello Camille,\n\n{text}\n\nBest regards,\nJan Peters\n")
    return message.as_bytes(policy=SMTP)


def newsletter(number: int, at: datetime) -> bytes:
    message = _message(f"news{number % 50}@shop.example", "The Shop", at)
    message["To"] = CAMILLE
    message["Subject"] = f"This week at the shop ({number})"
    message["Message-ID"] = f"<news-{number}@shop.example>"
    message["List-Unsubscribe"] = "<https://shop.example/leave>"
    message.set_content("Shoes, hats and gloves, as every week.\n" * 20)
    return message.as_bytes(policy=SMTP)


def offer_id(customer: int) -> str:
    return f"<offer-{customer}@binalys.example>"


def address(customer: int) -> str:
    return f"jan.peters@customer{customer}.example"


def _message(sender: str, name: str, at: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"{name} <{sender}>"
    message["Date"] = format_datetime(at)
    return message


def owner_with_offers(server: Dovecot, user: str, folder: Path, lapsed: int, still_open: int = 0) -> Owner:
    """A mailbox with so many offers that lapsed twenty days ago, and so many that are good for a month."""
    owner = Owner(folder, server, user, (CAMILLE,), country="GB", language="en")
    owner.write_config()
    now = datetime.now(UTC)
    for customer in range(lapsed + still_open):
        valid_until = (now + timedelta(days=-20 if customer < lapsed else 30)).date()
        sent_at = now - timedelta(days=60, minutes=-customer)
        owner.deliver("sent", offer(customer, sent_at, valid_until), sent_at)
    return owner


@contextmanager
def daemon(owner: Owner, *arguments: str, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """The daemon as a process of its own; killed at the end where it still runs."""
    home = owner.folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "--config", str(owner.config), "run", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=home,
        start_new_session=True,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **(environment or {})},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)


def log_of(owner: Owner) -> str:
    path = owner.folder / "home/.local/state/offer-assistant/log/daemon.log"
    return path.read_text("utf-8") if path.exists() else ""


def eventually(what: Callable[[], bool], seconds: float = 20, owner: Owner | None = None) -> None:
    """Waits for another process to bring something about: the one kind of waiting that no argument can replace."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"it did not happen within {seconds} s\n{log_of(owner) if owner else ''}"
        time.sleep(0.05)
