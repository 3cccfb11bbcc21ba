-- A table without row numbers has whole rows in its inner nodes, too. These rows are long: four or five a page, so that the
-- tree was deep and each row went to another page. With row numbers they stand in the order in which they were found out.
ALTER TABLE facts RENAME TO facts_by_key;
CREATE TABLE facts (
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    born INTEGER NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    finder INTEGER NOT NULL DEFAULT 0,
    path BLOB NOT NULL,
    content BLOB NOT NULL,
    facts TEXT NOT NULL,
    judge_at INTEGER,
    UNIQUE (inode, device, born)
) STRICT;
INSERT INTO facts SELECT device, inode, born, size, modified, finder, path, content, facts, judge_at FROM facts_by_key;
DROP TABLE facts_by_key;
CREATE INDEX facts_by_path ON facts (path);
CREATE INDEX facts_by_content ON facts (content);
CREATE INDEX facts_by_judge_at ON facts (judge_at) WHERE judge_at IS NOT NULL;
