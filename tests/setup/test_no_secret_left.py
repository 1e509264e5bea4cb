"""After setting up, checking, failing and diagnosing, no secret is found: not on the disk, in the process list, in an
environment, in a log, or in anything that was shown."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.dovecot import Dovecot
from tests.oauth.authserver import AuthServer
from tests.secretservice import SecretService
from tests.setup.newowner import AT, NewOwner, Terminal

SECRET = "Xq7-unverwechselbar-93"
_EXTRA = f"passdb {{\n  driver = static\n  mechanisms = plain login\n  args = password={SECRET}\n}}"


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    dovecot = Dovecot(extra=_EXTRA).start()
    yield dovecot
    dovecot.stop()


@contextmanager
def watched_processes(secrets: list[str]) -> Iterator[list[str]]:
    """Looks through every process's arguments and environment, over and over; the list of those with a secret."""
    seen: list[str] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            for process in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        text = (process / name).read_bytes()
                    except OSError:
                        continue
                    seen.extend(f"{process}/{name}" for secret in secrets if secret.encode() in text)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def files_with(folder: Path, secret: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def test_a_password_is_found_nowhere(
    tmp_path: Path, server: Dovecot, mailbox_user: str, secret_service: SecretService
) -> None:
    owner = NewOwner(tmp_path / "home", server, mailbox_user, secret_service, {"TMPDIR": str(tmp_path / "tmp")})
    (tmp_path / "tmp").mkdir()
    owner.fill()
    given = ("--address", owner.user, "--host", "127.0.0.1", "--security", "none", "--port", str(server.port))
    shown = []
    with watched_processes([SECRET]) as seen:
        terminal = owner.terminal(
            "setup", "-v", "--at", AT, *given, "--country", "FR", "--language", "fr", "--name", "C"
        )
        terminal.answers("(not shown)", SECRET)
        terminal.answers("A number to correct", "")
        terminal.answers("From which day on", "")
        terminal.answers("run in the background", "n")
        assert terminal.ends() == 0
        shown.append(terminal.text)
        for arguments in (
            ("check", "-v", "--at", AT),
            ("doctor", "--report", "report.txt"),
            ("account", "list", "--json"),
        ):
            done = owner.run(*arguments)
            assert done.returncode == 0, done.stderr
            shown += [done.stdout, done.stderr]
        server.kill()  # and one that fails in the middle of the login
        done = owner.run("check", "-v")
        server.start()
        assert done.returncode == 75
        shown += [done.stdout, done.stderr]
    assert seen == []
    assert [text for text in shown if SECRET in text] == []
    assert files_with(tmp_path, SECRET) == []
    assert files_with(secret_service.root, SECRET) == []
    assert owner.drafts_with(SECRET) == 2


@pytest.mark.usefixtures("auth")
def test_tokens_are_found_nowhere(
    tmp_path: Path, auth: AuthServer, token_mailbox: Dovecot, secret_service: SecretService
) -> None:
    """The whole of `setup` by the browser; then a check with a refreshed token, and the logout, which revokes it."""
    program = [sys.executable, "-P", "-m", "tests.setup.loopback_provider"]
    around = {
        "AUTH_SERVER": auth.url, "SSL_CERT_FILE": str(auth.certificate), "BROWSER": " ".join([*program, "visit", "%s"]),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }  # fmt: skip
    owner = NewOwner(tmp_path / "home", token_mailbox, auth.user, secret_service, around)
    owner.fill()
    auth.lifetime = 200  # near its end at once: every command refreshes it
    given = ("--address", owner.user, "--host", "127.0.0.1", "--security", "none", "--port", str(token_mailbox.port))
    more = ("--auth", "oauth-google", "--country", "FR", "--language", "fr", "--name", "C", "--at", AT)
    terminal = Terminal(program[0], [*program[1:], "setup", *given, *more], owner.surroundings(), tmp_path)
    terminal.answers("Client id", "", "desktop-client")
    terminal.sees("Waiting for your consent")
    terminal.sees("Logged in to 127.0.0.1")
    terminal.answers("A number to correct", "")
    terminal.answers("From which day on", "")
    terminal.answers("run in the background", "n")
    assert terminal.ends() == 0
    tokens = list(auth.refresh_tokens)
    checked = Terminal(program[0], [*program[1:], "check", "-v", "--at", AT], owner.surroundings(), tmp_path)
    assert checked.ends() == 0
    assert sum(form.get("grant_type") == "refresh_token" for form in auth.asked) >= 1
    out = Terminal(program[0], [*program[1:], "account", "logout"], owner.surroundings(), tmp_path)
    out.sees("The access was revoked")
    assert out.ends() == 0
    assert auth.revoked == tokens
    for secret in (*tokens, "eyJ"):  # every JWT begins so
        assert [text for text in (terminal.text, checked.text, out.text) if secret in text] == []
        assert files_with(owner.home, secret) == []
        assert files_with(secret_service.root, secret) == []


def test_the_search_itself_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "left").write_text(f"so: {SECRET}", "utf-8")
    assert files_with(tmp_path, SECRET) == [tmp_path / "left"]
    with watched_processes([SECRET]) as seen:
        assert os.system(f"/bin/sh -c 'sleep 0.3; : {SECRET}'") == 0
    assert seen
