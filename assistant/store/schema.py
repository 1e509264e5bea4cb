"""The store's migrations, oldest first. Forward only: a released migration is never changed, the next is added.

`PRAGMA user_version` is the number of migrations that a file has seen.
"""

from __future__ import annotations

_MAIL = """
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE folders (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    uidnext INTEGER NOT NULL,           -- every UID below it was read, or is still to be read by the backfill
    highestmodseq INTEGER,              -- of what is stored; NULL where the server keeps none
    messages INTEGER NOT NULL,          -- as the server counted them then
    backfill INTEGER NOT NULL,          -- UIDs below it are still to be read; 0 when the horizon was reached
    since TEXT NOT NULL,                -- the horizon that the backfill reads back to, an ISO date
    checked_at INTEGER NOT NULL,        -- when all UIDs were last compared, seconds since 1970
    failures INTEGER NOT NULL,          -- how often in a row reading broke off in the same place:
    failed_low INTEGER NOT NULL,        -- between these UIDs
    failed_high INTEGER NOT NULL,
    UNIQUE (account, name)
);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    identity INTEGER NOT NULL UNIQUE,   -- hash of Message-ID, date, sender and subject, or of the server's id
    account INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    sent_at INTEGER,                    -- the Date field, seconds since 1970 UTC
    received_at INTEGER,                -- INTERNALDATE
    size INTEGER NOT NULL,
    sender TEXT NOT NULL,               -- people: name TAB address, one a line
    recipients TEXT NOT NULL,
    copies TEXT NOT NULL,
    reply_to TEXT NOT NULL,
    subject TEXT NOT NULL,
    in_reply_to TEXT NOT NULL,          -- identifiers: one after the other
    refs TEXT NOT NULL,
    thread_index TEXT NOT NULL,
    automatic TEXT NOT NULL,
    subject_key INTEGER,                -- of a message that begins a thread: where lost replies look for it
    missing_since INTEGER,              -- seconds since 1970: no folder has held it from then on
    gone INTEGER NOT NULL               -- 1 once it was missing for a whole cycle
);
CREATE INDEX messages_thread ON messages (thread, subject_key);
CREATE INDEX messages_subject ON messages (subject_key, sent_at) WHERE subject_key IS NOT NULL;
CREATE INDEX messages_missing ON messages (missing_since) WHERE missing_since IS NOT NULL;
CREATE TABLE locations (
    folder INTEGER NOT NULL REFERENCES folders,
    uid INTEGER NOT NULL,
    message INTEGER NOT NULL REFERENCES messages,
    flags TEXT NOT NULL,
    PRIMARY KEY (folder, uid)
) WITHOUT ROWID;
CREATE INDEX locations_message ON locations (message);
CREATE TABLE thread_keys (
    key INTEGER PRIMARY KEY,            -- threads.key of a Message-ID or another name; with the account in it
    thread INTEGER NOT NULL             -- perhaps one that was merged since
);
CREATE TABLE merged_threads (
    old INTEGER PRIMARY KEY,
    new INTEGER NOT NULL
);
CREATE INDEX merged_threads_new ON merged_threads (new);
CREATE TABLE contents (
    message INTEGER PRIMARY KEY REFERENCES messages,
    mime BLOB NOT NULL                  -- the reduced message, deflated
);
CREATE TABLE quarantine (
    folder INTEGER NOT NULL REFERENCES folders,
    uid INTEGER NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_at INTEGER,
    PRIMARY KEY (folder, uid)
) WITHOUT ROWID;
CREATE TABLE traffic (
    account INTEGER NOT NULL REFERENCES accounts,
    day TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (account, day)
) WITHOUT ROWID;
"""

_JUDGEMENT = """
CREATE TABLE readings (
    message INTEGER PRIMARY KEY REFERENCES messages,
    version TEXT NOT NULL,              -- of the judgement that read it
    sells REAL NOT NULL,                -- how probably the owner's side offers something in it
    content BLOB NOT NULL               -- what was understood, JSON, deflated
);
CREATE INDEX readings_sells ON readings (sells) WHERE sells >= 0.1;
CREATE TABLE watched (
    account INTEGER NOT NULL REFERENCES accounts,
    message INTEGER NOT NULL REFERENCES messages,
    PRIMARY KEY (account, message)
) WITHOUT ROWID;
CREATE TABLE cycles (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL
);
"""

