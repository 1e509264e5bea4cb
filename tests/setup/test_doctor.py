"""`doctor`: each thing that may be wrong is one line with its remedy, and the right exit code; never a traceback."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from imaplib import Time2Internaldate
from pathlib import Path
from typing import Any

import pytest
from jinja2 import ChoiceLoader, Environment

from assistant.cli import run
from assistant.config import Config
from assistant.host import network, templates
from assistant.service.diagnosis import Finding, here
from assistant.service.diagnosis.redact import redacted
from tests.dovecot import Dovecot, self_signed
from tests.running import Owner

Told = dict[str, Any]
_render_once = lru_cache(maxsize=1)(lambda: here.render_all(templates.environment()))


@pytest.fixture(autouse=True)
def _built_in_templates_are_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a second; the owner's own are rendered every time."""
    _render_once()
    real = here.render_all
    monkeypatch.setattr(here, "render_all", lambda made: _render_once() if not _has_own(made) else real(made))


def _has_own(environment: Environment) -> bool:
    return isinstance(environment.loader, ChoiceLoader)


@pytest.fixture
def owner(tmp_path: Path, dovecot: Dovecot, mailbox_user: str) -> Owner:
    someone = Owner(tmp_path / "owner", dovecot, mailbox_user, [mailbox_user])
    someone.write_config()
    return someone


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Told]]:
    def ask(owner: Owner, *arguments: str) -> tuple[int, Told]:
        code = run(["doctor", "--json", "--config", str(owner.config), *arguments])
        return code, json.loads(capsys.readouterr().out)

    return ask


def lines(told: Told, check: str) -> list[tuple[str, str]]:
    return [(line["level"], line["message"]) for line in told["checks"] if line["check"] == check]


def faults(told: Told) -> list[dict[str, str]]:
    return [line for line in told["checks"] if line["level"] == "error"]


def test_all_is_well(owner: Owner, doctor: Callable[..., tuple[int, Told]]) -> None:
    code, told = doctor(owner)
    assert (code, told["ok"], faults(told)) == (0, True, [])
    assert {line["check"] for line in told["checks"]} == {
        "configuration", "store", "register", "templates", "service", "disk", "dns", "tls", "login", "capabilities",
        "folders", "clock",
    }  # fmt: skip
    assert lines(told, "folders")[0][1].startswith("inbox is 'INBOX', sent is 'Sent'")
    assert "IDLE (new mail is noticed at once)" in lines(told, "capabilities")[0][1]


def test_the_lines_for_a_person_carry_their_remedies(owner: Owner, capsys: pytest.CaptureFixture[str]) -> None:
    owner.write_config(port=1)
    assert run(["doctor", "--config", str(owner.config)]) == 75
    shown = capsys.readouterr().out
    assert "✗ connection: the connection to 127.0.0.1 failed: Connection refused\n    → it is tried again\n" in shown
    assert shown.endswith("1 error, 1 warning.\n")


def _config(text: str) -> Callable[[Owner], None]:
    return lambda owner: (owner.config.write_text(text, "utf-8"), None)[1]


def _wrong_password(owner: Owner) -> None:
    owner.config.write_text(owner.config.read_text("utf-8").replace("echo pass", "echo wrong"), "utf-8")


def _failing_command(owner: Owner) -> None:
    owner.config.write_text(owner.config.read_text("utf-8").replace("echo pass", "false"), "utf-8")


def _broken_store(owner: Owner) -> None:
    (owner.folder / "mail.sqlite").write_bytes(b"this is no database" * 100)


def _newer_store(owner: Owner) -> None:
    with closing(sqlite3.connect(owner.folder / "mail.sqlite")) as store:
        store.execute("PRAGMA user_version = 9999")
        store.execute("CREATE TABLE later (x)")
        store.commit()


def _broken_register(owner: Owner) -> None:
    (owner.folder / "offers.toml").write_text("[[offer]\n", "utf-8")


def _templates(text: str | None) -> Callable[[Owner], None]:
    def change(owner: Owner) -> None:
        if text is not None:
            (owner.folder / "own/fr").mkdir(parents=True)
            (owner.folder / "own/fr/withdrawal.formal.txt.j2").write_text(text, "utf-8")
        with owner.config.open("a", encoding="utf-8") as config:
            config.write(f'[templates]\nfolder = "{owner.folder}/own"\n')

    return change


