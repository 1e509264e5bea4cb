"""What the command line says of an offer, as text: asked of the command line itself, in a child process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_SECONDS = 30.0


def explanation(config_path: Path, offer: int) -> str:
    """`show OFFER`, or `offers` where the number is 0; what it complained about where it failed."""
    verb = ["show", str(offer)] if offer else ["offers"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "assistant", "--config", str(config_path), *verb],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return f"`offer-assistant {' '.join(verb)}` tells more.\n"
    return done.stdout.decode("utf-8", "replace")
