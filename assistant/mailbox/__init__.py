"""The owner's mailbox over IMAP. The only package that knows IMAP; it never sends mail and never marks a message read.

    connection   open_connection(account, credential) → Connection; `with` it
    wire         Connection.wire: LIST, STATUS, EXAMINE, SELECT, FETCH, SEARCH, APPEND, STORE, UID EXPUNGE, MOVE
    folders      find_folders(connection) → {role: Folder}; folders_to_read(roles)
    fetching     fetch_headers, fetch_messages: streams, newest first, in bounded ranges
    following    what changed in a folder since a cursor (CONDSTORE, QRESYNC, or by comparing UIDs)
    idling       Idler(connection, folder).wait(seconds) → Hint: messages came or went, the computer slept, …
    drafts       placing and taking back drafts, exactly once

Every error that leaves this package is one of assistant/errors.py, or a subclass in failures.py and wire.py
(TokenExpired, CommandRefused, AppendRefused, AppendUncertain). After any error but CommandRefused and FolderMissing the
connection is closed: open a new one.

    with open_connection(account, Credential("password", "…")) as connection:
        roles = find_folders(connection)
        selected = connection.wire.examine(roles["inbox"].name)       # read-only: nothing in it can change
        for found in connection.wire.fetch("1:100", "UID FLAGS"):     # Fetched, Vanished or Unreadable
            …
        connection.wire.append(roles["drafts"].name, b"…CRLF lines…")
"""

from assistant.mailbox.answers import Appended, FolderStatus, Selected
from assistant.mailbox.connection import Connection, Deadlines, open_connection
from assistant.mailbox.failures import CommandRefused, TokenExpired
from assistant.mailbox.fetched import Fetched, Unreadable, Vanished
from assistant.mailbox.folders import Folder, Role, find_folders, folders_to_read
from assistant.mailbox.wire import AppendRefused, AppendUncertain, Wire

__all__ = [
    "AppendRefused",
    "AppendUncertain",
    "Appended",
    "CommandRefused",
    "Connection",
    "Deadlines",
    "Fetched",
    "Folder",
    "FolderStatus",
    "Role",
    "Selected",
    "TokenExpired",
    "Unreadable",
    "Vanished",
    "Wire",
    "find_folders",
    "folders_to_read",
    "open_connection",
]
