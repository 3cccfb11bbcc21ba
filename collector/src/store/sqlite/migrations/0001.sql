-- Times are microseconds since 1970 UTC; ids are 16 bytes, hashes 32; words are those of the protocol.

CREATE TABLE collector (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    last_serial     INTEGER NOT NULL,   -- the last serial given to any bundle
    document_serial INTEGER NOT NULL,   -- when document or registers last changed
    roots_serial    INTEGER NOT NULL
) STRICT;
INSERT INTO collector VALUES (1, 0, 0, 0);

CREATE TABLE device (
    key                INTEGER PRIMARY KEY,
    id                 BLOB NOT NULL UNIQUE,
    binding            TEXT NOT NULL,
    name               TEXT NOT NULL,
    grp                TEXT,
    token              INTEGER NOT NULL,
    key_hash           BLOB NOT NULL,
    fingerprint        TEXT NOT NULL,
    search             TEXT NOT NULL,   -- name, model, users and MACs in lower case
    health             TEXT,
    ledger             BLOB,
    boot               BLOB,
    head_seq           INTEGER NOT NULL DEFAULT 0,
    head_hash          BLOB NOT NULL,
    group_serial       INTEGER NOT NULL DEFAULT 0,
    roots_serial       INTEGER NOT NULL,
    last_seen          INTEGER NOT NULL,
    enrolled_at        INTEGER NOT NULL,
    clone_suspected_at INTEGER
) STRICT;
CREATE INDEX device_by_key ON device (key_hash);

CREATE TABLE fingerprint (
    number      INTEGER PRIMARY KEY,
    device      INTEGER NOT NULL REFERENCES device,
    at          INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    changes     TEXT NOT NULL
) STRICT;
CREATE INDEX fingerprint_by_device ON fingerprint (device);

-- Ledgers and boots that were followed by another one.
CREATE TABLE former_use (
    device INTEGER NOT NULL REFERENCES device,
    id     BLOB NOT NULL,
    kind   TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (device, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE place (
    device INTEGER NOT NULL REFERENCES device,
    number INTEGER NOT NULL,
    place  TEXT NOT NULL,               -- kind, app, state and why, as in health
    kind   TEXT NOT NULL,
    app    TEXT,
    state  TEXT NOT NULL,
    since  INTEGER NOT NULL,
    PRIMARY KEY (device, number)
) STRICT, WITHOUT ROWID;

-- Reports exactly as sent: the evidence, and what the chain is checked against.
CREATE TABLE delivery (
    number      INTEGER PRIMARY KEY,
    device      INTEGER NOT NULL REFERENCES device,
    first_seq   INTEGER NOT NULL,
    last_seq    INTEGER NOT NULL,
    before_hash BLOB NOT NULL,
    ledger      BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    reports     TEXT NOT NULL           -- a JSON array of the raw reports
) STRICT;
CREATE UNIQUE INDEX delivery_by_seq ON delivery (device, last_seq);

-- Narrow, so that lists are filtered, sorted and counted without reading the bodies.
CREATE TABLE finding (
    key        INTEGER PRIMARY KEY,
    device     INTEGER NOT NULL REFERENCES device,
    id         BLOB NOT NULL,
    state      TEXT NOT NULL,
    rule       TEXT NOT NULL,
    severity   TEXT NOT NULL,
    kind       TEXT NOT NULL,           -- of its place
    app        TEXT,
    search     TEXT NOT NULL,           -- the file's name in lower case
    first_seen INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    ended      INTEGER,
    resolution TEXT
) STRICT;
CREATE UNIQUE INDEX finding_by_id ON finding (device, id);
CREATE INDEX finding_by_state ON finding (state, changed_at, severity);

-- The finding as last reported; the columns of `finding` overrule it.
CREATE TABLE finding_body (
    finding INTEGER PRIMARY KEY REFERENCES finding,
    body    TEXT NOT NULL
) STRICT;

CREATE TABLE step (
    finding INTEGER NOT NULL REFERENCES finding,
    seq     INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    state   TEXT NOT NULL,
    PRIMARY KEY (finding, seq, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    device  INTEGER NOT NULL REFERENCES device,
    finding INTEGER NOT NULL REFERENCES finding,
    what    TEXT NOT NULL,
    reason  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    by      TEXT NOT NULL
) STRICT;
CREATE INDEX decision_by_device ON decision (device, id);
CREATE INDEX decision_by_finding ON decision (finding);

CREATE TABLE event (
    device INTEGER NOT NULL REFERENCES device,
    seq    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (device, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE policy (
    version      INTEGER PRIMARY KEY AUTOINCREMENT,
    document     TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    published_by TEXT NOT NULL
) STRICT;

CREATE TABLE token (
    key          INTEGER PRIMARY KEY AUTOINCREMENT,
    secret_hash  BLOB NOT NULL UNIQUE,
    until        INTEGER NOT NULL,
    uses         INTEGER NOT NULL,
    used         INTEGER NOT NULL DEFAULT 0,
    auto_approve INTEGER NOT NULL,
    grp          TEXT
) STRICT;

CREATE TABLE account (
    app       TEXT NOT NULL,
    account   TEXT NOT NULL,
    pseudonym BLOB NOT NULL,
    note      TEXT NOT NULL,
    filed_at  INTEGER NOT NULL,
    filed_by  TEXT NOT NULL,
    PRIMARY KEY (app, pseudonym)
) STRICT, WITHOUT ROWID;

CREATE TABLE file_limit (
    app       TEXT NOT NULL,
    account   TEXT NOT NULL,
    pseudonym BLOB NOT NULL,
    bytes     INTEGER NOT NULL,
    until     INTEGER,
    filed_at  INTEGER NOT NULL,
    filed_by  TEXT NOT NULL,
    PRIMARY KEY (app, pseudonym)
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    name           TEXT NOT NULL,
    folded_name    TEXT NOT NULL UNIQUE,
    role           TEXT NOT NULL,
    password_hash  TEXT,
    disabled       INTEGER NOT NULL DEFAULT 0,
    failed_log_ins INTEGER NOT NULL DEFAULT 0,
    locked_until   INTEGER,
    last_log_in    INTEGER,
    created_at     INTEGER NOT NULL,
    link_hash      BLOB,
    link_until     INTEGER
) STRICT;
CREATE UNIQUE INDEX user_by_link ON user (link_hash) WHERE link_hash IS NOT NULL;

CREATE TABLE session (
    secret_hash BLOB PRIMARY KEY,
    user        INTEGER NOT NULL REFERENCES user,
    created_at  INTEGER NOT NULL,
    used_at     INTEGER NOT NULL,
    until       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE root (
    id           INTEGER PRIMARY KEY,
    state        TEXT NOT NULL,
    certificate  TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    activated_at INTEGER
) STRICT;

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail  TEXT NOT NULL,
    hash    BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
