-- The address of a form for the employees of a group.
CREATE TABLE filing_form (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    secret_hash BLOB NOT NULL UNIQUE,
    grp         TEXT NOT NULL,
    until       INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    created_by  TEXT NOT NULL
) STRICT;

CREATE TABLE application (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    secret_hash BLOB NOT NULL UNIQUE,       -- of the address at which its state is seen
    form        INTEGER NOT NULL,           -- forms go, their applications stay
    grp         TEXT NOT NULL,
    person      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    app         TEXT NOT NULL,
    name        TEXT NOT NULL,
    pseudonym   BLOB NOT NULL,
    bytes       INTEGER,
    reason      TEXT NOT NULL,
    until       INTEGER,
    state       TEXT NOT NULL,
    asked_at    INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX application_by_state ON application (state, asked_at);
CREATE INDEX application_by_form ON application (form, asked_at);

CREATE TABLE application_step (
    application INTEGER NOT NULL REFERENCES application,
    number      INTEGER NOT NULL,
    state       TEXT NOT NULL,
    at          INTEGER NOT NULL,
    by          TEXT NOT NULL,
    note        TEXT NOT NULL,
    PRIMARY KEY (application, number)
) STRICT, WITHOUT ROWID;

-- One table for everything filed, each with a number, whoever it belongs to and an end.
CREATE TABLE filing (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    app         TEXT NOT NULL DEFAULT '',
    name        TEXT NOT NULL,              -- the account id, the pattern or the group's name
    pseudonym   BLOB NOT NULL DEFAULT x'',  -- of an account
    bytes       INTEGER,
    owner       TEXT NOT NULL DEFAULT '',
    note        TEXT NOT NULL DEFAULT '',
    until       INTEGER,
    filed_at    INTEGER NOT NULL,
    filed_by    TEXT NOT NULL,
    application INTEGER REFERENCES application
) STRICT;
-- What makes two filings the same: an account however it is spelt, anything else by its name.
CREATE UNIQUE INDEX filing_by_account ON filing (kind, app, pseudonym) WHERE pseudonym <> x'';
CREATE UNIQUE INDEX filing_by_name ON filing (kind, app, name) WHERE pseudonym = x'';
CREATE INDEX filing_by_end ON filing (until) WHERE until IS NOT NULL;
INSERT INTO filing (kind, app, name, pseudonym, note, filed_at, filed_by)
    SELECT 'account', app, account, pseudonym, note, filed_at, filed_by FROM account ORDER BY filed_at;
INSERT INTO filing (kind, app, name, pseudonym, bytes, until, filed_at, filed_by)
    SELECT 'limit', app, account, pseudonym, bytes, until, filed_at, filed_by FROM file_limit ORDER BY filed_at;
DROP TABLE account;
DROP TABLE file_limit;
