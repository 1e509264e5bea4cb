"""The main job on a real server, through the installed command, as an owner would use it."""

from __future__ import annotations

import json
import os
import stat
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.dovecot import Dovecot, free_port
from tests.mailbuilder import load_case
from tests.running import Owner, owner_of

STORY = Path(__file__).parent / "cases" / "fr" / "the-founding-story.toml"
AT = "2026-05-18T09:00:00+02:00"


@pytest.fixture
def owner(dovecot: Dovecot, mailbox_user: str, tmp_path: Path) -> Owner:
    return owner_of(load_case(STORY), dovecot, mailbox_user, tmp_path)


def drafts(owner: Owner) -> list[EmailMessage]:
    return [message_from_bytes(raw, policy=policy.default) for raw in owner.messages("Drafts")]  # type: ignore[misc]


def snapshot(owner: Owner) -> dict[str, object]:
    """Every folder but Drafts: its messages, byte for byte, with their flags."""
    found: dict[str, object] = {}
    with owner.server.client(owner.user) as client:
        for line in client.list()[1]:
            name = line.decode().rpartition(" ")[2].strip('"')
            if name != "Drafts":
                client.select(name, readonly=True)
                found[name] = (
                    client.fetch("1:*", "(UID FLAGS BODY.PEEK[])")[1] if client.search(None, "ALL")[1][0] else []
                )
    return found


def test_the_founding_story_ends_with_one_draft_in_the_thread(owner: Owner) -> None:
    told = owner.json("check", "--at", AT)
    (offer,) = told["offers"]
    assert (offer["client"], offer["state"], offer["valid_until"]) == ("Valmontel Collecte", "lapsed", "2026-03-31")
    (draft,) = drafts(owner)
    assert draft["Message-ID"] == offer["draft"]["message_id"]
    assert draft["Subject"] == "Re: Proposition Binalys – déploiement pérenne sur 14 agences"
    assert draft["From"].addresses[0].addr_spec == "camille.rouvier@binalys.example"
    people = {a.addr_spec for field in ("To", "Cc") if draft[field] for a in draft[field].addresses}
    assert people == {
        "b.lacaze@valmontel-collecte.example",
        "s.courtin@valmontel-collecte.example",
        "yanis@binalys.example",
    }
    text = draft.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    for words in ("27 janvier", "31 mars", "28 mai 2026", "page blanche"):
        assert words in text.replace("\u00a0", " ")
    assert draft["References"].split()[0] == "<the-founding-story.request@binalys.example>"


def test_nothing_else_in_the_mailbox_changes(owner: Owner) -> None:
    before = snapshot(owner)
    owner.json("check", "--at", AT)
    owner.json("check", "--at", AT)
    assert snapshot(owner) == before


def test_three_checks_and_a_lost_store_leave_one_draft(owner: Owner) -> None:
    first = owner.json("check", "--at", AT)["offers"]
    owner.json("check", "--at", AT)
    for name in os.listdir(owner.folder):
        if name.startswith("mail.sqlite"):
            (owner.folder / name).unlink()
    again = owner.json("check", "--at", AT)["offers"]
    assert [o["id"] for o in again] == [o["id"] for o in first] == [1]
    assert again[0]["draft"] == first[0]["draft"]
    assert len(drafts(owner)) == 1


def test_a_dry_run_writes_nothing(owner: Owner) -> None:
    told = owner.json("check", "--dry-run", "--at", AT)
    assert [(o["state"], o["draft"]) for o in told["offers"]] == [("lapsed", None)]
    assert drafts(owner) == []
    assert not (owner.folder / "offers.toml").exists()
    assert owner.json("offers", "--at", AT)["offers"] == []


def test_the_store_and_the_register_are_for_the_owner_alone(owner: Owner) -> None:
    owner.json("check", "--at", AT)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in owner.folder.iterdir() if p.is_file()}
    modes.pop("config.toml")  # written by the test
    assert set(modes.values()) == {0o600}, modes


def test_offers_and_show_answer_from_the_store_without_the_network(owner: Owner) -> None:
    owner.json("check", "--at", AT)
    owner.write_config(port=free_port())
    assert owner.json("offers", "--at", AT)["offers"][0]["state"] == "lapsed"
    shown = owner.json("show", "valmontel", "--at", AT)
    assert "page blanche" in shown["preview"]
    assert [r["rule"] for r in shown["reasons"]] == ["validity-over", "no-decision"]
    plain = owner.run("show", "1", "--at", AT)
    assert plain.returncode == 0
    assert "Valmontel Collecte" in plain.stdout
    assert "\x1b[" not in plain.stdout


