"""`report-misread OFFER`: a wrong reading → an anonymised case file, locally; and a correction, which sticks."""

from __future__ import annotations

from pathlib import Path

import click

from assistant.cli.app import App, pass_app
from assistant.cli.choosing import all_listings, choose
from assistant.errors import UsageError
from assistant.kinds import CUSTOMER_KINDS, OWNER_KINDS, Kind
from assistant.service.judging import Listing
from assistant.store.register import Contents, Correction

_KINDS = sorted({k.value for k in (*CUSTOMER_KINDS, *OWNER_KINDS)})


@click.command("report-misread")
@click.argument("offer")
@click.option("--message", "line", type=int, help="Which message was misread: its line in `show OFFER`, from 1.")
@click.option("--kind", type=click.Choice(_KINDS), help="What that message really was; it sticks.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the case file.")
@pass_app
def command(app: App, offer: str, line: int | None, kind: str | None, output: Path | None) -> None:
    """Turn a wrong reading of OFFER into an anonymised case file on this computer. Nothing is sent anywhere.

    With --message and --kind the correction sticks: the message is read that way from now on.
    """
    if (line is None) != (kind is None):
        raise UsageError("--message and --kind belong together", hint="as in --message 3 --kind acceptance")
    target = output or Path(f"misread-{offer.removeprefix('#')}.toml".replace("/", "-"))
    if target.exists():
        raise UsageError(f"{target} exists already", hint="name another file with --output")
    with app.desk.register.change() as contents:
        item = choose(all_listings(app, contents), offer)
        if line is not None and kind is not None:
            _correct(app, contents, item, line, Kind(kind))
        text = _case(app, contents, item)
    target.write_text(text, "utf-8")
    target.chmod(0o600)
    if app.as_json:
        app.print_json({"file": str(target), "id": item.id, "kind": kind})
    app.say(f"Written: {target}. Names, addresses and numbers were replaced; read it before you give it away.")


def _correct(app: App, contents: Contents, item: Listing, line: int, kind: Kind) -> None:
    if not 1 <= line <= len(item.timeline):
        raise UsageError(f"there is no message {line}", hint=f"`show` lists {len(item.timeline)}, from 1")
    event = item.timeline[line - 1]
    contents.corrections = [c for c in contents.corrections if c.message_id != event.message_id]
    contents.corrections.append(Correction(event.message_id, kind.value, app.now()))


def _case(app: App, contents: Contents, item: Listing) -> str:
    from assistant.anonymity import anonymous_case

    corrections = {c.message_id: Kind(c.kind) for c in contents.corrections}
    return anonymous_case(
        item.matter, item.timeline, item.verdict, app.desk.house, app.config.policy.country, app.now(), corrections
    )
