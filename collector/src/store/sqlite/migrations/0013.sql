-- Targets can be halted, and tell how much they took.
ALTER TABLE target ADD COLUMN paused_at INTEGER;
ALTER TABLE target ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;

-- How many letters about findings of a device a target took on a day. When the day is over, it is told to the device and
-- noted in the audit trail, and the row goes.
CREATE TABLE sent (
    day     TEXT NOT NULL,
    target  TEXT NOT NULL,              -- its name, which outlives it
    device  INTEGER NOT NULL REFERENCES device,
    at      INTEGER NOT NULL,           -- the last time
    letters INTEGER NOT NULL,
    PRIMARY KEY (day, target, device)
) STRICT, WITHOUT ROWID;
