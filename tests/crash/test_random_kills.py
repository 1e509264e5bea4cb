"""kill -9 at random moments of the real `check`, on a mailbox with twenty lapsed offers; then two further machines.

500 kills: 25 mailboxes, 20 kills each, at random moments.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from imaplib import Time2Internaldate
from pathlib import Path

import pytest

from tests.dovecot import Dovecot
from tests.running import Owner

AT = "2026-05-18T09:00:00+02:00"
NOW = datetime.fromisoformat(AT)
OFFERS = 20
SHARE = 0.25  # of a whole cycle: what was placed before a kill makes the next cycle shorter
TOWNS = (
    "Valmy", "Sarzeau", "Morlaix", "Cancale", "Dinan", "Auray", "Redon", "Vitré", "Pontivy", "Lannion", "Quimper",
    "Carhaix", "Guérande", "Ancenis", "Clisson", "Saumur", "Cholet", "Laval", "Mayenne", "Fougères",
)  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


def offer(town: str, at: datetime, valid_until: date = date(2026, 3, 31)) -> bytes:
    domain = town.lower().replace("é", "e").replace("è", "e")
    text = f"""Bonjour,

Merci pour votre accueil. Voici comme convenu notre devis pour le site de l'étude de {town} :

  Maquettes et intégration   5 500 € HT
  Reprise des contenus         900 € HT
  Total                      6 400 € HT

Ce devis est valable jusqu'au {valid_until:%d/%m/%Y}.

Bien cordialement,
Camille Rouvier
"""
    head = f"""From: Camille Rouvier <camille@binalys.example>
To: Contact <contact@etude-{domain}.example>
Subject: Devis pour le site de l'=?utf-8?q?=C3=A9tude?= de {domain}
Date: {format_datetime(at)}
Message-ID: <devis.{domain}@binalys.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

"""
    return (head + text).replace("\n", "\r\n").encode()


def owner(dovecot: Dovecot, user: str, folder: Path) -> Owner:
    made = Owner(folder, dovecot, user, ["camille@binalys.example"])
    made.write_config()
    return made


def fill(owner: Owner, now: datetime = NOW) -> None:
    """Twenty offers sent over some days fifteen weeks before `now`, that lapsed seven weeks before."""
    with owner.server.client(owner.user) as client:
        for number, town in enumerate(TOWNS):
            at = now - timedelta(weeks=15, hours=7 * number)
            message = offer(town, at, (now - timedelta(weeks=7)).date())
            client.append("Sent", "(\\Seen)", Time2Internaldate(at), message)


def start(owner: Owner) -> int:
    """`check` in a forked child, in a session of its own, as quiet as a daemon's."""
    child = os.fork()
    if child:
        return child
    code = 1
    with contextlib.suppress(BaseException):
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        code = check(owner)
    os._exit(code)


def check(owner: Owner) -> int:
    from assistant.cli import run

    return run(["check", "--json", "--at", AT, "--config", str(owner.config)])


def finish(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def until_quiet(owner: Owner) -> None:
    for _ in range(3):
        assert finish(start(owner)) == 0


def marked(owner: Owner) -> set[bytes]:
    lines = (line for raw in owner.messages("Drafts") for line in raw.split(b"\r\n"))
    return {line for line in lines if line.startswith(b"Message-ID:")}


@pytest.fixture(scope="module")
def whole_cycle(dovecot: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> float:
    """The seconds of a cycle that places all twenty. It runs in this process: forked children find all loaded."""
    warm = owner(dovecot, "warm@binalys.example", tmp_path_factory.mktemp("warm"))
    fill(warm)
    began = time.monotonic()
    null = os.open(os.devnull, os.O_RDWR)
    kept = os.dup(1)
    os.dup2(null, 1)
    try:
        assert check(warm) == 0
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(null)
    assert len(warm.messages("Drafts")) == OFFERS
    return time.monotonic() - began


def kill_often(owner: Owner, kills: int, seconds: float, chance: random.Random) -> int:
    """Starts and kills `check` so many times; how often it was still running."""
    hit = 0
    for _ in range(kills):
        child = start(owner)
        time.sleep(chance.uniform(0.0, seconds * SHARE))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        hit += finish(child) == -signal.SIGKILL
    return hit


def survives(dovecot: Dovecot, user: str, folder: Path, kills: int, seconds: float, chance: random.Random) -> int:
    first = owner(dovecot, user, folder / "first")
    fill(first)
    hit = kill_often(first, kills, seconds, chance)
    until_quiet(first)
    assert len(first.messages("Drafts")) == len(marked(first)) == OFFERS
    return hit


@pytest.mark.crash
def test_five_hundred_kills_leave_twenty_drafts(dovecot, tmp_path, whole_cycle, capsys):
    chance, hit = random.Random(5), 0
    for round_number in range(25):
        folder = tmp_path / str(round_number)
        hit += survives(dovecot, f"kill{round_number}@binalys.example", folder, 20, whole_cycle, chance)
    with capsys.disabled():
        print(f"\n500 kills at random, {hit} of them while it ran (a whole cycle: {whole_cycle:.1f} s)")
    assert hit > 150


def test_a_few_kills_leave_twenty_drafts_and_other_machines_add_none(dovecot, tmp_path, mailbox_user, whole_cycle):
    survives(dovecot, mailbox_user, tmp_path, 4, whole_cycle, random.Random(7))

    for name in ("second", "third"):
        other = owner(dovecot, mailbox_user, tmp_path / name)
        until_quiet(other)
        assert len(other.messages("Drafts")) == OFFERS
