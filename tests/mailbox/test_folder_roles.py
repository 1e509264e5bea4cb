"""Which folder plays which role."""

from __future__ import annotations

import pytest

from assistant.errors import FolderMissing
from assistant.mailbox.answers import ListedFolder
from assistant.mailbox.folders import assign_roles, folders_to_read


def listed(*folders: str, separator: str = "/") -> list[ListedFolder]:
    """'Name' or 'Name \\Flag \\Flag'."""
    return [
        ListedFolder(name, frozenset(flags.lower().split()), separator)
        for name, _, flags in (each.partition(" |") for each in folders)
    ]


def names(folders: list[ListedFolder], **configured: str) -> dict[str, str]:
    return {role: folder.name for role, folder in assign_roles(folders, configured).items()}


def test_flags_come_before_names() -> None:
    found = names(listed("INBOX", "Sent", "Envoyés |\\Sent", "Drafts |\\Drafts"))
    assert found == {"inbox": "INBOX", "sent": "Envoyés", "drafts": "Drafts"}


@pytest.mark.parametrize(
    ("sent", "drafts"),
    [
        ("Éléments envoyés", "Brouillons"),
        ("Gesendete Elemente", "Entwürfe"),
        ("Elementos enviados", "Borradores"),
        ("Posta inviata", "Bozze"),
        ("Verzonden items", "Concepten"),
        ("Itens enviados", "Rascunhos"),
        ("E\u0301le\u0301ments envoye\u0301s", "BROUILLONS"),  # decomposed letters, another case
    ],
)
def test_names_of_seven_languages_where_there_are_no_flags(sent: str, drafts: str) -> None:
    assert names(listed("INBOX", sent, drafts, "Sent/2024")) == {"inbox": "INBOX", "sent": sent, "drafts": drafts}


def test_folders_under_inbox_count_deeper_ones_do_not() -> None:
    found = names(listed("INBOX", "INBOX.Sent", "INBOX.Old.Drafts", separator="."))
    assert found == {"inbox": "INBOX", "sent": "INBOX.Sent"}


def test_a_folder_that_cannot_be_opened_plays_no_role() -> None:
    assert names(listed("INBOX", "Sent |\\Sent \\Noselect", "Archive |\\NonExistent \\Archive")) == {"inbox": "INBOX"}


def test_the_owners_word_overrules_flags_and_must_be_there() -> None:
    folders = listed("INBOX", "Sent |\\Sent", "Ventes")
    assert names(folders, sent="ventes")["sent"] == "Ventes"
    with pytest.raises(FolderMissing):
        names(folders, drafts="Nowhere")


def test_on_gmail_all_mail_stands_for_the_rest() -> None:
    roles = assign_roles(
        listed("INBOX", "[Gmail]/All Mail |\\All", "[Gmail]/Sent |\\Sent", "[Gmail]/Drafts |\\Drafts"), {}
    )
    assert [folder.name for folder in folders_to_read(roles)] == ["[Gmail]/All Mail", "[Gmail]/Drafts"]


def test_where_all_mail_is_hidden_inbox_and_sent_are_read() -> None:
    roles = assign_roles(listed("INBOX", "[Gmail]/Sent |\\Sent", "[Gmail]/Drafts |\\Drafts"), {})
    assert [folder.role for folder in folders_to_read(roles)] == ["inbox", "sent", "drafts"]
