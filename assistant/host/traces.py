"""What the program leaves on this computer, and taking it away."""

from __future__ import annotations

import shutil
from pathlib import Path

from assistant.host.paths import APP, Places, log_folder


def working_files(places: Places) -> list[Path]:
    """What is rebuilt or was only of use while it ran: the store with its companions, locks, logs; those there are."""
    import platformdirs

    found = set(places.store.parent.glob(f"{places.store.name}*"))
    found |= set(places.register.parent.glob(f"{places.register.name}.*"))
    found |= {log_folder(), Path(platformdirs.user_state_dir(APP, appauthor=False))}
    found |= {Path(platformdirs.user_cache_dir(APP, appauthor=False))}
    return sorted(path for path in found if path.exists())


def erase(paths: list[Path]) -> None:
    """Takes files and folders away, and then the folders called after the program that are left empty."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    for folder in {path.parent for path in paths}:
        if folder.name == APP and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
