"""Writing the configuration file: a new one from the example with its comments; an existing one is edited in place."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument

from assistant.config import Config
from assistant.errors import ConfigurationError
from assistant.host.clock import zone_name
from assistant.settings import read_config

_PACKAGE = Path(__file__).resolve().parent.parent
_HEADER = re.compile(r"\s*\[([A-Za-z0-9_.\"-]+)\]")

Changes = Mapping[str, Mapping[str, Any]]
"""Table → key → value; None takes the key out. The table 'account' is that of the account."""


def example() -> str:
    """config.example.toml: inside the installed package, at the top level of a checkout."""
    installed = _PACKAGE / "_config.example.toml"
    return (installed if installed.exists() else _PACKAGE.parent / "config.example.toml").read_text("utf-8")


def read_settings(path: Path) -> dict[str, Any]:
    """The file as plain values, whether they are right or not; {} where there is none.

    Raises ConfigurationError where it is no TOML: it is not for us to overwrite.
    """
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"the configuration {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(
            f"the configuration {path} is not valid TOML: {error}", hint="mend that line, or move the file away"
        ) from error


def write_settings(path: Path, changes: Changes, account: str = "default") -> Config:
    """Makes or edits the file (mode 0600), keeping what else stands in it; gives back what it then says.

    Raises ConfigurationError, and leaves the file alone, where the outcome would not be a right configuration.
    """
    text = edited(path.read_bytes().decode("utf-8-sig") if path.exists() else None, changes, account)
    config = read_config(tomllib.loads(text), computer_zone=zone_name())
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(path.resolve(), text)
    except OSError as error:
        raise ConfigurationError(
            f"the configuration {path} cannot be written: {error.strerror}",
            hint="mend its permissions, or use --config",
        ) from error
    return config


def edited(text: str | None, changes: Changes, account: str = "default") -> str:
    """The text of the file after the changes; from the example where there is none yet."""
    if text is None:
        text = example()
    several = "accounts" in tomllib.loads(text) or account != "default"
    sections = {(f"accounts.{account}" if several and t == "account" else t): keys for t, keys in changes.items()}
    document = tomlkit.parse(_uncommented(text, sections))
    for table, values in changes.items():
        target = _account_table(document, account) if table == "account" else _table(document, table)
        for key, value in values.items():
            if value is None:
                target.pop(key, None)
            elif target.get(key) != value:
                target[key] = _inline(value) if isinstance(value, dict) else value
    return tomlkit.dumps(document)


def _inline(values: Mapping[str, Any]) -> Any:
    table = tomlkit.inline_table()
    table.update(values)
    return table


def _table(document: TOMLDocument, name: str) -> Any:
    if name not in document:
        document[name] = tomlkit.table()
    return document[name]


def _account_table(document: TOMLDocument, name: str) -> Any:
    """[account] for the only one; [accounts.NAME] beside others. The first moves there when a second comes."""
    if name == "default" and "accounts" not in document:
        return _table(document, "account")
    accounts = _table(document, "accounts")
    if "account" in document:
        accounts["default"] = document.pop("account")
    return _table(accounts, name)


def _uncommented(text: str, changes: Changes) -> str:
    """A commented line '# port = 993' of a key that is to be set becomes the key's line: its place and remark stay."""
    lines, table = text.split("\n"), ""
    keys_set = {(t, line.partition("=")[0].strip()) for t, line in _with_table(lines) if "=" in line}
    for number, line in enumerate(lines):
        header = _HEADER.match(line)
        table = header[1] if header else table
        bare = line.lstrip().removeprefix("#").lstrip()
        key = bare.partition("=")[0].strip()
        wanted = changes.get(table, {}).get(key) is not None and (table, key) not in keys_set
        if line.lstrip().startswith("#") and wanted and _is_toml(bare):
            lines[number] = bare
            keys_set.add((table, key))
    return "\n".join(lines)


def _with_table(lines: list[str]) -> list[tuple[str, str]]:
    table, found = "", []
    for line in lines:
        header = _HEADER.match(line)
        table = header[1] if header else table
        found.append((table, line))
    return found


def _is_toml(line: str) -> bool:
    try:
        tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _replace(path: Path, text: str) -> None:
    """A new file takes the old one's place, so that a full disk or a crash leaves one of the two, whole."""
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
