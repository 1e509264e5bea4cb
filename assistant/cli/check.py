"""`check`: one cycle: read, judge, place or take back drafts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from assistant.cli.app import App, pass_app
from assistant.cli.choosing import account_name
from assistant.errors import OfferAssistantError
from assistant.service.cycle import CycleReport, run_cycle


@click.command("check")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing, neither here nor on the server.")
@click.option("--account", "only", metavar="NAME", help="Only this account.")
@pass_app
def command(app: App, dry_run: bool, only: str | None) -> int:
    """Read the mailbox once, judge the offers, and place or take back drafts. It never sends."""
    now = app.now()
    wanted = [a for a in app.config.accounts if only is None or a.name == account_name(app, only)]
    reports, failures = [], []
    with _Progress(app) as progress:
        for account in wanted:
            try:
                reports.append(run_cycle(app.desk, account, now, dry_run=dry_run, progress=progress, trace=app.trace()))
            except OfferAssistantError as error:
                if len(wanted) == 1:
                    raise
                failures.append((account.name, error))
    return _tell(app, reports, failures, now, dry_run=dry_run)


def _tell(
    app: App,
    reports: list[CycleReport],
    failures: list[tuple[str, OfferAssistantError]],
    now: datetime,
    *,
    dry_run: bool,
) -> int:
    listings = sorted((item for r in reports for item in r.listings), key=lambda item: item.id)
    problems = [p for r in reports for p in r.problems]
    problems += [{"code": e.code, "message": f"{name}: {e.message}", "hint": e.hint} for name, e in failures]
    if app.as_json:
        from assistant.service.listing import offers_json

        app.print_json(offers_json(listings, problems, now))
    else:
        _show(app, listings, reports, problems, dry_run)
    return max((e.exit_code for _, e in failures), default=0)


def _show(
    app: App, listings: list[Any], reports: list[CycleReport], problems: list[dict[str, str]], dry_run: bool
) -> None:
    from assistant.cli.offers import show_offers

    show_offers(app, listings, everything=False)
    due = [item for item in listings if item.verdict.due and item.draft is None]
    if dry_run and due:
        app.say(f"\nWould draft: {', '.join(f'{item.id} {item.matter.offer.client}' for item in due)}.")
    for placed in (p for r in reports for p in r.placed if not p.problem):
        app.say(placed.sentence)
    for problem in problems:
        click.secho(f"! {problem['message']}", fg="yellow", err=True)
        if problem["hint"]:
            click.echo(f"  → {problem['hint']}", err=True)


class _Progress:
    """A line that tells how far reading has come; on a terminal only."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._live: Any = None

    def __enter__(self) -> _Progress:
        import sys

        if not self._app.as_json and sys.stderr.isatty():
            from rich.console import Console

            self._live = Console(stderr=True).status("connecting …")
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, what: str, count: int) -> None:
        if self._live is not None:
            self._live.update(f"{what}: {count:,} messages")
