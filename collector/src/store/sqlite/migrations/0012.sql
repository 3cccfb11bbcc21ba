-- Filters of a list that a user of the console gave a name.
CREATE TABLE saved_view (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    user   INTEGER NOT NULL REFERENCES user,
    list   TEXT NOT NULL,
    name   TEXT NOT NULL,
    query  TEXT NOT NULL,               -- as in the list's address
    shared INTEGER NOT NULL DEFAULT 0,
    UNIQUE (user, list, name)
) STRICT;
