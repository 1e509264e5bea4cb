"""The draft is a reply in the thread: what it answers, to whom, under which subject."""

from __future__ import annotations

from dataclasses import replace

import pytest
from draft_story import BERTRAND, CAMILLE, OFFERED, STALLED, SYLVIE, YANIS, draft, mail, registered

from assistant.kinds import Kind
from assistant.messages import Address
from assistant.replying import MOST_REFERENCES, bare_subject, quotation, references


def test_it_answers_the_last_message_that_a_person_wrote() -> None:
    away = mail(20, BERTRAND, (CAMILLE,), "Je suis absent.")
    made = draft(OFFERED, STALLED, away, kinds={"m20": Kind.AUTO_REPLY})
    assert made.in_reply_to == "<8@mail.example>"
    assert made.references == ("<0@mail.example>", "<8@mail.example>")
    assert made.subject == "Re: Proposition Binalys"


def test_what_colleagues_write_among_themselves_is_never_answered_or_quoted() -> None:
    inside = mail(9, YANIS, (CAMILLE,), "Entre nous : ils n'ont pas le budget.")
    made = draft(OFFERED, STALLED, inside)
    assert made.in_reply_to == "<8@mail.example>"
    assert "Entre nous" not in made.text


def test_the_offers_people_and_whoever_wrote_since_are_written_to() -> None:
    sent = replace(OFFERED, cc=(SYLVIE, YANIS, CAMILLE))
    answer = mail(9, SYLVIE, (CAMILLE,), "Nous revenons vers vous.")
    made = draft(sent, answer)
    assert made.to == (BERTRAND, SYLVIE)
    assert made.cc == (YANIS,)


def test_a_copy_stays_a_copy_while_its_reader_is_silent() -> None:
    made = draft(replace(OFFERED, cc=(SYLVIE,)), STALLED)
    assert (made.to, made.cc) == ((BERTRAND,), (SYLVIE,))


def test_machines_and_the_owner_get_no_mail() -> None:
    robot = Address("Portail", "no-reply@valmontel.example")
    made = draft(replace(OFFERED, to=(BERTRAND, robot, Address("", "contact@binalys.example"))))
    assert made.to == (BERTRAND,)


def test_reply_to_is_honoured_unless_it_leads_back_to_the_owner() -> None:
    office = Address("Achats", "achats@valmontel.example")
    assert draft(OFFERED, replace(STALLED, reply_to=(office,))).to == (office,)
    assert draft(OFFERED, replace(STALLED, reply_to=(CAMILLE,))).to == (BERTRAND,)


def test_the_sender_is_the_address_that_sent_the_offer() -> None:
    alias = Address("Binalys", "contact@binalys.example")
    assert draft(replace(OFFERED, sender=alias)).sender == alias


def test_an_offer_sent_by_a_colleague_is_withdrawn_from_the_owners_address_on_the_thread() -> None:
    sent = replace(OFFERED, sender=YANIS, cc=(Address("", "contact@binalys.example"),))
    made = draft(sent, STALLED)
    assert made.sender == Address("Camille Rouvier", "contact@binalys.example")
    assert made.cc == (YANIS,)


def test_a_registered_proposal_without_a_thread_becomes_a_new_message() -> None:
    made = draft(proposal=registered(), reference="P-2026-014")
    assert made.to == (BERTRAND,)
    assert made.subject == "Notre proposition P-2026-014 du 27 janvier 2026 : Optimisation des tournées"
    assert (made.in_reply_to, made.references, made.html) == (None, (), None)
    assert "(«\u00a0Optimisation des tournées\u00a0»)" in made.text


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("RE: TR: AW: Devis 12", "Devis 12"),
        ("Re[2]: Antw: SV: devis", "devis"),
        ("R: I: Preventivo", "Preventivo"),
        ("RV: Presupuesto", "Presupuesto"),
        ("Réf : 12", "12"),
        ("Proposition : capteurs", "Proposition : capteurs"),
        ("Re:", ""),
        ("a\r\nBcc: all@example.org", "a Bcc: all@example.org"),
    ],
)
def test_prefixes_of_every_mail_program_are_collapsed(subject: str, bare: str) -> None:
    assert bare_subject(subject) == bare


def test_a_long_line_of_references_keeps_its_root_and_its_latest() -> None:
    ancestors = tuple(f"<{n}@mail.example>" for n in range(500))
    kept = references(replace(STALLED, references=ancestors, message_id="<last@mail.example>"))
    assert len(kept) == MOST_REFERENCES
    assert (kept[0], kept[-2], kept[-1]) == ("<0@mail.example>", "<499@mail.example>", "<last@mail.example>")


def test_without_references_a_single_in_reply_to_is_the_ancestor() -> None:
    message = replace(STALLED, references=(), in_reply_to=("<0@mail.example>",))
    assert references(message) == ("<0@mail.example>", "<8@mail.example>")


def test_the_last_message_is_quoted_as_a_mail_program_does() -> None:
    made = draft(OFFERED, STALLED)
    assert made.text.endswith(
        "\n\nLe 4 février 2026 à 11:04, Bertrand LACAZE <b.lacaze@valmontel.example> a écrit :\n"
        "> Bonjour Camille,\n>\n> Nous revenons vers vous.\n>\n> Bertrand\n"
    )
    assert made.html is None


def test_older_quotations_go_one_deeper() -> None:
    assert quotation(["vu", "> demande", ""]) == "> vu\n>> demande\n>"


def test_a_thread_in_html_is_answered_in_both_and_nobodys_markup_is_copied() -> None:
    hostile = replace(STALLED, full_text="<script>x</script> & co", html="<script>x</script>")
    made = draft(OFFERED, hostile)
    assert made.html is not None
    assert "&lt;script&gt;x&lt;/script&gt; &amp; co</blockquote>" in made.html
    assert "<script>" not in made.html
    assert "<p>Bonjour Bertrand,</p>" in made.html
