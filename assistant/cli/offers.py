"""`offers`: the offers and their states, from the store, without the network."""

from __future__ import annotations

from collections.abc import Sequence

import click

from assistant.cli.app import App, pass_app
from assistant.cli.choosing import all_listings
from assistant.service.judging import Listing


@click.command("offers")
@click.option("--all", "everything", is_flag=True, help="History too: declined, withdrawn, and lapsed long ago.")
@pass_app
def command(app: App, everything: bool) -> None:
    """List the offers and their states, from the store, without the network."""
    contents = app.desk.contents()
    listings = all_listings(app, contents)
    if app.as_json:
        from assistant.service.listing import offers_json

        app.print_json(offers_json(listings, [], app.now()))
        return
    show_offers(app, listings, everything=everything)


def show_offers(app: App, listings: Sequence[Listing], *, everything: bool = True) -> None:
    """The table, the questions, and where there is nothing, the next step."""
    from assistant.cli.tables import attention_lines, console, offers_table

    shown = [item for item in listings if everything or not _is_history(app, item)]
    if not listings:
        app.say("No offers yet. `offer-assistant check` reads the mailbox; `add` and `import` register proposals.")
        return
    out = console()
    out.print(offers_table(shown))
    for line in attention_lines(shown):
        out.print(line)
    if len(shown) < len(listings):
        out.print(f"{len(listings) - len(shown)} more in the history: `offer-assistant offers --all`", style="dim")


def _is_history(app: App, item: Listing) -> bool:
    from assistant.verdict import State

    verdict = item.verdict
    if verdict.state in (State.DECLINED, State.WITHDRAWN):
        return True
    limit = app.config.policy.draft_within_days
    return (
        verdict.state is State.LAPSED
        and verdict.valid_until is not None
        and (app.now().date() - verdict.valid_until).days > limit
        and item.draft is None
    )
