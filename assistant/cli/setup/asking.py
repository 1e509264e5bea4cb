"""Questions of `setup`: from a flag where it was given, else at the terminal until the answer makes sense."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

import click

from assistant.cli.dates import read_day
from assistant.errors import UsageError

T = TypeVar("T")
LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt")


class Asking:
    """`flags` are the options as given; with `interactive` what is missing is asked at the terminal."""

    def __init__(self, flags: dict[str, Any], interactive: bool, quiet: bool = False) -> None:
        self.flags = flags
        self.interactive = interactive
        self._quiet = quiet

    def say(self, text: str = "") -> None:
        if not self._quiet:
            click.echo(text)

    def insist(self, text: str) -> None:
        """What a person must read whatever happens: on stderr where stdout is for JSON."""
        click.echo(text, err=self._quiet)

    def ask(self, flag: str, question: str, read: Callable[[str], T], default: str = "", *, hint: str = "") -> T:
        """The answer as `read` makes it of the text; ValueError there, with a sentence, means asking again.

        Without a terminal the default is taken; UsageError where there is none, or a flag makes no sense.
        """
        given = self.flags.get(flag)
        if given is not None or not self.interactive:
            text = str(given) if given is not None else default
            return self.checked(flag, text, read, hint)
        while True:
            try:
                return read(str(click.prompt(question, default=default or None, show_default=bool(default))).strip())
            except ValueError as error:
                self.say(f"  {error}")

    def checked(self, flag: str, text: str, read: Callable[[str], T], hint: str = "") -> T:
        """The value of a flag as `read` makes it of the text. Raises UsageError where it makes no sense."""
        name = f"--{flag.replace('_', '-')}"
        if not text:
            raise UsageError(f"without a terminal {name} is needed", hint=hint or "`offer-assistant setup --help`")
        try:
            return read(text)
        except ValueError as error:
            raise UsageError(f"{name}: {error}", hint=hint or "`offer-assistant setup --help`") from None

    def choose(self, question: str, options: Sequence[str], default: int = 1) -> int:
        """The number, from 1, of the option chosen; the default without a terminal."""
        if not self.interactive:
            return default
        for number, option in enumerate(options, 1):
            self.say(f"  {number}  {option}")
        return int(click.prompt(question, default=default, type=click.IntRange(1, len(options))))

    def confirm(self, question: str, default: bool) -> bool:
        return bool(click.confirm(question, default=default)) if self.interactive else default

    def secret(self, question: str) -> str:
        """A password, typed without being shown, or the first line of stdin with --password-stdin."""
        if self.flags.get("password_stdin"):
            return first_line()
        if not self.interactive:
            raise UsageError(
                "without a terminal the password comes from stdin or from a command",
                hint="--password-stdin, or --password-command 'pass show mail'",
            )
        return str(click.prompt(question, hide_input=True)).strip("\r\n")


def first_line() -> str:
    """The first line of stdin. Raises UsageError where it is empty."""
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise UsageError("no password came on stdin", hint="as in: pass show mail | offer-assistant … --password-stdin")
    return line


def check_flags(asking: Asking) -> None:
    """Reads the flags once, so that a slip is told before anything is done. Raises UsageError."""
    readers: dict[str, Callable[[str], object]] = {
        "address": an_address, "host": a_host, "port": a_port, "country": a_country, "language": one_of(*LANGUAGES),
        "act_from": a_day("FR", date.max),
    }  # fmt: skip
    for flag, read in readers.items():
        if asking.flags.get(flag) is not None:
            asking.checked(flag, str(asking.flags[flag]), read)
    for alias in asking.flags.get("alias") or ():
        asking.checked("alias", alias, an_address)


def a_day(country: str, today: date) -> Callable[[str], date]:
    """Reads a day as the country writes it, or 'today'."""

    def read(text: str) -> date:
        if text.lower() == "today":
            return today
        try:
            return read_day(text, country)
        except ValueError:
            raise ValueError(f"{text!r} is no day; write 2026-06-30, or today") from None

    return read


def an_address(text: str) -> str:
    local, _, domain = text.strip().rpartition("@")
    if not local or "." not in domain or any(c.isspace() or c in "<>,;\"'" for c in text.strip()):
        raise ValueError(f"{text!r} is no e-mail address; write it as in camille@your-company.com")
    return text.strip().lower()


def a_country(text: str) -> str:
    if not (len(text) == 2 and text.isascii() and text.isalpha()):
        raise ValueError(f"{text!r} is no country; write two letters, as in FR")
    return text.upper()


def a_port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text[:6]) < 65536:
        raise ValueError(f"{text!r} is no port; write a number, as in 993")
    return int(text)


def one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"{text!r} is not one of {', '.join(words)}")
        return text.lower()

    return read


def a_word(text: str) -> str:
    """Any text that is not empty and holds no control characters."""
    if not text.strip() or not text.isprintable():
        raise ValueError("write something, in plain characters")
    return text.strip()


def a_host(text: str) -> str:
    if not text or any(c.isspace() or c in "/@\"'" for c in text):
        raise ValueError(f"{text!r} is no server; write its name, as in imap.your-company.com")
    return text.lower()
