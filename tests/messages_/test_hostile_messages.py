"""Bytes that mean harm: every one becomes a Message in under a second, or is refused with one clear error."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, datetime
from os import environ
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.bodies import LINE_LIMIT, PART_LIMIT, TEXT_LIMIT
from assistant.fields import ADDRESS_LIMIT
from assistant.kinds import Kind
from assistant.machines import failed_recipients, is_bulk, machine_kind, original_message_id
from assistant.messages import Message, MessageUnreadable, parse_message

RECEIVED = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
HEAD = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n"
HTML = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n"
MIXED = HEAD + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
REPORT = HEAD + b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'


def understand(raw: bytes) -> Message:
    message = parse_message(raw, fallback=RECEIVED)
    machine_kind(message)
    failed_recipients(message)
    original_message_id(message)
    is_bulk(message)
    return message


def nested(depth: int) -> bytes:
    body, content_type = b"hello", b"text/plain"
    for level in range(depth):
        mark = b"b%d" % level
        body = b"--" + mark + b"\r\nContent-Type: " + content_type + b"\r\n\r\n" + body + b"\r\n--" + mark + b"--\r\n"
        content_type = b'multipart/mixed; boundary="' + mark + b'"'
    return HEAD + b"Content-Type: " + content_type + b"\r\n\r\n" + body


HOSTILE = {
    "10 MB of newlines": HEAD + b"\r\n" + b"\n" * 10_000_000,
    "10 MB on one line": HEAD + b"\r\n" + b"x" * 10_000_000,
    "10 MB of quote marks": HEAD + b"\r\n" + b"> " * 5_000_000,
    "10 MB of HTML": HTML + b"<p>hello</p>" * 800_000,
    "20 kB of newlines": HEAD + b"\r\n" + b"\n" * 20_000,
    "header labels": HEAD + b"\r\n" + b"De : a\n" * 4_000,
    "digits": HEAD + b"\r\n" + b"1234567890" * 25_000,
    "brackets in From": b"From: " + b"<" * 100_000 + b"\r\n\r\nhi",
    "parentheses in From": b"From: " + b"(" * 100_000 + b"\r\n\r\nhi",
    "quotes in From": b"From: " + b'"' * 50_001 + b"\r\n\r\nhi",
    "backslashes in From": b'From: "' + b"\\" * 50_001 + b"\r\n\r\nhi",
    "5,000 recipients": b"To: " + b",\r\n ".join(b'"N" <u%d@d.example>' % n for n in range(5_000)) + b"\r\n\r\nhi",
    "50,000 references": b"References: " + b"\r\n ".join(b"<u%d@d>" % n for n in range(50_000)) + b"\r\n\r\nhi",
    "encoded words": b"Subject: " + b"=?utf-8?q?=E9?= " * 20_000 + b"\r\n\r\nhi",
    "half encoded words": b"Subject: " + b"=?a?q?" * 20_000 + b"\r\n\r\nhi",
    "20,000 fields": b"".join(b"To: a%d@b\r\n" % n for n in range(20_000)) + b"\r\nhi",
    "nested 100 deep": nested(100),
    "nested 3,000 deep": nested(3_000),
    "messages in messages": b"Content-Type: message/rfc822\r\n\r\n" * 5_000 + b"\r\nhi",
    "5,000 parts": MIXED + b"--x\r\nContent-Type: text/plain\r\n\r\nhi\r\n" * 5_000 + b"--x--",
    "20,000 reports": REPORT
    + b"--x\r\nContent-Type: message/delivery-status\r\n\r\n"
    + b"Final-Recipient: rfc822; a@b\r\nAction: failed\r\n\r\n" * 20_000,
    "deep HTML": HTML + b"<div>" * 20_000 + b"x",
    "deep tables": HTML + b"<table><tr><td>" * 5_000 + b"x",
    "deep block quotes": HTML + b"<blockquote>" * 20_000 + b"x",
    "angle brackets": HTML + b"<" * 1_000_000,
    "an entity bomb": HTML + b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1_000 + b'">]>' + b"&b;" * 10_000,
    "a picture in the HTML": HTML + b'<img src="data:image/png;base64,' + b"A" * 2_000_000 + b'"><p>hello</p>',
    "many style rules": HTML + b'<p style="' + b"a:b;" * 100_000 + b'">x</p>',
    "the idna charset": HEAD + b"Content-Type: text/plain; charset=idna\r\n\r\n" + b"a" * 250_000 + b"\xc3\xa9",
    "the punycode charset": HEAD
    + b"Content-Type: text/plain; charset=punycode\r\n\r\n"
    + b"a-" * 120_000
    + b"\xc3\xa9",
    "pieces of a parameter": HEAD
    + b"Content-Type: text/plain"
    + b"".join(b"; name*%d*=%%41" % n for n in range(5_000))
    + b"\r\n\r\nhi",
    "a long boundary": HEAD + b'Content-Type: multipart/mixed; boundary="' + b"x" * 60_000 + b'"\r\n\r\n--xx\r\n\r\nhi',
    "NUL bytes": b"Subject: a\0b\r\n\r\n" + b"\0" * 200_000,
    "broken base64": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=*" * 200_000,
    "soft line breaks": HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"a \r\n" * 60_000,
    "combining marks": HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "é\u0301".encode() * 120_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_message_is_understood_in_under_a_second(raw: bytes) -> None:
    start = time.process_time()
    message = understand(raw)

    assert time.process_time() - start < 1
    assert len(message.full_text) <= TEXT_LIMIT
    assert message.full_text.count("\n") < LINE_LIMIT


def test_limits_hold_for_addresses_parts_and_depth() -> None:
    assert len(understand(HOSTILE["5,000 recipients"]).to) == ADDRESS_LIMIT
    files = MIXED + b"--x\r\nContent-Type: image/png; name=a.png\r\n\r\nhi\r\n" * 5_000 + b"--x--"
    assert len(understand(files).attachments) < PART_LIMIT
    assert understand(nested(10)).text == "hello"
    assert understand(nested(100)).text == ""


def test_html_nested_deeply_is_still_read() -> None:
    assert understand(HTML + b"<div>" * 1_000 + b"valable jusqu'au 31 mars").text == "valable jusqu'au 31 mars"


def one_line_values(message: Message) -> list[str]:
    people = [*message.to, *message.cc, *message.reply_to, *filter(None, [message.sender])]
    return [
        message.subject,
        message.message_id,
        *message.in_reply_to,
        *message.references,
        *(part for person in people for part in (person.name, person.email)),
        *(attachment.name for attachment in message.attachments),
        *(value for values in message.fields.values() for value in values),
    ]


FIELD = st.sampled_from(
    [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"References", b"Content-Type", b"Content-Disposition",
     b"Content-Transfer-Encoding", b"MIME-Version", b"Auto-Submitted", b"X-Failed-Recipients"]
)  # fmt: skip
VALUE = st.lists(
    st.sampled_from(
        [b"a@b.example", b"<", b">", b'"', b"(", b")", b",", b";", b":", b"\\", b"=?utf-8?q?=0A=E9?=", b"=?x?b?!?=", b"\r\n ",
         b"\xc3\xa9", b"\xff", b"\x00", b"multipart/mixed", b"; boundary=x", b"text/html", b"; charset=utf-7", b"; charset=\xff",
         b"message/rfc822", b"base64", b"Mon, 2 Mar 2026 10:12:00 +0100", b"99999", b"; name*0*=''%ff", b"filename=", b"format=flowed"]
    ),
    max_size=6,
).map(b"".join)  # fmt: skip
BODY = st.lists(
    st.sampled_from(
        [b"--x\r\n", b"--x--", b"\r\n", b"> ", b"De : a@b\n", b"Objet : x\n", b"<p>", b"<blockquote>", b"-- \n", b"Regards\n",
         b"On 2 March 2026 at 10:12, a@b wrote:\n", b"\xff\xfe", b"=E9", b"Content-Type: text/html\r\n\r\n", b"Action: failed\n"]
    ),
    max_size=25,
).map(b"".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(fields=st.lists(st.tuples(FIELD, VALUE), max_size=8), body=BODY | st.binary(max_size=200))
def test_any_bytes_become_a_message_with_clean_fields(fields: list[tuple[bytes, bytes]], body: bytes) -> None:
    raw = b"".join(name + b": " + value + b"\r\n" for name, value in fields) + b"\r\n" + body
    try:
        message = understand(raw)
    except MessageUnreadable:
        return

    assert message.sent_at.utcoffset() is not None
    assert not [
        value for value in one_line_values(message) if any(ord(c) < 32 or c in "\x7f\u2028\u2029" for c in value)
    ]
    f"{message.full_text}{message.text}{message.quoted}{message.html}{message.report}".encode()


# Messages of others, where their folder is there

CORPORA = Path(environ.get("OFFER_ASSISTANT_CORPORA", "/nonexistent"))
needs_corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason="OFFER_ASSISTANT_CORPORA names no folder")


def kinds_in(folder: str) -> Counter[Kind | None]:
    readings = [
        machine_kind(understand(path.read_bytes())) for path in sorted((CORPORA / folder).iterdir()) if path.is_file()
    ]
    return Counter(reading.kind if reading else None for reading in readings)


@needs_corpora
def test_nearly_all_bounces_of_many_servers_are_recognised() -> None:
    kinds = kinds_in("sisimai/bounces")

    assert kinds[Kind.BOUNCE] >= 480  # of 519; 19 are notices of a delay, and no bounce yet
    assert kinds[Kind.AUTO_REPLY] == 0


@needs_corpora
def test_real_mail_of_people_and_lists_is_no_machine_s() -> None:
    assert set(kinds_in("spamassassin")) == {None}


@needs_corpora
@pytest.mark.parametrize("folder", ["mime4j", "imap_tools", "sisimai/bounces", "spamassassin"])
def test_damaged_messages_are_read_without_a_crash(folder: str) -> None:
    chance = random.Random(folder)
    junk = [b"\0", b"\r", b"\n", b'"', b"<", b"=", b"?", b"\xff", b";", b"%", b"*0*=''", b"--", b"utf-16"]
    for path in chance.sample(sorted(p for p in (CORPORA / folder).iterdir() if p.is_file()), 80):
        raw = bytearray(path.read_bytes()[:20_000])
        for _ in range(20):
            at = chance.randrange(len(raw) + 1)
            raw[at : at + chance.randrange(4)] = chance.choice(junk)
        understand(bytes(raw) + b".")
