"""What becomes of a draft: edited, sent, deleted, taken back; and what the owner is told."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from assistant.verdict import Attention
from tests.dovecot import Dovecot
from tests.placing.lapsed_story import NOW, Story

LATER = NOW + timedelta(hours=3)


@pytest.fixture
def story(dovecot: Dovecot, mailbox_user: str, tmp_path: Path):
    """One offer, its draft placed."""
    told = Story(dovecot, mailbox_user, tmp_path / "one").fill()
    told.cycle()
    yield told
    told.close()


def reworded(raw: bytes) -> bytes:
    return raw.replace(b"Bonjour", b"Bonsoir", 1)


# -- the owner's hand -------------------------------------------------------------------------------------------------


def test_an_edited_draft_is_the_owners(story):
    story.edit_draft(reworded)

    (seen,) = story.cycle(LATER)

    assert (seen.what, story.fate()) == ("edited", "edited")


def test_an_edited_draft_is_never_removed_only_warned_about(story):
    story.edit_draft(reworded)
    story.answer()

    *_, warned = story.cycle(LATER)

    assert len(story.drafts()) == 1
    assert warned.problem == {
        "code": "draft-edited",
        "message": "1 Client 1: do not send the draft that you edited: The customer accepted. It was left as it is.",
        "hint": "delete it in your mail program, or send it if you still mean it",
    }


def test_a_draft_that_was_moved_out_and_back_is_untouched(story):
    (uid,) = story.drafts()
    story.remove_draft(uid, to="Archive")
    (moved,) = story.drafts("Archive")
    story.remove_draft(moved, to="Drafts", folder="Archive")

    assert story.cycle(LATER) == []
    assert story.fate() == "untouched"


def test_an_edited_draft_with_another_message_id_is_still_followed(story):
    def by_gmail(raw: bytes) -> bytes:
        head, _, body = reworded(raw).partition(b"\r\n\r\n")
        lines = [
            b"Message-ID: <CAF1@mail.gmail.example>" if x.startswith(b"Message-ID") else x for x in head.split(b"\r\n")
        ]
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    story.edit_draft(by_gmail)
    story.cycle(LATER)

    (draft,) = story.ledger()
    assert (draft.fate, draft.message_id) == ("edited", "<CAF1@mail.gmail.example>")


def delete(story: Story, to: str | None = None) -> None:
    (uid,) = story.drafts()
    story.remove_draft(uid, to=to)


def test_a_draft_that_is_nowhere_for_two_cycles_is_deleted(story):
    delete(story)

    (missed,) = story.cycle(LATER)
    assert (missed.what, story.fate()) == ("missing", "untouched")
    assert missed.sentence == (
        "1 Client 1: the withdrawal is not in Drafts; if it is not at the next look, you deleted it."
    )

    (gone,) = story.cycle(LATER)
    assert (gone.what, story.fate()) == ("deleted", "deleted")


def test_a_draft_in_the_trash_is_deleted_at_once(story):
    delete(story, to="Trash")

    (seen,) = story.cycle(LATER)

    assert (seen.what, story.fate()) == ("deleted", "deleted")


@pytest.mark.parametrize("where", [None, "Trash"])
def test_deleted_means_no(story, where):
    delete(story, to=where)

    for days in (0, 1, 30):
        story.cycle(LATER + timedelta(days=days))

    assert story.fate() == "deleted"
    assert story.drafts() == {}


def test_a_draft_that_is_between_two_folders_at_one_cycle_is_not_deleted(story):
    ((uid, raw),) = story.drafts().items()
    story.remove_draft(uid)
    story.cycle(LATER)
    story.deliver("Drafts", raw, "(\\Draft \\Seen)")

    assert story.cycle(LATER) == []
    assert story.fate() == "untouched"

    delete(story)  # being missed is not added up over the years
    story.cycle(LATER + timedelta(days=1))
    assert story.fate() == "untouched"


def test_an_edited_draft_that_comes_back_after_a_cycle_is_edited(story):
    ((uid, raw),) = story.drafts().items()
    story.remove_draft(uid)
    story.cycle(LATER)
    story.deliver("Drafts", reworded(raw), "(\\Draft \\Seen)")

    assert [p.what for p in story.cycle(LATER)] == ["edited"]


def test_an_answer_takes_a_draft_back_that_was_on_its_way_meanwhile(story):
    ((uid, raw),) = story.drafts().items()
    story.remove_draft(uid)
    story.answer()
    story.cycle(LATER)
    assert story.fate() == "untouched"

    story.deliver("Drafts", raw, "(\\Draft \\Seen)")
    story.cycle(LATER)

    assert story.fate() == "taken-back"
    assert story.drafts() == {}


def test_nothing_is_placed_beside_a_draft_that_is_missed_for_the_first_time(story):
    delete(story)
    story.say("extended", date(2026, 4, 30))

    story.cycle(LATER)
    assert story.drafts() == {}

    story.cycle(LATER)
    assert [d.fate for d in story.ledger()] == ["deleted", "untouched"]


def test_a_draft_marked_deleted_and_not_yet_expunged_is_deleted(story):
    (uid,) = story.drafts()
    with story.other_client() as client:
        client.select("Drafts")
        client.uid("STORE", str(uid), "+FLAGS", "(\\Deleted)")

    story.cycle(LATER)

    assert story.fate() == "deleted"
    assert list(story.drafts()) == [uid]


def test_deleted_means_no_even_after_the_store_is_lost(story):
    delete(story)
    story.cycle(LATER)
    story.lose_store()
    story.cycle(LATER)
    story.lose_store()

    assert story.cycle(LATER) == []
    assert story.fate() == "deleted"
    assert story.drafts() == {}


def test_a_star_is_no_edit(story):
    (uid,) = story.drafts()
    with story.other_client() as client:
        client.select("Drafts")
        client.uid("STORE", str(uid), "+FLAGS", "(\\Flagged)")
    story.answer()

    story.cycle(LATER)

    assert story.fate() == "taken-back"


# -- sent -------------------------------------------------------------------------------------------------------------


def test_a_sent_draft_is_sent_and_the_clock_of_the_outcome_starts(story):
    story.send_draft(at=LATER)

    (seen,) = story.cycle(LATER + timedelta(hours=1))

    (draft,) = story.ledger()
    assert (seen.what, draft.fate, draft.sent_at) == ("sent", "sent", LATER)


def test_a_draft_sent_under_another_message_id_is_sent(story):
    story.send_draft(message_id=b"<CAGmail@mail.gmail.example>", at=LATER)

    story.cycle(LATER + timedelta(hours=1))

    (draft,) = story.ledger()
    assert (draft.fate, draft.message_id) == ("sent", "<CAGmail@mail.gmail.example>")


def test_a_draft_sent_under_another_message_id_is_found_without_the_store(story):
    story.send_draft(message_id=b"<CAGmail@mail.gmail.example>", at=LATER)
    story.lose_store()

    story.cycle(LATER + timedelta(hours=1))

    assert story.fate() == "sent"


def test_a_deleted_draft_that_turns_up_as_sent_was_sent(story):
    (uid, raw) = next(iter(story.drafts().items()))
    story.remove_draft(uid)
    story.cycle(LATER)
    story.cycle(LATER)
    assert story.fate() == "deleted"

    story.deliver("Sent", raw, "(\\Seen)")
    story.cycle(LATER + timedelta(hours=1))

    assert story.fate() == "sent"


def test_another_mail_of_the_owner_in_the_thread_is_not_the_draft(story):
    from tests.placing.lapsed_story import CAMILLE, customer, mail_bytes, offer_id

    story.deliver(
        "Sent",
        mail_bytes(
            CAMILLE, [customer(1)], "Offre 1", "<other@binalys.example>", "Une photo du salon.", LATER, offer_id(1)
        ),
    )

    story.cycle(LATER + timedelta(hours=1))

    assert story.fate() == "untouched"


def test_a_lost_register_finds_the_notice_that_was_sent(story):
    story.send_draft(at=LATER)
    story.cycle(LATER + timedelta(hours=1))
    story.lose_store()
    story.lose_register()

    story.cycle(LATER + timedelta(hours=2))

    assert story.fate() == "sent"
    assert story.drafts() == {}


def test_a_yes_after_the_notice_is_an_alarm(story):
    story.send_draft(at=LATER)
    story.cycle(LATER + timedelta(hours=1))
    story.answer(at=LATER + timedelta(hours=2))

    (alarm,) = story.cycle(LATER + timedelta(hours=3))

    assert (alarm.what, alarm.problem and alarm.problem["code"]) == ("alarm", "late-acceptance")


# -- taking back ------------------------------------------------------------------------------------------------------


def test_an_answer_takes_an_untouched_draft_back(story):
    story.answer()

    (taken,) = story.cycle(LATER)

    assert (taken.what, taken.sentence) == (
        "taken-back",
        "1 Client 1: the draft was taken back: The customer accepted.",
    )
    assert story.drafts() == {}
    assert story.fate() == "taken-back"


def test_it_is_taken_back_after_store_and_register_were_lost(story):
    story.lose_store()
    story.lose_register()
    story.answer()

    story.cycle(LATER)

    assert story.drafts() == {}
    assert story.fate() == "taken-back"


def test_what_a_lost_register_finds_changed_is_left(story):
    story.edit_draft(reworded)
    story.lose_store()
    story.lose_register()
    story.answer()

    story.cycle(LATER)

    assert len(story.drafts()) == 1
    assert story.fate() == "edited"


def test_another_stall_replaces_the_draft_by_one_that_answers_it(story):
    story.answer("Bonjour, encore un peu de patience.", at=NOW + timedelta(minutes=30))

    done = story.cycle(LATER)

    assert [p.what for p in done] == ["taken-back", "placed"]
    (raw,) = story.drafts().values()
    assert b"patience" in raw
    assert [d.version for d in story.ledger()] == ["withdrawal:2026-03-31:0", "withdrawal:2026-03-31:1"]
    assert story.cycle(LATER) == []


@pytest.mark.parametrize("word", ["accepted", "declined", "withdrawn", "ignored"])
def test_the_owners_word_takes_the_draft_back(story, word):
    story.say(word)

    story.cycle(LATER)

    assert story.drafts() == {}
    assert story.fate() == "taken-back"


def test_never_takes_the_draft_back(story):
    with story.desk.register.change() as contents:
        contents.never.append("client1.example")
    story.due = False

    story.cycle(LATER)

    assert story.fate() == "taken-back"


def test_a_snooze_takes_the_draft_back_and_a_new_one_comes_afterwards(story):
    story.hold_until = date(2026, 6, 1)
    story.cycle(LATER)
    assert story.fate() == "taken-back"

    story.hold_until = None
    story.cycle(NOW + timedelta(days=20))

    assert story.fate() == "untouched"
    assert len(story.drafts()) == 1


def test_a_doubt_takes_the_draft_back(story):
    story.attention = Attention("mixed-signals", "Is this a decision?")

    story.cycle(LATER)

    assert story.fate() == "taken-back"


def test_a_pause_leaves_the_draft_unless_the_customer_answers(story):
    story.due = False
    story.cycle(LATER)
    assert story.fate() == "untouched"

    story.answer()
    story.cycle(LATER)

    assert story.fate() == "taken-back"


def test_an_offer_that_is_not_listed_for_once_keeps_its_draft(story):
    story.offers = 0

    story.cycle(LATER)

    assert len(story.drafts()) == 1


def test_a_second_computer_takes_back_what_the_first_placed(story):
    other = Story(story.server, story.user, story.folder.parent / "two")
    story.answer()

    other.cycle(LATER)

    assert story.drafts() == {}
    assert other.fate() == "taken-back"
    other.close()
