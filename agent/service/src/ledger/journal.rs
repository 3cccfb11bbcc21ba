//! Reports with a number, byte for byte as sent. They wait here for their acknowledgement, and stay for the employee.

use anyhow::{Context as _, Result, bail, ensure};
use fileward_protocol::chain::Head;
use fileward_protocol::ids::KeyedHash;
use fileward_protocol::report::Report;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::value::RawValue;

use super::columns::{self, Hash, Time, count, read_count};
use super::{Entry, Reader, meta, outbox};

/// How much waits to be acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Queue {
    pub(crate) waiting: u64,
    pub(crate) bytes: u64,
}

/// A numbered report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Numbered {
    pub(crate) seq: u64,
    pub(crate) sent_at: Timestamp,
    pub(crate) acked_at: Option<Timestamp>,
    /// Its JSON, byte for byte.
    pub(crate) report: String,
}

impl Reader<'_> {
    /// The last acknowledged head; `None` in a ledger that was never told where to go on.
    pub(crate) fn head(&self) -> Result<Option<Head>> {
        head(self.database)
    }

    /// The last decision applied.
    pub(crate) fn decisions_after(&self) -> Result<u64> {
        let text = self.meta(meta::key::DECISIONS)?;
        Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// How much waits, numbered or not.
    pub(crate) fn queue(&self) -> Result<Queue> {
        let (waiting, bytes) = outbox::size(self.database)?;
        let acked = self.head()?.map_or(0, |head| head.seq);
        let sql = "SELECT count(*), coalesce(sum(length(CAST(report AS BLOB))), 0) FROM journal WHERE seq > ?1";
        let mut query = self.database.prepare_cached(sql)?;
        let (numbered, size) = query.query_row([count(acked)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Queue {
            waiting: waiting + read_count(numbered),
            bytes: bytes + read_count(size),
        })
    }

    /// A page of what was sent, after a number.
    pub(crate) fn journal(&self, after: u64, limit: u32) -> Result<Vec<Numbered>> {
        let sql = "SELECT seq, sent_at, acked_at, report FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let mut query = self.database.prepare_cached(sql)?;
        let rows = query.query_map(params![count(after), limit], |row| {
            Ok(Numbered {
                seq: read_count(row.get(0)?),
                sent_at: row.get::<_, Time>(1)?.0,
                acked_at: row.get::<_, Option<Time>>(2)?.map(|time| time.0),
                report: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Entry<'_> {
    /// Goes on numbering from `head`: this ledger is new, or its chain and the collector's have parted. Reports that
    /// the collector lacks wait again, to be numbered anew.
    pub(crate) fn adopt(&self, head: Head) -> Result<()> {
        let acked = self.reader().head()?.map_or(0, |known| known.seq);
        let mut query = self
            .database
            .prepare_cached("SELECT report FROM journal WHERE seq > ?1 ORDER BY seq")?;
        let lacking: Vec<String> = query
            .query_map([count(acked.min(head.seq))], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let lacking: Vec<Report> = lacking
            .iter()
            .map(|text| columns::read_json(text))
            .collect::<Result<_>>()?;
        outbox::put_before(self.database, &lacking)?;
        self.database
            .execute("DELETE FROM journal WHERE seq > ?1", [count(acked.min(head.seq))])?;
        self.set_meta(meta::key::HEAD, &columns::json(&head)?)
    }

    /// The reports after the acknowledged head, numbered: those that have a number already, then, where there is
    /// room, the oldest that wait. Empty while the head is unknown.
    pub(crate) fn next(&self, max_reports: usize, max_bytes: usize) -> Result<Vec<Box<RawValue>>> {
        let Some(acked) = self.reader().head()? else {
            return Ok(Vec::new());
        };
        let mut batch = Batch::new(max_reports, max_bytes);
        let numbered = self
            .reader()
            .journal(acked.seq, u32::try_from(max_reports).unwrap_or(u32::MAX))?;
        let mut tip = acked;
        for sent in numbered {
            tip = tip.after(sent.report.as_bytes());
            if !batch.add(sent.report)? {
                return Ok(batch.reports);
            }
        }
        while !batch.full() {
            let Some((report, after)) = self.first_waiting(tip)? else {
                break;
            };
            if !batch.fits(&report) {
                break;
            }
            self.number(after, &report)?;
            tip = after;
            batch.add(report)?;
        }
        Ok(batch.reports)
    }

    /// The oldest report that waits, as it reads with its number, and the head after it.
    fn first_waiting(&self, tip: Head) -> Result<Option<(String, Head)>> {
        let mut query = self
            .database
            .prepare_cached("SELECT at, body FROM outbox ORDER BY id LIMIT 1")?;
        let first: Option<(Time, String)> = query.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((at, body)) = first else { return Ok(None) };
        let report = columns::json(&Report {
            seq: tip.seq + 1,
            at: at.0,
            body: columns::read_json(&body)?,
        })?;
        let after = tip.after(report.as_bytes());
        Ok(Some((report, after)))
    }

    fn number(&self, head: Head, report: &str) -> Result<()> {
        self.database
            .prepare_cached("DELETE FROM outbox WHERE id = (SELECT min(id) FROM outbox)")?
            .execute([])?;
        self.database
            .prepare_cached("INSERT INTO journal (seq, sent_at, hash, report) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![count(head.seq), Time(self.now), Hash(head.hash), report])?;
        Ok(())
    }

    /// Notes that everything up to `head` is stored at the collector.
    ///
    /// # Errors
    /// When `head` is none of this ledger's, or lies before what was acknowledged already.
    pub(crate) fn acked(&self, head: Head) -> Result<()> {
        let Some(known) = self.reader().head()? else {
            bail!("an acknowledgement came before the ledger knew where its numbering stands");
        };
        if head == known {
            return Ok(());
        }
        ensure!(
            head.seq > known.seq && self.hash_of(head.seq)? == Some(head.hash),
            "the collector acknowledged report {}, which is none of this ledger's",
            head.seq
        );
        self.database.execute(
            "UPDATE journal SET acked_at = ?2 WHERE seq <= ?1 AND acked_at IS NULL",
            params![count(head.seq), Time(self.now)],
        )?;
        self.set_meta(meta::key::HEAD, &columns::json(&head)?)
    }

    /// Goes back to an earlier head, because the collector lost what follows: it is sent again from the journal.
    /// Says whether the journal reaches back.
    pub(crate) fn rewind(&self, head: Head) -> Result<bool> {
        let Some(known) = self.reader().head()? else {
            return Ok(false);
        };
        let next_is_here = self.hash_of(head.seq + 1)?.is_some();
        let ours = self.hash_of(head.seq)? == Some(head.hash) || head == Head::START;
        if head.seq >= known.seq || !ours || !next_is_here {
            return Ok(false);
        }
        self.database
            .execute("UPDATE journal SET acked_at = NULL WHERE seq > ?1", [count(head.seq)])?;
        self.set_meta(meta::key::HEAD, &columns::json(&head)?)?;
        Ok(true)
    }

    fn hash_of(&self, seq: u64) -> Result<Option<KeyedHash>> {
        let mut query = self
            .database
            .prepare_cached("SELECT hash FROM journal WHERE seq = ?1")?;
        let hash: Option<Hash> = query.query_row([count(seq)], |row| row.get(0)).optional()?;
        Ok(hash.map(|hash| hash.0))
    }

    /// Forgets some of what was sent, or done by the company, before `before`, but no report that waits for its acknowledgement; says how many.
    pub(crate) fn prune_journal(&self, before: Timestamp) -> Result<usize> {
        let sql = "DELETE FROM journal WHERE seq IN \
                   (SELECT seq FROM journal WHERE acked_at IS NOT NULL AND sent_at < ?1 ORDER BY seq LIMIT 200)";
        Ok(self.database.execute(sql, [Time(before)])? + self.prune_told(before)? + self.prune_company(before)?)
    }
}

fn head(database: &Connection) -> Result<Option<Head>> {
    meta::get(database, meta::key::HEAD)?
        .as_deref()
        .map(columns::read_json)
        .transpose()
}

/// Reports for one request.
struct Batch {
    reports: Vec<Box<RawValue>>,
    bytes: usize,
    max_reports: usize,
    max_bytes: usize,
}

impl Batch {
    fn new(max_reports: usize, max_bytes: usize) -> Self {
        Self {
            reports: Vec::new(),
            bytes: 0,
            max_reports,
            max_bytes,
        }
    }

    fn full(&self) -> bool {
        self.reports.len() >= self.max_reports || self.bytes >= self.max_bytes
    }

    /// The first report always fits: a batch without it would never get anywhere.
    fn fits(&self, report: &str) -> bool {
        self.reports.is_empty() || !self.full() && self.bytes + report.len() <= self.max_bytes
    }

    fn add(&mut self, report: String) -> Result<bool> {
        if !self.fits(&report) {
            return Ok(false);
        }
        self.bytes += report.len();
        let raw = RawValue::from_string(report).context("Failed to read a report from the journal")?;
        self.reports.push(raw);
        Ok(true)
    }
}
