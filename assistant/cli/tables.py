"""How offers look in a terminal: tables that fit 80 columns; colours on a terminal only, NO_COLOR honoured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.kinds import By
from assistant.service.judging import Listing
from assistant.verdict import State

_COLOURS = {
    State.ACCEPTED: "green",
    State.DECLINED: "dim",
    State.WITHDRAWN: "dim",
    State.UNDELIVERED: "red",
    State.YOUR_TURN: "yellow",
    State.LAPSED: "magenta",
    State.OPEN: "cyan",
}


def console() -> Console:
    """stdout; rich looks at the terminal and at NO_COLOR itself."""
    return Console(highlight=False, soft_wrap=False)


def offers_table(listings: Sequence[Listing]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0), expand=True)
    table.add_column(
        "#", justify="right", no_wrap=True, width=max(2, len(str(max((i.id for i in listings), default=1))))
    )
    table.add_column("Customer", ratio=4, overflow="ellipsis", no_wrap=True)
    table.add_column("Offer", ratio=5, overflow="ellipsis", no_wrap=True)
    table.add_column("Valid until", no_wrap=True, width=11)
    table.add_column("State", no_wrap=True, width=15 if any(i.verdict.attention for i in listings) else 11)
    table.add_column("Draft", no_wrap=True, width=10)
    for item in listings:
        offer, verdict = item.matter.offer, item.verdict
        table.add_row(
            str(item.id),
            Text(offer.client),
            Text(offer.reference or offer.title),
            _day(verdict.valid_until),
            Text(verdict.state.value + (" (!)" if verdict.attention else ""), style=_COLOURS[verdict.state]),
            draft_word(item),
        )
    return table


def _day(day: date | None) -> str:
    return day.isoformat() if day else "–"


def draft_word(item: Listing) -> str:
    """What stands of the draft, in a word."""
    if item.draft and item.draft.fate != "taken-back":
        return {"untouched": "ready", "edited": "edited", "sent": "sent", "deleted": "deleted"}.get(
            item.draft.fate, item.draft.fate
        )
    if item.verdict.due:
        return "due"
    return f"from {item.verdict.hold_until:%d/%m}" if item.verdict.hold_until else ""


def attention_lines(listings: Sequence[Listing]) -> list[Text]:
    """The questions to the owner, one a line."""
    lines = []
    for item in listings:
        if item.verdict.attention:
            name = f"{item.id} {item.matter.offer.client}: "
            lines.append(Text.assemble(("(!) ", "yellow"), (name, "bold"), item.verdict.attention.question))
    return lines


def story(item: Listing) -> Table:
    """The timeline: when, who, what, and the sentence that shows it."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    who = {By.OWNER: "you", By.COLLEAGUE: "colleague", By.CUSTOMER: "customer", By.MACHINE: "machine"}
    for event in item.timeline:
        sure = "" if event.confidence >= 0.8 else f" ({event.confidence:.0%} sure)"
        quote = " ".join((event.validity_quote or event.quote).split())
        table.add_row(f"{event.at:%Y-%m-%d}", who[event.by], event.kind.value + sure, Text(quote[:220], style="italic"))
    return table
