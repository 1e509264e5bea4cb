"""The configuration file: found, read, and turned into values."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path, PurePath

from assistant.config import Config
from assistant.errors import ConfigurationError
from assistant.host.clock import zone_name
from assistant.settings import read_config


def load_config(path: Path) -> Config:
    """The configuration at `path`. Raises ConfigurationError with every problem at once; relative paths in it are
    relative to the file."""
    try:
        raw = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"there is no configuration at {path}", hint="run `offer-assistant setup`, or name one with --config"
        ) from error
    except OSError as error:
        raise ConfigurationError(f"the configuration {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the configuration {path} is not valid TOML: {error}",
            hint="mend that line; config.example.toml shows the form",
        ) from error
    return _beside(path.resolve().parent, read_config(raw, computer_zone=zone_name()))


def _beside(folder: Path, config: Config) -> Config:
    """The same, its relative paths made absolute: they are relative to the file, wherever the program was started."""

    def absolute(named: PurePath | None) -> Path | None:
        return folder / Path(named).expanduser() if named else None

    return replace(
        config,
        templates_folder=absolute(config.templates_folder),
        store_path=absolute(config.store_path),
        register_path=absolute(config.register_path),
        accounts=tuple(replace(a, ca_file=absolute(a.ca_file)) for a in config.accounts),
    )
