"""The whole of `setup` as a new user does it, at a terminal: every question, with wrong answers first."""

from __future__ import annotations

import time
from pathlib import Path

from tests.dovecot import Dovecot
from tests.secretservice import SecretService
from tests.setup.newowner import AT, NewOwner


def test_from_an_address_to_the_list_of_offers_with_every_wrong_answer_first(owner: NewOwner) -> None:
    begun = time.monotonic()
    terminal = owner.terminal("setup", "--at", AT)
    complaint = "is no e-mail address"
    terminal.answers("Your e-mail address", "camille", "a b@c.fr", "@binalys.fr", owner.user, complaint=complaint)
    terminal.sees("Found none")
    terminal.answers("IMAP server", "two words", "127.0.0.1", complaint="is no server")
    terminal.answers("Encryption", "ssl", "none", complaint="is not one of tls, starttls, none")
    terminal.answers("Port", "imap", "0", "99999", str(owner.server.port), complaint="is no port")
    terminal.answers("(not shown)", "a-wrong-password")
    terminal.sees("the server refused the login")
    terminal.answers("User name", "")
    terminal.answers("(not shown)", "pass")
    terminal.sees(f"Logged in to 127.0.0.1 as {owner.user}")
    shown = terminal.sees("The secret is in this computer's keyring")
    assert "sent     Sent, 2 messages" in shown
    assert "drafts   Drafts, 0 messages" in shown
    terminal.answers("Your name, as you sign [Camille Rouvier]", "")
    terminal.answers("country you work in", "France", "12", "FR", complaint="is no country")
    terminal.answers("Your language", "xx", "fr", complaint="is not one of fr, en")
    terminal.sees("Written:")
    terminal.sees("2026-05-08")
    terminal.answers("A number to correct", "77", "two", "2", complaint="is no number of the list")
    terminal.answers("What is it", "z", "i", complaint="is not one of")
    terminal.answers("A number to correct", "")
    shown = terminal.sees("would draft the withdrawal of")
    assert "Morvan" not in shown
    terminal.answers("From which day on", "soon", "30/02/2026", "", complaint="is no day")
    terminal.sees("The next check drafts 1 withdrawal into your Drafts folder")
    terminal.answers("run in the background", "perhaps", "n", complaint="invalid input")
    terminal.sees("What next")
    assert terminal.ends() == 0
    assert time.monotonic() - begun < 60
    assert "a-wrong-password" not in terminal.text
    assert "Traceback" not in terminal.text
    assert owner.drafts() == 0
    assert oct(owner.config.stat().st_mode & 0o777) == "0o600"
    assert "act_from = 2026-01-18" in owner.config.read_text("utf-8")

    done = owner.run("check", "--at", AT)
    assert done.returncode == 0, done.stderr
    assert owner.drafts() == 1


def test_a_second_run_proposes_what_the_first_one_wrote(owner: NewOwner) -> None:
    assert owner.set_up("--name", "Camille R.").returncode == 0
    owner.config.write_text(owner.config.read_text("utf-8").replace("[policy]", "# mine\n[policy]"), "utf-8")
    terminal = owner.terminal("setup", "--at", AT)
    terminal.answers(f"Your e-mail address [{owner.user}]", "")
    terminal.sees("Found by the configuration: 127.0.0.1")
    terminal.answers("Is that right?", "")
    terminal.sees("Trying what is stored in the keyring")
    terminal.answers("Your name, as you sign [Camille R.]", "")
    terminal.answers("[FR]", "")
    terminal.answers("[fr]", "")
    terminal.answers("A number to correct", "")
    terminal.answers("[2026-01-18]", "today")
    terminal.sees("The next check drafts nothing")
    terminal.answers("run in the background", "")
    assert terminal.ends() == 0
    text = owner.config.read_text("utf-8")
    assert "# mine\n[policy]" in text
    assert "act_from = 2026-05-18" in text
    assert text.count("[account]") == 1


