"""The daemon as its owner runs it: a process, a real server, real signals."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.daemon.daemon_story import CAMILLE, daemon, eventually, log_of, owner_with_offers, reply
from tests.daemon.proxy import Proxy
from tests.dovecot import Dovecot
from tests.running import Owner


def drafts(owner: Owner) -> int:
    return len(owner.messages("Drafts"))


def state(owner: Owner, account: int = 0) -> str:
    return str(owner.json("status")["accounts"][account]["state"])


def processes_of(session: int) -> list[int]:
    """The processes that belong to a session, from /proc/PID/stat."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


@pytest.fixture
def proxy(dovecot: Dovecot) -> Iterator[Proxy]:
    made = Proxy(dovecot.port)
    made.up()
    yield made
    made.close()


def test_it_drafts_hears_the_answer_and_takes_the_draft_back(
    dovecot: Dovecot, mailbox_user: str, tmp_path: Path
) -> None:
    owner = owner_with_offers(dovecot, mailbox_user, tmp_path, lapsed=2)
    with daemon(owner) as process:
        eventually(lambda: drafts(owner) == 2, owner=owner)
        eventually(lambda: state(owner) == "online", owner=owner)
        now = datetime.now(UTC)
        owner.deliver("inbox", reply(1, now, "We have one more question: does the price include the training?"), now)
        eventually(lambda: drafts(owner) == 1, owner=owner)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    status = owner.json("status")
    assert (status["running"], status["accounts"][0]["last_cycle"]["outcome"]) == (False, "done")


@pytest.mark.parametrize("after", [0.2, 0.5, 0.8, 1.1, 1.5, 2.5])
def test_sigterm_ends_it_and_its_children_within_five_seconds(
    dovecot: Dovecot, mailbox_user: str, tmp_path: Path, after: float
) -> None:
    owner = owner_with_offers(dovecot, mailbox_user, tmp_path, lapsed=1)
    with daemon(owner) as process:
        time.sleep(after)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) in (0, -signal.SIGTERM)  # the latter: it had not got as far as to listen
        assert time.monotonic() - begun < 5
        assert processes_of(process.pid) == []
    assert drafts(owner) <= 1
    assert "Traceback" not in log_of(owner)


def test_sigterm_ends_it_while_the_server_says_nothing(dovecot: Dovecot, mailbox_user: str, tmp_path: Path) -> None:
    owner = Owner(tmp_path, dovecot, mailbox_user, (CAMILLE,))
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        owner.write_config(port=silent.getsockname()[1])
        with daemon(owner) as process:
            eventually(lambda: "started" in log_of(owner))
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) == 0


def test_there_is_one_daemon_for_each_store(dovecot: Dovecot, mailbox_user: str, tmp_path: Path) -> None:
    owner = owner_with_offers(dovecot, mailbox_user, tmp_path, lapsed=0)
    with daemon(owner):
        eventually(lambda: owner.json("status")["running"])
        second = owner.run("run", "--json")
        assert second.returncode == 75
        assert json.loads(second.stdout)["error"]["code"] == "busy"


def test_a_broken_configuration_is_refused_and_a_mended_one_read(
    dovecot: Dovecot, mailbox_user: str, tmp_path: Path
) -> None:
    owner = owner_with_offers(dovecot, mailbox_user, tmp_path, lapsed=0)
    with daemon(owner) as process:
        eventually(lambda: "is online" in log_of(owner))
        good = owner.config.read_text("utf-8")
        owner.config.write_text(good + "\n[policy]\ngrace_working_days = 'many'\n", "utf-8")
        process.send_signal(signal.SIGHUP)
        eventually(lambda: "was refused, the old one stays" in log_of(owner))
        assert process.poll() is None
        owner.config.write_text(good + "\n[policy]\ngrace_working_days = 5\n", "utf-8")
        process.send_signal(signal.SIGHUP)
        eventually(lambda: "the configuration was read" in log_of(owner))


def test_a_rejected_password_is_tried_once_and_the_other_account_works(
    dovecot: Dovecot, mailbox_user: str, tmp_path: Path
) -> None:
    owner = owner_with_offers(dovecot, mailbox_user, tmp_path, lapsed=1)
    text = owner.config.read_text("utf-8")
    head, _, rest = text.partition("[account]")
    account, _, store = rest.partition("[store]")
    wrong = account.replace("echo pass", "echo wrong")
    owner.config.write_text(f"{head}[accounts.wrong]{wrong}[accounts.right]{account}[store]{store}", "utf-8")
    with daemon(owner):
        eventually(lambda: drafts(owner) == 1 and state(owner) == "stopped", owner=owner)
        status = owner.json("status")
    assert [(a["name"], a["state"]) for a in status["accounts"]] == [("wrong", "stopped"), ("right", "online")]
    assert [p["code"] for p in status["problems"]] == ["login-refused"]
    assert log_of(owner).count("refused the login") == 1
    assert log_of(owner).count("Login needed") <= 1


def test_it_comes_back_after_the_network(proxy: Proxy, dovecot: Dovecot, mailbox_user: str, tmp_path: Path) -> None:
    owner = owner_with_offers(dovecot, mailbox_user, tmp_path, lapsed=0)
    owner.write_config(port=proxy.port)
    with daemon(owner):
        eventually(lambda: state(owner) == "online", owner=owner)
        proxy.down()
        eventually(lambda: state(owner) == "offline", owner=owner)
        time.sleep(3)  # a few attempts in vain
        proxy.up()
        eventually(lambda: state(owner) == "online", 30, owner)
    assert owner.json("status")["problems"] == [] or "unreachable" in str(owner.json("status")["problems"])


def test_its_log_is_private_and_names_nobody(dovecot: Dovecot, mailbox_user: str, tmp_path: Path) -> None:
    owner = owner_with_offers(dovecot, mailbox_user, tmp_path, lapsed=1)
    with daemon(owner, "-v"):
        eventually(lambda: "1 offers" in log_of(owner) and drafts(owner) == 1, owner=owner)
    path = owner.folder / "home/.local/state/offer-assistant/log/daemon.log"
    assert path.stat().st_mode & 0o777 == 0o600
    text = log_of(owner)
    assert "UID FETCH" in text  # -v traces the conversation
    for private in (CAMILLE, "jan.peters", mailbox_user, "Dear Jan", "deployment of Binalys", "LOGIN", "pass"):
        assert private not in text, private


def test_run_follows_the_real_clock(dovecot: Dovecot, mailbox_user: str, tmp_path: Path) -> None:
    owner = owner_with_offers(dovecot, mailbox_user, tmp_path, lapsed=0)
    assert owner.run("run", "--at", "2026-05-18T09:00").returncode == 2
