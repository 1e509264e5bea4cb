"""Writes the mailbox of `offer-assistant demo` into the package, from mailbox.toml: `python -m tests.demo.write_mailbox`."""

from __future__ import annotations

import random
from pathlib import Path

from tests.mailbuilder import build, load_case

HERE = Path(__file__).parent
TARGET = HERE.parent.parent / "assistant" / "cli" / "demo" / "mailbox"


def messages() -> dict[str, bytes]:
    """File name → bytes; the same at every run."""
    random.seed(20260518)  # MIME boundaries
    case = load_case(HERE / "mailbox.toml")
    built = sorted(build(case), key=lambda item: item[2])
    return {f"{number:02}.{folder}.eml": raw for number, (folder, raw, _) in enumerate(built, 1)}


def main() -> None:
    for old in TARGET.glob("*.eml"):
        old.unlink()
    for name, raw in messages().items():
        (TARGET / name).write_bytes(raw)


if __name__ == "__main__":
    main()
