"""The cases of tests/cases: mailboxes with their right answers, as real messages on a real server, through the command.

Cases that do not pass yet are listed in tests/cases/known-failures.txt; one of them that passes fails the test.
"""

from __future__ import annotations

from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from tests.dovecot import Dovecot
from tests.judgement.cases import judge
from tests.mailbuilder import Case, load_case, message_id
from tests.running import owner_of

ROOT = Path(__file__).parent
PATHS = sorted((ROOT / "cases").glob("*/*.toml"))
KNOWN = {
    line.split("#")[0].strip() for line in (ROOT / "cases" / "known-failures.txt").read_text("utf-8").splitlines()
} - {""}


def _case(path: Path) -> Any:
    name = f"{path.parent.name}/{path.stem}"
    marks = [pytest.mark.xfail(strict=True, reason="known failure")] if name in KNOWN else []
    return pytest.param(load_case(path), id=name, marks=marks)


CASES = [_case(path) for path in PATHS]


def test_every_known_failure_is_a_case() -> None:
    assert {f"{p.parent.name}/{p.stem}" for p in PATHS} >= KNOWN
    assert len(PATHS) >= 90


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_judged_right(case: Case) -> None:
    assert judge(case).wrong == []


@pytest.mark.parametrize("case", CASES)
def test_a_case_on_a_real_server_ends_with_the_right_drafts(
    case: Case, dovecot: Dovecot, mailbox_user: str, tmp_path: Path
) -> None:
    owner = owner_of(case, dovecot, mailbox_user, tmp_path)
    told = owner.json("check", "--at", case.now.isoformat())
    assert told["problems"] == []
    assert answers(case, told["offers"]) == expected(case)
    drafts = [message_from_bytes(raw) for raw in owner.messages("Drafts")]
    due = [o["draft"]["message_id"] for o in told["offers"] if o["draft"]]
    assert sorted(d["Message-ID"] for d in drafts) == sorted(due)


def answers(case: Case, offers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the command says, in the words of the case."""
    keys = ("message_id", "reference", "valid_until", "state", "pilot")
    told = [{k: o[k] for k in keys} | {"draft": o["draft"] is not None} for o in offers]
    return sorted(told, key=lambda o: (str(o["message_id"]), str(o["reference"])))


def expected(case: Case) -> list[dict[str, Any]]:
    wanted = [
        {
            "message_id": message_id(case, e["message"]) if "message" in e else None,
            "reference": e.get("reference"),
            "valid_until": e["valid_until"].isoformat() if "valid_until" in e else None,
            "state": e["state"],
            "pilot": e.get("pilot", False),
            "draft": e["draft"],
        }
        for e in case.expected
    ]
    return sorted(wanted, key=lambda o: (str(o["message_id"]), str(o["reference"])))
