"""The register: what is not in the mailbox. A TOML file that the owner can read, edit and back up.

It holds the numbers of the offers, the proposals that the owner registered, his words about them ('accepted by phone'),
his corrections of readings, and the ledger of every draft that was placed, sent or deleted. It survives the loss of the
store. It is written whole, to a new file that then takes the old one's place, under a lock.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assistant.errors import Busy, StoreUnreadable

HEADER = """\
# The register of offer-assistant: your proposals, your words about them, and the drafts that were made.
# It is yours: read it, back it up, mend it by hand while the program does not run. Dates are written 2026-03-31.
"""


@dataclass(slots=True)
class Said:
    """A word of the owner's: accepted, declined, withdrawn, extended, snoozed, ignored, never."""

    verb: str
    at: datetime
    until: date | None = None


@dataclass(slots=True)
class LedgerDraft:
    """A draft that was made for an offer.

    message_id   as it is on the server; `marker` is ours where the server replaced it
    version      what it was made for: its kind, the last day of validity, how many were made for these before
    fate         untouched, edited, sent, deleted, taken-back or uncertain; `sent_at` when it left
    fingerprint  the SHA-256 of what the server keeps; `answers` the Message-ID that it replies to
    asked        whether the owner wanted it by `draft OFFER`
    missing      whether it was in none of its places when last looked for: once more, and it was deleted
    """

    message_id: str
    kind: str
    version: str
    fate: str
    placed_at: datetime
    folder: str = ""
    sent_at: datetime | None = None
    marker: str = ""
    fingerprint: str = ""
    answers: str = ""
    asked: bool = False
    missing: bool = False


@dataclass(slots=True)
class Entry:
    """One offer. `messages` are the Message-IDs that carried it, oldest version first; empty while only registered."""

    id: int
    account: str = "default"
    messages: list[str] = field(default_factory=list)
    registered: bool = False
    reference: str = ""
    client: str = ""
    contact: str = ""
    title: str = ""
    amount: str = ""
    sent_on: date | None = None
    valid_until: date | None = None
    said: list[Said] = field(default_factory=list)
    drafts: list[LedgerDraft] = field(default_factory=list)


@dataclass(slots=True)
class Correction:
    """The owner's word on what one message was, kept as a labelled example."""

    message_id: str
    kind: str
    at: datetime


@dataclass(slots=True)
class Contents:
    """All that the register holds."""

    entries: list[Entry] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    paused: bool = False
    next_id: int = 1

    def entry(self, number: int) -> Entry | None:
        return next((e for e in self.entries if e.id == number), None)

    def add(self, entry: Entry) -> Entry:
        """Gives the entry the next number, which no other ever had, and keeps it."""
        entry.id = self.next_id
        self.next_id += 1
        self.entries.append(entry)
        return entry


class Register:
    """The file. `read()` gives its contents; `change()` gives them to be changed, and writes them at the end."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Contents:
        """The contents; empty where there is no file yet. Raises StoreUnreadable where it cannot be understood."""
        try:
            raw = tomllib.loads(self.path.read_text("utf-8"))
            return _contents(raw)
        except FileNotFoundError:
            return Contents()
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError, ValueError, KeyError) as error:
            raise StoreUnreadable(
                f"the register {self.path} cannot be read: {error}",
                hint="mend that line by hand, or put a backup in its place; nothing was changed",
            ) from error
        except OSError as error:
            raise StoreUnreadable(f"the register {self.path} cannot be read: {error.strerror}") from error

    @contextmanager
    def change(self) -> Iterator[Contents]:
        """The contents, to be changed; written when the block ends without an error, and only where they differ."""
        from filelock import FileLock, Timeout

        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with FileLock(f"{self.path}.lock", timeout=10, mode=0o600):
                contents = self.read()
                before = deepcopy(contents)
                yield contents
                if contents != before or not self.path.exists():
                    self._write(_as_toml(contents))
        except Timeout as error:
            raise Busy("the register is in use by another process", hint="try again in a moment") from error
        except OSError as error:
            raise StoreUnreadable(
                f"the register {self.path} cannot be written: {error.strerror}",
                hint="free space, or mend its permissions",
            ) from error

    def _write(self, text: str) -> None:
        temporary = self.path.with_name(self.path.name + ".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.path)
        _sync_folder(self.path.parent)


def _sync_folder(folder: Path) -> None:
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _contents(raw: dict[str, Any]) -> Contents:
    entries = [_entry(e) for e in raw.get("offer", ())]
    numbers = [e.id for e in entries]
    if len(set(numbers)) != len(numbers):
        raise ValueError("two offers have the same id")
    return Contents(
        entries=entries,
        corrections=[Correction(**_known(Correction, c)) for c in raw.get("correction", ())],
        never=[str(c) for c in raw.get("never", ())],
        paused=bool(raw.get("paused", False)),
        next_id=max([int(raw.get("next_id", 1)), *(n + 1 for n in numbers)]),
    )


def _entry(raw: dict[str, Any]) -> Entry:
    plain = _known(Entry, raw)
    plain["said"] = [Said(**_known(Said, s)) for s in raw.get("said", ())]
    plain["drafts"] = [LedgerDraft(**_known(LedgerDraft, d)) for d in raw.get("drafts", ())]
    return Entry(**plain)


def _known(kind: type, raw: dict[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {key: value for key, value in raw.items() if key in names}


def _as_toml(contents: Contents) -> str:
    import tomlkit

    document: dict[str, Any] = {"paused": contents.paused, "next_id": contents.next_id, "never": contents.never}
    document["offer"] = [_plain(asdict(e)) for e in contents.entries]
    document["correction"] = [_plain(asdict(c)) for c in contents.corrections]
    return HEADER + "\n" + tomlkit.dumps({k: v for k, v in document.items() if v not in ([], None)})


def _plain(value: Any) -> Any:
    """Without what is empty: TOML knows no null, and a person reads less."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if v not in (None, "", [], False)}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value
