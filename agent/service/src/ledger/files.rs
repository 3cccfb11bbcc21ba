//! What was found out about files: facts by identity, size and time, and by whom; contents of the stores; files that kill
//! the worker.

use std::path::{Path, PathBuf};

use anyhow::Result;
use fileward_policy::Facts;
use fileward_protocol::ids::KeyedHash;
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::columns::{self, Hash, Time, count};
use super::{Entry, Reader};
use crate::watch::{FileId, Stat, baseline};

/// So often a file may kill the worker before it is left alone.
pub(crate) const KILLS: u32 = 2;

/// Names what found facts: a version of the agent and what it looked for. Another one may find others in the same file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finder(i64);

impl Finder {
    /// Its name, made of all that tells it from others.
    pub(crate) fn new(of: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in of {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        let mut name = [0; 8];
        hasher.finalize_xof().fill(&mut name);
        Self(i64::from_le_bytes(name))
    }
}

const AT_PATH: &str = "folder = (SELECT id FROM baseline_folder WHERE path = ?1) AND name = ?2";
/// The index has the first bytes of each content.
const WITH_CONTENT: &str = "SELECT path, name FROM facts JOIN baseline_folder ON baseline_folder.id = folder \
    WHERE substr(content, 1, 4) = substr(?1, 1, 4) AND content = ?1";
const NAMES: &str = "SELECT path, name FROM (\
    SELECT folder, name FROM facts WHERE inode = ?1 AND device = ?2 AND born = ?3 \
    UNION SELECT folder, name FROM other_names WHERE inode = ?1 AND device = ?2 AND born = ?3) \
    JOIN baseline_folder ON id = folder";
const TO_JUDGE_AGAIN: &str = "SELECT path, name FROM facts JOIN baseline_folder ON baseline_folder.id = folder \
    WHERE judge_at <= ?1 LIMIT 1000";
/// The condition is what lets SQLite take the index, which holds no other rows.
const NEXT_JUDGE_AGAIN: &str = "SELECT min(judge_at) FROM facts WHERE judge_at IS NOT NULL";

impl Reader<'_> {
    /// What `finder` found out about this version of a file, and how often this version has killed the worker.
    pub(crate) fn known(&self, stat: &Stat, finder: Finder) -> Result<(Option<Facts>, u32)> {
        let (inode, device, born) = columns::file(stat.id);
        // One question instead of two: the most of it is to begin and to end.
        let sql = "SELECT (SELECT facts FROM facts WHERE inode = ?1 AND device = ?2 AND born = ?3 AND size = ?4 \
                   AND modified = ?5 AND finder = ?6), \
                   (SELECT kills FROM poison WHERE inode = ?1 AND device = ?2 AND born = ?3 AND size = ?4 AND modified = ?5)";
        let mut query = self.database.prepare_cached(sql)?;
        let params = params![inode, device, born, count(stat.size), stat.modified, finder.0];
        let (facts, kills): (Option<String>, Option<u32>) =
            query.query_row(params, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let facts = facts.as_deref().map(columns::read_json).transpose()?;
        Ok((facts, kills.unwrap_or(0)))
    }

    /// Where files with this content were seen.
    pub(crate) fn paths_with_content(&self, content: KeyedHash) -> Result<Vec<PathBuf>> {
        self.paths(WITH_CONTENT, [Hash(content)])
    }

    /// The paths at which a file has been seen: more than one when it has hard links.
    pub(crate) fn names(&self, file: FileId) -> Result<Vec<PathBuf>> {
        self.paths(NAMES, columns::file(file))
    }

    /// Files whose verdict may change by time alone.
    pub(crate) fn to_judge_again(&self, now: Timestamp) -> Result<Vec<PathBuf>> {
        self.paths(TO_JUDGE_AGAIN, [Time(now)])
    }

    /// When the next verdict may change by time alone.
    pub(crate) fn next_judge_again(&self) -> Result<Option<Timestamp>> {
        let mut query = self.database.prepare_cached(NEXT_JUDGE_AGAIN)?;
        let time: Option<Time> = query.query_row([], |row| row.get(0))?;
        Ok(time.map(|time| time.0))
    }

    fn paths(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<PathBuf>> {
        let mut query = self.database.prepare_cached(sql)?;
        let rows = query.query_map(params, |row| baseline::read_path(row, 0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether this content lies, or lay, in a store.
    pub(crate) fn known_to_a_store(&self, content: KeyedHash) -> Result<bool> {
        let mut query = self
            .database
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM store_contents WHERE content = ?1)")?;
        Ok(query.query_row([Hash(content)], |row| row.get(0))?)
    }

    /// Whether this content lies in a store.
    pub(crate) fn lies_in_a_store(&self, content: KeyedHash) -> Result<bool> {
        let mut query = self
            .database
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM store_files WHERE content = ?1)")?;
        Ok(query.query_row([Hash(content)], |row| row.get(0))?)
    }

    /// How often this version of a file has killed the worker.
    pub(crate) fn kills(&self, stat: &Stat) -> Result<u32> {
        let (inode, device, born) = columns::file(stat.id);
        let sql =
            "SELECT kills FROM poison WHERE inode = ?1 AND device = ?2 AND born = ?3 AND size = ?4 AND modified = ?5";
        let mut query = self.database.prepare_cached(sql)?;
        let params = params![inode, device, born, count(stat.size), stat.modified];
        Ok(query.query_row(params, |row| row.get(0)).optional()?.unwrap_or(0))
    }

    /// How many files are left alone because they killed the worker.
    pub(crate) fn uninspectable(&self) -> Result<u64> {
        let sql = "SELECT count(*) FROM poison WHERE kills >= ?1";
        Ok(columns::read_count(
            self.database.query_row(sql, [KILLS], |row| row.get(0))?,
        ))
    }
}

impl Entry<'_> {
    /// Remembers what `finder` found out about a file, and when its verdict may change by time alone. If anything was kept of
    /// it or of its path, it has to take that path first.
    pub(crate) fn remember(
        &self,
        stat: &Stat,
        path: &Path,
        facts: &Facts,
        finder: Finder,
        judge_at: Option<Timestamp>,
    ) -> Result<()> {
        let (inode, device, born) = columns::file(stat.id);
        let (folder, name) = baseline::spot(self.database, path)?;
        self.database
            .prepare_cached(
                "INSERT OR REPLACE INTO facts \
                 (id, inode, device, born, size, modified, folder, name, content, facts, judge_at, finder) \
                 VALUES ((SELECT id FROM facts WHERE inode = ?1 AND device = ?2 AND born = ?3), \
                 ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(params![
                inode,
                device,
                born,
                count(stat.size),
                stat.modified,
                folder,
                name,
                Hash(facts.content),
                columns::json(facts)?,
                judge_at.map(Time),
                finder.0,
            ])?;
        Ok(())
    }

    /// Notes that a file has taken a path: facts about another file that lay there go, and the path of its own facts stays
    /// one of its names.
    pub(crate) fn takes(&self, file: FileId, path: &Path) -> Result<()> {
        let (inode, device, born) = columns::file(file);
        let (folder, name) = baseline::spot(self.database, path)?;
        for sql in [
            "DELETE FROM facts WHERE folder = ?1 AND name = ?2 AND (inode, device, born) <> (?3, ?4, ?5)",
            "DELETE FROM other_names WHERE folder = ?1 AND name = ?2 AND (inode, device, born) <> (?3, ?4, ?5)",
            "INSERT OR IGNORE INTO other_names SELECT inode, device, born, folder, name FROM facts \
             WHERE inode = ?3 AND device = ?4 AND born = ?5 AND (folder, name) <> (?1, ?2)",
        ] {
            let mut statement = self.database.prepare_cached(sql)?;
            statement.execute(params![folder, name, inode, device, born])?;
        }
        Ok(())
    }

    /// Notes another name of a file.
    pub(crate) fn also_at(&self, file: FileId, path: &Path) -> Result<()> {
        let (inode, device, born) = columns::file(file);
        let (folder, name) = baseline::spot(self.database, path)?;
        self.database
            .prepare_cached("INSERT OR IGNORE INTO other_names VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![inode, device, born, folder, name])?;
        Ok(())
    }

    /// Forgets the facts about what lay at a path, and that it was a name.
    pub(crate) fn forget_facts(&self, path: &Path) -> Result<()> {
        for table in ["facts", "other_names"] {
            let sql = format!("DELETE FROM {table} WHERE {AT_PATH}");
            self.database.prepare_cached(&sql)?.execute(baseline::split(path)?)?;
        }
        Ok(())
    }

    /// Notes that a file is looked at again anyhow.
    pub(crate) fn judged_again(&self, path: &Path) -> Result<()> {
        let sql = format!("UPDATE facts SET judge_at = NULL WHERE {AT_PATH}");
        self.database.prepare_cached(&sql)?.execute(baseline::split(path)?)?;
        Ok(())
    }

    /// Notes a file in a store; says whether its content was unknown to every store.
    pub(crate) fn stored(&self, path: &Path, content: KeyedHash) -> Result<bool> {
        let new = !self.reader().known_to_a_store(content)?;
        self.database
            .prepare_cached("INSERT INTO store_contents VALUES (?1, ?2) ON CONFLICT DO UPDATE SET seen = ?2")?
            .execute(params![Hash(content), Time(self.now)])?;
        self.database
            .prepare_cached("INSERT INTO store_files VALUES (?1, ?2) ON CONFLICT DO UPDATE SET content = ?2")?
            .execute(params![columns::path(path), Hash(content)])?;
        Ok(new)
    }

    /// Notes that a file has left a store.
    pub(crate) fn left_store(&self, path: &Path) -> Result<()> {
        self.database
            .prepare_cached("DELETE FROM store_files WHERE path = ?1")?
            .execute([columns::path(path)])?;
        Ok(())
    }

    /// Notes that a file has killed the worker; says how often this version did.
    pub(crate) fn killed(&self, stat: &Stat) -> Result<u32> {
        let kills = self.reader().kills(stat)? + 1;
        let (inode, device, born) = columns::file(stat.id);
        self.database.execute(
            "INSERT INTO poison (inode, device, born, size, modified, kills) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT DO UPDATE SET size = ?4, modified = ?5, kills = ?6",
            params![inode, device, born, count(stat.size), stat.modified, kills],
        )?;
        Ok(kills)
    }

    /// Forgets that a file killed the worker: it is gone, or it can be inspected.
    pub(crate) fn harmless(&self, file: FileId) -> Result<()> {
        self.database
            .prepare_cached("DELETE FROM poison WHERE inode = ?1 AND device = ?2 AND born = ?3")?
            .execute(columns::file(file))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn the_next_timer_is_found_without_going_through_every_file() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = testing::open(folder.path());
        let sql = format!("EXPLAIN QUERY PLAN {NEXT_JUDGE_AGAIN}");
        let plan: String = ledger
            .read(|reader| Ok(reader.database.query_row(&sql, [], |row| row.get("detail"))?))
            .unwrap();
        assert!(plan.starts_with("SEARCH facts USING COVERING INDEX"), "{plan}");
    }
}
