-- Documents that the company has registered. The documents themselves are not kept.
CREATE TABLE document (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    content       BLOB NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    sketch        TEXT,                 -- as in the bundle; NULL where there is too little text
    registered_at INTEGER NOT NULL,
    registered_by TEXT NOT NULL
) STRICT;
