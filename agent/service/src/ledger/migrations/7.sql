-- In a sweep, files come folder by folder. An index in another order is written nearly whole with every entry: only two are
-- left, by inode and by content, and they hold a few bytes a row. Paths are those of the baseline's folders.

-- The names of a file besides that of its facts: of hard links, and of what moved until its former name is seen to be gone.
CREATE TABLE other_names (
    inode INTEGER NOT NULL,
    device INTEGER NOT NULL,
    born INTEGER NOT NULL,
    folder INTEGER NOT NULL,
    name BLOB NOT NULL,
    PRIMARY KEY (inode, device, born, folder, name)
) STRICT, WITHOUT ROWID;
INSERT INTO other_names SELECT inode, device, born, folder, name FROM baseline
    WHERE (inode, device, born) IN (SELECT inode, device, born FROM baseline GROUP BY 1, 2, 3 HAVING count(*) > 1);
CREATE INDEX other_names_by_path ON other_names (folder, name);

-- Facts of what the baseline does not hold go: such a file is looked at again anyhow.
ALTER TABLE facts RENAME TO facts_by_key;
CREATE TABLE facts (
    id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    born INTEGER NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    finder INTEGER NOT NULL,
    folder INTEGER NOT NULL,
    name BLOB NOT NULL,
    content BLOB NOT NULL,
    facts TEXT NOT NULL,
    judge_at INTEGER
) STRICT;
INSERT INTO facts SELECT old.rowid, old.device, old.inode, old.born, old.size, old.modified, finder, folder, name, content,
    facts, judge_at
    FROM facts_by_key AS old JOIN baseline USING (inode, device, born) JOIN baseline_folder AS parent ON parent.id = folder
    WHERE substr(old.path, 1, length(parent.path)) = parent.path AND substr(old.path, -length(name)) = name
    AND length(old.path) - length(parent.path) - length(name) IN (0, 1);
DROP TABLE facts_by_key;
CREATE INDEX facts_by_file ON facts (inode);
CREATE INDEX facts_by_path ON facts (folder, name);
CREATE INDEX facts_by_content ON facts (substr(content, 1, 4));
CREATE INDEX facts_by_judge_at ON facts (judge_at) WHERE judge_at IS NOT NULL;
DROP INDEX baseline_file;
