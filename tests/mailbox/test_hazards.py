"""What real servers do wrong, one test each: the program stays right, or says what is the matter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from assistant.errors import OfferAssistantError, ProtocolError, ServerUnavailable, Throttled, Unreachable
from assistant.mailbox import AppendRefused, AppendUncertain, CommandRefused, Connection, find_folders, open_connection
from assistant.mailbox.fetched import Fetched
from assistant.service.reading import ReadReport, read_mailbox
from assistant.store import MailStore, open_database
from tests.mailbox.backends import PASSWORD, account
from tests.servers import dialects
from tests.servers.fake_imap import CUT, Dialect, FakeFolder, FakeImap

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def mail(number: int) -> bytes:
    return (
        f"From: claire@binalys.example\r\nTo: paul@sogedec.example\r\nSubject: Nr {number}\r\n"
        f"Date: Mon, 2 Mar 2026 10:00:{number:02} +0100\r\nMessage-ID: <{number}@binalys.example>\r\n\r\nBonjour\r\n"
    ).encode()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MailStore]:
    with open_database(tmp_path / "store.db") as database:
        yield MailStore(database, "test")


@pytest.fixture
def server() -> Iterator[FakeImap]:
    with FakeImap() as running:
        yield running


def on(verb: str, change: Callable[[bytes], bytes]) -> Callable[[str, str, bytes], bytes]:
    return lambda said, arguments, answer: change(answer) if said == verb else answer


def connect(server: FakeImap) -> Connection:
    return open_connection(account(server.port), PASSWORD)


def read(server: FakeImap, store: MailStore, minutes: int = 0) -> ReadReport:
    with connect(server) as connection:
        return read_mailbox(
            connection, store, connection.account, since=date(2020, 1, 1), now=NOW + timedelta(minutes=minutes)
        )


def fill(server: FakeImap, count: int = 10, folder: str = "INBOX") -> FakeFolder:
    for number in range(count):
        server.folders[folder].deliver(mail(number))
    return server.folders[folder]


# -- UIDVALIDITY ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fresh", [2000, 0])
def test_renumbered_folders_are_matched_anew_and_nothing_is_news(
    server: FakeImap, store: MailStore, fresh: int
) -> None:
    folder = fill(server)
    keys = read(server, store).new
    folder.uidvalidity = fresh
    for message in folder.messages:
        message.uid += 500
    folder.uidnext += 500
    again = read(server, store, 5)
    assert (again.new, again.gone, again.resets) == ([], [], ["INBOX"])
    assert read(server, store, 10).gone == []
    assert [store.locations(key)[0].uid for key in keys] == [501 + number for number in range(10)]


def test_a_renumbering_in_the_middle_of_reading_stops_it(server: FakeImap, store: MailStore) -> None:
    folder = fill(server, 500)
    fill(server, 5, "Sent")

    def renumber(verb: str, arguments: str, answer: bytes) -> bytes:
        if verb == "FETCH":
            folder.uidvalidity = 4711
        return answer

    server.twist = renumber
    with pytest.raises(ServerUnavailable):
        read(server, store)
    server.twist = None
    read(server, store, 5)
    read(server, store, 10)
    assert store.count() == 500


# -- answers that are wrong -----------------------------------------------------------------------------------------


def test_a_malformed_answer_sets_one_message_aside_and_the_rest_is_read(server: FakeImap, store: MailStore) -> None:
    fill(server)
    server.twist = on("FETCH", lambda answer: answer.replace(b"(UID 4 FLAGS ()", b"(UID 4 FLAGS (("))
    report = read(server, store)
    assert (len(report.new), report.quarantined) == (9, 1)
    assert [(each.folder, each.uid) for each in store.quarantined()] == [("INBOX", 4)]
    server.twist = None
    assert read(server, store, 5).new == []  # left alone


def test_what_was_set_aside_is_tried_once_more_after_an_upgrade(
    server: FakeImap, store: MailStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill(server)
    spoil = on("FETCH", lambda answer: re.sub(rb"\(UID ([468]) FLAGS \(\)", rb"(UID \1 FLAGS ((", answer))
    server.twist = spoil
    assert read(server, store).quarantined == 3
    monkeypatch.setattr("assistant.store.folders.__version__", "0.2.0")
    server.twist = on("FETCH", lambda answer: answer.replace(b"(UID 8 FLAGS ()", b"(UID 8 FLAGS (("))
    folder.remove(6)
    assert len(read(server, store, 5).new) == 1  # UID 4; UID 6 is gone, UID 8 as unreadable as before
    assert [(each.uid, each.attempts) for each in store.quarantined()] == [(8, 2)]
    commands = len(server.commands)
    server.twist = None
    assert read(server, store, 10).new == []
    assert not any("FETCH" in command for command in server.commands[commands:])


def test_a_server_that_says_ok_without_data_is_asked_again_one_by_one(server: FakeImap, store: MailStore) -> None:
    fill(server)
    server.twist = on("FETCH", lambda answer: re.sub(rb"\* 7 FETCH .*?\n\r\n\)\r\n", b"", answer, flags=re.DOTALL))
    report = read(server, store)
    assert (len(report.new), report.quarantined) == (9, 1)


def test_a_refused_batch_is_read_one_by_one(server: FakeImap, store: MailStore) -> None:
    fill(server)

    def refuse(verb: str, arguments: str, answer: bytes) -> bytes:
        if verb == "FETCH" and b"UID 3 " in answer:
            return re.sub(rb".*?(\w+) OK done", rb"\1 NO [SERVERBUG] cannot open message", answer, flags=re.DOTALL)
        return answer

    server.twist = refuse
    with pytest.raises(ServerUnavailable):  # SERVERBUG: the server says that it is ill, so we wait
        read(server, store)
    server.twist = lambda *said: refuse(*said).replace(b"[SERVERBUG] ", b"")
    report = read(server, store, 5)
    assert (len(report.new), report.quarantined) == (9, 1)


def test_one_message_that_kills_the_connection_is_set_aside_in_the_end(server: FakeImap, store: MailStore) -> None:
    # Exchange drops the connection on some broken messages, again and again
    fill(server, 40)
    server.twist = lambda verb, arguments, answer: CUT if verb == "FETCH" and b"UID 30 " in answer else answer
    failures = 0
    for minutes in range(12):
        try:
            report = read(server, store, minutes)
            break
        except Unreachable:
            failures += 1
    assert report.complete
    assert failures <= 9
    assert store.count() == 39
    assert [each.uid for each in store.quarantined()] == [30]


def test_an_unsolicited_fetch_without_uid_is_filed_under_nobody(server: FakeImap, store: MailStore) -> None:
    fill(server, 3)
    server.twist = on("FETCH", lambda answer: b"* 2 FETCH (FLAGS (\\Deleted))\r\n" + answer)
    read(server, store)
    assert store.flags(store.folders()["INBOX"].id) == {1: (), 2: (), 3: ()}


def test_a_range_that_ends_in_a_star_brings_no_old_message_back(server: FakeImap) -> None:
    fill(server, 3)
    with connect(server) as connection:
        connection.wire.examine("INBOX")
        assert [each.uid for each in connection.wire.fetch("9:*", "UID FLAGS") if isinstance(each, Fetched)] == [3]
    assert not any(re.search(r"FETCH \d+:\*", command) for command in server.commands[:-2])


@pytest.mark.parametrize(
    "nonsense", [b"garbage\r\n", b"zz9 OK done\r\n", b"* 1 FETCH (BODY[] {99999999999}\r\n"]
)  # fmt: skip
def test_an_answer_outside_the_protocol_drops_the_connection(server: FakeImap, nonsense: bytes) -> None:
    with connect(server) as connection:
        server.twist = on("NOOP", lambda answer: nonsense + answer)
        with pytest.raises(ProtocolError):
            connection.wire.noop()
        with pytest.raises(Unreachable):
            connection.wire.noop()


# -- folders --------------------------------------------------------------------------------------------------------


def test_a_folder_line_that_makes_no_sense_hides_no_other(server: FakeImap) -> None:
    server.twist = on(
        "LIST", lambda answer: b'* LIST () "/" \r\n* LIST (\\Sent "/" x\r\n* LIST () "/" "&bad"\r\n' + answer
    )
    with connect(server) as connection:
        assert set(find_folders(connection)) == {"inbox", "sent", "archive", "drafts"}


def test_an_empty_folder_list_deletes_nothing(server: FakeImap, store: MailStore) -> None:
    fill(server)
    read(server, store)
    server.twist = on("LIST", lambda answer: answer[answer.rindex(b"a") :])
    with pytest.raises(CommandRefused):
        read(server, store, 5)
    assert store.count() == 10


def test_a_renamed_folder_keeps_its_messages(server: FakeImap, store: MailStore) -> None:
    fill(server, 5, "Archive")
    read(server, store)
    folder = server.folders.pop("Archive")
    folder.name = "Archives"
    server.add(folder)
    reports = [read(server, store, minutes) for minutes in (5, 10)]
    assert [(report.new, report.gone) for report in reports] == [([], []), ([], [])]
    assert list(store.folders()) == ["INBOX", "Sent", "Drafts", "Archives"]


def test_hidden_all_mail_falls_back_to_inbox_and_sent(store: MailStore) -> None:
    with dialects.gmail() as server:
        del server.folders["[Gmail]/Tous les messages"]
        fill(server, 2, "INBOX")
        fill(server, 3, "[Gmail]/Messages envoy&AOk-s")
        read(server, store)
        assert sorted(store.folders()) == ["INBOX", "[Gmail]/Brouillons", "[Gmail]/Messages envoyés"]


def test_a_gmail_message_in_two_folders_is_one_and_a_draft_in_all_mail_is_a_draft(store: MailStore) -> None:
    with dialects.gmail() as server:
        server.folders["[Gmail]/Tous les messages"].deliver(mail(1), number=77, thread=5, flags={"\\Draft"})
        server.folders["[Gmail]/Brouillons"].deliver(mail(1), number=77, thread=5, flags={"\\Draft"})
        report = read(server, store)
        (message,) = store.messages(report.new)
        assert message.draft
        assert [place.role for place in store.locations(message.key)] == ["all", "drafts"]


def test_gmails_thread_number_joins_what_the_references_do_not(store: MailStore) -> None:
    with dialects.gmail() as server:
        for number in (1, 2):
            server.folders["[Gmail]/Tous les messages"].deliver(mail(number), number=number, thread=9)
        assert len(read(server, store).threads) == 1


# -- interruptions --------------------------------------------------------------------------------------------------


def test_reading_goes_on_where_it_was_interrupted(server: FakeImap, store: MailStore) -> None:
    fill(server, 60)
    fetches = 0

    def cut(verb: str, arguments: str, answer: bytes) -> bytes:
        nonlocal fetches
        fetches += verb == "FETCH"
        return answer[:4000] + CUT if verb == "FETCH" and fetches == 1 else answer

    server.twist = cut
    with pytest.raises(Unreachable):
        read(server, store)
    report = read(server, store, 5)
    assert report.complete
    assert store.count() == 60


def test_the_budget_of_the_day_stops_the_backfill_and_the_next_day_goes_on(server: FakeImap, store: MailStore) -> None:
    for number in range(300):
        server.folders["INBOX"].deliver(mail(number % 60).replace(b"@", f".{number}@".encode()))
    store.add_traffic(NOW.date(), 1_000_000_000)
    assert not read(server, store).complete
    assert store.count() == 0
    assert read(server, store, 24 * 60).complete
    assert store.count() == 300


@pytest.mark.parametrize(
    ("goodbye", "kind"),
    [
        (b"* BYE [UNAVAILABLE] Server shutting down.\r\n", ServerUnavailable),
        (b"* BYE Request is throttled. Suggested Backoff Time: 5000 milliseconds\r\n", Throttled),
        (b"* BYE Logged out for inactivity\r\n", Unreachable),
    ],
)
def test_a_goodbye_in_the_middle_says_why(server: FakeImap, goodbye: bytes, kind: type[OfferAssistantError]) -> None:
    with connect(server) as connection:
        server.twist = on("EXAMINE", lambda answer: goodbye + CUT)
        with pytest.raises(kind):
            connection.wire.examine("INBOX")


# -- APPEND in its phases -------------------------------------------------------------------------------------------


def test_append_refused_before_the_message_stores_nothing(server: FakeImap) -> None:
    server.twist = on("APPEND+", lambda answer: b"a1 NO [CANNOT] not here\r\n")
    with connect(server) as connection, pytest.raises(AppendRefused) as caught:
        connection.wire.append("Drafts", mail(1))
    assert not caught.value.after_literal


@pytest.mark.parametrize("farewell", [CUT, b"* BYE [THROTTLED] slow down\r\n" + CUT])
def test_append_whose_answer_was_lost_is_uncertain(server: FakeImap, farewell: bytes) -> None:
    server.twist = on("APPEND", lambda answer: farewell)
    with connect(server) as connection, pytest.raises(AppendUncertain) as caught:
        connection.wire.append("Drafts", mail(1))
    assert caught.value.sent_whole
    assert len(server.folders["Drafts"].messages) == 1


def test_append_refused_after_the_message_leaves_the_connection_good(server: FakeImap) -> None:
    server.twist = on("APPEND", lambda answer: b"a1 NO [OVERQUOTA] mailbox full\r\n")
    with connect(server) as connection:
        with pytest.raises(AppendRefused) as caught:
            connection.wire.append("Drafts", mail(1))
        assert caught.value.after_literal
        server.twist = None
        connection.wire.noop()


def test_append_without_appenduid_says_that_it_does_not_know_where() -> None:
    with FakeImap(Dialect(capabilities="IMAP4rev1")) as server, connect(server) as connection:
        placed = connection.wire.append("Drafts", mail(1))
        assert (placed.uidvalidity, placed.uid) == (None, None)


def test_a_store_that_came_too_late_says_so(server: FakeImap) -> None:
    server.folders["Drafts"].deliver(mail(1))
    with connect(server) as connection:
        connection.wire.select("Drafts")
        assert not connection.wire.store(1, "+FLAGS.SILENT", ["\\Deleted"], unchanged_since=1)
        assert connection.wire.store(1, "+FLAGS.SILENT", ["\\Deleted"], unchanged_since=99)


def test_an_answer_left_unread_closes_the_connection(server: FakeImap) -> None:
    fill(server)
    with connect(server) as connection:
        connection.wire.examine("INBOX")
        next(iter(connection.wire.fetch("1:*", "UID FLAGS")))
        with pytest.raises(Unreachable):
            connection.wire.noop()
