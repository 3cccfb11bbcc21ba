-- Why each version was published, which were a trial of some groups, and what people are writing.
ALTER TABLE policy ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE policy ADD COLUMN ended_at INTEGER;     -- of a trial: when it was over
CREATE TABLE policy_trial (
    version INTEGER NOT NULL REFERENCES policy,
    grp     TEXT NOT NULL,
    PRIMARY KEY (version, grp)
) STRICT, WITHOUT ROWID;

CREATE TABLE policy_draft (
    user     INTEGER PRIMARY KEY REFERENCES user,
    document TEXT NOT NULL,
    saved_at INTEGER NOT NULL
) STRICT;
