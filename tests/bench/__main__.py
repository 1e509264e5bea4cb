"""`make bench`: the program's speed beside the raw protocol on a private Dovecot, interleaved, as medians and ratios.

    python -m tests.bench [--messages 20000] [--rounds 5]

BENCH_PEERS may name the `compare.py` of a comparison with other mail programs, which is then run instead, with the
program's rows in it. The machine's noise is large: only ratios within one run mean something.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.mailbox import FOLDERS, fill
from tests.bench.raw import drain, look
from tests.dovecot import PASSWORD, Dovecot

OURS = str(Path(__file__).with_name("ours.py"))
USER = "bench@binalys.example"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=20_000)
    arguments.add_argument("--rounds", type=int, default=5)
    wanted = arguments.parse_args()
    peers = os.environ.get("BENCH_PEERS")
    if peers:
        with_peers(peers, wanted.messages, wanted.rounds)
        return
    server = Dovecot(extra="mail_fsync = never\nmaildir_very_dirty_syncs = yes").start()
    try:
        began = time.monotonic()
        fill(server, USER, wanted.messages)
        print(f"{wanted.messages} messages in {len(FOLDERS)} folders, loaded in {time.monotonic() - began:.0f} s")
        compare(server, wanted.messages, wanted.rounds)
    finally:
        server.stop()


def with_peers(script: str, messages: int, rounds: int) -> None:
    """The comparison with other programs, our rows beside theirs."""
    rows = {"initial": "index", "poll": "poll", "idle": "idle"}
    ours = [f"--ours={row}={sys.executable} {OURS} {verb}" for row, verb in rows.items()]
    subprocess.run([sys.executable, script, "--n", str(messages), "--runs", str(rounds), *ours], check=True)


def compare(server: Dovecot, messages: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as state:
        drain(server, USER)  # the server's own cache is warm from here on
        ours(server, state, "index")
        seconds: dict[str, list[float]] = {"raw drain": [], "first reading": [], "raw look": [], "quiet look": []}
        for _ in range(rounds):
            for stale in Path(state).glob("*"):
                stale.unlink()
            seconds["raw drain"].append(drain(server, USER))
            read = ours(server, state, "index")
            assert read["messages"] == messages, read
            seconds["first reading"].append(read["core"])
            seconds["raw look"].append(look(server, USER))
            seconds["quiet look"].append(ours(server, state, "poll")["check"])
    for name, limit in (("first reading", "raw drain"), ("quiet look", "raw look")):
        base, own = statistics.median(seconds[limit]), statistics.median(seconds[name])
        print(f"{limit:15} {base * 1e3:10.2f} ms      1.00")
        print(f"{name:15} {own * 1e3:10.2f} ms {own / base:9.2f}")


def ours(server: Dovecot, state: str, verb: str) -> dict[str, float]:
    """One row of our own, in a process of its own."""
    environment = {
        **os.environ,
        "BENCH_HOST": server.host,
        "BENCH_PORT": str(server.port),
        "BENCH_USER": USER,
        "BENCH_PASS": PASSWORD,
        "BENCH_STATE": state,
    }
    done = subprocess.run([sys.executable, OURS, verb], env=environment, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    main()