_INTENTS = """
CREATE TABLE intents (
    account INTEGER NOT NULL REFERENCES accounts,
    marker TEXT NOT NULL,               -- our Message-ID of the draft
    kind TEXT NOT NULL,
    version TEXT NOT NULL,              -- what it is made for, as in the register
    step TEXT NOT NULL,                 -- intents.Step
    message BLOB NOT NULL,              -- the bytes to append, CRLF
    answers TEXT NOT NULL,              -- the Message-ID that it replies to
    asked INTEGER NOT NULL,             -- by `draft OFFER`, not by a cycle
    uidvalidity INTEGER NOT NULL,       -- of Drafts before the append
    uidnext INTEGER,
    uid INTEGER,                        -- where it lies
    PRIMARY KEY (account, marker)
);
"""

_DAEMON = """
CREATE TABLE told (
    key TEXT PRIMARY KEY,               -- of a notice, notices.Notice
    at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE health (
    account TEXT PRIMARY KEY,           -- by its name
    state TEXT NOT NULL,                -- online, offline, waiting, stopped
    since TEXT NOT NULL,
    code TEXT NOT NULL,                 -- of the last trouble
    message TEXT NOT NULL,
    hint TEXT NOT NULL,
    deadline TEXT,                      -- the next moment that the calendar brings
    deadline_what TEXT NOT NULL,
    deadline_offer INTEGER NOT NULL
) WITHOUT ROWID;
"""

# The mailbox is read anew: a message is found by a name in thread_keys, and what nothing reads is kept no longer.
_NAMES = """
DROP TABLE messages;
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    outside INTEGER NOT NULL,           -- checksum of date, sender and subject: tells two with one Message-ID apart
    message_id TEXT NOT NULL,
    sent_at INTEGER NOT NULL,           -- the Date field where it can be believed, seconds since 1970 UTC
    received_at INTEGER,                -- INTERNALDATE
    size INTEGER NOT NULL,
    sender TEXT NOT NULL,               -- people: name TAB address, one a line
    recipients TEXT NOT NULL,
    copies TEXT NOT NULL,
    subject TEXT NOT NULL,
    automatic TEXT NOT NULL,
    subject_key INTEGER,                -- of a message that begins a thread: where lost replies look for it
    missing_since INTEGER,              -- seconds since 1970: no folder has held it from then on
    gone INTEGER NOT NULL DEFAULT 0     -- 1 once it was missing for a whole cycle
);
CREATE INDEX messages_thread ON messages (thread, subject_key);
CREATE INDEX messages_subject ON messages (subject_key, sent_at) WHERE subject_key IS NOT NULL;
CREATE INDEX messages_missing ON messages (missing_since) WHERE missing_since IS NOT NULL;
DROP TABLE thread_keys;
CREATE TABLE thread_keys (
    key INTEGER PRIMARY KEY,            -- threads.key of a Message-ID or another name; with the account in it
    thread INTEGER NOT NULL,            -- perhaps one that was merged since
    message INTEGER                     -- that bears the name, where it was read
);
DELETE FROM merged_threads;
DELETE FROM locations;
DELETE FROM contents;
DELETE FROM quarantine;
DELETE FROM readings;
DELETE FROM watched;
DELETE FROM folders;
"""

_SIFTED = """
CREATE TABLE sifted (
    account INTEGER PRIMARY KEY REFERENCES accounts,
    mark TEXT NOT NULL,                 -- by what `watched` was chosen, beside the messages
    upto INTEGER NOT NULL               -- the last message that was looked at
);
"""

_RETRIED = """
ALTER TABLE quarantine ADD COLUMN version TEXT NOT NULL DEFAULT '';  -- of the program that tried last
"""

MIGRATIONS: tuple[str, ...] = (_MAIL, _JUDGEMENT, _INTENTS, _DAEMON, _NAMES, _SIFTED, _RETRIED)
