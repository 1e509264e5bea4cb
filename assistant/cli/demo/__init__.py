"""`demo`: the whole story on a mailbox that comes with the program; the same code as on a real account."""

from __future__ import annotations

import tempfile
from contextlib import closing
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.app import App, pass_app

if TYPE_CHECKING:
    from assistant.service.cycle import CycleReport

OWNER = {
    "name": "Camille Rouvier",
    "addresses": ["camille.rouvier@binalys.example", "contact@binalys.example"],
    "country": "FR",
    "timezone": "Europe/Paris",
    "language": "fr",
}
NOW = "2026-05-18T09:00:00+02:00"


@click.command("demo")
@pass_app
def command(app: App) -> None:
    """Show the whole story on a founder's mailbox that comes with the program: no account needed, nothing left behind.

    An IMAP server of its own runs on this computer while the demonstration lasts. The moment is 18 May 2026.
    """
    from assistant.cli.demo.server import demo_server

    now = datetime.fromisoformat(app.at or NOW)
    with tempfile.TemporaryDirectory(prefix="offer-assistant-demo-") as folder, demo_server() as port:
        _deliver(port)
        _play(app, Path(folder), port, now)


def _deliver(port: int) -> None:
    """Puts the mailbox onto the server, as a mail program would."""
    from imapclient import IMAPClient

    from assistant.cli.demo.server import PASSWORD, USER

    mailbox = files("assistant.cli.demo") / "mailbox"
    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.login(USER, PASSWORD)
        for name in ("Sent", "Drafts"):
            if not client.folder_exists(name):
                client.create_folder(name)
        for message in sorted(mailbox.iterdir(), key=lambda entry: entry.name):
            _, role, _ = message.name.split(".")
            client.append("Sent" if role == "sent" else "INBOX", message.read_bytes())


def _play(app: App, folder: Path, port: int, now: datetime) -> None:
    from assistant.cli.demo.server import PASSWORD, USER
    from assistant.host.paths import Places
    from assistant.service.cycle import run_cycle
    from assistant.service.desk import open_desk
    from assistant.settings import read_config

    config = read_config(
        {
            "owner": OWNER,
            "account": {
                "host": "127.0.0.1",
                "port": port,
                "security": "none",
                "user": USER,
                "password_command": f"echo {PASSWORD}",
            },
        }
    )
    app.config = config
    with closing(open_desk(config, Places(folder / "mail.sqlite", folder / "offers.toml"))) as desk:
        app.desk = desk
        report = run_cycle(desk, config.accounts[0], now)
        if app.as_json:
            from assistant.service.listing import offers_json

            app.print_json(offers_json(report.listings, report.problems, now))
            return
        _tell(app, report, now, _read_drafts(port))


def _tell(app: App, report: CycleReport, now: datetime, drafts: list[bytes]) -> None:
    from rich.padding import Padding
    from rich.rule import Rule
    from rich.text import Text

    from assistant.cli.offers import show_offers
    from assistant.cli.show import show_offer
    from assistant.cli.tables import console
    from assistant.messages import parse_message

    out = console()
    out.print(Text(f"The mailbox of {OWNER['name']}, founder of Binalys, on {now:%d %B %Y}.", style="bold"))
    out.print(f"{_count()} messages were read from a real IMAP server on this computer.\n", style="dim")
    show_offers(app, report.listings)
    lapsed = next((item for item in report.listings if item.matter.offer.client.startswith("Valmontel")), None)
    if lapsed is not None:
        out.print(Rule("Why, for the first of them: offer-assistant show 1", style="dim"))
        show_offer(lapsed, None)
    for raw in drafts[:1]:
        draft = parse_message(raw, fallback=now)
        out.print(Rule("What waits in the Drafts folder: nothing was sent", style="dim"))
        out.print(Text(f"To: {', '.join(a.email for a in draft.to)}"))
        out.print(Text(f"Subject: {draft.subject}\n"))
        out.print(Padding(Text(draft.full_text.split("\n>", 1)[0].rstrip()), (0, 0, 0, 2)))
    out.print(Rule(style="dim"))
    out.print(f"{len(drafts)} drafts; you decide whether they leave.")
    out.print("Your own mailbox: ", Text("offer-assistant setup", "bold"), sep="")


def _count() -> int:
    return sum(1 for _ in (files("assistant.cli.demo") / "mailbox").iterdir())


def _read_drafts(port: int) -> list[bytes]:
    from imapclient import IMAPClient

    from assistant.cli.demo.server import PASSWORD, USER

    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.login(USER, PASSWORD)
        client.select_folder("Drafts", readonly=True)
        found = client.fetch(sorted(client.search()), ["BODY.PEEK[]"])
        return [data[b"BODY[]"] for _, data in sorted(found.items())]
