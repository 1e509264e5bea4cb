"""`python -m assistant` and the installed command are the same."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Runs the command line; ends the process with its exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy: one core for the reading of mail, the others are yours
    from assistant.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
