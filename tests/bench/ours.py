"""The program's own rows for the comparison with other clients: it runs the real code against the server it is given.

    ours.py index     first reading of everything: headers decoded, stored and threaded
    ours.py poll      a quiet cycle over a mailbox that was read before
    ours.py idle      'ready', then the monotonic time of every new message that is noticed

The server is in BENCH_HOST, BENCH_PORT, BENCH_USER, BENCH_PASS (with --tls BENCH_TLS_PORT, BENCH_CERT), the state in
BENCH_STATE. Each prints a line of JSON: {"messages": N, "core": seconds} or {"check": seconds, "changed": []}.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path, PurePath

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.config import Account, Credential
from assistant.mailbox import Connection, open_connection
from assistant.mailbox.idling import Hint, Idler
from assistant.service.reading import read_mailbox
from assistant.store import MailStore, open_database


def account(*, tls: bool) -> Account:
    there = os.environ
    return Account(
        "bench",
        there["BENCH_HOST"],
        there["BENCH_USER"],
        port=int(there["BENCH_TLS_PORT" if tls else "BENCH_PORT"]),
        security="tls" if tls else "none",
        ca_file=PurePath(there["BENCH_CERT"]) if tls else None,
    )


def connect() -> Connection:
    return open_connection(account(tls="--tls" in sys.argv), Credential("password", os.environ["BENCH_PASS"]))


def store_path() -> Path:
    return Path(os.environ["BENCH_STATE"]) / "ours.db"


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


def index() -> None:
    with connect() as connection, open_database(store_path()) as database:
        begin, cpu = time.perf_counter(), time.process_time()
        mail = MailStore(database, "bench")
        read_mailbox(connection, mail, connection.account, since=date.min, now=datetime.now(UTC))
        seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
        say(messages=mail.count(), core=seconds, core_cpu=round(cpu, 3), threads=len(mail.thread_numbers()))


def poll() -> None:
    if not store_path().exists():
        index()
    with open_database(store_path()) as database, connect() as connection:
        mail = MailStore(database, "bench")
        begin = time.perf_counter()
        report = read_mailbox(connection, mail, connection.account, since=date.min, now=datetime.now(UTC))
        say(check=time.perf_counter() - begin, changed=sorted(report.threads))


def idle() -> None:
    with Idler(connect(), "INBOX") as idler:
        idler.wait(0.0)
        print("ready", flush=True)
        while True:
            if idler.wait(3600.0) is Hint.CHANGED:
                print(time.monotonic(), flush=True)


def main() -> None:
    {"index": index, "poll": poll, "idle": idle}[sys.argv[1]]()


if __name__ == "__main__":
    main()
