"""The writer's words apart from his signature."""

from __future__ import annotations


def split_signature(text: str, name: str = "") -> tuple[str, str]:
    """(words, signature block)."""
    before, mark, after = text.partition("\n-- \n")
    return before.rstrip(), after.strip() if mark else ""
