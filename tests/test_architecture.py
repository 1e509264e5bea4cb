"""The two rules of the shape: top-level files are pure, and imports go downward only. And: no code can send mail."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "assistant"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Lower number: lower layer. A module imports from lower layers, or from its own folder.
LAYERS = {
    "cli": 4,
    "web": 4,
    "service": 3,
    "mailbox": 2,
    "documents": 2,
    "store": 2,
    "host": 2,
    "languages": 1,
    "phrases": 1,
}
IMPURE = {
    "os", "socket", "sqlite3", "time", "logging", "subprocess", "imapclient", "keyring", "pathlib", "tempfile", "shutil",
    "threading", "asyncio", "urllib", "http", "ssl", "random", "secrets", "signal",
}  # fmt: skip
SENDING = {"smtplib", "aiosmtplib", "smtpd", "sendgrid", "mailjet", "postmarker", "boto3", "googleapiclient"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "assistant")


def layer(parts: tuple[str, ...]) -> tuple[int, str]:
    """(layer, folder) of a module path below assistant/."""
    folder = parts[0] if parts and parts[0] in LAYERS else ""
    return LAYERS.get(folder, 0), folder


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_imports_go_downward_only(path: Path) -> None:
    here, folder = layer(path.relative_to(PACKAGE).parts[:-1])
    if path.name == "__main__.py" and not folder:
        return  # the entry point calls the command line
    for name in imports(path):
        if not name.startswith("assistant."):
            continue
        there, target = layer(tuple(name.split(".")[1:2]))
        assert target == folder or there < here or (there == 1 and here == 0), f"{relative(path)} imports {name}"


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent == PACKAGE and p.name != "__main__.py"], ids=relative)
def test_a_top_level_file_is_pure(path: Path) -> None:
    names = set(imports(path))
    if path.name in ("config.py", "settings.py"):
        names.discard("pathlib")  # PurePath: the value of a key, never opened here
    assert not {name.split(".")[0] for name in names} & IMPURE
    source = path.read_text("utf-8")
    for clock in ("datetime.now(", "date.today(", "datetime.utcnow(", "open("):
        assert f" {clock}" not in source and f"={clock}" not in source, f"{path.name} calls {clock})"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_no_module_can_send_mail(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & SENDING
    source = path.read_text("utf-8").lower()
    for word in ("sendmail", "smtp://", "smtps://", "/messages/send", "me/sendmail", ":587", ":465"):
        assert word not in source, f"{path.name} holds {word!r}"


def test_nothing_happens_at_import_of_the_command_line() -> None:
    """What is imported for a plain --help: no heavy package."""
    import subprocess
    import sys

    heavy = [
        "imapclient",
        "jinja2",
        "keyring",
        "rich",
        "tomlkit",
        "babel",
        "holidays",
        "lxml",
        "numpy",
        "apscheduler",
        "desktop_notifier",
        "pypdfium2",
        "ssl",
    ]
    code = f"import sys, assistant.cli; print([m for m in {heavy!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
