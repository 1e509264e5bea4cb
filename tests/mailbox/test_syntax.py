"""IMAP's notation, both ways: canned bytes and their values."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.mailbox.fetched import Fetched, Unreadable, Vanished, quick_read, read
from assistant.mailbox.syntax import (
    Malformed,
    folder_argument,
    folder_name,
    imap_date,
    internal_date,
    quoted,
    read_uid_set,
    runs,
    uid_sets,
    values,
    without,
)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([b"1 NIL foo"], [1, None, b"foo"]),
        ([b'("a \\"b\\"" (x) ())'], [[b'a "b"', [b"x"], []]]),
        ([b"(\\Seen $Forwarded)"], [[b"\\Seen", b"$Forwarded"]]),
        ([b'"NIL" "12"'], [b"NIL", b"12"]),  # quoted: words, whatever they look like
        ([b"(BODY[HEADER.FIELDS (A B)]<0> ", b"A: 1\r\n", b" UID 3)"],
         [[b"BODY[HEADER.FIELDS (A B)]<0>", b"A: 1\r\n", b"UID", 3]]),
        ([b"99999999999999999999"], [b"99999999999999999999"]),
    ],
)  # fmt: skip
def test_an_answer_is_read_into_values(pieces: list[bytes], expected: list[object]) -> None:
    assert values(pieces) == expected


@pytest.mark.parametrize("pieces", [[b"(a"], [b"a)"], [b"(" * 1000], [b"a " * 300_000]])
def test_a_malformed_answer_is_told_from_a_good_one(pieces: list[bytes]) -> None:
    with pytest.raises(Malformed):
        values(pieces)


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=6))
def test_no_answer_makes_the_reader_fail_otherwise(pieces: list[bytes]) -> None:
    assert read([b"* 1 FETCH (" + pieces[0], *pieces[1:]]) is None or True
    try:
        values(pieces)
    except Malformed:
        pass


@given(st.sets(st.integers(1, 2000)))
def test_runs_and_sets_keep_every_uid(uids: set[int]) -> None:
    found = [uid for line in uid_sets(runs(uids), longest=50) for run in read_uid_set(line) for uid in run]
    assert found == sorted(uids)
    assert all(len(line) <= 50 for line in uid_sets(runs(uids), longest=50))


@given(st.sets(st.integers(1, 300)), st.sets(st.integers(1, 300)))
def test_without_is_the_difference_of_sets(some: set[int], others: set[int]) -> None:
    assert [uid for run in without(runs(some), runs(others)) for uid in run] == sorted(some - others)


@pytest.mark.parametrize("text", ["*", "1:*", "", "1,,2", "a", "1:99999999999"])
def test_a_set_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_uid_set(text)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("INBOX", b'"INBOX"'),
        ("Éléments envoyés", b'"&AMk-l&AOk-ments envoy&AOk-s"'),
        ('a"b\\c', b'"a\\"b\\\\c"'),
        ("A & B", b'"A &- B"'),
    ],
)
def test_folder_names_are_encoded_and_quoted(name: str, raw: bytes) -> None:
    assert folder_argument(name) == raw


def test_a_command_cannot_be_smuggled_into_an_argument() -> None:
    # imapclient let such a line reach the wire (measured with 4.1.0)
    with pytest.raises(ValueError, match="not allowed"):
        quoted("x\r\na1 DELETE INBOX")
    assert b"\r" not in folder_argument("x\r\na1 DELETE INBOX")


def test_a_folder_name_in_broken_utf7_is_kept_as_it_stands() -> None:
    assert folder_name(b"Caf&AOk") == "Café"
    assert folder_name(b"Caf&!!!-") == "Caf&!!!-"


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        (b"17-Jul-1996 02:44:25 -0700", 837596665),
        (b" 1-Jan-1970 00:00:00 +0000", 0),
        (b"31-Feb-2020 00:00:00 +0000", None),
        (b"01-Xyz-2020 00:00:00 +0000", None),
        (b"00-Jan-0000 00:00:00 +0000", None),
        (b"", None),
    ],
)
def test_internal_dates(raw: bytes, seconds: int | None) -> None:
    assert internal_date(raw) == seconds


def test_search_dates_are_english_whatever_the_locale() -> None:
    assert imap_date(date(2026, 3, 2)) == "2-Mar-2026"


USUAL = (
    b'* 7 FETCH (UID 42 FLAGS (\\Seen) INTERNALDATE "02-Mar-2026 10:00:00 +0100" RFC822.SIZE 1234'
    b" BODY[HEADER.FIELDS (SUBJECT)] {14}\r\nSubject: x\r\n\r\n)\r\n"
)


def test_the_quick_way_and_the_careful_way_read_the_same() -> None:
    position, (found, again) = quick_read(USUAL + USUAL, 0)
    careful = read([USUAL.split(b"{14}")[0], b"Subject: x\r\n\r\n", b")"])
    assert isinstance(careful, Fetched)
    assert position == 2 * len(USUAL)
    assert again == found
    assert found[:6] == careful[:6] == (42, ("\\Seen",), 1772442000, 1234, 0, b"Subject: x\r\n\r\n")


def test_the_quick_way_waits_for_the_rest() -> None:
    assert all(quick_read(USUAL[:length], 0) == (0, []) for length in range(len(USUAL)))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"* 12 FETCH (FLAGS (\\Seen))", None),  # unsolicited, without UID: never filed under another's
        (b"* 12 FETCH (UID 0 FLAGS ())", None),
        (b"* 12 FETCH (UID 5000000000 FLAGS ())", None),
        (b"* 12 EXISTS", None),
        (b"* VANISHED (EARLIER) 300:302,405", Vanished([range(300, 303), range(405, 406)])),
        (b"* 12 FETCH (UID 9 FLAGS ((", Unreadable(9, "a list without an end")),
        (b"* 12 FETCH (UID 9 FLAGS)", Unreadable(9, "a FETCH answer without pairs")),
    ],
)
def test_odd_answers(line: bytes, expected: object) -> None:
    assert read([line]) == expected


def test_gmails_order_and_its_identifiers() -> None:
    found = read(
        [b"* 1 FETCH (X-GM-THRID 1278455344230334865 X-GM-MSGID 1278455344230334866 UID 4 RFC822.SIZE 9 FLAGS ())"]
    )
    assert isinstance(found, Fetched)
    assert (found.uid, found.attributes["X-GM-THRID"]) == (4, 1278455344230334865)
