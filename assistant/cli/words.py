"""The owner's word: accepted, declined, withdrawn, extend, snooze, ignore, never, pause, undo. It overrules what was
read, and sticks: it is written into the register."""

from __future__ import annotations

from datetime import date

import click

from assistant.cli.app import App, pass_app
from assistant.cli.choosing import all_listings, choose
from assistant.cli.dates import DAY
from assistant.errors import UsageError
from assistant.store.register import Said

_offer = click.argument("offer")


def _say(app: App, offer: str, verb: str, told: str, until: date | None = None, *, ignored: bool = False) -> None:
    with app.desk.register.change() as contents:
        item = choose(all_listings(app, contents), offer)
        item.entry.said.append(Said(verb, app.now(), until))
        number, client = item.id, item.matter.offer.client
    if app.as_json:
        app.print_json({"id": number, "said": verb, "until": until})
    app.say(f"{number} {client}: {told}. `offer-assistant undo {number}` takes it back.")


@click.command("accepted")
@_offer
@pass_app
def accepted(app: App, offer: str) -> None:
    """The customer said yes to OFFER, by phone for instance. Nothing is drafted."""
    _say(app, offer, "accepted", "noted as accepted")


@click.command("declined")
@_offer
@pass_app
def declined(app: App, offer: str) -> None:
    """The customer said no to OFFER. Nothing is drafted."""
    _say(app, offer, "declined", "noted as declined")


@click.command("withdrawn")
@_offer
@pass_app
def withdrawn(app: App, offer: str) -> None:
    """You withdrew OFFER yourself, by phone for instance. Nothing is drafted."""
    _say(app, offer, "withdrawn", "noted as withdrawn")


@click.command("extend")
@_offer
@click.argument("until", type=DAY, metavar="DATE")
@pass_app
def extend(app: App, offer: str, until: date) -> None:
    """You extended OFFER: it is valid until the end of DATE (2026-06-30, 30/06/2026)."""
    _say(app, offer, "extended", f"valid until {until}", until)


@click.command("snooze")
@_offer
@click.argument("until", type=DAY, metavar="DATE")
@pass_app
def snooze(app: App, offer: str, until: date) -> None:
    """Leave OFFER alone: nothing is drafted before DATE."""
    if until <= app.now().date():
        raise UsageError(f"{until} is not in the future", hint="snooze until a later day")
    _say(app, offer, "snoozed", f"left alone until {until}", until)


@click.command("ignore")
@_offer
@pass_app
def ignore(app: App, offer: str) -> None:
    """OFFER is not an offer of yours: it is no longer listed, and nothing is drafted."""
    _say(app, offer, "ignored", "not an offer, no longer listed")


@click.command("never")
@click.argument("customer")
@click.option("--off", is_flag=True, help="Take it back.")
@pass_app
def never(app: App, customer: str, off: bool) -> None:
    """Never draft to CUSTOMER: a name as in the list, an address, or a domain."""
    with app.desk.register.change() as contents:
        known = [n for n in contents.never if n.casefold() == customer.casefold()]
        if off and not known:
            raise UsageError(f"{customer!r} is not on the list", hint=f"on it: {', '.join(contents.never) or 'nobody'}")
        if off:
            contents.never.remove(known[0])
        elif not known:
            contents.never.append(customer)
        names = list(contents.never)
    if app.as_json:
        app.print_json({"never": names})
    told = "drafts are made again" if off else "nothing will be drafted; `--off` takes it back"
    app.say(f"{customer}: {told}.")


@click.command("pause")
@click.option("--off", is_flag=True, help="Go on.")
@pass_app
def pause(app: App, off: bool) -> None:
    """Draft nothing at all, for any offer, until `pause --off`. Reading goes on."""
    with app.desk.register.change() as contents:
        contents.paused = not off
    if app.as_json:
        app.print_json({"paused": not off})
    app.say("Drafts are made again." if off else "Paused: nothing is drafted. `offer-assistant pause --off` goes on.")


@click.command("undo")
@_offer
@pass_app
def undo(app: App, offer: str) -> None:
    """Take your last word about OFFER back ('ignore' too: give the number)."""
    with app.desk.register.change() as contents:
        number = offer.removeprefix("#")
        entry = contents.entry(int(number)) if number.isdecimal() else None
        if entry is None:
            entry = choose(all_listings(app, contents), offer).entry
        if not entry.said:
            raise UsageError(f"you have said nothing about {offer} yet", hint="`offer-assistant show` tells its story")
        word = entry.said.pop()
        number = str(entry.id)
    if app.as_json:
        app.print_json({"id": int(number), "undone": word.verb})
    app.say(f"{number}: taken back: {word.verb}{f' {word.until}' if word.until else ''}.")
