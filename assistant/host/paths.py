"""Where things are kept on this computer: configuration, state, register, logs (XDG, Apple and Windows conventions)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from assistant.config import Config

APP = "offer-assistant"


@dataclass(frozen=True, slots=True)
class Places:
    """The files of one configuration."""

    store: Path
    register: Path


def default_config_path() -> Path:
    """$OFFER_ASSISTANT_CONFIG, else config.toml in the platform's configuration folder."""
    named = os.environ.get("OFFER_ASSISTANT_CONFIG")
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / "config.toml"


def places(config: Config) -> Places:
    """Where the store and the register of this configuration are: as it says, else the platform's folders."""
    usual = default_places()
    store, register = config.store_path or usual.store, config.register_path or usual.register
    return Places(Path(store).expanduser(), Path(register).expanduser())


def default_places() -> Places:
    """Where they are unless a configuration says otherwise."""
    import platformdirs

    return Places(
        Path(platformdirs.user_state_dir(APP, appauthor=False)) / "mail.sqlite",
        Path(platformdirs.user_data_dir(APP, appauthor=False)) / "offers.toml",
    )


def log_folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_log_dir(APP, appauthor=False))
