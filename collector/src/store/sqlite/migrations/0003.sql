-- How far people have come with a finding.
CREATE TABLE ladder_step (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    zh_cn       TEXT NOT NULL,
    en          TEXT NOT NULL,
    from_repeat INTEGER NOT NULL,
    place       INTEGER,                -- in the ladder, from 1; NULL once it is not in it: findings still name it
    UNIQUE (zh_cn, en)
) STRICT;
INSERT INTO ladder_step (zh_cn, en, from_repeat, place) VALUES
    ('提醒', 'Reminder', 1, 1),
    ('警告', 'Warning', 3, 2),
    ('通报批评', 'Notice of criticism', 5, 3);

ALTER TABLE finding ADD COLUMN assignee TEXT;
ALTER TABLE finding ADD COLUMN acknowledged_at INTEGER;
ALTER TABLE finding ADD COLUMN ladder_step INTEGER REFERENCES ladder_step;
ALTER TABLE finding ADD COLUMN exempt_until INTEGER;
-- What the employee had answered when it was last judged, and how it was judged.
ALTER TABLE finding ADD COLUMN answer TEXT;
ALTER TABLE finding ADD COLUMN judged TEXT;
CREATE INDEX finding_to_judge ON finding (changed_at) WHERE judged IS NULL AND state IN ('justified', 'dismissed');
CREATE INDEX finding_by_exemption ON finding (exempt_until) WHERE exempt_until IS NOT NULL;

-- What people did with findings; decisions that a device is told stand in `decision`.
CREATE TABLE work (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    finding INTEGER NOT NULL REFERENCES finding,
    what    TEXT NOT NULL,
    detail  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    by      TEXT NOT NULL
) STRICT;
CREATE INDEX work_by_finding ON work (finding);

-- For what purpose somebody looks at a device's findings, for a while.
CREATE TABLE look (
    session BLOB NOT NULL REFERENCES session ON DELETE CASCADE,
    device  INTEGER NOT NULL REFERENCES device,
    purpose TEXT NOT NULL,
    note    TEXT NOT NULL,
    until   INTEGER NOT NULL,
    PRIMARY KEY (session, device)
) STRICT, WITHOUT ROWID;
