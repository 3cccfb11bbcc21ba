-- Times are milliseconds since 1970, paths the OS's own bytes, hashes and ids blobs. Device, inode and birth time
-- together are a file's identity.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE findings (
    id BLOB PRIMARY KEY,
    state TEXT NOT NULL,
    path BLOB NOT NULL,
    root BLOB NOT NULL,
    owner TEXT,
    device INTEGER,
    inode INTEGER,
    born INTEGER,
    content BLOB,
    since INTEGER NOT NULL,
    due INTEGER NOT NULL,
    ended INTEGER,
    told INTEGER NOT NULL,
    settled TEXT,
    notify INTEGER NOT NULL,
    shown TEXT NOT NULL
) STRICT;
CREATE INDEX findings_by_file ON findings (inode, device, born);
CREATE INDEX findings_by_path ON findings (path);
CREATE INDEX findings_by_content ON findings (content);
CREATE INDEX findings_by_due ON findings (due) WHERE state = 'noticed';
CREATE INDEX findings_by_end ON findings (ended) WHERE ended IS NOT NULL;
CREATE INDEX findings_to_notify ON findings (notify) WHERE notify = 1;

CREATE TABLE history (
    finding BLOB NOT NULL REFERENCES findings (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    what TEXT NOT NULL
) STRICT;
CREATE INDEX history_by_finding ON history (finding);

-- The last decision about each finding that is not known: it was pruned, or the ledger is new and has not looked yet.
CREATE TABLE decisions (finding BLOB PRIMARY KEY, what TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE questions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    born INTEGER NOT NULL,
    path BLOB NOT NULL,
    owner TEXT,
    content BLOB NOT NULL,
    kind TEXT NOT NULL,
    app TEXT,
    since INTEGER NOT NULL,
    notify INTEGER NOT NULL,
    UNIQUE (inode, device, born)
) STRICT;
CREATE INDEX questions_by_path ON questions (path);

-- What one user says of a content says nothing about another's file. Without an owner it is the machine's.
CREATE TABLE answers (content BLOB NOT NULL, owner TEXT, answer TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX answers_by_content ON answers (content);

CREATE TABLE facts (
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    born INTEGER NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    path BLOB NOT NULL,
    content BLOB NOT NULL,
    facts TEXT NOT NULL,
    judge_at INTEGER,
    PRIMARY KEY (inode, device, born)
) STRICT, WITHOUT ROWID;
CREATE INDEX facts_by_path ON facts (path);
CREATE INDEX facts_by_content ON facts (content);
CREATE INDEX facts_by_judge_at ON facts (judge_at) WHERE judge_at IS NOT NULL;

-- What lay in a store stays evidence after it has left; where it lies is known by path.
CREATE TABLE store_contents (content BLOB PRIMARY KEY, seen INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE store_files (path BLOB PRIMARY KEY, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX store_files_by_content ON store_files (content);

CREATE TABLE poison (
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    born INTEGER NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    kills INTEGER NOT NULL,
    PRIMARY KEY (inode, device, born)
) STRICT, WITHOUT ROWID;

-- Reports that have no number yet. `worth` says what a full queue gives up first; `bytes` is the length of `body`.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    merge TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    worth INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_by_worth ON outbox (worth, id);
CREATE TABLE outbox_size (waiting INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
INSERT INTO outbox_size VALUES (0, 0);
CREATE TRIGGER outbox_grows AFTER INSERT ON outbox BEGIN
    UPDATE outbox_size SET waiting = waiting + 1, bytes = bytes + new.bytes;
END;
CREATE TRIGGER outbox_shrinks AFTER DELETE ON outbox BEGIN
    UPDATE outbox_size SET waiting = waiting - 1, bytes = bytes - old.bytes;
END;
CREATE TRIGGER outbox_changes AFTER UPDATE OF bytes ON outbox BEGIN
    UPDATE outbox_size SET bytes = bytes + new.bytes - old.bytes;
END;

-- Numbered reports, as sent. `hash` is the chain's head after each.
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    sent_at INTEGER NOT NULL,
    acked_at INTEGER,
    hash BLOB NOT NULL,
    report TEXT NOT NULL
) STRICT;

-- What was sent about the PC itself, as sent. Only the last health is kept.
CREATE TABLE told (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    about TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    json TEXT NOT NULL
) STRICT;

CREATE TABLE places (root BLOB PRIMARY KEY, state TEXT NOT NULL, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- Blindness that is over, until a sweep has looked at what happened meanwhile.
CREATE TABLE gaps (root BLOB PRIMARY KEY, coverage TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE toasts (owner TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