@pytest.mark.parametrize(
    ("spoil", "check", "code", "message", "remedy"),
    [
        (_config(""), "configuration", 2, "owner.addresses is missing", "you@your-company.com"),
        (_config("[owner"), "configuration", 2, "is not valid TOML", "mend that line"),
        (lambda o: o.config.unlink(), "configuration", 2, "there is no configuration", "offer-assistant setup"),
        (_broken_store, "store", 1, "cannot be read", "move it away"),
        (_newer_store, "store", 1, "was written by a newer version", "update offer-assistant"),
        (_broken_register, "register", 1, "cannot be read", "mend that line by hand"),
        (_templates("{{ nobody_knows_this }}"), "templates", 3, "withdrawal.formal.txt.j2, line 1 is broken", "mend"),
        (_templates("{% if %}"), "templates", 3, "withdrawal.formal.txt.j2, line 1 is broken", "mend"),
        (_templates(None), "templates", 3, "does not exist", "templates copy"),
        (_failing_command, "keyring", 3, "the password_command of account default failed", "run it by hand"),
        (_wrong_password, "login", 3, "the server refused the login", "account login"),
        (lambda o: o.write_config(port=1), "connection", 75, "Connection refused", "tried again"),
        (
            lambda o: o.write_config(host="imap.binalys.invalid", security="tls"),
            "connection", 75, "the name imap.binalys.invalid was not found", "check the network",
        ),
        (
            lambda o: o.write_config(host="localhost", security="starttls"),
            "tls", 3, "the certificate of localhost is not trusted", "pin_sha256",
        ),
        (
            lambda o: o.write_config(account='folders = { drafts = "Nirgends" }'),
            "folders", 3, "the folder 'Nirgends' set for drafts does not exist", "doctor",
        ),
    ],
)  # fmt: skip
def test_each_fault_is_one_line_with_its_remedy(
    owner: Owner, doctor: Callable[..., tuple[int, Told]], spoil: Callable[[Owner], None],
    check: str, code: int, message: str, remedy: str,
) -> None:  # fmt: skip
    spoil(owner)
    exit_code, told = doctor(owner)
    first = faults(told)[0]
    assert (exit_code, first["check"]) == (code, check)
    assert message in first["message"]
    assert remedy in first["remedy"]
    assert told["error"]["message"] == first["message"]


def test_the_fingerprint_of_a_bridge_is_shown_and_then_accepted_as_the_pin(
    owner: Owner, doctor: Callable[..., tuple[int, Told]]
) -> None:
    owner.write_config(host="localhost", security="starttls")
    _, told = doctor(owner)
    seen = lines(told, "tls")[1][1].rpartition(" ")[2]
    assert len(seen) == 64
    owner.write_config(host="localhost", security="starttls", pin_sha256=seen)
    code, told = doctor(owner)
    assert (code, lines(told, "tls")[0][1]) == (0, "TLSv1.3, the pinned certificate")


def test_a_certificate_that_ends_soon_is_a_warning(
    tmp_path: Path, mailbox_user: str, doctor: Callable[..., tuple[int, Told]]
) -> None:
    server = Dovecot()
    self_signed(server.root, days=10)
    server.start()
    try:
        someone = Owner(tmp_path / "owner", server, mailbox_user, [mailbox_user])
        someone.write_config(host="localhost", security="tls", port=server.tls_port, ca_file=str(server.cert))
        code, told = doctor(someone)
    finally:
        server.stop()
    ends = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}"
    assert (code, lines(told, "tls")) == (0, [("warning", f"TLSv1.3, a trusted certificate, good until {ends}")])


@pytest.fixture(scope="module")
def poor() -> Iterator[Dovecot]:
    """A server without IDLE and UIDPLUS, without Drafts, and nearly full."""
    quota = "mail_plugins = $mail_plugins quota\nplugin {\n  quota = maildir:User quota\n  quota_rule = *:storage=1M\n}"
    imap = "protocol imap {\n  mail_plugins = $mail_plugins quota imap_quota\n}"
    server = Dovecot(
        special_use={"Sent": "\\Sent"}, capability="IMAP4rev1 SPECIAL-USE QUOTA", extra=f"{quota}\n{imap}"
    ).start()
    yield server
    server.stop()


