"""`doctor`: looks at everything that may be wrong, and says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from assistant.cli.app import App, pass_app
from assistant.errors import OfferAssistantError
from assistant.service.diagnosis import Finding, of_error

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "error": ("✗", "red")}


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Only this computer; no network.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write the findings without anything personal, for a bug report; - for stdout.")  # fmt: skip
@pass_app
def command(app: App, offline: bool, report: Path | None) -> int:
    """Look at configuration, login, folders, keyring, templates, clock and disk; each line says what to do.

    The exit code is that of the first error: 2 configuration, 3 you must act, 75 try later, 1 the store; 0 without one.
    """
    findings: list[Finding] = []
    for finding in _examine(app, offline):
        findings.append(finding)
        if not app.as_json and report is None:
            _show(finding)
    if report is not None:
        _write_report(app, findings, report)
    elif app.as_json:
        app.print_json(_as_json(findings))
    else:
        _sum_up(findings)
    return next((f.exit_code for f in findings if f.level == "error"), 0)


def _examine(app: App, offline: bool) -> Iterator[Finding]:
    """The findings as they come: the network is slow, and the owner looks on."""
    try:
        config = app.config
    except OfferAssistantError as error:
        yield from of_error("configuration", error)
        return
    from assistant.service.diagnosis.here import examine_computer
    from assistant.service.diagnosis.there import examine_account

    yield Finding("configuration", "ok", f"{app.path} is right; the time zone is {config.policy.timezone.key}")
    yield from examine_computer(app.path, config, app.places, app.now())
    for account in () if offline else config.accounts:
        yield from examine_account(account, app.now, app.trace())


def _show(finding: Finding) -> None:
    mark, colour = _MARKS[finding.level]
    click.echo(f"{click.style(mark, fg=colour)} {finding.check}: {finding.message}")
    if finding.remedy and finding.level != "ok":
        click.echo(f"    → {finding.remedy}")


def _sum_up(findings: list[Finding]) -> None:
    errors = sum(f.level == "error" for f in findings)
    warnings = sum(f.level == "warning" for f in findings)
    if errors or warnings:
        click.echo(f"\n{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}.")
    else:
        click.echo("\nEverything is in order.")


def _as_json(findings: list[Finding]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "ok": all(f.level != "error" for f in findings),
        "checks": [
            {key: value for key, value in asdict(f).items() if key in ("check", "level", "message", "remedy")}
            for f in findings
        ],
    }
    for first in (f for f in findings if f.level == "error"):
        told["error"] = {"code": first.code, "message": first.message, "hint": first.remedy}
        break
    return told


def _write_report(app: App, findings: list[Finding], path: Path) -> None:
    import platform
    import sys

    from assistant import __version__
    from assistant.service.diagnosis.redact import redacted

    try:
        config = app.config
    except OfferAssistantError:
        config = None
    lines = [
        f"offer-assistant {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    ]
    for finding in redacted(findings, config):
        lines += [f"{finding.level:8}{finding.check}: {finding.message}"]
        lines += [f"        -> {finding.remedy}"] if finding.remedy else []
    text = "\n".join(lines) + "\n"
    if str(path) == "-":
        sys.stdout.write(text)
        return
    path.write_text(text, "utf-8")
    app.say(f"Written: {path}. Read it before you attach it.")
