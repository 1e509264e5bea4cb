"""`draft OFFER`: a draft now, or why there is none."""

from __future__ import annotations

import click

from assistant.cli.app import App, pass_app
from assistant.cli.choosing import all_listings, choose
from assistant.service.asking import Answer, ask_for_draft


@click.command("draft")
@click.argument("offer")
@click.option("--again", is_flag=True, help="Once more, after the last one was deleted, sent or lost.")
@click.option("--dry-run", is_flag=True, help="Show the letter; write nothing, neither here nor on the server.")
@pass_app
def command(app: App, offer: str, again: bool, dry_run: bool) -> None:
    """Draft now: the withdrawal if OFFER has lapsed, a last call while it is open. It says why not otherwise.

    The newest mail is read first. Nothing is sent: the draft waits in Drafts.
    """
    item = choose(all_listings(app, app.desk.contents()), offer)
    account = next(a for a in app.config.accounts if a.name == item.account)
    answer = ask_for_draft(app.desk, account, item.id, app.now(), again=again, dry_run=dry_run, trace=app.trace())
    _tell(app, answer)


def _tell(app: App, answer: Answer) -> None:
    problems = [p.problem for p in answer.done if p.problem]
    if app.as_json:
        from assistant.service.listing import offers_json

        preview = {"preview": _letter(answer)} if answer.letter else {}
        app.print_json(offers_json([answer.listing], problems, app.now()) | preview)
    if answer.letter:
        app.say(_letter(answer))
    for placed in answer.done:
        app.say(placed.sentence)
    for problem in problems:
        click.secho(f"→ {problem['hint']}", err=True)


def _letter(answer: Answer) -> str:
    """The draft as a person reads it, without what it quotes."""
    letter = answer.letter
    assert letter is not None
    head = f"To: {', '.join(a.email for a in letter.to)}\nSubject: {letter.subject}\n\n"
    return head + letter.text.split("\n>", 1)[0].rstrip()
