"""The clock of this computer, and the clock that `--at` puts in its place."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path


def now() -> datetime:
    """The present moment, with an offset."""
    return datetime.now(UTC)


def zone_name() -> str:
    """The IANA name of the computer's time zone ('Europe/Paris'), '' where it cannot be told."""
    named = os.environ.get("TZ", "").lstrip(":")
    if "/" in named and not named.startswith("/"):
        return named
    try:
        target = Path("/etc/localtime").resolve(strict=True)
    except OSError:
        return ""
    _, found, name = str(target).partition("zoneinfo/")
    return name.removeprefix("posix/").removeprefix("right/") if found else ""
