"""How known servers differ, each quirk with its source."""

from __future__ import annotations

from tests.servers.fake_imap import Dialect, FakeFolder, FakeImap

PLAIN = Dialect()

# CAPABILITY after the login, and X-GM-MSGID/X-GM-THRID as 64-bit numbers:
# https://developers.google.com/workspace/gmail/imap/imap-extensions. FETCH answers lead with the X-GM items and end
# with FLAGS before the body, whatever the order asked for: transcripts in imapclient's and imapflow's test suites.
# All Mail is \All, labels are folders, Drafts are in All Mail too (same page). Refusals end in '(Failure)'.
GMAIL = Dialect(
    "gmail",
    "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS ENABLE MOVE CONDSTORE ESEARCH"
    " UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584",
    greeting="OK Gimap ready for requests from 127.0.0.1 a1b2",
    login_code=False,
    fetch_order=("X-GM-THRID", "X-GM-MSGID", "UID", "RFC822.SIZE", "INTERNALDATE", "FLAGS"),
    refused_login="NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
)

# No CONDSTORE, no ESEARCH, no LIST-STATUS, no SPECIAL-USE before 2023 on many tenants; MOVE and UIDPLUS offered:
# CAPABILITY answers quoted in https://github.com/postalsys/imapflow/issues and Microsoft's protocol notes
# [MS-OXIMAP4]. Folder names are in the owner's language.
MICROSOFT = Dialect(
    "microsoft",
    "IMAP4 IMAP4rev1 LOGIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+",
    greeting="OK The Microsoft Exchange IMAP4 service is ready.",
    login_code=False,
    refused_login="NO LOGIN failed.",
)

# Courier: everything under INBOX with '.', no UIDPLUS in old versions, no UIDNEXT in SELECT (RFC 3501 makes it optional
# for old servers); https://www.courier-mta.org/imap/ and mbsync's notes about it.
COURIER = Dialect("courier", "IMAP4rev1 CHILDREN NAMESPACE IDLE", separator=".", uidnext=False)


def gmail(**options: object) -> FakeImap:
    """Gmail's folders as a French owner sees them."""
    server = FakeImap(GMAIL, **options)  # type: ignore[arg-type]
    server.folders.clear()
    for name, attributes in (
        ("INBOX", "\\HasNoChildren"),
        ("[Gmail]", "\\HasChildren \\Noselect"),
        ("[Gmail]/Tous les messages", "\\All \\HasNoChildren"),
        ("[Gmail]/Brouillons", "\\Drafts \\HasNoChildren"),
        ("[Gmail]/Messages envoy&AOk-s", "\\HasNoChildren \\Sent"),
        ("[Gmail]/Corbeille", "\\HasNoChildren \\Trash"),
    ):
        server.add(FakeFolder(name, attributes))
    return server


def microsoft(**options: object) -> FakeImap:
    """Microsoft 365 in French: no attributes that tell a role."""
    server = FakeImap(MICROSOFT, **options)  # type: ignore[arg-type]
    server.folders.clear()
    for name in ("INBOX", "&AMk-l&AOk-ments envoy&AOk-s", "Brouillons", "Archive", "&AMk-l&AOk-ments supprim&AOk-s"):
        server.add(FakeFolder(name, "\\HasNoChildren"))
    return server


def courier(**options: object) -> FakeImap:
    """Courier: the folders lie under INBOX."""
    server = FakeImap(COURIER, **options)  # type: ignore[arg-type]
    server.folders.clear()
    for name in ("INBOX", "INBOX.Sent", "INBOX.Drafts", "INBOX.Trash"):
        server.add(FakeFolder(name, "\\HasNoChildren"))
    return server
