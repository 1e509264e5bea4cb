"""`show OFFER` (also `why OFFER`): its timeline, the proof, the draft."""

from __future__ import annotations

import click

from assistant.cli.app import App, pass_app
from assistant.cli.choosing import all_listings, choose
from assistant.service.judging import Listing
from assistant.service.outcomes import outcome


@click.command("show")
@click.argument("offer")
@pass_app
def command(app: App, offer: str) -> None:
    """Show one OFFER: what was understood of it and why, with the sentences that prove it, and the draft.

    OFFER is a number from the list, a reference, or a unique part of the customer's name.
    """
    item = choose(all_listings(app, app.desk.contents()), offer)
    preview = draft_preview(app, item)
    if app.as_json:
        from assistant.service.listing import listing_json

        app.print_json(listing_json(item) | {"preview": preview})
        return
    show_offer(item, preview)


def show_offer(item: Listing, preview: str | None) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from assistant.cli.tables import attention_lines, console, draft_word, story

    out, offer, verdict = console(), item.matter.offer, item.verdict
    out.print(Text.assemble((f"{item.id}  {offer.client}", "bold"), f"  {offer.reference or ''}  {offer.title}"))
    contact = offer.contact.email if offer.contact else "nobody known"
    out.print(f"   sent {offer.offered_on or 'on an unknown day'} to {contact}", style="dim", markup=False)
    out.print(Text.assemble(("   ", ""), (verdict.state.value, "bold"), f"  draft: {draft_word(item) or 'none'}"))
    for reason in verdict.reasons:
        out.print(Padding(Text(f"• {reason.text}"), (0, 0, 0, 3)))
        if reason.quote:
            out.print(Padding(Text(f"“{' '.join(reason.quote.split())}”", style="italic"), (0, 0, 0, 5)))
    if verdict.pilot:
        until = f", until {verdict.pilot_until}" if verdict.pilot_until else ""
        out.print(Padding(Text(f"• A free pilot runs alongside{until}."), (0, 0, 0, 3)))
    if came := outcome(item):
        out.print(
            Padding(Text(f"• The notice was sent on {came.sent_at:%Y-%m-%d}: {came.came.in_words}."), (0, 0, 0, 3))
        )
    for line in attention_lines([item]):
        out.print(Padding(line, (0, 0, 0, 3)))
    out.print()
    out.print(story(item))
    if preview:
        out.print(Text("\nThe draft:", style="bold"))
        out.print(Padding(Text(preview), (0, 0, 0, 3)))


def draft_preview(app: App, item: Listing) -> str | None:
    """The text that is, or would be, drafted; None where nothing can be."""
    from assistant.errors import OfferAssistantError
    from assistant.service.writing import write

    try:
        draft = write(app.desk, item, app.now())
    except OfferAssistantError:
        return None
    head = f"To: {', '.join(a.email for a in draft.to)}\nSubject: {draft.subject}\n\n"
    return head + draft.text.split("\n>", 1)[0].rstrip()
