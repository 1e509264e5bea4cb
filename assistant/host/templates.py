"""Where templates lie on this computer: with the program, and in the owner's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

from jinja2 import Environment, FileSystemLoader

from assistant.rendering import load_environment
from assistant.wordcheck import Flaw

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


def find(name: str, own: PurePath | None = None) -> Path | None:
    """The file of a template, the owner's before the built-in one; None where there is none by that name."""
    for folder in (own, None):
        if name in names(folder):
            return Path(folder or builtin_folder()) / name
    return None


def copy(name: str, folder: PurePath) -> bool:
    """Copies a built-in template into the folder, which is made; False where a file is there already."""
    target = Path(folder) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("xb") as file:
            file.write((builtin_folder() / name).read_bytes())
    except FileExistsError:
        return False
    return True


def unknown(own: PurePath | None) -> list[Flaw]:
    """The owner's files whose path no draft ever asks for: a misspelt name would silently have no effect."""
    endings = tuple(name.partition("/")[2] or name for name in names())
    languages = {name.partition("/")[0].partition("-")[0] for name in names() if "/" in name}
    return [
        Flaw(name, "warning", "no draft uses a template by this name")
        for name in (names(own) if own else ())
        if (name.partition("/")[2] or name) not in endings or ("/" in name and name[:2] not in languages)
    ]
