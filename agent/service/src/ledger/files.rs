//! What was found out about files: facts by identity, size and time, and by whom; contents of the stores; files that kill
//! the worker.

use std::path::{Path, PathBuf};

use anyhow::Result;
use fileward_policy::Facts;
use fileward_protocol::ids::KeyedHash;
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::columns::{self, Hash, PathColumn, Time, count};
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
        self.paths("SELECT path FROM facts WHERE content = ?1", [Hash(content)])
    }

    /// The paths at which a file has been seen: more than one when it has hard links.
    pub(crate) fn names(&self, file: FileId) -> Result<Vec<PathBuf>> {
        Ok(baseline::names(self.database, file)?)
    }

    /// Files whose verdict may change by time alone.
    pub(crate) fn to_judge_again(&self, now: Timestamp) -> Result<Vec<PathBuf>> {
        self.paths("SELECT path FROM facts WHERE judge_at <= ?1 LIMIT 1000", [Time(now)])
    }

    /// When the next verdict may change by time alone.
    pub(crate) fn next_judge_again(&self) -> Result<Option<Timestamp>> {
        let mut query = self.database.prepare_cached(NEXT_JUDGE_AGAIN)?;
        let time: Option<Time> = query.query_row([], |row| row.get(0))?;
        Ok(time.map(|time| time.0))
    }

    fn paths(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<PathBuf>> {
        let mut query = self.database.prepare_cached(sql)?;
        let rows = query.query_map(params, |row| row.get::<_, PathColumn>(0))?;
        Ok(rows
            .map(|path| path.map(|path| path.0))
            .collect::<rusqlite::Result<_>>()?)
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
    /// Remembers what `finder` found out about a file, and when its verdict may change by time alone.
    pub(crate) fn remember(
        &self,
        stat: &Stat,
        path: &Path,
        facts: &Facts,
        finder: Finder,
        judge_at: Option<Timestamp>,
    ) -> Result<()> {
        let (inode, device, born) = columns::file(stat.id);
        self.database
            .prepare_cached(
                "INSERT INTO facts (inode, device, born, size, modified, path, content, facts, judge_at, finder) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE SET \
                 size = ?4, modified = ?5, path = ?6, content = ?7, facts = ?8, judge_at = ?9, finder = ?10",
            )?
            .execute(params![
                inode,
                device,
                born,
                count(stat.size),
                stat.modified,
                columns::path(path),
                Hash(facts.content),
                columns::json(facts)?,
                judge_at.map(Time),
                finder.0,
            ])?;
        Ok(())
    }

    /// Forgets the facts about another file than this, which lay at its path.
    pub(crate) fn replaces(&self, file: FileId, path: &Path) -> Result<()> {
        let (inode, device, born) = columns::file(file);
        self.database
            .prepare_cached("DELETE FROM facts WHERE path = ?1 AND (inode, device, born) <> (?2, ?3, ?4)")?
            .execute(params![columns::path(path), inode, device, born])?;
        Ok(())
    }

    /// Forgets the facts about what lay at a path.
    pub(crate) fn forget_facts(&self, path: &Path) -> Result<()> {
        self.database
            .prepare_cached("DELETE FROM facts WHERE path = ?1")?
            .execute([columns::path(path)])?;
        Ok(())
    }

    /// Notes that a file is looked at again anyhow.
    pub(crate) fn judged_again(&self, path: &Path) -> Result<()> {
        self.database
            .prepare_cached("UPDATE facts SET judge_at = NULL WHERE path = ?1")?
            .execute([columns::path(path)])?;
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
