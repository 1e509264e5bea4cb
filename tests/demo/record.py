"""Records `offer-assistant demo` in a terminal of 96 columns as docs/demo.svg: `python -m tests.demo.record`."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent.parent
COLUMNS = 96


def main() -> None:
    command = Path(sys.executable).with_name("offer-assistant")
    output, status = pexpect.run(
        f"{command} demo",
        withexitstatus=True,
        timeout=120,
        env={
            "TERM": "xterm-256color",
            "PATH": "/usr/bin:/bin",
            "COLUMNS": str(COLUMNS),
            "LANG": "C.UTF-8",
            "HOME": "/tmp",
        },
        dimensions=(60, COLUMNS),
    )
    if status:
        sys.exit(output.decode())
    console = Console(record=True, width=COLUMNS, file=open("/dev/null", "w", encoding="utf-8"))  # noqa: SIM115
    console.print(Text("$ offer-assistant demo", style="bold"))
    console.print(Text.from_ansi(output.decode().replace("\r\n", "\n")))
    console.save_svg(str(ROOT / "docs" / "demo.svg"), title="offer-assistant")


if __name__ == "__main__":
    main()
