"""Keeping secrets in memory from ending on the disk or in front of other programs."""

from __future__ import annotations

import sys

_PR_SET_DUMPABLE = 4


def guard_memory() -> None:
    """From now on this process leaves no core dump, and on Linux no other program of the same user may look into it
    (prctl(2)). Harmless when repeated; does what the system offers."""
    try:
        import resource
    except ImportError:  # Windows writes no dumps by default
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
