"""The owner's desk: the configuration, the store and the register, open together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from zlib import crc32

from assistant.config import Account, Config
from assistant.customers import House
from assistant.host.paths import Places
from assistant.store import Database, MailStore, open_database
from assistant.store.readings import CycleStore, ReadingStore
from assistant.store.register import Contents, Register

# Raised by hand where the code reads messages otherwise; what was learnt and the word lists are looked at themselves.
JUDGEMENT = "1"


@dataclass
class Desk:
    """What a cycle and the commands work with. Close it at the end."""

    config: Config
    places: Places
    database: Database
    register: Register
    _mail: dict[str, MailStore] = field(default_factory=dict)
    _readings: dict[tuple[str, str], ReadingStore] = field(default_factory=dict)

    @property
    def house(self) -> House:
        return House.of(self.config.owner)

    def mail(self, account: Account) -> MailStore:
        if account.name not in self._mail:
            self._mail[account.name] = MailStore(self.database, account.name)
        return self._mail[account.name]

    def readings(self, account: Account) -> ReadingStore:
        key = account.name, f"{JUDGEMENT}/{knowledge()}/{_settings(self.config)}"
        if key not in self._readings:
            self._readings[key] = ReadingStore(self.database, self.mail(account).account, key[1])
        return self._readings[key]

    def over(self, database: Database) -> Desk:
        """The same desk with another store on it."""
        return replace(self, database=database, _mail={}, _readings={})

    @property
    def cycles(self) -> CycleStore:
        return CycleStore(self.database)

    def contents(self) -> Contents:
        return self.register.read()

    def close(self) -> None:
        self.database.close()


@cache
def knowledge() -> str:
    """A fingerprint of the data by which messages are read: readings made with other data are made anew."""
    crc = 0
    for package in ("assistant.languages", "assistant.phrases"):
        for entry in _files(files(package)):
            crc = crc32(_told_apart_by(entry), crc)
    return f"{crc:08x}"


def _told_apart_by(entry: Traversable) -> bytes:
    """What changes with a file: its bytes; of a gzip file its last eight, the checksum and the size of what it holds
    (RFC 1952), so that nobody reads 22 MB to learn that nothing has changed."""
    if not entry.name.endswith(".gz"):
        return entry.read_bytes()
    with entry.open("rb") as file:
        file.seek(-8, os.SEEK_END)
        return file.read()


def _files(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from _files(entry)
        elif entry.name.endswith((".toml", ".gz", ".json", ".txt")):
            yield entry


def _settings(config: Config) -> str:
    """What of the configuration a reading depends on: dates and sides are read differently elsewhere."""
    from hashlib import sha256

    parts = [config.policy.country, config.policy.timezone.key, *config.owner.addresses]
    return sha256("\n".join(parts).encode()).hexdigest()[:12]


def open_desk(config: Config, places: Places) -> Desk:
    """Opens the store (making or migrating it) and names the register. Raises StoreUnreadable."""
    return Desk(config, places, open_database(places.store), Register(places.register))
