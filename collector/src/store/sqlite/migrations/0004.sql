-- The groups of devices of which a head of department sees the findings.
CREATE TABLE user_group (
    user INTEGER NOT NULL REFERENCES user,
    grp  TEXT NOT NULL,
    PRIMARY KEY (user, grp)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_by_group ON device (grp);

-- The second step of a log-in, a code from a telephone. The secret is sealed with a key that is not in the database.
CREATE TABLE second_step (
    user      INTEGER PRIMARY KEY REFERENCES user,
    secret    BLOB NOT NULL,
    confirmed INTEGER NOT NULL,         -- whether it is asked for: it is once a code was right
    used      INTEGER NOT NULL          -- the time step of the last code that was taken
) STRICT;

CREATE TABLE recovery_code (
    user INTEGER NOT NULL REFERENCES user,
    hash BLOB NOT NULL,
    PRIMARY KEY (user, hash)
) STRICT, WITHOUT ROWID;

-- `code` where the password was right and the code is still to come.
ALTER TABLE session ADD COLUMN stage TEXT NOT NULL DEFAULT 'whole';
