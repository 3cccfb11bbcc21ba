//! The queue of reports that have no number yet. What says the same again is merged; a full queue gives up what
//! matters least, and says exactly how much.

use anyhow::Result;
use fileward_protocol::report::{Body, Finding, GivenUp, Report, Step};
use fileward_protocol::vocabulary::FindingState;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::Entry;
use super::columns::{self, Time, count, read_count};

/// The worth of what is never given up.
pub(super) const KEPT: i64 = 100;
const GIVEN_UP: &str = "given_up";

impl Entry<'_> {
    /// Queues a report, unless there is nobody to send it to.
    pub(super) fn report(&self, body: &Body) -> Result<()> {
        if self.owner.device.is_none() {
            return Ok(());
        }
        let (merge, worth) = place_in_queue(body)?;
        push(self.database, self.now, worth, &merge, body)?;
        give_up(self.database, self.reporting.queue_limit)
    }
}

/// Queues reports before everything that waits: they are older.
pub(super) fn put_before(database: &Connection, reports: &[Report]) -> Result<()> {
    if reports.is_empty() {
        return Ok(());
    }
    let mut query = database.prepare("SELECT at, body FROM outbox ORDER BY id")?;
    let waiting: Vec<(Time, String)> = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    database.execute("DELETE FROM outbox", [])?;
    for report in reports {
        let (merge, worth) = place_in_queue(&report.body)?;
        push(database, report.at, worth, &merge, &report.body)?;
    }
    for (at, body) in waiting {
        let body = columns::read_json(&body)?;
        let (merge, worth) = place_in_queue(&body)?;
        push(database, at.0, worth, &merge, &body)?;
    }
    Ok(())
}

/// What a report is merged with, and how much it is worth.
fn place_in_queue(body: &Body) -> Result<(String, i64)> {
    Ok(match body {
        Body::Coverage(coverage) => (format!("coverage {}", columns::json(coverage)?), 0),
        Body::PutRight(right) => (format!("put_right {} {}", right.rule, columns::json(&right.place)?), 1),
        Body::Finding(finding) => (format!("finding {}", finding.id), worth(finding)),
        Body::GivenUp(_) => (GIVEN_UP.into(), KEPT),
        Body::LedgerRebuilt { .. } => ("ledger_rebuilt".into(), KEPT),
    })
}

fn worth(finding: &Finding) -> i64 {
    if finding.state == FindingState::Resolved {
        2
    } else {
        3 + finding.severity as i64
    }
}

/// Queues a report, merged with the one that waits under the same name.
pub(super) fn push(database: &Connection, at: Timestamp, worth: i64, merge: &str, body: &Body) -> Result<()> {
    let waiting: Option<(Time, String)> = database
        .prepare_cached("SELECT at, body FROM outbox WHERE merge = ?1")?
        .query_row([merge], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let text = match waiting {
        Some((since, former)) => columns::json(&merged(columns::read_json(&former)?, since.0, body.clone()))?,
        None => columns::json(body)?,
    };
    database
        .prepare_cached(
            "INSERT INTO outbox (merge, at, worth, bytes, body) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT DO UPDATE SET at = ?2, worth = ?3, bytes = ?4, body = ?5",
        )?
        .execute(params![merge, Time(at), worth, count(text.len() as u64), text])?;
    Ok(())
}

/// One report that says what two said.
fn merged(former: Body, since: Timestamp, later: Body) -> Body {
    match (former, later) {
        (Body::Finding(former), Body::Finding(mut later)) => {
            // What waited may carry steps of its own, when it is merged with an older one that comes back.
            let steps = std::mem::replace(&mut later.before, former.before);
            let next = steps.first().map_or(later.state, |step| step.state);
            if former.state != next {
                later.before.push(Step {
                    at: since,
                    state: former.state,
                });
            }
            later.before.extend(steps);
            Body::Finding(later)
        }
        (Body::PutRight(former), Body::PutRight(mut later)) => {
            later.count += former.count;
            Body::PutRight(later)
        }
        (Body::GivenUp(former), Body::GivenUp(later)) => Body::GivenUp(GivenUp {
            findings: former.findings + later.findings,
            put_right: former.put_right + later.put_right,
            coverage: former.coverage + later.coverage,
            from: former.from.min(later.from),
            until: former.until.max(later.until),
        }),
        (_, later) => later,
    }
}

/// Gives up what matters least, oldest first, until the queue is a sixteenth below its limit.
fn give_up(database: &Connection, limit: u64) -> Result<()> {
    let (_, mut bytes) = size(database)?;
    if bytes <= limit {
        return Ok(());
    }
    let mut lost: Option<GivenUp> = None;
    let mut query =
        database.prepare_cached("SELECT id, at, bytes, body FROM outbox WHERE worth < ?1 ORDER BY worth, id")?;
    let mut rows = query.query([KEPT])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()?.filter(|_| bytes > limit - limit / 16) {
        let at = row.get::<_, Time>(1)?.0;
        let lost = lost.get_or_insert(GivenUp {
            findings: 0,
            put_right: 0,
            coverage: 0,
            from: at,
            until: at,
        });
        lost.from = lost.from.min(at);
        lost.until = lost.until.max(at);
        match columns::read_json(&row.get::<_, String>(3)?)? {
            Body::Coverage(_) => lost.coverage += 1,
            Body::PutRight(right) => lost.put_right += right.count,
            _ => lost.findings += 1,
        }
        ids.push(row.get::<_, i64>(0)?);
        bytes = bytes.saturating_sub(read_count(row.get(2)?));
    }
    drop(rows);
    for id in ids {
        database
            .prepare_cached("DELETE FROM outbox WHERE id = ?1")?
            .execute([id])?;
    }
    match lost {
        Some(lost) => push(database, lost.until, KEPT, GIVEN_UP, &Body::GivenUp(lost)),
        None => Ok(()),
    }
}

/// How many reports wait, and their bytes.
pub(super) fn size(database: &Connection) -> Result<(u64, u64)> {
    let mut query = database.prepare_cached("SELECT waiting, bytes FROM outbox_size")?;
    let (waiting, bytes) = query.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((read_count(waiting), read_count(bytes)))
}
