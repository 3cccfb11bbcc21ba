-- Finds the names of a file by its identity. Some databases of version 1 were made with it.
CREATE INDEX IF NOT EXISTS baseline_file ON baseline (inode);
