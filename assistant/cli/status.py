"""`status`: whether the daemon runs, how each account is, and what is next. From the store and the lock alone."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime
from typing import Any

import click

from assistant.cli.app import App, pass_app

_WHAT = {
    "validity-over": "offer {offer} ends",
    "hold-over": "the wait for offer {offer} ends",
    "promise-over": "the day promised for offer {offer} ends",
}


@click.command("status")
@pass_app
def command(app: App) -> None:
    """Tell whether the daemon runs, when it last looked, what is next, and what is in the way."""
    found = daemon_status(app)
    if app.as_json:
        app.print_json(found)
        return
    say_status(app, found)


def say_status(app: App, found: dict[str, Any]) -> None:
    """The same for a person."""
    pid = found["pid"]
    stopped = "The daemon does not run: `offer-assistant service install`"
    app.say(f"The daemon runs (process {pid})." if found["running"] else stopped)
    for account in found["accounts"]:
        _say_account(app, account)
    moment = found["next_deadline"]
    if moment:
        app.say(f"Next: {_local(app, moment['at'])}, {_WHAT[moment['what']].format(**moment)}")


def daemon_status(app: App) -> dict[str, Any]:
    """What `status --json` prints (docs/daemon.md)."""
    from assistant.host.instance import running
    from assistant.store.database import open_database
    from assistant.store.told import HealthStore

    store = app.places.store
    pid = running(store)
    names = [a.name for a in app.config.accounts]
    accounts: list[dict[str, Any]] = [{"name": name, "state": "unknown"} for name in names]
    if store.exists():
        with closing(open_database(store)) as database:
            accounts = [_account(HealthStore(database), name, pid is not None) for name in names]
    moments = [a.pop("deadline") for a in accounts if a.get("deadline")]
    return {
        "running": pid is not None,
        "pid": pid or None,
        "accounts": accounts,
        "next_deadline": min(moments, key=lambda m: datetime.fromisoformat(m["at"]), default=None),
        "problems": [p for a in accounts for p in a.get("problems", ())],
    }


def _account(store: Any, name: str, runs: bool) -> dict[str, Any]:
    health, last = store.all().get(name), store.last_cycle(name)
    told: dict[str, Any] = {"name": name, "state": health.state if health and runs else "unknown"}
    problems = []
    if health:
        told["since"] = health.since.isoformat() if runs else None
        if health.code:
            problems.append({"code": health.code, "message": f"{name}: {health.message}", "hint": health.hint})
        if health.deadline:
            moment = {"at": health.deadline.isoformat(), "what": health.deadline_what, "offer": health.deadline_offer}
            told["deadline"] = moment | {"account": name}
    if last:
        ended, outcome, detail = last
        told["last_cycle"] = {"ended_at": ended.isoformat(), "outcome": outcome}
        problems += [p for p in _detail(detail).get("problems", ()) if outcome == "done"]
    return told | {"problems": problems}


def _detail(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _say_account(app: App, account: dict[str, Any]) -> None:
    last = account.get("last_cycle")
    looked = "not looked at yet"
    if last:
        looked = f"last looked at {_local(app, last['ended_at'])} ({last['outcome']})"
    state = f"{account['state']}, " if account["state"] != "unknown" else ""
    app.say(f"{account['name']}: {state}{looked}")
    for problem in account.get("problems", ()):
        app.say(f"  ! {problem['message']}")
        if problem.get("hint"):
            app.say(f"    → {problem['hint']}")


def _local(app: App, moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(app.config.policy.timezone):%Y-%m-%d %H:%M}"
