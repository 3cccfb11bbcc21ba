-- A user is known by an id of the OS, which is no number everywhere. Nobody asked for the owner of a judged file.
ALTER TABLE findings RENAME COLUMN owner TO owner_number;
ALTER TABLE findings ADD COLUMN owner TEXT;
UPDATE findings SET owner = CAST(owner_number AS TEXT);
ALTER TABLE findings DROP COLUMN owner_number;

ALTER TABLE questions RENAME COLUMN owner TO owner_number;
ALTER TABLE questions ADD COLUMN owner TEXT;
UPDATE questions SET owner = CAST(owner_number AS TEXT);
ALTER TABLE questions DROP COLUMN owner_number;

ALTER TABLE answers RENAME COLUMN owner TO owner_number;
ALTER TABLE answers ADD COLUMN owner TEXT;
UPDATE answers SET owner = CAST(owner_number AS TEXT);
ALTER TABLE answers DROP COLUMN owner_number;

ALTER TABLE toasts RENAME TO toasts_by_number;
CREATE TABLE toasts (owner TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
INSERT INTO toasts SELECT CAST(owner AS TEXT), at FROM toasts_by_number;
DROP TABLE toasts_by_number;

ALTER TABLE baseline DROP COLUMN uid;
