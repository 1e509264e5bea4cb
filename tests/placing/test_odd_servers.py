"""What real servers do to a draft, and what remains true all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.errors import NeedsOwner, Temporary, Unreachable
from assistant.mailbox.drafts import MailboxFull
from tests.placing.lapsed_story import NOW, Story
from tests.servers.drafts_server import BARE, GMAIL, MODERN, DraftsServer, Ways
from tests.servers.fake_imap import Dialect

LATER = NOW + timedelta(hours=3)


@contextmanager
def lapsed(folder: Path, dialect: Dialect = MODERN, ways: Ways | None = None, offers: int = 1) -> Iterator[Story]:
    with DraftsServer(dialect, ways) as server:
        story = Story(server, "camille@binalys.example", folder, offers).fill()
        yield story
        story.close()


# -- without UIDPLUS --------------------------------------------------------------------------------------------------


def test_without_uidplus_a_draft_is_placed_once_and_known_by_its_marker(tmp_path):
    with lapsed(tmp_path, BARE) as story:
        story.cycle()
        story.cycle()

        assert len(story.drafts()) == 1
        assert story.fate() == "untouched"


def test_without_uidplus_a_draft_is_left_and_the_owner_warned(tmp_path):
    with lapsed(tmp_path, BARE) as story:
        story.cycle()
        story.answer()

        (left,) = story.cycle(LATER)

        assert left.problem == {
            "code": "draft-left",
            "message": "1 Client 1: do not send the draft in Drafts: The customer accepted. "
            "This server does not let it be removed safely.",
            "hint": "delete it in your mail program: Drafts",
        }
        assert len(story.drafts()) == 1
        assert not any(command.startswith(("STORE", "EXPUNGE", "MOVE")) for command in story.server.commands)


# -- an answer that lies, or is lost ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", [MODERN, BARE])
def test_ok_without_storing_is_found_out_and_asked_about_never_repeated(tmp_path, dialect):
    with lapsed(tmp_path, dialect, Ways(stores=False)) as story:
        (placed,) = story.cycle()
        again = story.cycle(LATER)

        assert placed.problem is not None
        assert placed.problem["code"] == "draft-uncertain"
        assert placed.problem["hint"] == "look into Drafts; if no draft is there: `offer-assistant draft 1 --again`"
        assert [p.what for p in again] == ["uncertain"]
        assert sum(c.startswith("APPEND") for c in story.server.commands) == 1


def test_an_uncertain_draft_that_turns_up_is_adopted(tmp_path):
    with lapsed(tmp_path, MODERN, Ways(stores=False)) as story:
        story.cycle()
        intent = story.desk.database.connection.execute("SELECT message FROM intents").fetchone()[0]
        story.deliver("Drafts", intent, "(\\Draft \\Seen)")

        story.cycle(LATER)

        assert story.fate() == "untouched"
        assert len(story.drafts()) == 1


@pytest.mark.parametrize("dialect", [MODERN, BARE])
def test_a_server_that_stores_and_hangs_up_gets_no_second_one(tmp_path, dialect):
    with lapsed(tmp_path, dialect, Ways(drops_after_storing=True), offers=2) as story:
        for _ in range(2):
            with pytest.raises(Unreachable):
                story.cycle()
        story.cycle()

        assert len(story.drafts()) == 2
        assert {story.fate(1), story.fate(2)} == {"untouched"}


def test_a_server_that_hangs_up_before_storing_is_tried_again_and_again(tmp_path):
    with lapsed(tmp_path, MODERN, Ways(drops_before_storing=True)) as story:
        for _ in range(3):
            with pytest.raises(Temporary):
                story.cycle()
        story.server.ways.drops_before_storing = False
        story.cycle()

        assert len(story.drafts()) == 1
        assert story.fate() == "untouched"


def test_lost_in_doubt_a_draft_is_not_made_again(tmp_path):
    """The append may have been stored, and was then removed by somebody: nobody can know."""
    with lapsed(tmp_path, MODERN, Ways(drops_after_storing=True)) as story:
        with pytest.raises(Unreachable):
            story.cycle()
        (uid,) = story.drafts()
        story.remove_draft(uid)
        story.server.ways.drops_after_storing = False

        (asked,) = story.cycle(LATER)

        assert (asked.what, story.fate()) == ("uncertain", "uncertain")
        assert story.drafts() == {}


def test_a_draft_deleted_before_its_answer_was_seen_is_deleted(tmp_path):
    with lapsed(tmp_path, MODERN, Ways(drops_after_storing=True)) as story:
        with pytest.raises(Unreachable):
            story.cycle()
        (uid,) = story.drafts()
        story.remove_draft(uid, to="Trash")
        story.server.ways.drops_after_storing = False

        story.cycle(LATER)

        assert story.fate() == "deleted"
        assert story.drafts() == {}


# -- other Message-IDs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", [MODERN, BARE])
@pytest.mark.parametrize("hangs_up", [False, True])
def test_a_server_that_gives_its_own_message_id_gets_one_draft(tmp_path, dialect, hangs_up):
    with lapsed(tmp_path, dialect, Ways(rewrites_ids=True, drops_after_storing=hangs_up)) as story:
        if hangs_up:
            with pytest.raises(Unreachable):
                story.cycle()
        story.cycle()
        story.cycle(LATER)

        (raw,) = story.drafts().values()
        (draft,) = story.ledger()
        assert draft.fate == "untouched"
        assert draft.message_id.encode() in raw
        assert draft.message_id.startswith("<server.")


def test_a_draft_under_the_servers_message_id_is_taken_back_too(tmp_path):
    with lapsed(tmp_path, MODERN, Ways(rewrites_ids=True)) as story:
        story.cycle()
        story.answer()

        story.cycle(LATER)

        assert story.drafts() == {}
        assert story.fate() == "taken-back"


# -- Gmail ------------------------------------------------------------------------------------------------------------


def test_on_gmail_a_draft_is_taken_back_by_moving_it_to_trash(tmp_path):
    with lapsed(tmp_path, GMAIL) as story:
        story.cycle()
        ((_, raw),) = story.drafts().items()
        story.answer()

        story.cycle(LATER)

        assert story.drafts() == {}
        assert list(story.drafts("Trash").values()) == [raw]
        assert not any(command.startswith(("STORE", "EXPUNGE")) for command in story.server.commands)


def test_on_gmail_an_edited_draft_is_a_new_message_and_the_owners(tmp_path):
    with lapsed(tmp_path, GMAIL) as story:
        story.cycle()
        story.edit_draft(
            lambda raw: raw.replace(b"Bonjour", b"Bonsoir", 1).replace(b"Message-ID: <", b"Message-ID: <CA.")
        )
        story.answer()

        *_, warned = story.cycle(LATER)

        assert (story.fate(), warned.what) == ("edited", "left")
        assert len(story.drafts()) == 1


# -- no room, no folder -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ways",
    [
        Ways(refusal="NO [OVERQUOTA] Mailbox is at 101% of its quota"),
        Ways(late_refusal="NO [OVERQUOTA] Quota exceeded"),
        Ways(late_refusal="NO Append failed: mailbox is full"),
        Ways(refusal="NO [TOOBIG] Message too large"),
    ],
)
def test_a_full_mailbox_is_said_once_and_nothing_is_lost(tmp_path, ways):
    with lapsed(tmp_path, MODERN, ways) as story:
        with pytest.raises(MailboxFull) as full:
            story.cycle()
        assert full.value.exit_code == 3
        assert full.value.hint == "make room in it; the draft is placed at the next check"

        story.server.ways = Ways()
        story.cycle()
        assert len(story.drafts()) == 1


def test_an_announced_limit_is_respected_without_trying(tmp_path):
    small = Dialect("small", "IMAP4rev1 UIDPLUS APPENDLIMIT=100")
    with lapsed(tmp_path, small) as story:
        with pytest.raises(MailboxFull):
            story.cycle()

        assert not any(command.startswith("APPEND") for command in story.server.commands)


def test_another_refusal_is_told_and_tried_again(tmp_path):
    with lapsed(tmp_path, MODERN, Ways(late_refusal="NO not today")) as story:
        (left,) = story.cycle()
        assert left.problem == {
            "code": "draft-not-stored",
            "message": "1 Client 1: no draft was placed: the server refused APPEND: not today.",
            "hint": "it is tried again at the next cycle",
        }
        story.server.ways = Ways()
        story.cycle()

        assert len(story.drafts()) == 1


def test_without_a_drafts_folder_the_owner_is_told_how_to_name_one(tmp_path):
    with lapsed(tmp_path) as story:
        folder = story.server.folders["Ablage"] = story.server.folders.pop("Drafts")
        folder.name, folder.attributes = "Ablage", ""

        with pytest.raises(NeedsOwner) as missing:
            story.cycle()

        assert missing.value.code == "folder-missing"
        assert 'folders = { drafts = "…" }' in missing.value.hint


def test_drafts_under_another_name_are_followed(tmp_path):
    with lapsed(tmp_path) as story:
        story.cycle()
        story.server.folders["Brouillons"] = story.server.folders.pop("Drafts")
        story.server.folders["Brouillons"].name = "Brouillons"

        assert story.cycle(LATER) == []

        assert (story.fate(), story.ledger()[0].folder) == ("untouched", "Brouillons")


def test_new_numbers_of_the_whole_folder_change_nothing(tmp_path):
    with lapsed(tmp_path) as story:
        story.cycle()
        folder = story.server.folders["Drafts"]
        folder.uidvalidity, folder.uidnext = 77, folder.uidnext + 100
        for message in folder.messages:
            message.uid += 100

        assert story.cycle(LATER) == []
        assert story.fate() == "untouched"


# -- only what is allowed leaves --------------------------------------------------------------------------------------


def test_only_reading_and_the_two_changes_to_drafts_leave_this_computer(tmp_path):
    with lapsed(tmp_path) as story:
        story.cycle()
        story.answer()
        story.cycle(LATER)

        said = story.server.commands
        changing = [c for c in said if c.split()[0] not in READING]
        assert [c.split(" {")[0] for c in changing] == [
            'APPEND "Drafts" (\\Draft \\Seen)',
            'SELECT "Drafts"',
            "STORE 3 (UNCHANGEDSINCE 4) +FLAGS.SILENT (\\Deleted)",
            "EXPUNGE 3",
        ]
        assert all("PEEK" in c for c in said if c.startswith("FETCH") and "BODY" in c and "BODYSTRUCTURE" not in c)


READING = ("CAPABILITY", "LOGIN", "ENABLE", "LIST", "STATUS", "EXAMINE", "SEARCH", "FETCH", "CHECK", "NOOP", "LOGOUT")
