"""The operating system's keyring: GNOME and KDE (Secret Service), macOS, Windows. The only place that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assistant.errors import SecretUnavailable

SERVICE = "offer-assistant"
PIECE = 1000
"""Windows keeps at most 2,560 bytes an entry, in UTF-16; a longer secret goes into numbered entries of this length."""
_MOST_PIECES = 32
_CHOICES = (
    "unlock it (log in to the desktop), or install one such as gnome-keyring; without one set password_command in the "
    "configuration (docs/setup.md)"
)


def read(name: str) -> str:
    """The secret by this name, '' where none is kept. SecretUnavailable where the keyring is locked or missing."""
    import keyring

    with _translated():
        pieces = [keyring.get_password(SERVICE, name) or ""]
        while len(pieces[-1]) == PIECE and len(pieces) < _MOST_PIECES:
            pieces.append(keyring.get_password(SERVICE, _numbered(name, len(pieces))) or "")
    return "".join(pieces)


def write(name: str, secret: str) -> None:
    """Keeps the secret in the place of an earlier one. Raises SecretUnavailable, or ValueError for an endless one."""
    import keyring

    pieces = [secret[start : start + PIECE] for start in range(0, len(secret), PIECE)]
    if len(secret) % PIECE == 0 and pieces:
        pieces.append("")  # a whole last piece says that another follows
    if len(pieces) > _MOST_PIECES:
        raise ValueError("a secret of this length cannot be kept")
    erase(name)
    with _translated():
        for number, piece in enumerate(pieces):
            if piece:
                keyring.set_password(SERVICE, _numbered(name, number), piece)


def erase(name: str) -> bool:
    """Forgets the secret; whether there was one."""
    import keyring
    import keyring.errors

    count = 0
    with _translated():
        while count < _MOST_PIECES and keyring.get_password(SERVICE, _numbered(name, count)) is not None:
            try:
                keyring.delete_password(SERVICE, _numbered(name, count))
            except keyring.errors.PasswordDeleteError:
                break
            count += 1
    return count > 0


def is_available() -> bool:
    """Whether this computer has a keyring at all; it may still be locked."""
    import keyring
    from keyring.backends import fail

    return not isinstance(keyring.get_keyring(), fail.Keyring)


def _numbered(name: str, number: int) -> str:
    return f"{name} ({number + 1})" if number else name


@contextmanager
def _translated() -> Iterator[None]:
    """What keyring and the libraries below it raise → SecretUnavailable, without the cause: it may hold a secret."""
    try:
        yield
    except _failures():
        state = "locked, or does not answer" if is_available() else "missing on this computer"
        raise SecretUnavailable(f"the keyring is {state}", hint=_CHOICES) from None


def _failures() -> tuple[type[Exception], ...]:
    """keyring does not translate all that Secret Service and D-Bus raise."""
    import keyring.errors

    known: list[type[Exception]] = [keyring.errors.KeyringError, OSError]
    try:
        from jeepney.wrappers import DBusErrorResponse  # type: ignore[import-untyped, unused-ignore]
        from secretstorage.exceptions import SecretStorageException  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return tuple(known)
    return (*known, DBusErrorResponse, SecretStorageException)
