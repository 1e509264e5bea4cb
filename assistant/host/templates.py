"""Where templates lie on this computer: with the program, and in the owner's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

from jinja2 import Environment, FileSystemLoader

from assistant.rendering import load_environment

_PACKAGE = Path(__file__).resolve().parent.parent


def builtin_folder() -> Path:
    """The templates that come with the program: inside the installed package, at the top level of a checkout."""
    installed = _PACKAGE / "_templates"
    return installed if installed.is_dir() else _PACKAGE.parent / "templates"


def environment(own: PurePath | None = None) -> Environment:
    """The environment for drafts; a template in the owner's folder takes the place of the one with the same path."""
    return load_environment(FileSystemLoader(builtin_folder()), FileSystemLoader(own) if own else None)


def names(folder: PurePath | None = None) -> Iterator[str]:
    """The templates in a folder (by default the built-in ones), as 'fr/withdrawal.formal.txt.j2', sorted."""
    root = Path(folder) if folder else builtin_folder()
    yield from sorted(path.relative_to(root).as_posix() for path in root.rglob("*.j2") if path.is_file())
