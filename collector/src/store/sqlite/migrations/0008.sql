-- What the employees at a device are told of what the company did, beside decisions. `by` never leaves the collector:
-- it tells whether it was the same person again. A finding goes by its id, because this is kept as long as the rest of
-- its time, whatever becomes of the finding.
CREATE TABLE disclosure (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    device  INTEGER NOT NULL REFERENCES device,
    finding BLOB,
    what    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    by      TEXT NOT NULL,
    role    TEXT,
    purpose TEXT,
    text    TEXT,
    step    INTEGER REFERENCES ladder_step,
    count   INTEGER
) STRICT;
CREATE INDEX disclosure_by_device ON disclosure (device, id);

-- What is told once a day, as a number, when the day is over.
CREATE TABLE disclosure_count (
    device INTEGER NOT NULL REFERENCES device,
    day    TEXT NOT NULL,
    what   TEXT NOT NULL,
    role   TEXT NOT NULL,
    at     INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (device, day, what, role)
) STRICT, WITHOUT ROWID;

ALTER TABLE decision ADD COLUMN role TEXT;
