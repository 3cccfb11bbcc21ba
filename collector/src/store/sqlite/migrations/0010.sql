-- What is not purged while a case lasts: of a device, of the devices of a group, or of all where both are NULL.
CREATE TABLE hold (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    name   TEXT NOT NULL,               -- of the case
    device INTEGER REFERENCES device,
    grp    TEXT,
    since  INTEGER NOT NULL,
    by     TEXT NOT NULL,
    CHECK (device IS NULL OR grp IS NULL)
) STRICT;
