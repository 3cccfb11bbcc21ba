//! Findings as they are kept: what may be reported, and what never leaves the PC.

use std::path::{Path, PathBuf};

use anyhow::Result;
use fileward_places::UserId;
use fileward_protocol::ids::{FindingId, KeyedHash};
use fileward_protocol::report;
use fileward_protocol::vocabulary::{FindingState, Severity};
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::columns::{self, Hash, PathColumn, Time, User};
use super::transition::{Charge, Life};
use super::{Entry, Reader};
use crate::watch::FileId;

/// A finding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    /// What is shown of it, with the file's name in clear.
    pub(crate) finding: report::Finding,
    /// The file, or the store itself.
    pub(crate) path: PathBuf,
    /// The place's folder.
    pub(crate) root: PathBuf,
    /// The user the place belongs to; `None` for a store of the machine.
    pub(crate) owner: Option<UserId>,
    /// The file's identity; `None` for a store.
    pub(crate) file: Option<FileId>,
    /// When it began to offend, this time.
    pub(super) since: Timestamp,
    /// Whether the company was told of this time it offends.
    pub(super) told: bool,
    /// What was accepted.
    pub(super) settled: Option<Charge>,
}

impl Record {
    /// The keyed hash of the file's content.
    pub(crate) fn content(&self) -> Option<KeyedHash> {
        self.finding.file.as_ref().and_then(|file| file.content)
    }

    /// The same finding, with its file at another path.
    pub(crate) fn at(self, path: &Path, root: &Path, file: FileId) -> Self {
        Self {
            path: path.to_owned(),
            root: root.to_owned(),
            file: Some(file),
            ..self
        }
    }

    /// When its grace began and when it is over; `None` when none runs.
    pub(crate) fn grace(&self) -> Option<(Timestamp, Timestamp)> {
        let runs = self.finding.state == FindingState::Noticed;
        runs.then_some((self.since, self.finding.due))
    }

    /// What the file is charged with, as last judged.
    pub(super) fn charge(&self) -> Charge {
        Charge {
            severity: self.finding.severity,
            rules: self.finding.also.iter().copied().chain([self.finding.rule]).collect(),
            content: self.content(),
        }
    }

    pub(super) fn life(&self) -> Life {
        Life {
            state: self.finding.state,
            since: self.since,
            due: self.finding.due,
            ended: self.finding.ended,
            resolution: self.finding.resolution,
            told: self.told,
            settled: self.settled.clone(),
        }
    }

    pub(super) fn set_life(&mut self, life: Life) {
        self.finding.state = life.state;
        self.since = life.since;
        self.finding.due = life.due;
        self.finding.ended = life.ended;
        self.finding.resolution = life.resolution;
        self.told = life.told;
        self.settled = life.settled;
        if life.state.is_active() {
            self.finding.justification = None;
        }
    }
}

const COLUMNS: &str = "path, root, owner, inode, device, born, since, told, settled, shown";
const ACTIVE: &str = "state IN ('noticed', 'open')";

/// A row before its JSON is read.
struct Raw {
    record: (PathBuf, PathBuf, Option<User>, Option<FileId>, Timestamp, bool),
    settled: Option<String>,
    shown: String,
}

impl Raw {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            record: (
                row.get::<_, PathColumn>(0)?.0,
                row.get::<_, PathColumn>(1)?.0,
                row.get(2)?,
                columns::read_file(row, 3)?,
                row.get::<_, Time>(6)?.0,
                row.get(7)?,
            ),
            settled: row.get(8)?,
            shown: row.get(9)?,
        })
    }

    fn record(self) -> Result<Record> {
        let (path, root, owner, file, since, told) = self.record;
        Ok(Record {
            finding: columns::read_json(&self.shown)?,
            path,
            root,
            owner: owner.map(|user| user.0),
            file,
            since,
            told,
            settled: self.settled.as_deref().map(columns::read_json).transpose()?,
        })
    }
}

