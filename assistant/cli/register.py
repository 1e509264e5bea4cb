"""`add`, `import`, `edit`: the register of proposals."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import click

from assistant.cli.app import App, pass_app
from assistant.cli.choosing import account_name, all_listings, choose
from assistant.cli.dates import DAY, read_day
from assistant.errors import UsageError
from assistant.references import squeeze
from assistant.store.register import Contents, Entry

COLUMNS = ("reference", "client", "contact", "title", "amount", "sent_on", "valid_until")
_LIMIT = 10 * 1024 * 1024


def _fields(command: Any) -> Any:
    for name, kind, text in reversed(
        (
            ("reference", str, "Its number, as in P-2026-014."),
            ("client", str, "The customer."),
            ("contact", str, "The e-mail address it went to."),
            ("title", str, "What it is about."),
            ("amount", str, "As in '48 000 EUR'."),
            ("sent-on", DAY, "When it was sent."),
            ("valid-until", DAY, "The last day of validity."),
        )
    ):
        command = click.option(f"--{name}", type=kind, help=text)(command)
    return command


@click.command("add")
@_fields
@click.option("--account", help="The account it belongs to, where there are several.")
@pass_app
def add(app: App, /, account: str | None, **values: Any) -> None:
    """Register a proposal, so that its thread is linked to it, and it is judged even where there is no thread."""
    given = {k: v for k, v in values.items() if v is not None}
    if not given.get("contact") and not given.get("reference"):
        raise UsageError("a proposal needs a contact or a reference", hint="as in --contact someone@customer.com")
    _check(given)
    with app.desk.register.change() as contents:
        entry, is_new = _upsert(contents, given, account_name(app, account))
        number = entry.id
    if app.as_json:
        app.print_json({"id": number, "added": is_new})
    app.say(f"{number}: {'registered' if is_new else 'was registered already; updated'}.")


def _check(values: dict[str, Any]) -> None:
    contact = values.get("contact", "")
    if contact and ("@" not in contact or any(c.isspace() for c in contact.strip())):
        raise UsageError(f"{contact!r} is no e-mail address", hint="as in --contact b.lacaze@customer.com")
    sent, until = values.get("sent_on"), values.get("valid_until")
    if sent and until and until < sent:
        raise UsageError(f"valid until {until}, but sent on {sent}", hint="check the two dates")


def _upsert(contents: Contents, values: dict[str, Any], account: str) -> tuple[Entry, bool]:
    """The entry of the same reference (else of the same contact and day) with new values, or a new one."""
    found = next((e for e in contents.entries if e.account == account and _same(e, values)), None)
    entry = found or contents.add(Entry(0, account=account))
    entry.registered = True
    for name, value in values.items():
        setattr(entry, name, value.strip() if isinstance(value, str) else value)
    return entry, found is None


def _same(entry: Entry, values: dict[str, Any]) -> bool:
    reference = squeeze(values.get("reference") or "")
    if reference or entry.reference:
        return bool(reference) and squeeze(entry.reference) == reference
    return (
        entry.registered
        and entry.contact.lower() == (values.get("contact") or "").lower()
        and entry.sent_on == values.get("sent_on")
        and entry.title == (values.get("title") or "")
    )


@click.command("edit")
@click.argument("offer")
@_fields
@pass_app
def edit(app: App, /, offer: str, **values: Any) -> None:
    """Change what is registered about OFFER; what the mailbox says stays. An empty value removes it."""
    given = {k: v for k, v in values.items() if v is not None}
    if not given:
        raise UsageError("nothing to change", hint="as in `edit 3 --valid-until 2026-06-30`")
    _check(given)
    with app.desk.register.change() as contents:
        entry = choose(all_listings(app, contents), offer).entry
        entry.registered = True
        for name, value in given.items():
            setattr(entry, name, value)
        number = entry.id
    if app.as_json:
        app.print_json({"id": number, "changed": sorted(given)})
    app.say(f"{number}: changed {', '.join(sorted(k.replace('_', ' ') for k in given))}.")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--account", help="The account they belong to, where there are several.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@pass_app
def import_(app: App, file: Path, account: str | None, dry_run: bool) -> None:
    """Register the proposals of a CSV FILE (reference, client, contact, title, amount, sent_on, valid_until).

    Comma, semicolon or tab; UTF-8 or what a spreadsheet writes; dates as in your country. Importing again updates.
    """
    rows = read_csv(file, app.config.policy.country)
    added = updated = 0
    name = account_name(app, account)
    with app.desk.register.change() as contents:
        target = contents if not dry_run else app.desk.contents()
        for row in rows:
            _, is_new = _upsert(target, row, name)
            added, updated = added + is_new, updated + (not is_new)
    if app.as_json:
        app.print_json({"added": added, "updated": updated, "dry_run": dry_run})
    app.say(f"{'Would add' if dry_run else 'Added'} {added}, {'update' if dry_run else 'updated'} {updated}.")


def read_csv(file: Path, country: str) -> list[dict[str, Any]]:
    """The rows as values. Raises UsageError with every bad line at once; nothing is imported then."""
    if file.stat().st_size > _LIMIT:
        raise UsageError(f"{file} is over 10 MB", hint="is it the right file?")
    text = _decode(file.read_bytes())
    first = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = {n: _column(n) for n in reader.fieldnames or ()}
    if not {"reference", "contact"} & set(names.values()):
        raise UsageError(
            f"{file.name} has no column 'reference' or 'contact' in its first line",
            hint="columns: " + ",".join(COLUMNS),
        )
    rows, problems = [], []
    for line, raw in enumerate(reader, 2):
        try:
            told = {names[k]: v for k, v in raw.items() if names.get(k) in COLUMNS and isinstance(v, str)}
            row = _row(told, country)
        except (ValueError, UsageError) as error:
            problems.append(f"line {line}: {error}")
            continue
        if row:
            rows.append(row)
    if problems:
        more = f"\n  … and {len(problems) - 10} more" if len(problems) > 10 else ""
        raise UsageError(
            "\n  ".join([f"{file.name} was not imported:", *problems[:10]]) + more, hint="mend these lines"
        )
    return rows


def _decode(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16") if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp1252", "replace")


def _column(name: str | None) -> str:
    return (name or "").strip().lower().replace(" ", "_").replace("-", "_")


def _row(raw: dict[str, str], country: str) -> dict[str, Any]:
    values: dict[str, Any] = {k: v.strip() for k, v in raw.items() if v and v.strip()}
    if not values:
        return {}
    for key in ("sent_on", "valid_until"):
        if key in values and not isinstance(values[key], date):
            values[key] = read_day(values[key], country)
    if not values.get("reference") and not values.get("contact"):
        raise ValueError("neither reference nor contact")
    _check(values)
    return values
