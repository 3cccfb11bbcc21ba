-- What people say is wrong about what is kept of them, and what was decided. A finding's correction names its device, too.
CREATE TABLE correction (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    device     INTEGER REFERENCES device,
    finding    INTEGER REFERENCES finding,
    filing     INTEGER,                 -- filings end, what was corrected of them stays for its time
    person     TEXT NOT NULL,           -- who asks
    wrong      TEXT NOT NULL,
    wanted     TEXT NOT NULL,
    reason     TEXT NOT NULL,
    not_theirs TEXT NOT NULL,           -- a name that stands where another should; empty for none
    theirs     TEXT NOT NULL,           -- the name that should
    state      TEXT NOT NULL,
    asked_at   INTEGER NOT NULL,
    asked_by   TEXT NOT NULL,
    decided_at INTEGER,
    decided_by TEXT,
    answer     TEXT,
    CHECK ((device IS NULL) <> (filing IS NULL)),
    CHECK (finding IS NULL OR device IS NOT NULL)
) STRICT;
CREATE INDEX correction_by_device ON correction (device) WHERE device IS NOT NULL;
CREATE INDEX correction_by_finding ON correction (finding) WHERE finding IS NOT NULL;
CREATE INDEX correction_by_filing ON correction (filing) WHERE filing IS NOT NULL;
CREATE INDEX correction_by_state ON correction (state, asked_at);

-- A device that was deleted for good is told to nobody. SQLite gives its number to the next one.
CREATE TRIGGER device_told_on_delete AFTER DELETE ON device BEGIN
    DELETE FROM change WHERE subject = 'device' AND row = OLD.key;
    DELETE FROM dead_letter WHERE subject = 'device' AND row = OLD.key;
END;
