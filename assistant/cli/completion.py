"""`completion`: the script that lets a shell complete commands and options."""

from __future__ import annotations

import click

from assistant.cli.app import App, pass_app

_WHERE = {
    "bash": "offer-assistant completion bash > ~/.local/share/bash-completion/completions/offer-assistant",
    "zsh": "offer-assistant completion zsh > ~/.zfunc/_offer-assistant   (with ~/.zfunc in fpath, before compinit)",
    "fish": "offer-assistant completion fish > ~/.config/fish/completions/offer-assistant.fish",
}


@click.command("completion")
@click.argument("shell", type=click.Choice(list(_WHERE)))
@pass_app
def command(app: App, shell: str) -> None:
    """Print the completion script of SHELL.

    \b
    bash   offer-assistant completion bash > ~/.local/share/bash-completion/completions/offer-assistant
    zsh    offer-assistant completion zsh > ~/.zfunc/_offer-assistant
    fish   offer-assistant completion fish > ~/.config/fish/completions/offer-assistant.fish
    """
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    from assistant.cli import cli

    kinds = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
    complete = kinds[shell](cli, {}, "offer-assistant", "_OFFER_ASSISTANT_COMPLETE")
    script = complete.source_template % complete.source_vars()  # not source(): that runs the shell to ask its version
    if app.as_json:
        app.print_json({"shell": shell, "script": script, "install": _WHERE[shell]})
    app.say(script)
