-- Where what is kept is told on, and how far that has come. What lets in there, such as an address with a token or a
-- signing key, is not in this database: see `deliver/secrets.rs`.
CREATE TABLE target (
    id         BLOB PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    address    TEXT NOT NULL,           -- without anything that lets in
    settings   TEXT NOT NULL,
    change     INTEGER NOT NULL,        -- the last number of `change` that it has taken
    audit      INTEGER NOT NULL,        -- the last line of the audit trail that it has taken
    nudge      INTEGER NOT NULL DEFAULT 0,
    taken_at   INTEGER,
    trouble    TEXT,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a target refused. Nothing of the row itself but its number.
CREATE TABLE dead_letter (
    target  BLOB NOT NULL REFERENCES target ON DELETE CASCADE,
    subject TEXT NOT NULL,
    row     INTEGER NOT NULL,
    reason  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    again   INTEGER NOT NULL DEFAULT 0, -- whether it is to be sent again
    PRIMARY KEY (target, subject, row)
) STRICT, WITHOUT ROWID;

-- Findings and devices in the order of their last change: a row that changes moves to the end. One thread writes, so that
-- whoever has read up to a number has missed none before it.
CREATE TABLE change (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,
    row     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX change_by_row ON change (subject, row);
INSERT INTO change (subject, row) SELECT 'device', key FROM device ORDER BY key;
INSERT INTO change (subject, row) SELECT 'finding', key FROM finding ORDER BY changed_at, key;

CREATE TRIGGER finding_told_on_insert AFTER INSERT ON finding BEGIN
    INSERT INTO change (subject, row) VALUES ('finding', NEW.key);
END;
CREATE TRIGGER finding_told_on_update AFTER UPDATE ON finding
WHEN NEW.state <> OLD.state OR NEW.changed_at <> OLD.changed_at OR NEW.severity <> OLD.severity OR NEW.rule <> OLD.rule BEGIN
    DELETE FROM change WHERE subject = 'finding' AND row = NEW.key;
    INSERT INTO change (subject, row) VALUES ('finding', NEW.key);
END;
CREATE TRIGGER finding_told_on_work AFTER INSERT ON work BEGIN
    DELETE FROM change WHERE subject = 'finding' AND row = NEW.finding;
    INSERT INTO change (subject, row) VALUES ('finding', NEW.finding);
END;
CREATE TRIGGER finding_told_on_delete AFTER DELETE ON finding BEGIN
    DELETE FROM change WHERE subject = 'finding' AND row = OLD.key;
    DELETE FROM dead_letter WHERE subject = 'finding' AND row = OLD.key;
END;
CREATE TRIGGER device_told_on_insert AFTER INSERT ON device BEGIN
    INSERT INTO change (subject, row) VALUES ('device', NEW.key);
END;
CREATE TRIGGER device_told_on_update AFTER UPDATE OF binding, grp, fingerprint, clone_suspected_at ON device
WHEN NEW.binding <> OLD.binding OR NEW.grp IS NOT OLD.grp OR NEW.fingerprint <> OLD.fingerprint
    OR NEW.clone_suspected_at IS NOT OLD.clone_suspected_at BEGIN
    DELETE FROM change WHERE subject = 'device' AND row = NEW.key;
    INSERT INTO change (subject, row) VALUES ('device', NEW.key);
END;

-- What lets other programs in at the HTTP API. The tokens themselves are not kept.
CREATE TABLE api_token (
    secret_hash BLOB PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    scopes      TEXT NOT NULL,          -- a JSON array of words
    until       INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    created_by  TEXT NOT NULL,
    used_at     INTEGER
) STRICT, WITHOUT ROWID;
