"""Bytes → Message: fields, charsets, dates, bodies and attachments, also where a sender got them wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from assistant.messages import Address, Message, MessageUnreadable, parse_message

RECEIVED = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
HEAD = "From: Paul Ferrand <p.ferrand@sogedec.example>\nTo: claire@trivaleo.example\nSubject: Offre\n"


def read(raw: str | bytes) -> Message:
    return parse_message(raw.encode() if isinstance(raw, str) else raw, fallback=RECEIVED)


def simple(header: str = "", body: str = "Bonjour") -> Message:
    return read(f"{HEAD}{header}\n\n{body}" if header else f"{HEAD}\n{body}")


def test_a_plain_message_is_read_whole() -> None:
    message = read(
        "From: Paul Ferrand <P.Ferrand@Sogedec.example>\r\nTo: Claire <claire@trivaleo.example>, b@x.example\r\n"
        'Cc: "Morel, Jean" <j@x.example>\r\nReply-To: achats@sogedec.example\r\nSubject: RE: Offre\r\n'
        "Date: Mon, 2 Mar 2026 10:12:00 +0100\r\nMessage-ID: <a@x>\r\nIn-Reply-To: <b@x>\r\n"
        "References: <c@x>\r\n <b@x>\r\n\r\nD'accord.\r\n\r\n-- \r\nPaul\r\n"
    )

    assert message.sender == Address("Paul Ferrand", "p.ferrand@sogedec.example")
    assert message.to == (Address("Claire", "claire@trivaleo.example"), Address("", "b@x.example"))
    assert message.cc == (Address("Morel, Jean", "j@x.example"),)
    assert message.reply_to == (Address("", "achats@sogedec.example"),)
    assert message.subject == "RE: Offre"
    assert message.sent_at == datetime(2026, 3, 2, 10, 12, tzinfo=timezone(timedelta(hours=1)))
    assert (message.message_id, message.in_reply_to, message.references) == ("<a@x>", ("<b@x>",), ("<c@x>", "<b@x>"))
    assert (message.text, message.signature) == ("D'accord.", "--\nPaul")
    assert message.full_text == "D'accord.\n\n-- \nPaul"
    assert message.html is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", RECEIVED),
        ("yesterday", RECEIVED),
        ("Thu, 1 Jan 1970 00:00:00 +0000", RECEIVED),  # a computer without a clock
        ("Mon, 2 Mar 2099 10:12:00 +0100", RECEIVED),
        ("Mon, 32 Mar 2026 10:12:00 +0100", RECEIVED),
        ("Mon, 2 Mar 2026 10:12:00 +9999", RECEIVED),
        ("2 Mar 2026 09:12:00 -0000", datetime(2026, 3, 2, 9, 12, tzinfo=UTC)),
        ("Mon, 2 Mar 26 09:12 GMT", datetime(2026, 3, 2, 9, 12, tzinfo=UTC)),
        ("Mon, 2 Mar 2026 09:12:00 GMT (Greenwich)", datetime(2026, 3, 2, 9, 12, tzinfo=UTC)),
    ],
)
def test_the_date_is_the_senders_unless_it_is_missing_or_absurd(value: str, expected: datetime) -> None:
    message = read(f"Date: {value}\nSubject: x\n\nhi")

    assert message.sent_at == expected
    assert message.sent_at.utcoffset() is not None


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?Q?Proposition_accept=C3=A9e?=", "Proposition acceptée"),
        (b"=?UTF-8?B?w4l0dWRl?= =?UTF-8?B?IGNvbXBsw6h0ZQ==?=", "Étude complète"),
        (b"=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=", "café"),  # a character split between two words
        (b"=?iso-8859-1?Q?=80_100?=", "€ 100"),  # Windows-1252 under a wrong name
        (b"=?x-unknown?Q?d=E9j=E0?=", "déjà"),
        (b"=?utf-8?Q?d=E9j=E0?=", "déjà"),
        (b"=?utf-8?B?!!!?= ok", "ok"),
        ("déjà vu".encode(), "déjà vu"),  # RFC 6532
        ("déjà vu".encode("latin-1"), "déjà vu"),
        (b"=?utf-8?Q?Bcc:_a=0D=0AX-Evil:_1?=", "Bcc: a X-Evil: 1"),
        (b"folded\r\n line\x00\x07", "folded line"),
        (b"a =?utf-8?q?b?= c", "a b c"),
        (b"=?utf-8?q?100=E2=80=AEtxt?=", "100 txt"),  # a direction mark hides what follows
    ],
)
def test_the_subject_is_one_decoded_line(raw: bytes, subject: str) -> None:
    assert read(b"Subject: " + raw + b"\n\nhi").subject == subject


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@x.example", [("", "a@x.example")]),
        ("<A@X.example>", [("", "a@x.example")]),
        ('"Ferrand, Paul" <a@x.example>', [("Ferrand, Paul", "a@x.example")]),
        ("a@x.example (Paul Ferrand)", [("Paul Ferrand", "a@x.example")]),
        ("=?utf-8?Q?Andr=C3=A9=2C_Paul?= <a@x.example>", [("André, Paul", "a@x.example")]),
        ("Team: a@x.example, B <b@x.example>;, c@x.example", [("", "a@x.example"), ("B", "b@x.example"), ("", "c@x.example")]),
        ("undisclosed-recipients:;", []),
        ("Paul <a@x.example", [("Paul", "a@x.example")]),
        ('"Paul <a@x.example>', [("Paul", "a@x.example")]),
        ("a@x.example; b@x.example", [("", "a@x.example"), ("", "b@x.example")]),
        ("Paul [Sogedec] <a@x.example>", [("Paul [Sogedec]", "a@x.example")]),
        ("<@relay.example:a@x.example>", [("", "a@x.example")]),
        ("MAILER-DAEMON", [("", "mailer-daemon")]),
        ("", []),
        (", ,", []),
    ],
)  # fmt: skip
def test_address_lists_are_read_as_people_write_them(value: str, expected: list[tuple[str, str]]) -> None:
    assert list(read(f"Subject: x\nTo: {value}\n\nhi").to) == [Address(*pair) for pair in expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<a@x> <b@x>\n <c@x>", ("<a@x>", "<b@x>", "<c@x>")),
        ("a@x", ("<a@x>",)),
        ("<a\n @x>", ("<a@x>",)),
        ("<a@x> <a@x>", ("<a@x>",)),
        ("your message of Monday", ()),
    ],
)
def test_references_keep_their_brackets_and_order(value: str, expected: tuple[str, ...]) -> None:
    assert simple(f"References: {value}").references == expected


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain; charset=utf-8", "prix arrêté".encode(), "prix arrêté"),
        ("text/plain; charset=iso-8859-1", "prix arrêté".encode("latin-1"), "prix arrêté"),
        ("text/plain; charset=iso-8859-1", "prix arrêté".encode(), "prix arrêté"),  # UTF-8 under a wrong label
        ("text/plain; charset=us-ascii", "prix arrêté".encode(), "prix arrêté"),
        ("text/plain; charset=utf-8", "prix arrêté".encode("latin-1"), "prix arrêté"),
        ("text/plain; charset=iso-8859-1", b"100 \x80", "100 €"),
        ("text/plain; charset=no-such-charset", "prix arrêté".encode("latin-1"), "prix arrêté"),
        ("text/plain; charset=idna", "prix arrêté".encode(), "prix arrêté"),
        ("text/plain; charset=utf-16", "prix".encode("utf-16"), "prix"),
        ("text/plain; charset=gb2312", "报价".encode("gb18030"), "报价"),
        ("text/plain; charset=iso-2022-jp", "見積".encode("iso-2022-jp"), "見積"),
        ("text/plain", "prix arrêté".encode(), "prix arrêté"),
        ("nonsense", b"prix", "prix"),
        ("text/plain; charset=utf-8", b"a\x00b\xef\xbb\xbf", "ab"),
        ("text/plain; charset=utf-8", "1\u00a0450\u202f€".encode(), "1 450 €"),
    ],
)
def test_the_text_is_decoded_whatever_the_label_says(content_type: str, body: bytes, text: str) -> None:
    assert read(f"{HEAD}Content-Type: {content_type}\n\n".encode() + body).text == text


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        ("quoted-printable", "d=C3=A9j=C3=\n=A0 vu", "déjà vu"),
        ("base64", "ZMOpasOg", "déjà"),
        ("no-such-encoding", "plain", "plain"),
    ],
)
def test_transfer_encodings_are_undone(encoding: str, body: str, text: str) -> None:
    assert simple(f"Content-Transfer-Encoding: {encoding}", body).full_text == text


def test_flowed_lines_are_joined_again() -> None:
    message = simple(
        "Content-Type: text/plain; format=flowed",
        "Nous acceptons \nvotre offre.\n\nFin. \n-- \nPaul\n> ligne \n> citée\n>> autre\n From là\n",
    )

    assert message.full_text == "Nous acceptons votre offre.\n\nFin. \n-- \nPaul\n> ligne citée\n>> autre\nFrom là"


def test_flowed_lines_lose_their_space_where_the_sender_says_so() -> None:
    message = simple("Content-Type: text/plain; format=flowed; delsp=yes", "un \ndeux")

    assert message.full_text == "undeux"


def multipart(kind: str, *parts: str) -> str:
    body = "".join(f"--b\n{part}\n" for part in parts)
    return f'{HEAD}Content-Type: multipart/{kind}; boundary="b"\n\n{body}--b--\n'


PLAIN = "Content-Type: text/plain; charset=utf-8\n\nBonjour Claire,\n\nD'accord.\n"
HTML = "Content-Type: text/html; charset=utf-8\n\n<p>Bonjour Claire,</p><p>D'accord, en <b>gras</b>.</p>\n"
PDF = 'Content-Type: application/pdf; name="Offre.pdf"\nContent-Transfer-Encoding: base64\n\nJVBERg==\n'


def test_of_two_versions_the_plain_one_is_read_and_the_html_one_kept() -> None:
    message = read(multipart("alternative", PLAIN, HTML))

    assert message.text == "Bonjour Claire,\n\nD'accord."
    assert message.html is not None
    assert "<b>gras</b>" in message.html


def test_a_stub_beside_an_html_version_is_not_the_text() -> None:
    stub = "Content-Type: text/plain\n\nYour program cannot show HTML.\n"
    html = f"Content-Type: text/html\n\n<p>{'Nous retenons votre offre. ' * 8}</p>\n"

    assert read(multipart("alternative", stub, html)).text.startswith("Nous retenons votre offre.")


def test_html_alone_becomes_text_with_its_quotation_marked() -> None:
    html = (
        "Content-Type: text/html; charset=utf-8\n\n<html><body><div style='display:none'>preheader</div>"
        "<div>D&rsquo;accord.</div><br><div class='gmail_quote'>Le lun. 2 mars 2026 à 10:12, Claire Morel "
        "&lt;claire@trivaleo.example&gt; a écrit&nbsp;:<br><blockquote><div>Bonjour Paul</div>"
        "<blockquote>Encore avant</blockquote></blockquote></div></body></html>"
    )
    message = read(f"{HEAD}{html}")

    assert message.text == "D’accord."
    assert [line for line in message.full_text.split("\n") if len(line) > 3][-2:] == [
        "> Bonjour Paul",
        ">> Encore avant",
    ]
    assert "preheader" not in message.full_text


def test_table_rows_of_html_stay_on_one_line() -> None:
    html = "<table><tr><td>Total</td><td>48 000 €</td></tr><tr><td>Validité</td><td>31 mars</td></tr></table>"
    message = simple("Content-Type: text/html; charset=utf-8", html)

    assert [line.split() for line in message.full_text.split("\n")] == [
        ["Total", "48", "000", "€"],
        ["Validité", "31", "mars"],
    ]


def test_attachments_keep_their_name_and_content() -> None:
    message = read(multipart("mixed", PLAIN, PDF))

    (attachment,) = message.attachments
    assert (attachment.name, attachment.content_type) == ("Offre.pdf", "application/pdf")
    assert (attachment.size, attachment.content, attachment.text) == (4, b"%PDF", None)


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=utf-8''Proposition%20sign%C3%A9e.pdf", "Proposition signée.pdf"),
        ('attachment; filename="=?utf-8?Q?Sign=C3=A9e.pdf?="', "Signée.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\temp\\\\a.pdf"', "a.pdf"),
        ("attachment", ""),
    ],
)
def test_file_names_are_decoded_and_bare(disposition: str, name: str) -> None:
    part = f"Content-Type: application/pdf\nContent-Disposition: {disposition}\n\n%PDF\n"

    assert [a.name for a in read(multipart("mixed", PLAIN, part)).attachments] == [name]


def test_a_text_file_is_an_attachment_and_not_the_text() -> None:
    part = 'Content-Type: text/plain\nContent-Disposition: attachment; filename="notes.txt"\n\nrefusé\n'
    message = read(multipart("mixed", PLAIN, part))

    assert message.text == "Bonjour Claire,\n\nD'accord."
    assert [a.name for a in message.attachments] == ["notes.txt"]


def test_text_before_and_after_a_picture_is_one_text() -> None:
    picture = "Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\niVBO\n"
    message = read(
        multipart("mixed", "Content-Type: text/plain\n\nAvant.\n", picture, "Content-Type: text/plain\n\nAprès.\n")
    )

    assert message.text == "Avant.\n\nAprès."


def test_an_attached_message_is_an_attachment_with_its_header() -> None:
    part = "Content-Type: message/rfc822\n\nSubject: Offre\nMessage-ID: <a@x>\n\nBonjour\n"
    (attachment,) = read(multipart("mixed", PLAIN, part)).attachments

    assert attachment.content_type == "message/rfc822"
    assert b"Message-ID: <a@x>" in attachment.content


def test_the_letter_inside_certified_mail_is_the_message() -> None:
    notice = "Content-Type: text/plain\n\nMessaggio di posta certificata\n"
    letter = (
        "Content-Type: message/rfc822; name=postacert.eml\n\nFrom: Paolo Ferri <ferri@sogedec.example>\nSubject: Offerta\n"
        "Message-ID: <inner@x>\nIn-Reply-To: <offer@x>\n\nAccettiamo la vostra offerta.\n"
    )
    envelope = (
        "From: posta-certificata@pec.example\nSubject: POSTA CERTIFICATA: Offerta\nX-Trasporto: posta-certificata\n"
    )
    message = read(envelope + "Message-ID: <outer@x>\n" + multipart("mixed", notice, letter).removeprefix(HEAD))

    assert message.sender == Address("Paolo Ferri", "ferri@sogedec.example")
    assert (message.subject, message.text) == ("Offerta", "Accettiamo la vostra offerta.")
    assert (message.message_id, message.in_reply_to) == ("<outer@x>", ("<offer@x>",))


def test_a_multipart_without_its_boundary_is_read_as_it_stands() -> None:
    assert "Bonjour" in simple("Content-Type: multipart/mixed", "Bonjour").text


def test_fields_for_the_judgement_are_kept_by_lower_case_name() -> None:
    message = simple("Auto-Submitted: auto-replied\nList-ID: <l.example>\nReceived: from a by b")

    assert message.header("Auto-Submitted") == "auto-replied"
    assert message.header("list-id") == "<l.example>"
    assert message.header("received") == ""


def test_a_message_without_any_header_is_still_a_message() -> None:
    message = read("\nBonjour")

    assert (message.message_id, message.sender, message.text) == ("", None, "Bonjour")


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"  \n\n"])
def test_nothing_is_no_message(raw: bytes) -> None:
    with pytest.raises(MessageUnreadable):
        parse_message(raw, fallback=RECEIVED)
