//! Counts for the overview.

use jiff::{SignedDuration, Timestamp};
use rusqlite::types::FromSql;
use rusqlite::{Connection, params};

use super::value::{At, Word};
use super::{Sqlite, unsigned};
use crate::store::trends::{Fleet, Flow, Groups, RESOLVED_WITHIN, SEEN_WITHIN, Standing, Steps, Trends};
use crate::store::{Reply, StoreError};

/// Whether a finding's device is one of the groups bound to `?1`, which is NULL for all.
const IN_GROUPS: &str = "(?1 IS NULL OR f.device IN \
    (SELECT key FROM device WHERE grp IN (SELECT value FROM json_each(?1))))";

impl Trends for Sqlite {
    fn flow(&self, groups: Groups, steps: Steps) -> Reply<Vec<Flow>> {
        self.read(move |connection| flow(connection, list(groups).as_deref(), steps))
    }

    fn standing(&self, groups: Groups) -> Reply<Standing> {
        self.read(move |connection| {
            let groups = list(groups);
            let groups = groups.as_deref();
            Ok(Standing {
                apps: open_by(connection, "f.app", groups, |app: Option<Word<_>>| {
                    app.map(|word| word.0)
                })?,
                groups: open_by(
                    connection,
                    "(SELECT grp FROM device WHERE key = f.device)",
                    groups,
                    |group| group,
                )?,
                sensitivities: open_by(connection, "f.sensitivity", groups, |grade: Option<Word<_>>| {
                    grade.map(|word| word.0)
                })?,
            })
        })
    }

    fn times_to_resolve(&self, groups: Groups, since: Timestamp) -> Reply<[u64; RESOLVED_WITHIN.len() + 1]> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT ended - first_seen FROM finding f WHERE state = 'resolved' AND resolution <> 'ledger_rebuilt' \
                 AND ended >= ?2 AND {IN_GROUPS}"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut counts = [0; RESOLVED_WITHIN.len() + 1];
            for took in statement.query_map(params![list(groups), At(since)], |row| row.get(0))? {
                counts[class(SignedDuration::from_micros(took?), &RESOLVED_WITHIN)] += 1;
            }
            Ok(counts)
        })
    }

    fn fleet(&self, groups: Groups, now: Timestamp) -> Reply<Fleet> {
        self.read(move |connection| fleet(connection, list(groups).as_deref(), now))
    }
}

/// The groups as a JSON array, which `json_each` makes rows of.
fn list(groups: Groups) -> Option<String> {
    groups.map(|groups| serde_json::Value::from(groups).to_string())
}

/// The first of `longest` that is as long as `time`, or the class after the last.
fn class(time: SignedDuration, longest: &[SignedDuration]) -> usize {
    longest.partition_point(|longest| *longest < time)
}

fn flow(connection: &Connection, groups: Option<&str>, steps: Steps) -> Result<Vec<Flow>, StoreError> {
    let sql = format!("SELECT first_seen, ended FROM finding f WHERE (ended IS NULL OR ended >= ?2) AND {IN_GROUPS}");
    let since = steps.since.as_microsecond();
    let step = i64::try_from(steps.step.as_micros()).unwrap_or(i64::MAX);
    let index = |at: i64| usize::try_from((at - since).div_euclid(step)).ok();
    let mut flow = vec![Flow::default(); steps.count];
    let mut open = 0;
    // Read once, row by row: counting each column by itself would go through all findings three times.
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![groups, since])?;
    while let Some(row) = rows.next()? {
        match index(row.get(0)?) {
            None => open += 1,
            Some(index) => {
                if let Some(step) = flow.get_mut(index) {
                    step.came += 1;
                }
            }
        }
        let ended: Option<i64> = row.get(1)?;
        if let Some(step) = ended.and_then(index).and_then(|index| flow.get_mut(index)) {
            step.went += 1;
        }
    }
    for step in &mut flow {
        // A clock that was turned may tell of an end before the beginning.
        open = (open + step.came).saturating_sub(step.went);
        step.open = open;
    }
    Ok(flow)
}

/// Open findings by `column`, the most first.
fn open_by<C: FromSql, T>(
    connection: &Connection,
    column: &str,
    groups: Option<&str>,
    read: impl Fn(C) -> T,
) -> Result<Vec<(T, u64)>, StoreError> {
    let rows = connection
        .prepare_cached(&format!(
            "SELECT {column} AS about, count(*) AS many FROM finding f WHERE state = 'open' AND {IN_GROUPS} \
             GROUP BY about ORDER BY many DESC, about"
        ))?
        .query_map([groups], |row| Ok((read(row.get(0)?), unsigned(row.get(1)?))))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn fleet(connection: &Connection, groups: Option<&str>, now: Timestamp) -> Result<Fleet, StoreError> {
    const BOUND: &str = "binding = 'bound' AND (?1 IS NULL OR grp IN (SELECT value FROM json_each(?1)))";
    let versions = connection
        .prepare_cached(&format!(
            "SELECT agent_version, count(*) AS many FROM device WHERE {BOUND} GROUP BY agent_version \
             ORDER BY many DESC, agent_version DESC"
        ))?
        .query_map([groups], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?
        .collect::<Result<_, _>>()?;
    let mut seen = [0; SEEN_WITHIN.len() + 1];
    let mut statement = connection.prepare_cached(&format!("SELECT last_seen FROM device WHERE {BOUND}"))?;
    for last in statement.query_map([groups], |row| Ok(row.get::<_, At>(0)?.0))? {
        seen[class(now.duration_since(last?), &SEEN_WITHIN)] += 1;
    }
    Ok(Fleet { versions, seen })
}
