"""Which messages the store takes for one, and which for two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant.headers import Envelope
from assistant.messages import Address
from assistant.store import Arrival, Database, FolderState, MailStore, open_database

CLAIRE, PAUL = Address("Claire", "claire@binalys.example"), Address("", "paul@sogedec.example")
AT = 1_772_442_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "store.db") as opened:
        yield opened


def folder(mail: MailStore, name: str = "INBOX") -> int:
    return mail.save_folder(FolderState(0, name, "inbox", 1, 1, None, 0, 0, date.min)).id


def arrival(uid: int, **outside: object) -> Arrival:
    usual = {"message_id": "<1@binalys.example>", "timestamp": AT, "sender": CLAIRE, "subject": "Proposition"}
    return Arrival(uid, (), AT + 5, 1000, Envelope(**(usual | outside)))  # type: ignore[arg-type]


def test_a_message_in_two_folders_is_one_with_two_places(database: Database) -> None:
    mail = MailStore(database, "test")
    inbox, archive = folder(mail), folder(mail, "Archive")
    (key,) = mail.add(inbox, [arrival(1)]).new
    assert mail.add(archive, [arrival(7)]).new == ()
    assert [(place.folder, place.uid) for place in mail.locations(key)] == [("INBOX", 1), ("Archive", 7)]


def test_a_reply_that_is_read_first_makes_no_message_of_what_it_answers(database: Database) -> None:
    mail = MailStore(database, "test")
    inbox = folder(mail)
    reply = arrival(2, message_id="<2@x>", references=("<1@binalys.example>",), sender=PAUL, subject="Re: Proposition")
    first, second = mail.add(inbox, [reply]), mail.add(inbox, [arrival(1)])
    assert (len(first.new), len(second.new)) == (1, 1)
    assert first.threads == second.threads
    assert [each.key for each in mail.find("<1@binalys.example>")] == list(second.new)


@pytest.mark.parametrize(
    "other",
    [
        {"sender": PAUL},  # nobody can hide a message, or put his own in its place, by naming his like it
        {"subject": "Autre chose"},
        {"timestamp": AT + 60},  # a device that sends one Message-ID with everything
    ],
)
@pytest.mark.parametrize("batches", [1, 2])
def test_two_messages_with_one_message_id_stay_two(database: Database, other: dict[str, object], batches: int) -> None:
    mail = MailStore(database, "test")
    inbox, archive = folder(mail), folder(mail, "Archive")
    both = [arrival(1), arrival(2, **other)]
    for batch in [both] if batches == 1 else [[one] for one in both]:
        mail.add(inbox, batch)
    assert mail.count() == 2
    again = mail.add(archive, [arrival(11), arrival(12, **other)])
    assert again.new == ()
    assert mail.count() == 2


def test_messages_without_a_message_id_are_told_apart_by_their_outside_and_size(database: Database) -> None:
    mail = MailStore(database, "test")
    inbox = folder(mail)
    one = arrival(1, message_id="")
    mail.add(inbox, [one, one._replace(uid=2), one._replace(uid=3, size=2000), arrival(4, message_id="", subject="X")])
    assert mail.count() == 3


def test_the_servers_own_number_outweighs_what_the_message_says(database: Database) -> None:
    mail = MailStore(database, "test")
    inbox = folder(mail)
    mail.add(inbox, [arrival(1)._replace(server_id="17"), arrival(2)._replace(server_id="18")])
    assert mail.add(inbox, [arrival(3, subject="Edited")._replace(server_id="17")]).new == ()
    assert mail.count() == 2


def test_accounts_do_not_share_messages(database: Database) -> None:
    for name in ("first", "second"):
        mail = MailStore(database, name)
        assert len(mail.add(folder(mail), [arrival(1)]).new) == 1
        assert mail.count() == 1
