"""The server's certificate runs out in the middle of a cycle: nothing is lost, nothing is placed twice, no password is
said to it, and all goes on once it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.config import Account
from assistant.errors import CertificateRefused, Unreachable
from tests.dovecot import Dovecot
from tests.placing.lapsed_story import NOW, Story
from tests.placing.tlsfront import DAY, Authority, Cut, TlsFront

LATER = NOW + timedelta(hours=3)
EXPIRED = "the certificate of 127.0.0.1 is not trusted: certificate has expired"
LETTER = b"Message-ID: <"


@dataclass
class SecureStory(Story):
    """The same in front of a server that is spoken to through TLS."""

    front: TlsFront | None = None
    ca_file: Path | None = None

    @property
    def account(self) -> Account:
        assert self.front is not None
        return Account("default", "127.0.0.1", self.user, self.front.port, "tls", ca_file=self.ca_file)


@pytest.fixture
def story(
    dovecot: Dovecot, mailbox_user: str, tmp_path: Path, front: TlsFront, authority: Authority
) -> Iterator[SecureStory]:
    told = SecureStory(dovecot, mailbox_user, tmp_path / "one", front=front, ca_file=authority.path)
    told.fill()
    yield told
    told.close()


def is_refused(story: SecureStory) -> None:
    """A cycle with the bad certificate: one clear sentence, and nothing of ours is said or done."""
    before, drafts, logins = story.everything(), story.drafts(), story.front.logins
    with pytest.raises(CertificateRefused) as refused:
        story.cycle(LATER)
    assert refused.value.message == EXPIRED
    assert (story.everything(), story.drafts(), story.front.logins) == (before, drafts, logins)


@pytest.mark.parametrize(
    ("word", "heard", "stored"),
    [
        (b" EXAMINE ", False, 0),  # while the mail is read
        (b" APPEND ", False, 0),
        (b" APPEND ", True, 0),  # the server waits for the letter
        (LETTER, False, 0),
        (LETTER, True, 1),  # stored, and its answer is lost
    ],
)
def test_a_certificate_that_runs_out_while_a_draft_is_placed_costs_and_doubles_none(
    story: SecureStory, authority: Authority, word: bytes, heard: bool, stored: int
) -> None:
    before = story.everything()
    story.front.cut = Cut(word, heard, authority.certificate(-3 * DAY, -DAY))
    with pytest.raises(Unreachable):
        story.cycle(LATER)
    assert len(story.drafts()) == stored
    for _ in range(3):
        is_refused(story)

    story.front.show(authority.certificate())
    story.cycle(LATER)
    story.cycle(LATER)

    assert len(story.drafts()) == 1
    assert [d.fate for d in story.ledger()] == ["untouched"]
    assert story.everything() == before


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("word", [b" UID STORE ", b" UID EXPUNGE "])
def test_a_certificate_that_runs_out_while_a_draft_is_taken_back_leaves_it_taken_back(
    story: SecureStory, authority: Authority, word: bytes, heard: bool
) -> None:
    story.cycle()
    story.answer()
    before = story.everything()
    story.front.cut = Cut(word, heard, authority.certificate(-3 * DAY, -DAY))
    with pytest.raises(Unreachable):
        story.cycle(LATER)
    is_refused(story)

    story.front.show(authority.certificate())
    story.cycle(LATER)

    assert story.drafts() == {}
    assert [d.fate for d in story.ledger()] == ["taken-back"]
    assert story.everything() == before


def test_a_certificate_that_is_not_good_yet_is_refused_too(story: SecureStory, authority: Authority) -> None:
    """A laptop whose clock was set back sees all certificates so."""
    story.front.show(authority.certificate(DAY, 3 * DAY))

    with pytest.raises(CertificateRefused, match="not yet valid"):
        story.cycle(LATER)

    assert story.front.logins == 0
