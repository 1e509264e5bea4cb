"""The server's certificate turns bad while the daemon runs."""

from __future__ import annotations

import json
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.errors import CertificateRefused, LoginRefused
from assistant.service.errand import Trouble
from tests.daemon.daemon_story import daemon, eventually, log_of, owner_with_offers, reply
from tests.dovecot import Dovecot
from tests.placing.tlsfront import DAY, Authority, TlsFront
from tests.running import Owner

EXPIRED = "the certificate of 127.0.0.1 is not trusted: certificate has expired"
QUESTION = "We have one more question: does the price include the training?"


@pytest.fixture
def owner(dovecot: Dovecot, mailbox_user: str, tmp_path: Path, front: TlsFront, authority: Authority) -> Owner:
    made = owner_with_offers(dovecot, mailbox_user, tmp_path, lapsed=2)
    made.write_config(port=front.port, security="tls", ca_file=str(authority.path))
    return made


def drafts(owner: Owner) -> int:
    return len(owner.messages("Drafts"))


def account(owner: Owner) -> tuple[str, list[str]]:
    """Its state, and the messages of what is in its way."""
    status = owner.json("status")
    return status["accounts"][0]["state"], [p["message"] for p in status["problems"]]


def test_the_daemon_waits_for_a_good_certificate_and_goes_on(
    owner: Owner, front: TlsFront, authority: Authority
) -> None:
    with daemon(owner) as process:
        eventually(lambda: drafts(owner) == 2 and account(owner) == ("online", []), owner=owner)
        front.show(authority.certificate(-3 * DAY, -DAY))
        front.hang_up()
        eventually(lambda: account(owner) == ("offline", [f"default: {EXPIRED}"]), owner=owner)
        now, logins = datetime.now(UTC), front.logins
        owner.deliver("inbox", reply(1, now, QUESTION), now)
        refused = owner.run("check", "--json")
        assert (refused.returncode, json.loads(refused.stdout)["error"]["message"]) == (3, EXPIRED)
        assert (drafts(owner), front.logins) == (2, logins)

        front.show(authority.certificate())
        process.send_signal(signal.SIGHUP)

        eventually(lambda: drafts(owner) == 1 and account(owner) == ("online", []), owner=owner)
    assert log_of(owner).count(EXPIRED) == 1
    assert log_of(owner).count("needs you (certificate-refused)") <= 1  # not in quiet hours


@pytest.mark.slow
def test_it_goes_on_by_itself_where_nobody_says_that_the_certificate_was_mended(
    owner: Owner, front: TlsFront, authority: Authority
) -> None:
    front.show(authority.certificate(-3 * DAY, -DAY))
    with daemon(owner):
        eventually(lambda: account(owner)[0] == "offline" and EXPIRED in log_of(owner), owner=owner)
        front.show(authority.certificate())
        eventually(lambda: drafts(owner) == 2 and account(owner) == ("online", []), 40, owner)


def test_a_bad_certificate_does_not_stop_an_account_for_good_and_a_refused_login_does() -> None:
    assert Trouble.of(CertificateRefused(EXPIRED)).stops is False
    assert Trouble.of(LoginRefused("the server refused the login")).stops is True
