"""The daemon for a long time against a busy, failing server: `make soak MINUTES=30`.

Four deliveries a second, the connection cut every twenty seconds, the server restarted every ninety. At the end exactly
the right drafts stand, and the daemon is as large as it was after its first minutes.
"""

from __future__ import annotations

import imaplib
import json
import os
import random
import signal
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.daemon.daemon_story import daemon, eventually, log_of, newsletter, offer_id, owner_with_offers, reply
from tests.daemon.proxy import Proxy
from tests.dovecot import DOVECOT, PASSWORD, Dovecot
from tests.running import Owner

pytestmark = pytest.mark.soak

MINUTES = float(os.environ.get("MINUTES", "30"))
USER = "soak@binalys.example"
OFFERS = 20  # the even ones are answered while it runs: their drafts must be taken back
RATE = 4.0
CUT_SECONDS, RESTART_SECONDS, SAMPLE_SECONDS = 20.0, 90.0, 5.0
QUESTION = "We have one more question before we decide: does the price include the training of the staff?"


@dataclass
class Size:
    """What the daemon holds at one moment."""

    rss_kb: int
    descriptors: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> Size:
        status = Path(f"/proc/{pid}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        return cls(int(fields["VmRSS"].split()[0]), len(os.listdir(f"/proc/{pid}/fd")), int(fields["Threads"]))


@dataclass
class Postman:
    """Delivers without fail: what the server was not there for is delivered when it is."""

    server: Dovecot
    number: int = 0
    delivered: int = 0
    waiting: list[bytes] = field(default_factory=list)
    client: imaplib.IMAP4 | None = None

    def bring(self, message: bytes) -> None:
        self.waiting.append(message)
        while self.waiting:
            try:
                self._client().append("INBOX", None, None, self.waiting[0])
            except (OSError, imaplib.IMAP4.error):
                self.close()
                return
            self.waiting.pop(0)
            self.delivered += 1

    def close(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            client.shutdown()

    def _client(self) -> imaplib.IMAP4:
        if self.client is None:
            self.client = imaplib.IMAP4(self.server.host, self.server.port, timeout=5)
            self.client.login(USER, PASSWORD)
        return self.client


@pytest.fixture
def server() -> Iterator[Dovecot]:
    if not DOVECOT:
        pytest.skip("dovecot is not installed: `make test` installs it")
    made = Dovecot().start()
    yield made
    made.stop()


@pytest.fixture
def proxy(server: Dovecot) -> Iterator[Proxy]:
    made = Proxy(server.port)
    made.up()
    yield made
    made.close()


def test_the_daemon_survives_a_failing_server(server: Dovecot, proxy: Proxy, tmp_path: Path) -> None:
    owner = owner_with_offers(server, USER, tmp_path, lapsed=OFFERS)
    owner.write_config(port=proxy.port)
    with daemon(owner) as process:
        eventually(lambda: len(owner.messages("Drafts")) == OFFERS, 60, owner)
        sizes, counts = disturb(owner, server, proxy, process.pid)
        right = {offer_id(n) for n in range(1, OFFERS, 2)}
        eventually(lambda: Counter(answered(owner)) == Counter(right), 120, owner)
        eventually(lambda: owner.json("status")["accounts"][0]["state"] == "online", 60, owner)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    figures = measured(sizes) | counts
    print(json.dumps(figures, indent=1))
    (Path(os.environ["SOAK_FIGURES"]) if "SOAK_FIGURES" in os.environ else tmp_path / "figures.json").write_text(
        json.dumps(figures, indent=1)
    )
    assert figures["growth_percent"] < 5
    assert figures["descriptors_last"] <= figures["descriptors_first"] + 1
    assert figures["threads_last"] <= figures["threads_first"] + 1
    assert "Traceback" not in log_of(owner)


def answered(owner: Owner) -> list[str]:
    """Which offers the drafts on the server belong to: their In-Reply-To, or the offer among their References."""
    found = []
    for raw in owner.messages("Drafts"):
        references = str(message_from_bytes(raw)["References"])
        found += [offer_id(n) for n in range(OFFERS) if offer_id(n) in references]
    return found


def disturb(owner: Owner, server: Dovecot, proxy: Proxy, pid: int) -> tuple[list[Size], dict[str, int]]:
    """Deliveries, cuts and restarts, for so many minutes; how large the daemon was meanwhile."""
    postman, chance, sizes = Postman(server), random.Random(6), list[Size]()
    cuts = restarts = 0
    begun = time.monotonic()
    next_cut, next_restart, next_sample = begun + CUT_SECONDS, begun + RESTART_SECONDS, begun + SAMPLE_SECONDS
    questions = list(range(0, OFFERS, 2))
    while (now := time.monotonic()) < begun + MINUTES * 60:
        elapsed, at = now - begun, datetime.now(UTC)
        if questions and elapsed > (OFFERS / 2 - len(questions) + 1) * MINUTES * 60 / (OFFERS / 2 + 2):
            postman.bring(reply(questions.pop(0), at, QUESTION))
        postman.number += 1
        postman.bring(newsletter(postman.number, at))
        if now >= next_cut:
            cuts, next_cut = cuts + 1, now + CUT_SECONDS * (0.5 + chance.random())
            proxy.cut()
        if now >= next_restart:
            restarts, next_restart = restarts + 1, now + RESTART_SECONDS
            restart(server, chance)
        if now >= next_sample:
            next_sample = now + SAMPLE_SECONDS
            with suppress(OSError):
                sizes.append(Size.of(pid))
        time.sleep(max(0.0, begun + postman.number / RATE - time.monotonic()))
    for n in questions:
        postman.bring(reply(n, datetime.now(UTC), QUESTION))
    assert postman.waiting == []
    postman.close()
    cycles = log_of(owner).count("offers\n")
    return sizes, {"delivered": postman.delivered, "cuts": cuts, "restarts": restarts, "cycles": cycles}


def restart(server: Dovecot, chance: random.Random) -> None:
    server.kill()
    time.sleep(chance.random() * 5)
    server.start()


def measured(sizes: list[Size]) -> dict[str, float]:
    """The second tenth of the time, when everything had happened once, beside the last."""
    tenth = max(1, len(sizes) // 10)
    first, last = sizes[tenth : 2 * tenth] or sizes[:1], sizes[-tenth:]
    begun, ended = (statistics.median(s.rss_kb for s in part) for part in (first, last))
    return {
        "minutes": MINUTES,
        "rss_first_mb": round(begun / 1024, 1),
        "rss_last_mb": round(ended / 1024, 1),
        "rss_most_mb": round(max(s.rss_kb for s in sizes) / 1024, 1),
        "growth_percent": round((ended - begun) / begun * 100, 2),
        "descriptors_first": min(s.descriptors for s in first),
        "descriptors_last": min(s.descriptors for s in last),
        "threads_first": min(s.threads for s in first),
        "threads_last": min(s.threads for s in last),
    }
