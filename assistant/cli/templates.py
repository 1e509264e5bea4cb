"""`templates`: see, check and copy the texts of the drafts."""

from __future__ import annotations

from pathlib import Path

import click

from assistant.cli.app import App, pass_app
from assistant.errors import TemplateBroken, UsageError

_FOLDER_HINT = 'name one with --folder, or as [templates] folder = "…" in the configuration'


@click.group()
def command() -> None:
    """See, check and copy the texts of the drafts.

    A template of yours takes the place of the built-in one with the same path, for instance
    fr/withdrawal.formal.txt.j2 in your own folder ([templates] folder in the configuration).
    """


def _own_folder(app: App) -> Path | None:
    """The owner's folder as configured; None where there is no configuration yet, or no folder in it."""
    if app.config_path is None and not app.path.exists():
        return None
    folder = app.config.templates_folder
    return Path(folder) if folder else None


@command.command("list")
@pass_app
def list_(app: App) -> None:
    """List the templates, and which of them are your own."""
    from assistant.host import templates

    own = _own_folder(app)
    yours = set(templates.names(own)) if own else set()
    rows = [{"template": name, "own": name in yours} for name in sorted({*templates.names(), *yours})]
    if app.as_json:
        app.print_json({"folder": own, "templates": rows})
    for row in rows:
        app.say(f"{row['template']}{'  (your own)' if row['own'] else ''}")


@command.command()
@click.argument("name")
@pass_app
def show(app: App, name: str) -> None:
    """Show the text of a template, your own if there is one."""
    from assistant.host import templates

    path = templates.find(name, _own_folder(app))
    if path is None:
        raise UsageError(f"there is no template {name!r}", hint="`offer-assistant templates list` shows them all")
    text = path.read_text("utf-8", errors="replace")
    if app.as_json:
        app.print_json({"template": name, "file": path, "text": text})
    app.say(text.rstrip("\n"))


@command.command()
@pass_app
def check(app: App) -> None:
    """Render every template in every state, language and form of address.

    Errors (exit code 3) stop drafts from being made; warnings are letters that break a rule of wording.
    """
    from assistant.host import templates
    from assistant.wordcheck import render_all

    own = _own_folder(app)
    flaws = [*templates.unknown(own), *render_all(templates.environment(own))]
    if app.as_json:
        rows = [{"template": flaw.template, "grade": flaw.grade, "text": flaw.text} for flaw in flaws]
        app.print_json({"folder": own, "flaws": rows})
    for flaw in flaws:
        app.say(f"{flaw.grade}: {flaw.template}: {flaw.text}")
    errors = sum(flaw.grade == "error" for flaw in flaws)
    if errors and not app.as_json:
        raise TemplateBroken(f"{errors} of the templates cannot be used", hint="mend the lines named above")
    if errors:
        click.get_current_context().exit(TemplateBroken.exit_code)
    if not flaws:
        app.say("Every template renders in every state, language and form of address.")


@command.command()
@click.argument("names", nargs=-1)
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Your own folder of templates.")
@pass_app
def copy(app: App, names: tuple[str, ...], folder: Path | None) -> None:
    """Copy templates into your own folder, to change them there: all, or NAMES ('fr', 'fr/withdrawal').

    A file that is already there is never overwritten.
    """
    from assistant.host import templates

    target = folder or _own_folder(app)
    if target is None:
        raise UsageError("there is no folder to copy to", hint=_FOLDER_HINT)
    wanted = [name for name in templates.names() if not names or name.startswith(names)]
    if not wanted:
        raise UsageError(f"no template begins with {' or '.join(names)}", hint="`offer-assistant templates list`")
    copied = [(name, templates.copy(name, target)) for name in wanted]
    if app.as_json:
        app.print_json({"folder": target, "copied": [name for name, done in copied if done]})
    for name, done in copied:
        app.say(f"{target / name}" if done else f"{target / name} was there already; left as it is")
