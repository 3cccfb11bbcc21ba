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

/// One question instead of two: the most of it is to begin and to end.
const KNOWN: &str = "SELECT (SELECT facts FROM facts WHERE inode = ?1 AND device = ?2 AND born = ?3 AND size = ?4 \
    AND modified = ?5 AND finder = ?6), \
    (SELECT kills FROM poison WHERE inode = ?1 AND device = ?2 AND born = ?3 AND size = ?4 AND modified = ?5)";
/// A file that is known keeps its row.
const REMEMBER: &str = "INSERT OR REPLACE INTO facts \
    (id, inode, device, born, size, modified, folder, name, content, facts, judge_at, finder) \
    VALUES ((SELECT id FROM facts WHERE inode = ?1 AND device = ?2 AND born = ?3), \
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
/// What becomes of other files at a path, and of other paths of the file that takes it.
const TAKE: [&str; 3] = [
    "DELETE FROM facts WHERE folder = ?1 AND name = ?2 AND (inode, device, born) <> (?3, ?4, ?5)",
    "DELETE FROM other_names WHERE folder = ?1 AND name = ?2 AND (inode, device, born) <> (?3, ?4, ?5)",
    "INSERT OR IGNORE INTO other_names SELECT inode, device, born, folder, name FROM facts \
     WHERE inode = ?3 AND device = ?4 AND born = ?5 AND (folder, name) <> (?1, ?2)",
];
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
        let mut query = self.database.prepare_cached(KNOWN)?;
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
        let (folder, name) = self.spot(path)?;
        self.database.prepare_cached(REMEMBER)?.execute(params![
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
        let (folder, name) = self.spot(path)?;
        for sql in TAKE {
            let mut statement = self.database.prepare_cached(sql)?;
            statement.execute(params![folder, name, inode, device, born])?;
        }
        Ok(())
    }

    /// Notes another name of a file.
    pub(crate) fn also_at(&self, file: FileId, path: &Path) -> Result<()> {
        let (inode, device, born) = columns::file(file);
        let (folder, name) = self.spot(path)?;
        self.database
            .prepare_cached("INSERT OR IGNORE INTO other_names VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![inode, device, born, folder, name])?;
        Ok(())
    }

    /// Notes that this version of the file at `path` has been judged by the policy of `epoch`.
    pub(crate) fn judged(&self, path: &Path, stat: &Stat, epoch: u64) -> Result<()> {
        Ok(baseline::record(self.database, self.spot(path)?, stat, epoch)?)
    }

    /// Forgets what lay at a path: facts, that it was a name, and that it was judged.
    pub(crate) fn forget(&self, path: &Path) -> Result<()> {
        for table in ["facts", "other_names"] {
            let sql = format!("DELETE FROM {table} WHERE {AT_PATH}");
            self.database.prepare_cached(&sql)?.execute(baseline::split(path)?)?;
        }
        self.folder.take();
        Ok(baseline::forget(self.database, path)?)
    }

    /// A path as tables have it. Files come folder by folder.
    fn spot<'a>(&self, path: &'a Path) -> Result<(i64, &'a [u8])> {
        let (folder, name) = baseline::split(path)?;
        let mut last = self.folder.borrow_mut();
        if last.0 != folder {
            *last = (folder.to_vec(), baseline::spot(self.database, path)?.0);
        }
        Ok((last.1, name))
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
    use super::super::testing::{self, begun, enter, file_id};
    use super::super::{Ledger, recall};
    use super::*;

    fn plan(ledger: &Ledger, sql: &str) -> Vec<String> {
        let read = |reader: &Reader<'_>| {
            let mut query = reader.database.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let rows = query.raw_query().mapped(|row| row.get("detail"));
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        ledger.read(read).unwrap()
    }

    #[test]
    fn the_next_timer_is_found_without_going_through_every_file() {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan(&testing::open(folder.path()), NEXT_JUDGE_AGAIN);
        assert!(plan[0].starts_with("SEARCH facts USING COVERING INDEX"), "{plan:?}");
    }

    #[test]
    fn no_question_about_a_file_goes_through_every_row() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = testing::open(folder.path());
        let forget = format!("DELETE FROM facts WHERE {AT_PATH}");
        for sql in [
            KNOWN,
            WITH_CONTENT,
            NAMES,
            TO_JUDGE_AGAIN,
            REMEMBER,
            recall::RECALL,
            &forget,
        ]
        .into_iter()
        .chain(TAKE)
        {
            let plan = plan(&ledger, sql);
            let scans = |step: &&String| {
                step.starts_with("SCAN") && !step.contains("CONSTANT ROW") && !step.contains("(subquery")
            };
            assert_eq!(plan.iter().find(scans), None, "{sql}: {plan:#?}");
            assert!(plan.iter().any(|step| step.contains("USING")), "{plan:?}");
        }
    }

    fn stat(inode: u64) -> Stat {
        Stat {
            id: file_id(inode),
            size: 5000,
            modified: 1,
        }
    }

    fn facts(content: u8) -> Facts {
        let facts = serde_json::json!({
            "kind": "docx", "media_type": "", "family": "document", "size": 5000, "content": KeyedHash([content; 32]),
            "encryption": {"state": "none", "method": null}, "text": {"state": "none", "chars": 0},
        });
        serde_json::from_value(facts).unwrap()
    }

    /// Records that a file lies at a path, as the pipeline does.
    fn lies(entry: &Entry<'_>, inode: u64, path: &str, content: u8) {
        entry.takes(file_id(inode), Path::new(path)).unwrap();
        let facts = facts(content);
        entry
            .remember(&stat(inode), Path::new(path), &facts, Finder::new(&[]), None)
            .unwrap();
    }

    fn names(ledger: &Ledger, inode: u64) -> Vec<PathBuf> {
        let mut names = ledger.read(|reader| reader.names(file_id(inode))).unwrap();
        names.sort();
        names
    }

    fn paths(paths: &[&str]) -> Vec<PathBuf> {
        paths.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn a_file_keeps_each_of_its_names_until_it_is_forgotten_or_another_file_takes_it() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        enter(&ledger, 1, |entry| {
            lies(entry, 1, "/a/1", 1);
            lies(entry, 1, "/b/2", 1);
            entry.also_at(file_id(1), Path::new("/b/3")).unwrap();
            entry.also_at(file_id(1), Path::new("/b/2")).unwrap();
            lies(entry, 2, "/b/4", 1);
        });
        assert_eq!(names(&ledger, 1), paths(&["/a/1", "/b/2", "/b/3"]));
        enter(&ledger, 2, |entry| entry.forget(Path::new("/a/1")).unwrap());
        assert_eq!(names(&ledger, 1), paths(&["/b/2", "/b/3"]));
        enter(&ledger, 3, |entry| lies(entry, 2, "/b/3", 1));
        assert_eq!(names(&ledger, 1), paths(&["/b/2"]));
        assert_eq!(names(&ledger, 2), paths(&["/b/3", "/b/4"]));
    }

    #[test]
    fn facts_are_those_of_the_file_and_of_the_path_that_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        enter(&ledger, 1, |entry| {
            lies(entry, 1, "/a/1", 1);
            lies(entry, 2, "/a/2", 2);
            lies(entry, 1, "/b/1", 3);
        });
        let known = |inode| {
            let known = ledger.read(|reader| reader.known(&stat(inode), Finder::new(&[])));
            known.unwrap().0
        };
        let with = |content| {
            ledger
                .read(|reader| reader.paths_with_content(KeyedHash([content; 32])))
                .unwrap()
        };
        assert_eq!((known(1), known(2), known(3)), (Some(facts(3)), Some(facts(2)), None));
        assert_eq!(
            (with(1), with(2), with(3)),
            (vec![], paths(&["/a/2"]), paths(&["/b/1"]))
        );
        enter(&ledger, 2, |entry| lies(entry, 3, "/a/2", 2));
        assert_eq!((known(2), known(3)), (None, Some(facts(2))));
        enter(&ledger, 3, |entry| entry.forget(Path::new("/b/1")).unwrap());
        assert_eq!((known(1), with(3)), (None, vec![]));
    }

    #[test]
    fn a_content_that_only_begins_alike_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        enter(&ledger, 1, |entry| lies(entry, 1, "/a/1", 1));
        let mut alike = KeyedHash([1; 32]);
        alike.0[31] = 2;
        assert_eq!(
            ledger.read(|reader| reader.paths_with_content(alike)).unwrap(),
            paths(&[])
        );
    }
}
