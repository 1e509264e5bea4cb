"""What the command line names: OFFER (a number, a reference, a unique part of the customer's name), an account."""

from __future__ import annotations

from assistant.cli.app import App
from assistant.customers import fold
from assistant.errors import UsageError
from assistant.references import squeeze
from assistant.service.judging import Listing, judge
from assistant.store.register import Contents


def all_listings(app: App, contents: Contents) -> list[Listing]:
    """The offers of all accounts, by number."""
    now = app.now()
    listed = [item for account in app.config.accounts for item in judge(app.desk, account, contents, now)]
    return sorted(listed, key=lambda item: item.id)


def choose(listings: list[Listing], text: str) -> Listing:
    """The one offer that `text` means. Raises UsageError where it means none or several."""
    number = text.removeprefix("#")
    if number.isdecimal():
        for item in listings:
            if item.id == int(number):
                return item
    wanted = squeeze(text)
    found = [item for item in listings if wanted and squeeze(item.matter.offer.reference or "") == wanted]
    found = found or [item for item in listings if fold(text) and fold(text) in fold(item.matter.offer.client)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"no offer is called {text!r}", hint="`offer-assistant offers` lists them with their numbers")
    several = ", ".join(f"{item.id} ({item.matter.offer.client})" for item in found[:6])
    raise UsageError(f"{text!r} may mean several offers: {several}", hint="give the number")


def account_name(app: App, name: str | None) -> str:
    """The account that --account names, by default the first. Raises UsageError for an unknown one."""
    names = [a.name for a in app.config.accounts]
    if name is not None and name not in names:
        raise UsageError(f"there is no account {name!r}", hint="one of " + ", ".join(names))
    return name or names[0]