def test_the_owner_s_word_sticks_and_can_be_taken_back(owner: Owner) -> None:
    owner.json("check", "--at", AT)
    assert owner.run("accepted", "1", "--at", AT).returncode == 0
    assert owner.json("check", "--at", AT)["offers"][0]["state"] == "accepted"
    assert drafts(owner) == []  # taken back: nobody had touched it
    assert owner.run("undo", "1").returncode == 0
    assert owner.json("offers", "--at", AT)["offers"][0]["state"] == "lapsed"
    assert owner.run("ignore", "1").returncode == 0
    assert owner.json("offers", "--at", AT)["offers"] == []
    assert owner.run("undo", "1").returncode == 0
    assert owner.run("extend", "1", "30/06/2026").returncode == 0
    assert owner.json("offers", "--at", AT)["offers"][0]["valid_until"] == "2026-06-30"


def test_a_spreadsheet_is_imported_and_imported_again(owner: Owner, tmp_path: Path) -> None:
    sheet = tmp_path / "offres.csv"
    sheet.write_bytes(
        "Reference;Client;Contact;Title;Amount;Sent_on;Valid_until\r\n"
        "P-7;Société Générale d'Été;a@ete.example;Étude;12 000 €;02/03/2026;31/03/2026\r\n".encode("cp1252")
    )
    assert owner.json("import", str(sheet)) == {"added": 1, "updated": 0, "dry_run": False}
    assert owner.json("import", str(sheet)) == {"added": 0, "updated": 1, "dry_run": False}
    offers = owner.json("check", "--at", AT)["offers"]
    registered = next(o for o in offers if o["reference"] == "P-7")
    assert (registered["client"], registered["state"]) == ("Société Générale d'Été", "lapsed")
    assert (registered["message_id"], registered["draft"] is not None) == (None, True)
    assert len(drafts(owner)) == 2


def test_a_bad_line_of_a_spreadsheet_stops_the_import_and_is_named(owner: Owner, tmp_path: Path) -> None:
    sheet = tmp_path / "bad.csv"
    sheet.write_text(
        "reference,contact,sent_on\nP-1,a@b.example,2026-01-01\nP-2,not an address,2026-01-01\nP-3,,31/31/2026\n"
    )
    done = owner.run("import", str(sheet))
    assert done.returncode == 2
    assert "line 3" in done.stderr and "line 4" in done.stderr
    assert owner.json("offers")["offers"] == []


def failure(owner: Owner, *arguments: str) -> tuple[int, str]:
    """The exit code and the error's code; one sentence and the next step, and never a traceback."""
    done = owner.run(*arguments)
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("offer-assistant: "), done.stderr
    assert "\n→ " in done.stderr, done.stderr
    told = json.loads(owner.run(*arguments, "--json").stdout)
    assert set(told["error"]) >= {"code", "message", "hint"}
    return done.returncode, told["error"]["code"]


def test_a_wrong_password_is_told_in_one_sentence(owner: Owner) -> None:
    owner.config.write_text(owner.config.read_text("utf-8").replace("echo pass", "echo wrong"), "utf-8")
    assert failure(owner, "check") == (3, "login-refused")


def test_an_unreachable_server_is_temporary(owner: Owner) -> None:
    owner.write_config(port=free_port())
    assert failure(owner, "check") == (75, "unreachable")


def test_a_missing_drafts_folder_is_the_owner_s_to_mend(mailbox_user: str, tmp_path: Path) -> None:
    server = Dovecot(special_use={"Sent": "\\Sent"}).start()
    try:
        owner = owner_of(load_case(STORY), server, mailbox_user, tmp_path)
        assert failure(owner, "check", "--at", AT) == (3, "folder-missing")
    finally:
        server.stop()


def test_an_unreadable_store_is_told_and_left_alone(owner: Owner) -> None:
    (owner.folder / "mail.sqlite").write_bytes(b"this is no database" * 100)
    assert failure(owner, "offers") == (1, "store-unreadable")
    assert (owner.folder / "mail.sqlite").read_bytes().startswith(b"this is no database")


def test_a_broken_register_is_told_and_left_alone(owner: Owner) -> None:
    (owner.folder / "offers.toml").write_text("[[offer]\nid = 1\n", "utf-8")
    assert failure(owner, "offers") == (1, "store-unreadable")
    assert (owner.folder / "offers.toml").read_text("utf-8") == "[[offer]\nid = 1\n"


def test_a_broken_template_is_told_with_its_line(owner: Owner) -> None:
    folder = owner.folder / "texts"
    assert owner.run("templates", "copy", "--folder", str(folder)).returncode == 0
    for template in folder.rglob("*withdrawal*"):
        template.write_text("{{ unfinished", "utf-8")
    owner.extra = f'[templates]\nfolder = "{folder}"'
    owner.write_config()
    assert failure(owner, "check", "--at", AT) == (3, "template-broken")
    assert drafts(owner) == []


def test_a_broken_configuration_tells_all_problems_at_once(owner: Owner) -> None:
    owner.write_config(port=0, colour="red")
    assert failure(owner, "check") == (2, "configuration")
    done = owner.run("check")
    assert "account.port" in done.stderr and "account.colour" in done.stderr


def test_an_offer_that_does_not_exist_is_told(owner: Owner) -> None:
    assert failure(owner, "show", "nobody") == (2, "usage")
