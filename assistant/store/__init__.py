"""The store: one SQLite file, a cache of the mailbox and what was understood of it. It can be deleted and is rebuilt.

    with open_database(path) as database:                  # made and migrated where needed; mode 0600
        mail = MailStore(database, account.name)
        mail.folders(), mail.thread(number), mail.content(key) …

SQL lives here and nowhere else. Everything that writes does so in `database.transaction()`; a step that belongs
together goes into one. To add tables append one migration to MIGRATIONS in schema.py and write a module beside mail.py
with a class that takes the Database.

    mail.MailStore        messages (by `key`), their threads (by number), places, reduced contents, quarantine, cursors
    records.StoredMessage what a row of `messages` comes back as; its `envelope` is headers.Envelope
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from assistant.store.database import Database, open_database

if TYPE_CHECKING:
    from assistant.store.mail import MailStore
    from assistant.store.records import Added, Arrival, FolderState, Location, Quarantined, StoredMessage

__all__ = [
    "Added",
    "Arrival",
    "Database",
    "FolderState",
    "Location",
    "MailStore",
    "Quarantined",
    "StoredMessage",
    "open_database",
]


def __getattr__(name: str) -> Any:
    """What knows mail is imported when it is asked for: `status` needs only the database."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{'mail' if name == 'MailStore' else 'records'}"), name)
