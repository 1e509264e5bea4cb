"""The command line. One file per verb, imported only when that verb is used.

The global options (--config, --json, --at, -v) are accepted before and after the verb. Exit codes are those of
assistant/errors.py: 0 done, 1 a bug or an unreadable store, 2 command line or configuration, 3 the owner must act,
75 temporary.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from assistant import __version__
from assistant.cli.app import App
from assistant.errors import ConfigurationError, OfferAssistantError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# verb → (module in assistant.cli, its click command, one line of help); in the order in which `--help` lists them.
VERBS: dict[str, tuple[str, str, str]] = {
    "setup": ("setup", "command", "Find the server, log in, and list the offers found."),
    "check": ("check", "command", "Read the mailbox once, judge, place or take back drafts."),
    "offers": ("offers", "command", "List the offers and their states, without the network."),
    "show": ("show", "command", "Show one offer: its timeline, the proof, the draft."),
    "why": ("show", "command", "The same as show."),
    "draft": ("draft", "command", "Draft now: the withdrawal, or a last call while the offer is open."),
    "add": ("register", "add", "Register a proposal."),
    "import": ("register", "import_", "Register proposals from a CSV file; importing again updates."),
    "edit": ("register", "edit", "Change what is registered about an offer."),
    "accepted": ("words", "accepted", "The customer said yes, by phone for instance."),
    "declined": ("words", "declined", "The customer said no."),
    "withdrawn": ("words", "withdrawn", "You withdrew the offer yourself."),
    "extend": ("words", "extend", "You extended the offer until a date."),
    "snooze": ("words", "snooze", "Leave an offer alone until a date."),
    "ignore": ("words", "ignore", "This is not an offer of yours."),
    "never": ("words", "never", "Never draft to this customer."),
    "pause": ("words", "pause", "Draft nothing at all, until `pause --off`."),
    "undo": ("words", "undo", "Take your last word about an offer back."),
    "report-misread": ("report_misread", "command", "Turn a wrong reading into an anonymised case file, locally."),
    "run": ("run", "command", "The daemon, in the foreground."),
    "service": ("service", "command", "Put the daemon into the background, or take it away."),
    "status": ("status", "command", "Whether the daemon runs, its last cycle, and what is next."),
    "templates": ("templates", "command", "See, check and copy the texts of the drafts."),
    "account": ("account", "command", "Log in and out; list the accounts."),
    "doctor": ("doctor", "command", "Look at everything that may be wrong, and say what to do."),
    "demo": ("demo", "command", "The whole story on a mailbox that comes with the program."),
    "uninstall": ("uninstall", "command", "Take the program's traces off this computer."),
    "completion": ("completion", "command", "Print the completion script of a shell."),
}


def _set(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Global options may stand before or after the verb; the later one wins."""
    if value not in (None, False, 0):
        setattr(context.ensure_object(App), str(parameter.name), value)
    return value


def _global_options() -> list[click.Option]:
    options = (
        click.Option(
            ["--config", "config_path"], type=click.Path(dir_okay=False), metavar="PATH", help="The configuration file."
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="Machine-readable, on stdout."),
        click.Option(["--at"], metavar="WHEN", help="Pretend that it is this moment (ISO date-time)."),
        click.Option(["-v", "--verbose"], count=True, help="Trace the conversation with the server (-v), on stderr."),
    )
    for option in options:
        option.callback = _set
        option.expose_value = False
    return list(options)


class Verbs(click.Group):
    """Loads a verb's module when it is asked for, and gives every command the global options."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        module, attribute, _ = VERBS[name]
        loaded = import_module(f"assistant.cli.{module}")
        return _with_globals(getattr(loaded, attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in VERBS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The verbs by their table, so that completing loads none of their modules; else the options."""
        from click.shell_completion import CompletionItem

        verbs = [CompletionItem(name, help=text) for name, (_, _, text) in VERBS.items() if name.startswith(incomplete)]
        return [*verbs, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, VERBS, 1, 0.7)
            hint = f" Did you mean {near[0]}?" if near else " `offer-assistant --help` lists the commands."
            raise click.UsageError(f"there is no command {name!r}.{hint}")
        return super().resolve_command(ctx, args)


def _with_globals(command: click.Command) -> click.Command:
    known = {p.name for p in command.params}
    command.params.extend(o for o in _global_options() if o.name not in known)
    if isinstance(command, click.Group):
        for child in command.commands.values():
            _with_globals(child)
    return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="offer-assistant")
def cli() -> None:
    """Notices the offers you sent that have lapsed without an answer, and drafts the e-mail that withdraws them.

    It never sends: the drafts wait in your Drafts folder. Begin with `offer-assistant demo`, then `setup`.
    """


cli.params.extend(_global_options())


def run(arguments: Sequence[str]) -> int:
    """Runs one command; gives back its exit code. Every expected error becomes one sentence and the next step."""
    app = App()
    try:
        result = cli.main(list(arguments), prog_name="offer-assistant", standalone_mode=False, obj=app)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        return _fail(app, arguments, "aborted", "stopped at your request", "", 130)
    except click.ClickException as error:
        return _fail(app, arguments, "usage", _sentence(error.format_message()), _usage_hint(error), 2)
    except OfferAssistantError as error:
        return _fail(app, arguments, error.code, error.message, error.hint, error.exit_code, error)
    except KeyboardInterrupt:
        return _fail(app, arguments, "aborted", "stopped at your request", "", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        app.close()


def _sentence(text: str) -> str:
    return text[:1].lower() + text[1:] if text[:2].istitle() else text


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"`{context.command_path} --help` tells more" if context else "`offer-assistant --help` tells more"


def _fail(
    app: App,
    arguments: Sequence[str],
    code: str,
    message: str,
    hint: str,
    exit_code: int,
    error: OfferAssistantError | None = None,
) -> int:
    if app.as_json or "--json" in arguments:
        told: dict[str, Any] = {"code": code, "message": message, "hint": hint}
        if isinstance(error, ConfigurationError) and error.problems:
            told["problems"] = [{"key": k, "problem": p, "hint": h} for k, p, h in error.problems]
        app.print_json({"error": told})
    else:
        click.secho(f"offer-assistant: {message}", fg="red", err=True)
        if hint:
            click.echo(f"→ {hint}", err=True)
    return exit_code
