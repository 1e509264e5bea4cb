"""The first list of offers: shown, corrected by the owner, and from which day on the program may act. Nothing is
drafted here."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import click

from assistant.cli.app import App
from assistant.cli.dates import read_day
from assistant.cli.setup.asking import Asking, a_day, one_of
from assistant.errors import NeedsOwner
from assistant.mailbox import Folder, Role
from assistant.service.first_look import first_look
from assistant.service.judging import Listing
from assistant.store.register import Said

_WORDS = {"i": "ignored", "a": "accepted", "d": "declined", "w": "withdrawn", "e": "extended", "n": "never"}
_QUESTION = "  [i]gnore: no offer  [a]ccepted  [d]eclined  [w]ithdrawn by me  [e]xtended  [n]ever this customer  [k]eep"


def review(app: App, asking: Asking, name: str, roles: dict[Role, Folder]) -> None:
    """Reads the mailbox, lists the offers, lets the owner correct them, and asks from which day on to act."""
    from assistant.cli.check import _Progress

    account = next(a for a in app.config.accounts if a.name == name)
    asking.say("Reading the mailbox; nothing is marked as read, nothing is changed …")
    with _Progress(app) as progress:
        listings = first_look(app.desk, account, app.now(), progress=progress, trace=app.trace())
    listings = _corrected(app, asking, listings)
    _ask_when(app, asking, listings)
    if app.as_json:
        _print(app, name, roles)
        return
    _show_due(app, asking)
    _offer_service(asking)
    asking.say(
        "\nWhat next: `offer-assistant check` reads and drafts, `show NUMBER` explains, `doctor` looks for faults."
    )


def _corrected(app: App, asking: Asking, listings: list[Listing]) -> list[Listing]:
    """The list, shown again after each correction, until the owner leaves it as it is."""
    from assistant.cli.offers import show_offers

    while True:
        asking.say()
        if not app.as_json:
            show_offers(app, listings, everything=True)
        if not asking.interactive or not listings:
            return listings
        number = asking.ask("", "\nA number to correct, or Enter where the list is right", _number_of(listings), "0")
        if not number:
            return listings
        _correct(app, asking, next(item for item in listings if item.id == number))
        listings = _listings(app)


def _number_of(listings: list[Listing]) -> Any:
    numbers = {item.id for item in listings}

    def read(text: str) -> int:
        number = text.removeprefix("#")
        if number != "0" and (not number.isdecimal() or int(number) not in numbers):
            raise ValueError(f"{text!r} is no number of the list; Enter goes on")
        return int(number)

    return read


def _correct(app: App, asking: Asking, item: Listing) -> None:
    """One word of the owner's, kept in the register; `undo` takes it back."""
    from assistant.cli.show import draft_preview, show_offer

    show_offer(item, draft_preview(app, item) if item.verdict.due else None)
    asking.say(_QUESTION)
    word = asking.ask("", "What is it", one_of(*_WORDS, "k"), "k")
    if word == "k":
        return
    country = app.config.policy.country
    until = asking.ask("", "Until which day", lambda text: read_day(text, country)) if word == "e" else None
    with app.desk.register.change() as contents:
        if word == "n":
            contents.never.append(item.matter.offer.client)
        elif entry := contents.entry(item.id):
            entry.said.append(Said(_WORDS[word], app.now(), until))


def _listings(app: App) -> list[Listing]:
    from assistant.cli.choosing import all_listings

    return all_listings(app, app.desk.contents())


def _due(listings: list[Listing]) -> list[Listing]:
    return [item for item in listings if item.verdict.due and item.draft is None]


def _ask_when(app: App, asking: Asking, listings: list[Listing]) -> None:
    """Writes [policy] act_from: offers that lapsed before that day are left alone."""
    from assistant.host.settingsfile import write_settings

    policy, today = app.config.policy, app.now().date()
    if due := _due(listings):
        asking.say("\nLapsed, and without a decision; the next check would draft the withdrawal of:")
        for item in due:
            asking.say(f"  {item.id:3}  {item.matter.offer.client}, valid until {item.verdict.valid_until}")
    earliest = policy.act_from or today - timedelta(days=policy.draft_within_days)
    chosen = asking.ask(
        "act_from", "\nFrom which day on may it act? Offers that lapsed before are left alone",
        a_day(policy.country, today), earliest.isoformat(),
    )  # fmt: skip
    app.config = write_settings(app.path, {"policy": {"act_from": chosen}})
    app.desk.config = replace(app.config)


def _show_due(app: App, asking: Asking) -> None:
    """What the next check would do, by the answers just given."""
    due = _due(_listings(app))
    if not due:
        asking.say("\nThe next check drafts nothing.")
        return
    many = f"{len(due)} withdrawal{'s' if len(due) > 1 else ''}"
    asking.say(f"\nThe next check drafts {many} into your Drafts folder, for you to read, change, send or delete.")


def _offer_service(asking: Asking) -> None:
    """Puts the daemon into the background, where the owner wants it. A refusal there undoes nothing of the rest."""
    from assistant.cli.service import install

    wanted = asking.flags.get("service")
    if wanted is None and asking.interactive:
        asking.say()
        wanted = asking.confirm("Shall it run in the background from now on (`service uninstall` undoes it)", False)
    if not wanted:
        return
    try:
        click.get_current_context().invoke(install)
    except NeedsOwner as error:
        asking.say(f"{error.message}.\n→ {error.hint}\nEverything else is set up.")


def _print(app: App, name: str, roles: dict[Role, Folder]) -> None:
    from assistant.service.listing import offers_json

    listings = _listings(app)
    told = {
        "config": app.path,
        "account": name,
        "folders": {role: folder.name for role, folder in roles.items()},
        "act_from": app.config.policy.act_from,
        "would_draft": [item.id for item in _due(listings)],
    }
    app.print_json(told | offers_json(listings, [], app.now()))
