"""This computer: the store, the register, the templates, the disk, what was set aside, and the last cycle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from assistant.config import Config
from assistant.errors import OfferAssistantError, TemplateBroken
from assistant.host import templates
from assistant.host.instance import running
from assistant.host.paths import Places
from assistant.host.services import service_here
from assistant.service.desk import Desk, open_desk
from assistant.service.diagnosis.finding import Finding, of_error, who
from assistant.store.register import Register
from assistant.wordcheck import render_all

_LITTLE, _TOO_LITTLE = 200 * 1024**2, 20 * 1024**2
_LONG_SILENCE = timedelta(days=2)
_SHOWN = 5


def examine_computer(path: Path, config: Config, places: Places, now: datetime) -> Iterator[Finding]:
    """Everything that needs no network. `path` is that of the configuration."""
    yield from _store(config, places, now)
    yield from _register(places)
    yield from _templates(config)
    yield _service(path, places)
    yield _disk(places.store)


def _store(config: Config, places: Places, now: datetime) -> Iterator[Finding]:
    if not places.store.exists():
        yield Finding("store", "warning", f"there is no store at {places.store} yet", "run `offer-assistant check`")
        return
    try:
        desk = open_desk(config, places)
    except OfferAssistantError as error:
        yield from of_error("store", error)
        return
    try:
        yield Finding("store", "ok", f"the store {places.store} can be read")
        yield from _quarantine(desk)
        yield from _cycles(desk, now)
    except OfferAssistantError as error:
        yield from of_error("store", error)
    finally:
        desk.close()


def _register(places: Places) -> Iterator[Finding]:
    try:
        contents = Register(places.register).read()
    except OfferAssistantError as error:
        yield from of_error("register", error)
        return
    count = len(contents.entries)
    yield Finding("register", "ok", f"the register {places.register} knows {count} offer{'s' * (count != 1)}")
    if contents.paused:
        yield Finding("register", "warning", "drafting is paused", "`offer-assistant pause --off` goes on")


def _quarantine(desk: Desk) -> Iterator[Finding]:
    """Messages set aside as unreadable, the newest first, with the reason; never their subjects or senders."""
    for account in desk.config.accounts:
        aside = desk.mail(account).quarantined()
        if not aside:
            yield Finding("quarantine", "ok", f"{who(account)}every message could be read")
            continue
        listed = "; ".join(f"{q.folder} UID {q.uid}: {q.reason}" for q in aside[:_SHOWN])
        more = f"; and {len(aside) - _SHOWN} more" if len(aside) > _SHOWN else ""
        yield Finding(
            "quarantine",
            "warning",
            f"{who(account)}{len(aside)} set aside as unreadable ({listed}{more})",
            "look at them in your mail program; a message that it shows and we do not is a bug worth reporting",
        )


def _cycles(desk: Desk, now: datetime) -> Iterator[Finding]:
    for account in desk.config.accounts:
        last = desk.cycles.last(account.name)
        if last is None:
            yield Finding("last check", "warning", f"{who(account)}it was never checked", "run `offer-assistant check`")
        elif last.outcome != "done":
            yield Finding(
                "last check",
                "warning",
                f"{who(account)}the check of {last.ended_at:%Y-%m-%d %H:%M} ended with {last.outcome}",
                "the lines about this account tell why",
            )
        elif now - last.ended_at > _LONG_SILENCE:
            yield Finding(
                "last check",
                "warning",
                f"{who(account)}the last check was on {last.ended_at:%Y-%m-%d}",
                "`offer-assistant service install` checks in the background",
            )
        else:
            yield Finding("last check", "ok", f"{who(account)}checked on {last.ended_at:%Y-%m-%d %H:%M}")


def _templates(config: Config) -> Iterator[Finding]:
    """Rendered with every state, language and form of address."""
    own = config.templates_folder
    if own is not None and not Path(own).is_dir():
        yield Finding(
            "templates",
            "error",
            f"the folder of your templates, {own}, does not exist",
            "`offer-assistant templates copy` makes it, or mend [templates] folder",
            TemplateBroken.code,
            TemplateBroken.exit_code,
        )
        return
    try:
        flaws = [*templates.unknown(own), *render_all(templates.environment(own))]
    except OfferAssistantError as error:
        yield from of_error("templates", error)
        return
    for flaw in flaws[: 2 * _SHOWN]:
        bad = flaw.grade == "error"
        yield Finding(
            "templates",
            "error" if bad else "warning",
            flaw.text if flaw.template in flaw.text else f"{flaw.template}: {flaw.text}",
            "mend that line; `offer-assistant templates check` tells when it is right",
            TemplateBroken.code if bad else "",
            TemplateBroken.exit_code if bad else 0,
        )
    if not flaws:
        yield Finding("templates", "ok", "every template renders in every state, language and form of address")


def _service(path: Path, places: Places) -> Finding:
    installed = service_here(path.absolute(), [places.store.parent]).path.exists()
    if (process := running(places.store)) is not None:
        return Finding("service", "ok", f"the daemon runs (process {process})")
    if installed:
        return Finding(
            "service",
            "warning",
            "the daemon is installed, but does not run",
            "`offer-assistant service logs` tells why",
        )
    return Finding("service", "ok", "not in the background; `offer-assistant service install` puts it there")


def _disk(store: Path) -> Finding:
    folder = next((p for p in store.parents if p.is_dir()), Path("/"))
    free = shutil.disk_usage(folder).free
    told = f"{free / 1024**2:,.0f} MB free where the store is"
    if free < _TOO_LITTLE:
        return Finding("disk", "error", f"only {told}", "free some space on the disk", "store-unreadable", 1)
    if free < _LITTLE:
        return Finding("disk", "warning", f"only {told}", "free some space on the disk soon")
    return Finding("disk", "ok", told)
