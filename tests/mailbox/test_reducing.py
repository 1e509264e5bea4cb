"""Large messages: what matters comes, the rest is named; the result is one message that parses."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage, Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.mailbox import open_connection
from assistant.mailbox.reducing import Limits, fetch_messages
from assistant.mailbox.structure import Part, is_document, read_structure
from assistant.mailbox.syntax import Malformed, values
from tests.dovecot import Dovecot
from tests.mailbox.backends import PASSWORD, Backend, account, on_dovecot
from tests.servers.fake_imap import FakeImap

SMALL = Limits(whole=2_000, text=1_000, document=60_000)


@pytest.fixture(scope="module")
def served(dovecot: Dovecot) -> Backend:
    return on_dovecot(dovecot)


def message(*, text: str = "Bonjour Paul,\nvoici notre offre.\n", html: str = "") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "claire@trivaleo.example", "paul@sogedec.example", "Proposition été"
    made["Message-ID"] = "<offer@trivaleo.example>"
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made


def reduced(served: Backend, made: Message, limits: Limits = SMALL) -> Message:
    uid = served.deliver("INBOX", made.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    with served.connect() as connection:
        ((found, content),) = fetch_messages(connection, "INBOX", [uid], limits)
    assert found == uid
    return message_from_bytes(content)


def parts(made: Message) -> list[tuple[str, int]]:
    return [
        (part.get_content_type(), len(part.get_payload(decode=True) or b""))
        for part in made.walk()
        if not part.is_multipart()
    ]


def test_a_small_message_comes_as_it_is(served: Backend) -> None:
    made = message()
    assert reduced(served, made).get_payload() == "Bonjour Paul,\r\nvoici notre offre.\r\n"


def test_of_a_large_one_text_and_documents_come_and_pictures_are_named(served: Backend) -> None:
    made = message(html="<p>Bonjour</p>")
    made.add_attachment(b"%PDF-1.4" + b"x" * 30_000, maintype="application", subtype="pdf", filename="Offre.pdf")
    made.add_attachment(b"\xff" * 50_000, maintype="image", subtype="jpeg", filename="photo.jpg")
    made.add_attachment(b"x" * 90_000, maintype="application", subtype="pdf", filename="trop gros.pdf")
    found = reduced(served, made)
    assert found["Subject"] == made.as_bytes().decode().split("Subject: ")[1].split("\n")[0]
    assert found.get_content_type() == "multipart/mixed"
    assert parts(found) == [
        ("text/plain", 35),
        ("text/html", 16),
        ("application/pdf", 30_008),
        ("image/jpeg", 0),
        ("application/pdf", 0),
    ]
    assert [part.get_filename() for part in found.walk() if part.get_filename()] == [
        "Offre.pdf",
        "photo.jpg",
        "trop gros.pdf",
    ]


def test_alternatives_stay_alternatives(served: Backend) -> None:
    made = message(text="Bonjour\n" * 500, html="<p>Bonjour</p>" * 500)
    found = reduced(served, made)
    assert found.get_content_type() == "multipart/alternative"
    assert [size for _, size in parts(found)] == [1_000, 964]  # the second is quoted-printable: 1,000 encoded


def test_a_long_single_text_is_cut(served: Backend) -> None:
    assert len(reduced(served, message(text="Bonjour\n" * 500)).get_payload()) == 1_000


def test_a_delivery_report_stays_one(served: Backend) -> None:
    made = message_from_bytes(
        b"From: mailer-daemon@x.example\nSubject: failed\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        b"--b\nContent-Type: text/plain\n\nIt failed.\n" + b"x" * 3_000 + b"\n"
        b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\n"
        b"Final-Recipient: rfc822; paul@sogedec.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    )
    found = reduced(served, made)
    assert found.get_content_type() == "multipart/report"
    assert found.get_param("report-type") == "delivery-status"
    assert b"Action: failed" in found.as_bytes()


def test_a_message_without_a_usable_structure_comes_as_its_first_bytes() -> None:
    with FakeImap() as server:
        uid = server.folders["INBOX"].deliver(b"Subject: x\r\n\r\n" + b"y" * 5_000)
        server.twist = lambda verb, arguments, answer: answer.replace(b'("TEXT" "PLAIN"', b'(("TEXT" "PLAIN"')
        with open_connection(account(server.port), PASSWORD) as connection:
            ((_, content),) = fetch_messages(connection, "INBOX", [uid], SMALL)
    assert content == (b"Subject: x\r\n\r\n" + b"y" * 5_000)[:2_000]


def test_a_message_the_server_will_not_hand_out_is_named_and_the_others_come() -> None:
    with FakeImap() as server:
        for number in range(5):
            server.folders["INBOX"].deliver(b"Subject: %d\r\n\r\nx\r\n" % number)

        def refuse(verb: str, arguments: str, answer: bytes) -> bytes:
            if b"Subject: 2" not in answer:
                return answer
            return re.sub(rb".*\n(\w+) OK done", rb"\1 NO broken", answer, flags=re.DOTALL)

        server.twist = refuse
        refused: list[int] = []
        with open_connection(account(server.port), PASSWORD) as connection:
            found = dict(
                fetch_messages(connection, "INBOX", range(1, 6), refused=lambda uid, reason: refused.append(uid))
            )
    assert (sorted(found), refused) == ([1, 2, 4, 5], [3])


def structure(text: str) -> Part:
    return read_structure(values([text.encode()])[0])


def test_a_structure_is_read_into_numbered_parts() -> None:
    found = structure(
        '((("TEXT" "PLAIN" NIL NIL NIL "7BIT" 10 1)("TEXT" "HTML" NIL NIL NIL "7BIT" 20 2) "ALTERNATIVE")'
        '("APPLICATION" "OCTET-STREAM" ("NAME" "a.bin") NIL NIL "BASE64" 99 NIL'
        ' ("ATTACHMENT" ("FILENAME" "Offre.PDF"))) "MIXED")'
    )
    leaves = list(found.leaves())
    assert [(leaf.number, leaf.content_type, leaf.size) for leaf in leaves] == [
        ("1.1", "text/plain", 10),
        ("1.2", "text/html", 20),
        ("2", "application/octet-stream", 99),
    ]
    assert is_document(leaves[2])
    assert leaves[2].attached


@pytest.mark.parametrize("text", ["NIL", "()", '("TEXT")', "(" * 40 + ")" * 40, '("A" "B" "C")'])
def test_a_broken_structure_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        structure(text)


VALUES = st.recursive(
    st.one_of(st.none(), st.integers(0, 99), st.binary(max_size=8)), lambda inner: st.lists(inner, max_size=9)
)


@given(VALUES)
def test_no_structure_makes_the_reader_fail_otherwise(value: object) -> None:
    try:
        list(read_structure(value).leaves())  # type: ignore[arg-type]
    except Malformed:
        pass
