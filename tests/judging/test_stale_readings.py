"""A reading belongs to the data that made it: after an update messages are read anew, not as they were once."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.headers import Envelope
from assistant.host.paths import Places
from assistant.kinds import By, Kind, Reading
from assistant.messages import Address, Message
from assistant.service import desk as desks
from assistant.service.desk import Desk, open_desk
from assistant.settings import read_config
from assistant.store import Arrival, FolderState
from assistant.understanding import Understood

OWNER = {"name": "Camille", "addresses": ["camille@binalys.example"], "country": "FR"}
AT = datetime(2026, 5, 18, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    config = read_config({"owner": OWNER, "account": {"host": "127.0.0.1", "user": "camille"}})
    opened = open_desk(config, Places(tmp_path / "mail.sqlite", tmp_path / "offers.toml"))
    yield opened
    opened.close()


def test_a_reading_is_made_anew_when_the_model_has_learnt(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (account,) = desk.config.accounts
    mail = desk.mail(account)
    folder = mail.save_folder(FolderState(0, "INBOX", "inbox", 1, 2, None, 1, 0, AT.date()))
    (key,) = mail.add(folder.id, [Arrival(1, (), int(AT.timestamp()), 100, Envelope("<1@x.example>"))]).new
    message = Message("<1@x.example>", AT, Address("", "b@x.example"))
    desk.readings(account).save([(key, Understood(message, By.CUSTOMER, Reading(Kind.STALL, 0.9), "fr"))])
    assert desk.readings(account).missing([key]) == []

    monkeypatch.setattr(desks, "knowledge", lambda: "another model")
    assert desk.readings(account).missing([key]) == [key]
    assert desk.readings(account).load([key]) == []


def test_the_fingerprint_is_that_of_the_model_and_the_word_lists() -> None:
    names = {
        entry.name
        for package in ("languages", "phrases")
        for entry in desks._files(desks.files(f"assistant.{package}"))
    }
    assert {"model.bin.gz", "concepts.bin.gz", "network.bin.gz", "weights.json", "fr.toml", "freemail.txt"} <= names


def test_a_file_of_weights_with_other_weights_has_another_fingerprint(tmp_path: Path) -> None:
    for name, weights in (("one.gz", b"12"), ("same.gz", b"12"), ("other.gz", b"13")):
        (tmp_path / name).write_bytes(gzip.compress(weights, mtime=0))

    one, same, other = (desks._told_apart_by(tmp_path / name) for name in ("one.gz", "same.gz", "other.gz"))
    assert one == same != other