def test_ctrl_c_leaves_nothing_behind(owner: NewOwner) -> None:
    terminal = owner.terminal("setup")
    terminal.answers("Your e-mail address", owner.user)
    terminal.sees("IMAP server")
    terminal.hears("c")
    assert terminal.ends() == 130
    assert "stopped at your request" in terminal.text
    assert not owner.config.exists()


def test_without_a_keyring_a_command_can_take_its_place(owner: NewOwner) -> None:
    owner.keyring = None
    secret = owner.home / "secret"
    owner.home.mkdir()
    secret.write_text("pass\n", "utf-8")
    terminal = owner.terminal("setup", "--at", AT, "--name", "Camille", "--country", "FR", "--language", "fr")
    terminal.answers("Your e-mail address", owner.user)
    terminal.answers("IMAP server", "localhost")
    terminal.answers("Encryption", "none")
    terminal.answers("Port", str(owner.server.port))
    terminal.answers("(not shown)", "pass")
    terminal.sees("the keyring is missing on this computer")
    terminal.answers("What now", "9", "1", complaint="not in the range")
    terminal.answers("What now", "2")
    complaint = "the password that works"
    terminal.answers("Command, as in", "echo something-else", f"cat {secret}", complaint=complaint)
    terminal.answers("A number to correct", "")
    terminal.answers("From which day on", "")
    terminal.answers("run in the background", "n")
    assert terminal.ends() == 0
    assert f'password_command = "cat {secret}"' in owner.config.read_text("utf-8")


def test_five_refusals_are_enough(owner: NewOwner) -> None:
    arguments = ("--address", owner.user, "--host", "127.0.0.1", "--security", "none", "--port", str(owner.server.port))
    terminal = owner.terminal("setup", *arguments)
    for attempt in range(5):
        terminal.answers("(not shown)", "wrong")
        if attempt < 4:
            terminal.answers("User name", "")
    assert terminal.ends() == 3
    assert not owner.config.exists()


def test_a_mailbox_without_a_drafts_folder_is_asked_for_one(
    tmp_path: Path, mailbox_user: str, secret_service: SecretService
) -> None:
    server = Dovecot(special_use={"Sent": "\\Sent", "Ablage": ""}).start()
    try:
        owner = NewOwner(tmp_path / "home", server, mailbox_user, secret_service)
        owner.fill()
        given = ("--address", owner.user, "--host", "127.0.0.1", "--security", "none", "--port", str(server.port))
        terminal = owner.terminal("setup", "--at", AT, *given, "--country", "FR", "--language", "fr", "--name", "C")
        terminal.answers("(not shown)", "pass")
        terminal.answers("Which one holds your drafts", "Drafts", "ablage", complaint="there is no folder 'Drafts'")
        terminal.answers("A number to correct", "")
        terminal.answers("From which day on", "")
        terminal.answers("run in the background", "n")
        assert terminal.ends() == 0
        assert 'folders = {drafts = "Ablage"}' in owner.config.read_text("utf-8")
    finally:
        server.stop()


def test_a_bridge_on_this_computer_is_pinned_after_a_look_at_its_fingerprint(owner: NewOwner) -> None:
    given = ("--address", owner.user, "--host", "localhost", "--security", "starttls", "--port", str(owner.server.port))
    terminal = owner.terminal("setup", "--at", AT, *given, "--country", "FR", "--language", "fr", "--name", "C")
    terminal.answers("(not shown)", "pass")
    terminal.sees("its certificate has the SHA-256 fingerprint")
    terminal.answers("shall this certificate be trusted", "y")
    terminal.answers("(not shown)", "pass")
    terminal.answers("A number to correct", "")
    terminal.answers("From which day on", "")
    terminal.answers("run in the background", "n")
    assert terminal.ends() == 0
    assert "\npin_sha256 = " in owner.config.read_text("utf-8")
