"""`draft OFFER`, run as its owner runs it, on a case from the corpus."""

from __future__ import annotations

import json
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.dovecot import Dovecot
from tests.mailbuilder import Case, load_case
from tests.running import COMMAND, Owner, owner_of

CASES = Path(__file__).parent.parent / "cases"


def lapsed_case() -> Case:
    return load_case(CASES / "fr" / "silence-site-vitrine.toml")


@pytest.fixture
def owner(dovecot: Dovecot, mailbox_user: str, tmp_path: Path) -> Owner:
    return owner_of(lapsed_case(), dovecot, mailbox_user, tmp_path)


def at(days: int) -> tuple[str, str]:
    """So many days after the case's moment."""
    return "--at", (lapsed_case().now + timedelta(days=days)).isoformat()


def refused(owner: Owner, *arguments: str) -> str:
    done = owner.run("draft", *arguments, "--json")
    assert done.returncode == 3, done.stdout + done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "draft-refused"
    return str(error["message"])


def delete_the_draft(owner: Owner) -> None:
    with owner.server.client(owner.user) as client:
        client.select("Drafts")
        client.store("1", "+FLAGS", "(\\Deleted)")
        client.expunge()


def test_a_lapsed_offer_is_drafted_once_and_again_only_on_request(owner):
    (listed,) = owner.json("check", *at(0))["offers"]
    assert listed["draft"]["fate"] == "untouched"
    assert refused(owner, "1", *at(0)) == "a draft stands in Drafts, as it was placed"

    delete_the_draft(owner)
    owner.json("check", *at(1))
    assert owner.messages("Drafts") == []
    assert refused(owner, "1", *at(1)) == "a draft was made for this version, you deleted it"

    (listed,) = owner.json("draft", "1", "--again", *at(1))["offers"]
    assert (listed["draft"]["kind"], listed["draft"]["fate"]) == ("withdrawal", "untouched")
    (raw,) = owner.messages("Drafts")
    assert listed["draft"]["message_id"].encode() in raw


def test_who_has_just_deleted_the_draft_need_not_wait_for_a_cycle_to_have_another(owner):
    owner.json("check", *at(0))
    delete_the_draft(owner)

    assert refused(owner, "1", *at(0)) == "a draft was made for this version, it is no longer in Drafts"
    delivered = owner.json("draft", "1", "--again", *at(0))["offers"][0]["draft"]

    assert delivered["fate"] == "untouched"
    (raw,) = owner.messages("Drafts")
    assert delivered["message_id"].encode() in raw


def test_again_is_heeded_at_the_first_look_too(owner):
    owner.json("check", *at(0))
    delete_the_draft(owner)

    owner.json("draft", "1", "--again", *at(0))
    for _ in range(3):
        owner.json("check", *at(0))

    assert len(owner.messages("Drafts")) == 1


def test_a_dry_run_shows_the_letter_and_writes_nothing(owner):
    owner.json("check", "--at", (lapsed_case().now - timedelta(days=400)).isoformat())
    store, register = (owner.folder / "mail.sqlite").read_bytes(), (owner.folder / "offers.toml").read_bytes()

    told = owner.run("draft", "1", "--dry-run", *at(0))

    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("To: ")
    assert owner.messages("Drafts") == []
    assert (owner.folder / "offers.toml").read_bytes() == register
    assert (owner.folder / "mail.sqlite").read_bytes() == store


def test_an_open_offer_gets_a_last_call_and_later_its_withdrawal(owner):
    (listed,) = owner.json("check", *at(0), "--dry-run")["offers"]
    last = date.fromisoformat(listed["valid_until"])
    early = ["--at", f"{last - timedelta(days=1)}T09:00:00"]
    owner.json("check", *early)

    (listed,) = owner.json("draft", "1", *early)["offers"]
    assert (listed["state"], listed["draft"]["kind"]) == ("open", "reminder")
    assert len(owner.messages("Drafts")) == 1

    (listed,) = owner.json("check", *at(0))["offers"]
    assert (listed["state"], listed["draft"]["kind"]) == ("lapsed", "withdrawal")
    assert len(owner.messages("Drafts")) == 1


def test_paused_and_never_hold_for_a_draft_on_request_too(owner):
    owner.json("check", "--at", (lapsed_case().now - timedelta(days=400)).isoformat())
    owner.run("pause")
    assert refused(owner, "1", *at(0)) == "drafts are paused, as you wished"
    owner.run("pause", "--off")
    contact = owner.json("offers", "--all", *at(0))["offers"][0]["contact"]
    owner.run("never", contact)
    assert refused(owner, "1", *at(0)) == "you want no drafts to this customer"


def test_processes_that_check_at_once_place_one(owner):
    command = [str(COMMAND), "check", *at(0), "--config", str(owner.config)]
    started = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(3)]

    codes = sorted(process.wait(60) for process in started)

    assert codes[0] == 0
    assert set(codes) <= {0, 75}  # 75: another process holds the account
    assert len(owner.messages("Drafts")) == 1


def test_an_accepted_offer_is_refused_with_the_reason(owner):
    owner.json("check", "--at", (lapsed_case().now - timedelta(days=400)).isoformat())
    owner.run("accepted", "1", *at(0))

    assert refused(owner, "1", *at(0)).startswith("the offer is accepted: You said on")
