-- What the company did about this PC's records, for its users to see: decisions and disclosures, each numbered by the
-- collector. `notify` is 1 until the finding's user was told.
CREATE TABLE company (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    finding BLOB,
    notify INTEGER NOT NULL,
    act TEXT NOT NULL,
    UNIQUE (stream, number)
) STRICT;
CREATE INDEX company_by_finding ON company (finding) WHERE finding IS NOT NULL;
CREATE INDEX company_to_notify ON company (notify) WHERE notify = 1;
