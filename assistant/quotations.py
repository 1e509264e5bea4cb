"""The writer's own words apart from the quoted ones."""

from __future__ import annotations


def split_quotation(text: str) -> tuple[str, str]:
    """(own words, quoted words without their marks)."""
    own = [line for line in text.split("\n") if not line.startswith(">")]
    quoted = [line.lstrip("> ") for line in text.split("\n") if line.startswith(">")]
    return "\n".join(own).strip(), "\n".join(quoted).strip()
