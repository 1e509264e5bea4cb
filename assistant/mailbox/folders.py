"""Which folder plays which role: the owner's word, else the server's flags (RFC 6154), else a table of names."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from assistant.errors import FolderMissing
from assistant.mailbox.answers import FolderStatus, ListedFolder
from assistant.mailbox.connection import Connection
from assistant.mailbox.failures import CommandRefused

Role = Literal["inbox", "sent", "drafts", "archive", "all", "trash", "junk"]

_FLAGS: Mapping[str, Role] = {
    "\\sent": "sent", "\\drafts": "drafts", "\\archive": "archive", "\\all": "all", "\\trash": "trash",
    "\\junk": "junk", "\\spam": "junk", "\\allmail": "all",
}  # fmt: skip  # the last two: Gmail's XLIST of old

_NAMES: Mapping[Role, tuple[str, ...]] = {
    # as Outlook, Exchange, Thunderbird, Apple Mail, OVH, Orange, GMX, Web.de, Zoho and Dovecot name them
    "sent": (
        "sent", "sent items", "sent messages", "sent mail", "sent-mail", "éléments envoyés", "messages envoyés",
        "envoyés", "courrier envoyé", "gesendet", "gesendete elemente", "gesendete objekte", "gesendete nachrichten",
        "enviados", "elementos enviados", "mensajes enviados", "correo enviado", "posta inviata", "inviati", "inviata",
        "messaggi inviati", "verzonden", "verzonden items", "verzonden berichten", "itens enviados",
        "mensagens enviadas", "enviadas",
    ),
    "drafts": (
        "drafts", "draft", "brouillons", "brouillon", "entwürfe", "entwurf", "borradores", "borrador", "bozze", "bozza",
        "concepten", "concept", "rascunhos", "rascunho",
    ),
    "trash": (
        "trash", "deleted items", "deleted messages", "bin", "corbeille", "éléments supprimés", "messages supprimés",
        "papierkorb", "gelöschte elemente", "gelöschte objekte", "gelöscht", "papelera", "elementos eliminados",
        "eliminados", "cestino", "posta eliminata", "eliminata", "prullenbak", "verwijderde items", "lixo", "lixeira",
        "itens eliminados", "itens excluídos",
    ),
    "junk": (
        "junk", "spam", "junk e-mail", "junk email", "bulk mail", "courrier indésirable", "indésirables", "pourriel",
        "junk-e-mail", "spamverdacht", "unerwünscht", "correo no deseado", "posta indesiderata", "ongewenste e-mail",
        "ongewenst", "lixo eletrônico", "correio não solicitado",
    ),
    "archive": (
        "archive", "archives", "archiv", "archivo", "archivio", "archief", "arquivo", "arquivo morto", "archived",
    ),
}  # fmt: skip

_UNSELECTABLE = frozenset({"\\noselect", "\\nonexistent"})
READ_ROLES: tuple[Role, ...] = ("inbox", "sent", "archive", "drafts")
"""What the judgement reads. On Gmail `all` stands for inbox, sent and archive."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder the program reads or writes; its numbers where they came with the listing."""

    name: str
    role: Role
    status: FolderStatus | None = None


def find_folders(connection: Connection) -> dict[Role, Folder]:
    """The folder of each role, in one round trip where LIST-STATUS is offered.

    FolderMissing where the owner's setting names a folder that is not there; CommandRefused for an empty listing.
    """
    listed = connection.wire.list_folders()
    if not listed:
        raise CommandRefused("NO", "", "the list of folders came back empty", "LIST")
    return assign_roles(listed, connection.account.folders)


def assign_roles(listed: Sequence[ListedFolder], configured: Mapping[str, str]) -> dict[Role, Folder]:
    """Pure: which listed folder plays which role. `configured` maps a role to a name and wins."""
    usable = [folder for folder in listed if not folder.attributes & _UNSELECTABLE]
    roles: dict[Role, Folder] = {}
    for role in get_args(Role):
        chosen = _configured(role, configured, usable) or _by_flag(role, usable) or _by_name(role, usable)
        if chosen is not None:
            roles[role] = Folder(chosen.name, role, chosen.status)
    return roles


def folders_to_read(roles: Mapping[Role, Folder]) -> list[Folder]:
    """The folders whose mail is read: All Mail and Drafts on Gmail, else Inbox, Sent, Archive and Drafts."""
    if "all" in roles:
        return [roles["all"], *([roles["drafts"]] if "drafts" in roles else [])]
    return [roles[role] for role in READ_ROLES if role in roles]


def _configured(role: Role, configured: Mapping[str, str], listed: Sequence[ListedFolder]) -> ListedFolder | None:
    name = configured.get(role)
    if not name:
        return None
    for folder in listed:
        if _key(folder.name) == _key(name):
            return folder
    raise FolderMissing(f"the folder {name!r} set for {role} does not exist", hint="see offer-assistant doctor")


def _by_flag(role: Role, listed: Sequence[ListedFolder]) -> ListedFolder | None:
    if role == "inbox":
        return next((folder for folder in listed if folder.name.upper() == "INBOX"), None)
    return next((folder for folder in listed if any(_FLAGS.get(flag) == role for flag in folder.attributes)), None)


def _by_name(role: Role, listed: Sequence[ListedFolder]) -> ListedFolder | None:
    """By the last part of the name; the folder nearest to the top wins; another role's flag rules a folder out."""
    wanted = _NAMES.get(role, ())
    found = [
        folder
        for folder in listed
        if _key(_leaf(folder)) in wanted and not any(flag in _FLAGS for flag in folder.attributes) and _is_near(folder)
    ]
    return min(found, key=lambda folder: (folder.name.count(folder.separator or "/"), folder.name), default=None)


def _leaf(folder: ListedFolder) -> str:
    return folder.name.rpartition(folder.separator)[2] if folder.separator else folder.name


def _is_near(folder: ListedFolder) -> bool:
    """At the top, or directly under INBOX (Courier, Cyrus and OVH keep everything there) or [Gmail]."""
    parts = folder.name.split(folder.separator) if folder.separator else [folder.name]
    return len(parts) == 1 or (len(parts) == 2 and parts[0].upper() in ("INBOX", "[GMAIL]", "[GOOGLE MAIL]"))


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()
