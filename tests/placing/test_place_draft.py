"""One draft for each due offer: placed, adopted, never repeated."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from assistant.mailbox import find_folders
from assistant.markers import marker
from assistant.service.placing import place_draft
from assistant.service.settling import Visit
from tests.dovecot import Dovecot
from tests.placing.lapsed_story import NOW, Story, offer_id


@pytest.fixture
def story(dovecot: Dovecot, mailbox_user: str, tmp_path: Path):
    told = Story(dovecot, mailbox_user, tmp_path / "one").fill()
    yield told
    told.close()


def another_computer(story: Story, name: str = "two") -> Story:
    return Story(story.server, story.user, story.folder.parent / name, story.offers)


def test_a_due_offer_gets_its_draft_in_drafts_marked_as_a_read_draft(story):
    placed = story.cycle()

    (flags, raw) = next(seen for uid, seen in story.contents("Drafts").items() if b"@client1" in seen[1])
    assert [p.what for p in placed] == ["placed"]
    assert placed[0].sentence == "1 Client 1: the withdrawal waits in Drafts."
    assert flags.startswith(b"\\Draft \\Seen ")
    assert b"To: Dominique Martin 1 <d.martin@client1.example>" in raw
    assert b"In-Reply-To: <offer.1@binalys.example>" in raw


def test_its_message_id_is_the_same_on_every_computer(story):
    story.cycle()

    expected = marker(story.user, offer_id(1), "withdrawal:2026-03-31:0", "camille@binalys.example")
    assert story.ledger()[0].message_id == expected
    assert expected.encode() in next(iter(story.drafts().values()))


def test_a_second_cycle_does_nothing(story):
    story.cycle()
    before = story.contents("Drafts")

    assert story.cycle() == []
    assert story.contents("Drafts") == before
    assert story.fate() == "untouched"


@pytest.mark.parametrize("lost", ["store", "register", "both"])
def test_what_is_lost_here_is_recognised_in_the_mailbox(story, lost):
    story.cycle()
    if lost in ("store", "both"):
        story.lose_store()
    if lost in ("register", "both"):
        story.lose_register()

    story.cycle(NOW + timedelta(days=1))

    assert len(story.drafts()) == 1
    assert story.fate() == "untouched"


def test_a_second_and_a_third_computer_add_none(story):
    story.cycle()

    for name in ("two", "three"):
        other = another_computer(story, name)
        other.cycle(NOW + timedelta(hours=2))
        assert other.fate() == "untouched"
        other.close()
    assert len(story.drafts()) == 1


def test_of_two_drafts_placed_at_the_same_instant_the_later_one_goes(story):
    other = another_computer(story)
    story.just_before_the_append = lambda: other.cycle()

    placed = story.cycle()

    assert len(story.drafts()) == 2
    assert [p.what for p in placed] == ["placed"]
    assert [p.what for p in story.cycle()] == ["taken-back"]
    assert list(story.drafts()) == [min(story.drafts())]
    assert other.cycle() == []
    assert (story.fate(), other.fate()) == ("untouched", "untouched")
    other.close()


def test_an_answer_that_arrives_just_before_the_append_stops_it(story):
    story.just_before_the_append = lambda: story.answer("Bonjour, j'accepte.", at=NOW - timedelta(seconds=1))

    placed = story.cycle()

    assert story.drafts() == {}
    assert [p.what for p in placed] == ["left"]


def test_it_stops_a_draft_that_the_owner_asked_for_too(story):
    story.just_before_the_append = lambda: story.answer("Bonjour, j'accepte.", at=NOW - timedelta(seconds=1))

    with story.connected() as connection:
        (item,) = story.judged(connection, NOW)
        visit = Visit(connection, story.desk, story.account, NOW, find_folders(connection))
        placed = place_draft(visit, item, "withdrawal", recheck=story.recheck, asked=True)

    assert placed.what == "left"
    assert story.drafts() == {}


def test_an_answer_dated_in_the_future_stops_it_too(story):
    story.answer("Bonjour, j'accepte.", at=NOW + timedelta(minutes=7))

    story.cycle()

    assert story.drafts() == {}


def test_a_clock_set_back_places_nothing_beside_a_later_answer(story):
    story.answer("Bonjour, j'accepte.", at=NOW - timedelta(days=2))

    story.cycle(NOW - timedelta(days=3))

    assert story.drafts() == {}


def test_a_clock_set_back_leaves_the_draft_alone_and_says_so(story):
    story.cycle()
    before = story.contents("Drafts")

    (told,) = story.cycle(NOW - timedelta(days=100))

    assert told.problem == {
        "code": "clock",
        "message": "1 Client 1: nothing is done about its draft, which is dated after now.",
        "hint": "is this computer's clock right?",
    }
    assert story.contents("Drafts") == before
    assert story.cycle(NOW + timedelta(days=1)) == []


def test_what_the_owner_threw_away_another_computer_does_not_make_again(story):
    story.cycle()
    (uid,) = story.drafts()
    story.remove_draft(uid, to="Trash")
    other = another_computer(story)

    other.cycle()
    other.cycle()

    assert story.drafts() == {}
    assert other.fate() == "deleted"
    other.close()


def test_nothing_is_drafted_where_nothing_is_due(story):
    story.due = False

    assert story.cycle() == []
    assert story.drafts() == {}


def test_an_extended_offer_gets_a_draft_of_its_own_once_it_lapses(story):
    story.cycle()
    story.say("extended", date(2026, 6, 30))

    assert [p.what for p in story.cycle()] == ["taken-back"]
    assert story.drafts() == {}

    assert [p.what for p in story.cycle(NOW + timedelta(days=60))] == ["placed"]
    assert [d.version for d in story.ledger()] == ["withdrawal:2026-03-31:0", "withdrawal:2026-06-30:0"]


def test_twenty_offers_get_twenty_drafts(dovecot, mailbox_user, tmp_path):
    story = Story(dovecot, mailbox_user, tmp_path / "one", offers=20).fill()

    story.cycle()
    story.cycle()

    assert len(story.drafts()) == 20
    story.close()


def test_nothing_else_in_the_mailbox_changes(story):
    before = story.everything()

    story.cycle()
    story.answer(at=NOW - timedelta(minutes=1))
    story.cycle()

    after = story.everything()
    assert [len(after[name]) - len(before[name]) for name in sorted(before)].count(1) == 1  # the answer itself
    after["INBOX"].popitem()
    assert after == before