def test_what_a_poor_server_lacks_is_said_with_what_it_means(
    tmp_path: Path, poor: Dovecot, mailbox_user: str, doctor: Callable[..., tuple[int, Told]]
) -> None:
    someone = Owner(tmp_path / "owner", poor, mailbox_user, [mailbox_user])
    someone.write_config()
    with poor.client(mailbox_user) as client:
        client.append("INBOX", None, Time2Internaldate(datetime.now(UTC)), b"Subject: x\r\n\r\n" + b"x" * 980_000)
    code, told = doctor(someone)
    assert code == 3
    assert [line["message"] for line in faults(told)] == ["no folder for drafts was found: drafts cannot be placed"]
    assert "folders = { drafts" in faults(told)[0]["remedy"]
    assert ("warning", "no IDLE: new mail is noticed at the next poll, every few minutes") in lines(
        told, "capabilities"
    )
    assert lines(told, "quota") == [("warning", "93% of 0.0 GB used")] or lines(told, "quota")[0][0] == "warning"


def test_a_clock_that_is_behind_the_newest_mail_is_a_warning(
    owner: Owner, doctor: Callable[..., tuple[int, Told]]
) -> None:
    owner.deliver("inbox", b"Subject: x\r\n\r\nx\r\n", datetime.now(UTC))
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    _, told = doctor(owner, "--at", yesterday)
    level, message = lines(told, "clock")[0]
    assert level == "warning"
    assert message.startswith("this computer's clock is 1,440 minutes behind the server's")


def test_the_servers_date_tells_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.oauth.authserver import AuthServer

    with AuthServer(tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        told = network.time_of("localhost", port=int(server.url.rpartition(":")[2]))
    assert told is not None
    assert abs(datetime.now(UTC) - told) < timedelta(seconds=10)
    assert network.time_of("localhost", port=1) is None


def test_messages_set_aside_are_listed_without_their_words(
    owner: Owner, doctor: Callable[..., tuple[int, Told]], capsys: pytest.CaptureFixture[str]
) -> None:
    from assistant.store import FolderState, MailStore, open_database

    with closing(open_database(owner.folder / "mail.sqlite")) as database:
        mail = MailStore(database, "default")
        folder = mail.save_folder(FolderState(0, "INBOX", "inbox", 1, 9, None, 8, 0, datetime.now(UTC).date()))
        mail.quarantine(folder.id, 7, "too deep", datetime.now(UTC))
    _, told = doctor(owner, "--offline")
    assert lines(told, "quarantine") == [("warning", "1 set aside as unreadable (INBOX UID 7: too deep)")]


def test_offline_asks_nobody(owner: Owner, doctor: Callable[..., tuple[int, Told]]) -> None:
    owner.write_config(host="imap.binalys.invalid", security="tls")
    code, told = doctor(owner, "--offline")
    assert code == 0
    assert "dns" not in {line["check"] for line in told["checks"]}


def test_a_report_holds_nothing_personal(owner: Owner, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _wrong_password(owner)
    report = tmp_path / "report.txt"
    assert run(["doctor", "--config", str(owner.config), "--report", str(report)]) == 3
    text = report.read_text("utf-8")
    assert "error   login: the server refused the login" in text
    for personal in (owner.user, "binalys", "Camille", "Rouvier", "127.0.0.1", str(owner.folder), str(tmp_path)):
        assert personal not in text


def test_redaction_replaces_what_the_configuration_names(owner: Owner) -> None:
    from assistant.host.configuration import load_config

    config: Config = load_config(owner.config)
    said = "Camille Rouvier (camille@autre.example) via 127.0.0.1, 192.168.1.20, 2001:db8::1, " + "ab" * 32
    message = redacted([Finding("x", "ok", said)], config)[0].message
    assert message == "<owner> (<address>) via <host 1>, <number>, <number>, <fingerprint>"
