"""What the daemon costs while nothing happens: REST_MINUTES=10 for the figures of docs/performance.md."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.daemon.daemon_story import daemon, eventually, log_of, owner_with_offers
from tests.daemon.test_daemon_process import processes_of
from tests.dovecot import Dovecot

MINUTES = float(os.environ.get("REST_MINUTES", "1"))
TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """The processor time of a process, user and system, its ended children included (proc(5), stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / TICK


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@pytest.mark.slow
@pytest.mark.timeout(MINUTES * 60 + 120)
def test_the_daemon_at_rest_is_small_and_sleeps(dovecot: Dovecot, mailbox_user: str, tmp_path: Path, capsys) -> None:
    owner = owner_with_offers(dovecot, mailbox_user, tmp_path, lapsed=1, still_open=1)
    owner.json("check")  # or the daemon's own draft would be looked at once more at the next look
    with daemon(owner) as process:
        eventually(lambda: owner.json("status")["accounts"][0]["state"] == "online", owner=owner)
        eventually(lambda: "2 offers" in log_of(owner) and processes_of(process.pid) == [process.pid], owner=owner)
        time.sleep(5)
        before, begun = cpu_seconds(process.pid), time.monotonic()
        time.sleep(MINUTES * 60)
        used, seconds = cpu_seconds(process.pid) - before, time.monotonic() - begun
        size, descriptors = resident_mb(process.pid), len(os.listdir(f"/proc/{process.pid}/fd"))
        threads = len(os.listdir(f"/proc/{process.pid}/task"))
    with capsys.disabled():
        print(
            f"\nat rest: {size:.1f} MB, {used:.2f} s of processor in {seconds:.0f} s ({used / seconds:.4%}),", end=" "
        )
        print(f"{threads} threads, {descriptors} descriptors")
    assert size < 90
    assert used / seconds < 0.0005 or used <= 2 / TICK  # a minute is too short for a finer look