impl Reader<'_> {
    fn one(&self, condition: &str, params: impl rusqlite::Params) -> Result<Option<Record>> {
        let sql = format!("SELECT {COLUMNS} FROM findings WHERE {condition}");
        let raw = self
            .database
            .prepare_cached(&sql)?
            .query_row(params, Raw::read)
            .optional()?;
        raw.map(Raw::record).transpose()
    }

    fn many(&self, condition: &str, params: impl rusqlite::Params) -> Result<Vec<Record>> {
        let sql = format!("SELECT {COLUMNS} FROM findings WHERE {condition}");
        let mut query = self.database.prepare_cached(&sql)?;
        let rows = query.query_map(params, Raw::read)?;
        rows.map(|raw| raw?.record()).collect()
    }

    /// One finding.
    pub(crate) fn finding(&self, id: FindingId) -> Result<Option<Record>> {
        self.one("id = ?1", [id.0.as_bytes()])
    }

    /// The finding about a file.
    pub(crate) fn finding_of(&self, file: FileId) -> Result<Option<Record>> {
        self.one("inode = ?1 AND device = ?2 AND born = ?3", columns::file(file))
    }

    /// The finding about the file at a path that has not been resolved.
    pub(crate) fn finding_at(&self, path: &Path) -> Result<Option<Record>> {
        self.one(
            "path = ?1 AND inode IS NOT NULL AND state <> 'resolved' ORDER BY since DESC LIMIT 1",
            [columns::path(path)],
        )
    }

    /// The finding about a store.
    pub(crate) fn finding_of_store(&self, root: &Path) -> Result<Option<Record>> {
        self.one("path = ?1 AND inode IS NULL", [columns::path(root)])
    }

    /// Active findings about files with this content.
    pub(crate) fn active_with_content(&self, content: KeyedHash) -> Result<Vec<Record>> {
        self.many(&format!("content = ?1 AND {ACTIVE}"), [Hash(content)])
    }

    /// Every active finding.
    #[cfg(test)]
    pub(crate) fn active(&self) -> Result<Vec<Record>> {
        self.many(ACTIVE, [])
    }

    /// The roots of places with active findings.
    pub(crate) fn active_roots(&self) -> Result<Vec<PathBuf>> {
        let sql = format!("SELECT DISTINCT root FROM findings WHERE {ACTIVE}");
        let mut query = self.database.prepare_cached(&sql)?;
        let roots = query.query_map([], |row| Ok(row.get::<_, PathColumn>(0)?.0))?;
        Ok(roots.collect::<rusqlite::Result<_>>()?)
    }

    /// The active findings of the place with this root.
    pub(crate) fn active_below(&self, root: &Path) -> Result<Vec<Record>> {
        self.many(&format!("root = ?1 AND {ACTIVE}"), [columns::path(root)])
    }

    /// At most `most` findings whose grace is over, the first due first, from the one that follows `after`.
    pub(crate) fn due(
        &self,
        now: Timestamp,
        after: Option<(Timestamp, FindingId)>,
        most: usize,
    ) -> Result<Vec<Record>> {
        let (due, id) = after.unwrap_or((Timestamp::UNIX_EPOCH, FindingId(Uuid::nil())));
        self.many(
            "state = 'noticed' AND due <= ?1 AND (due, id) > (?2, ?3) ORDER BY due, id LIMIT ?4",
            params![Time(now), Time(due), id.0.as_bytes(), columns::count(most as u64)],
        )
    }

    /// When the next grace is over.
    pub(crate) fn next_due(&self) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(due) FROM findings WHERE state = 'noticed'";
        let time: Option<Time> = self.database.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(time.map(|time| time.0))
    }

    /// A page of at most `most` findings that concern `owner` (`None`: of everybody) and are active or ended after
    /// `ended_after`, by id, from the one that follows `after`.
    pub(crate) fn page(
        &self,
        owner: Option<UserId>,
        ended_after: Timestamp,
        after: Option<FindingId>,
        most: usize,
    ) -> Result<Vec<Record>> {
        // No bytes come before any id.
        let after = after.map_or(Vec::new(), |id| id.0.as_bytes().to_vec());
        self.many(
            "(?1 IS NULL OR owner = ?1) AND (ended IS NULL OR ended > ?2) AND id > ?3 ORDER BY id LIMIT ?4",
            params![owner.map(User), Time(ended_after), after, columns::count(most as u64)],
        )
    }

    /// At most `most` of the findings that concern `owner` (`None`: of everybody), and how many more are active: first
    /// the active ones, the worst and newest first, then those that ended after `ended_after`.
    pub(crate) fn listed(
        &self,
        owner: Option<UserId>,
        ended_after: Timestamp,
        most: usize,
    ) -> Result<(Vec<Record>, usize)> {
        let of_owner = format!("(?1 IS NULL OR owner = ?1) AND {ACTIVE}");
        let active = self.count(&of_owner, [owner.map(User)])?;
        let order = by_severity();
        let mut records = self.many(
            &format!("(?1 IS NULL OR owner = ?1) AND {ACTIVE} ORDER BY {order}, since DESC LIMIT ?2"),
            params![owner.map(User), columns::count(most as u64)],
        )?;
        let more = active.saturating_sub(records.len());
        let room = most.saturating_sub(records.len());
        records.extend(self.many(
            "(?1 IS NULL OR owner = ?1) AND ended > ?2 ORDER BY ended DESC LIMIT ?3",
            params![owner.map(User), Time(ended_after), columns::count(room as u64)],
        )?);
        Ok((records, more))
    }

    /// At most `most` of the findings of which this user has not been told, the first due first, and how many more.
    pub(crate) fn to_notify(&self, owner: UserId, most: usize) -> Result<(Vec<Record>, usize)> {
        let count = self.count("notify = 1 AND owner = ?1", [User(owner)])?;
        let records = self.many(
            "notify = 1 AND owner = ?1 ORDER BY due LIMIT ?2",
            params![User(owner), columns::count(most as u64)],
        )?;
        let more = count.saturating_sub(records.len());
        Ok((records, more))
    }

    fn count(&self, condition: &str, params: impl rusqlite::Params) -> Result<usize> {
        let sql = format!("SELECT count(*) FROM findings WHERE {condition}");
        Ok(self
            .database
            .prepare_cached(&sql)?
            .query_row(params, |row| row.get(0).map(columns::read_length))?)
    }

    /// What happened to a finding, oldest first.
    pub(crate) fn history(&self, id: FindingId) -> Result<Vec<(Timestamp, String)>> {
        let mut query = self
            .database
            .prepare_cached("SELECT at, what FROM history WHERE finding = ?1 ORDER BY rowid")?;
        let rows = query.query_map([id.0.as_bytes()], |row| Ok((row.get::<_, Time>(0)?.0, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many findings wait for their grace to end.
    pub(crate) fn noticed(&self) -> Result<u64> {
        let sql = "SELECT count(*) FROM findings WHERE state = 'noticed'";
        Ok(columns::read_count(self.database.query_row(sql, [], |row| row.get(0))?))
    }
}

impl Entry<'_> {
    pub(super) fn save(&self, record: &Record, notify: bool) -> Result<()> {
        let (inode, device, born) = record
            .file
            .map(columns::file)
            .map_or((None, None, None), |(inode, device, born)| {
                (Some(inode), Some(device), Some(born))
            });
        let finding = &record.finding;
        self.database
            .prepare_cached(
                "INSERT INTO findings (id, state, path, root, owner, inode, device, born, content, since, due, ended, told, \
                 settled, notify, shown) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) \
                 ON CONFLICT DO UPDATE SET state = ?2, path = ?3, root = ?4, owner = ?5, inode = ?6, device = ?7, born = ?8, \
                 content = ?9, since = ?10, due = ?11, ended = ?12, told = ?13, settled = ?14, \
                 notify = CASE WHEN ?12 IS NULL THEN max(notify, ?15) ELSE 0 END, shown = ?16",
            )?
            .execute(params![
                finding.id.0.as_bytes(),
                finding.state.as_str(),
                columns::path(&record.path),
                columns::path(&record.root),
                record.owner.map(User),
                inode,
                device,
                born,
                record.content().map(Hash),
                Time(record.since),
                Time(finding.due),
                finding.ended.map(Time),
                record.told,
                record.settled.as_ref().map(columns::json).transpose()?,
                notify,
                columns::json(finding)?,
            ])?;
        Ok(())
    }

    pub(super) fn add_history(&self, id: FindingId, what: &str) -> Result<()> {
        self.database
            .prepare_cached("INSERT INTO history VALUES (?1, ?2, ?3)")?
            .execute(params![id.0.as_bytes(), Time(self.now), what])?;
        Ok(())
    }

    /// Notes that this user has been told of every finding.
    pub(crate) fn notified(&self, owner: UserId) -> Result<()> {
        self.database
            .prepare_cached("UPDATE findings SET notify = 0 WHERE notify = 1 AND owner = ?1")?
            .execute([User(owner)])?;
        Ok(())
    }

    /// Forgets some findings that ended before `before`; says how many.
    pub(crate) fn prune_findings(&self, before: Timestamp) -> Result<usize> {
        // A settled finding stays while its file may offend again, or the employee would be asked a second time.
        let sql = "DELETE FROM findings WHERE rowid IN (SELECT findings.rowid FROM findings \
                   WHERE ended IS NOT NULL AND ended < ?1 AND (state = 'resolved' OR NOT EXISTS \
                   (SELECT 1 FROM facts WHERE facts.inode = findings.inode AND facts.device = findings.device \
                   AND facts.born = findings.born)) LIMIT 200)";
        Ok(self.database.execute(sql, [Time(before)])?)
    }
}

/// Orders by severity, the worst first.
fn by_severity() -> String {
    let mildest_first = Severity::ALL.iter().enumerate();
    let ranks: Vec<_> = mildest_first
        .map(|(rank, severity)| format!(" WHEN '{}' THEN {rank}", severity.as_str()))
        .collect();
    format!("CASE shown ->> 'severity'{} END DESC", ranks.concat())
}

/// The word a state is known by in a finding's history.
pub(super) fn what(state: FindingState) -> &'static str {
    state.as_str()
}
