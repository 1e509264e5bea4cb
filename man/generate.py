"""Writes man/offer-assistant.1 from the commands themselves: `make man`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from assistant import __version__
from assistant.cli import VERBS, cli

PAGE = Path(__file__).with_name("offer-assistant.1")
FILES = (
    ("~/.config/offer-assistant/config.toml", "the configuration ($OFFER_ASSISTANT_CONFIG names another)"),
    ("~/.local/share/offer-assistant/offers.toml", "the register: proposals, your words, the drafts made; back it up"),
    ("~/.local/state/offer-assistant/mail.sqlite", "a cache of the mailbox; safe to delete"),
)
EXITS = (
    ("0", "the work ended, whatever it found"),
    ("1", "a bug, or a store that cannot be read"),
    ("2", "the command line or the configuration is wrong"),
    ("3", "you must act: log in, make a folder, mend a template, unlock the keyring"),
    ("75", "temporary: unreachable, throttled, or another process works"),
)


def page() -> str:
    """The manual page, in man(7)."""
    context = click.Context(cli, info_name="offer-assistant")
    lines = [f'.TH OFFER-ASSISTANT 1 "" "offer-assistant {__version__}" "User Commands"', ".SH NAME"]
    lines += ["offer-assistant \\- notices lapsed offers and drafts the e-mail that withdraws them; it never sends"]
    lines += [".SH SYNOPSIS", ".B offer-assistant", "[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]"]
    lines += [".SH DESCRIPTION", *_paragraphs(cli.help or ""), ".SH OPTIONS", *_options(cli), ".SH COMMANDS"]
    for verb in VERBS:
        try:
            command = cli.get_command(context, verb)
        except ImportError:  # a verb that is announced, and not written yet
            continue
        if command is not None:
            lines += _command(command, verb, context)
    lines += [".SH EXIT STATUS", *_terms(EXITS), ".SH FILES", *_terms(FILES)]
    return "\n".join(lines) + "\n"


def _command(command: click.Command, name: str, above: click.Context) -> list[str]:
    context = click.Context(command, info_name=name, parent=above)
    usage = " ".join(command.collect_usage_pieces(context)[1:] if command.params else [])
    lines = [f".SS {_escaped(f'{context.command_path} {usage}'.removeprefix('offer-assistant ').strip())}"]
    lines += [*_paragraphs(command.help or ""), *_options(command)]
    for child, subcommand in getattr(command, "commands", {}).items():
        lines += _command(subcommand, child, context)
    return lines


def _options(command: click.Command) -> list[str]:
    """The command's own options; the global ones stand once, at the top."""
    everywhere = {p.name for p in cli.params} if command is not cli else set()
    terms = []
    for option in command.params:
        if isinstance(option, click.Option) and option.name not in everywhere:
            names = ", ".join((*option.opts, *option.secondary_opts))
            value = "" if option.is_flag or option.count else f" {option.metavar or option.type.name.upper()}"
            terms.append((names + value, option.help or ""))
    return _terms(terms)


def _terms(terms: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> list[str]:
    return [line for term, text in terms for line in (".TP", f"\\fB{_escaped(term)}\\fR", _escaped(text))]


def _paragraphs(text: str) -> list[str]:
    lines: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        verbatim = paragraph.lstrip().startswith("\b")
        body = paragraph.replace("\b", "").strip("\n")
        lines += [".nf", _escaped(body), ".fi"] if verbatim else [".PP", _escaped(" ".join(body.split()))]
    return lines


def _escaped(text: str) -> str:
    """Plain text for man(7): no backslash, dash or leading dot is taken for a command."""
    safe = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in safe.split("\n"))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    sys.stdout.write(f"{PAGE}\n")
