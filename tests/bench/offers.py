"""What offers cost: the first list of a mailbox, and one new message that changes an offer, noticed and acted upon.

    python -m tests.bench.offers [--messages 20000] [--following]

The mailbox is the generated one with 36 offers in it, all of which lapsed. Prints seconds, with the raw drain beside.
With --following what the owner sent beside the offers counts as understood: the first list then tells nothing, but what
follows costs what it does, and a large mailbox is ready in minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

from assistant.config import Account, Config, Credential
from assistant.host.paths import Places
from assistant.kinds import By, Kind, Reading
from assistant.mailbox import open_connection
from assistant.mailbox.idling import Hint, Idler
from assistant.messages import Message
from assistant.service.cycle import judge_and_number, run_cycle
from assistant.service.desk import Desk, open_desk
from assistant.service.reading import read_mailbox
from assistant.service.sifting import sift
from assistant.settings import read_config
from assistant.understanding import Understood
from tests.bench.mailbox import fill, offer_and_answer
from tests.bench.raw import Raw, drain
from tests.dovecot import PASSWORD, Dovecot

USER = "bench@atelier.example"
NOW = datetime(2026, 7, 10, 9, tzinfo=UTC)
LOGIN = Credential("password", PASSWORD)


def configuration(server: Dovecot, folder: Path) -> Config:
    account = {
        "host": server.host, "port": server.port, "user": USER, "security": "none",
        "password_command": f"echo {PASSWORD}",
    }  # fmt: skip
    owner = {"name": "Camille Bernard", "addresses": ["camille.bernard@atelier.example"], "country": "FR"}
    read = read_config({"owner": owner, "account": account})
    accounts = tuple(replace(each, daily_budget_mb=1_000_000) for each in read.accounts)
    return replace(read, accounts=accounts, store_path=folder / "mail.sqlite", register_path=folder / "offers.toml")


def first_list(desk: Desk, account: Account) -> dict[str, float]:
    """Seconds of each step from nothing to the list."""
    with open_connection(account, LOGIN) as connection:
        moments = [time.perf_counter()]
        read_mailbox(connection, desk.mail(account), account, since=date.min, now=NOW)
        moments.append(time.perf_counter())
        understood = sift(connection, desk, account, desk.contents(), NOW)
        moments.append(time.perf_counter())
        offers = judge_and_number(desk, account, NOW, write=True)
        moments.append(time.perf_counter())
    read, sifted, judged = (after - before for before, after in pairwise(moments))
    return {"read": read, "understand": sifted, "judge": judged, "understood": understood, "offers": len(offers)}


def stand_in(desk: Desk, account: Account) -> None:
    """An empty reading for everything the owner sent, but the offers."""
    store = desk.readings(account)
    with open_connection(account, LOGIN) as connection:
        read_mailbox(connection, desk.mail(account), account, since=date.min, now=NOW)
    others = [each for each in store.outsides() if desk.house.holds(each.sender) and "O-2026-" not in each.subject]
    message = Message("", NOW, None)
    store.save((each.key, Understood(message, By.OWNER, Reading(Kind.OTHER, 1.0), "fr")) for each in others)


def notice(server: Dovecot, account: Account, deliver: bytes) -> tuple[float, float]:
    """Seconds until a raw idler, and ours, know of a message that is put into the Inbox."""
    moments: dict[str, float] = {}
    raw, ours = Raw(server, USER), Idler(open_connection(account, LOGIN), "INBOX")
    raw.command("EXAMINE INBOX")

    def wait_raw() -> None:
        raw.idle()
        moments["raw"] = time.perf_counter()

    def wait_ours() -> None:
        while ours.wait(30.0) is not Hint.CHANGED:
            pass
        moments["ours"] = time.perf_counter()

    idlers = [threading.Thread(target=wait) for wait in (wait_raw, wait_ours)]
    for idler in idlers:
        idler.start()
    time.sleep(1.0)
    with Raw(server, USER) as other:
        begun = time.perf_counter()
        other.append("INBOX", [deliver])
    for idler in idlers:
        idler.join()
    raw.close()
    ours.close()
    return moments["raw"] - begun, moments["ours"] - begun


def cycle(desk: Desk, account: Account) -> str:
    """What a whole cycle took."""
    begun, used = time.perf_counter(), time.process_time()
    run_cycle(desk, account, NOW)
    return f"{time.perf_counter() - begun:.2f} s, {time.process_time() - used:.2f} s of them computing"


def measure(server: Dovecot, count: int, folder: Path, *, following: bool) -> None:
    fill(server, USER, count, offers=36)
    drain(server, USER)
    limit = drain(server, USER)
    config = configuration(server, folder)
    (account,) = config.accounts
    with contextlib.closing(open_desk(config, Places(folder / "mail.sqlite", folder / "offers.toml"))) as desk:
        if following:
            stand_in(desk, account)
        steps = first_list(desk, account)
        total = steps["read"] + steps["understand"] + steps["judge"]
        print(f"raw drain {limit:.2f} s; the list {total:.2f} s, x{total / limit:.1f}:", end=" ")
        print(", ".join(f"{name} {value:.2f}" for name, value in steps.items()), flush=True)
        print(f"the drafts placed: {cycle(desk, account)}", flush=True)
    raw, ours = notice(server, account, offer_and_answer(count, 36)[1][1])
    print(f"noticed: raw {raw * 1e3:.0f} ms, ours {ours * 1e3:.0f} ms")
    with contextlib.closing(open_desk(config, Places(folder / "mail.sqlite", folder / "offers.toml"))) as desk:
        print(f"one answer: read, judged, its draft taken back: {cycle(desk, account)}")
        print(f"quiet cycle: {cycle(desk, account)}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=20_000)
    arguments.add_argument("--following", action="store_true")
    wanted = arguments.parse_args()
    server = Dovecot(extra="mail_fsync = never\nmaildir_very_dirty_syncs = yes").start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            measure(server, wanted.messages, Path(folder), following=wanted.following)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
