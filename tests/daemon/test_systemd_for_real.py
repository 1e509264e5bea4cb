"""The unit under a real systemd user manager: installed, started, sandboxed, reloaded, started again, taken away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.daemon.daemon_story import eventually, owner_with_offers
from tests.daemon.usermanager import Unavailable, UserManager, user_manager
from tests.dovecot import PASSWORD, Dovecot
from tests.running import Owner

UNIT = "offer-assistant.service"
PROBE = f"""#!/bin/sh
# Stands where the owner's password manager would, and sees what the unit's sandbox leaves.
cd "$(dirname "$0")"
for place in "$HOME" /usr /etc .; do touch "$place/probe" 2>/dev/null && echo "writes $place"; done >> state/seen
ls /tmp | wc -l >> state/seen
grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status >> state/seen
umask >> state/seen
echo {PASSWORD}
"""


@pytest.fixture(scope="module")
def manager() -> Iterator[UserManager]:
    try:
        with user_manager() as running:
            yield running
    except Unavailable as reason:
        pytest.skip(f"no systemd user manager: {reason}")


@pytest.fixture
def owner(manager: UserManager, dovecot: Dovecot, mailbox_user: str) -> Iterator[Owner]:
    """A founder with two lapsed offers, whose service is taken away at the end."""
    made = owner_with_offers(dovecot, mailbox_user, manager.home / mailbox_user, lapsed=2)
    made.environment = manager.environment
    probe = made.folder / "password"
    probe.write_text(PROBE)
    probe.chmod(0o700)
    text = made.config.read_text("utf-8").replace(f"echo {PASSWORD}", str(probe))
    for name in ("mail.sqlite", "offers.toml"):
        text = text.replace(str(made.folder / name), str(made.folder / "state" / name))
    made.config.write_text(text, "utf-8")
    yield made
    made.run("service", "uninstall")


def main_process(manager: UserManager) -> int:
    return int(manager.property_of(UNIT, "MainPID"))


def is_online(manager: UserManager) -> bool:
    return manager.property_of(UNIT, "StatusText") == "1 of 1 account(s) online"


def test_the_service_is_installed_works_and_is_taken_away(manager: UserManager, owner: Owner) -> None:
    assert owner.json("service", "install")["manager"] == "systemd"
    assert manager.property_of(UNIT, "ActiveState") == "active"  # Type=notify: it has said that it is ready
    eventually(lambda: is_online(manager) and len(owner.messages("Drafts")) == 2, 30)
    status = owner.json("service", "status")
    assert (status["installed"], status["running"], status["accounts"][0]["state"]) == (True, True, "online")
    assert manager.systemctl("is-enabled", UNIT) == "enabled"

    assert owner.json("service", "uninstall") == {"installed": False, "was_installed": True}
    assert manager.property_of(UNIT, "LoadState") == "not-found"
    assert owner.json("status")["running"] is False


def test_the_sandbox_leaves_the_program_its_own_folders_and_no_others(manager: UserManager, owner: Owner) -> None:
    owner.json("service", "install")
    eventually(lambda: is_online(manager) and len(owner.messages("Drafts")) == 2, 30)

    seen = set((owner.folder / "state/seen").read_text().splitlines())

    assert seen == {"0", "NoNewPrivs:\t1", "Seccomp:\t2", "0077"}


def test_it_reads_the_configuration_when_systemd_asks_for_it(manager: UserManager, owner: Owner) -> None:
    owner.json("service", "install")
    eventually(lambda: is_online(manager), 30)
    before = main_process(manager)
    text = owner.config.read_text("utf-8")
    owner.config.write_text(text.replace("[account]", "[accounts.renamed]"), "utf-8")

    manager.systemctl("reload", UNIT)

    eventually(lambda: [a["state"] for a in owner.json("status")["accounts"]] == ["online"], 30)
    assert main_process(manager) == before


def test_a_daemon_that_was_killed_is_started_again(manager: UserManager, owner: Owner) -> None:
    owner.json("service", "install")
    dropin = manager.home / ".config/systemd/user" / f"{UNIT}.d/quick.conf"
    dropin.parent.mkdir()
    dropin.write_text("[Service]\nRestartSec=100ms\n")
    manager.systemctl("daemon-reload")
    eventually(lambda: is_online(manager) and len(owner.messages("Drafts")) == 2, 30)
    before = main_process(manager)

    manager.systemctl("kill", "--signal=KILL", "--kill-whom=main", UNIT)

    eventually(lambda: manager.property_of(UNIT, "NRestarts") == "1" and is_online(manager), 30)
    assert main_process(manager) != before
    assert len(owner.messages("Drafts")) == 2


def test_a_configuration_with_mistakes_is_not_tried_again_and_again(manager: UserManager, owner: Owner) -> None:
    owner.json("service", "install")
    owner.config.write_text(owner.config.read_text("utf-8").replace("[owner]", "[owners]"), "utf-8")

    manager.systemctl("restart", "--no-block", UNIT)

    eventually(lambda: manager.property_of(UNIT, "ActiveState") == "failed", 30)
    assert (manager.property_of(UNIT, "ExecMainStatus"), manager.property_of(UNIT, "NRestarts")) == ("2", "0")
