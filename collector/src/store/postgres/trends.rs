//! Counts for the overview.

use jiff::{SignedDuration, Timestamp};

use super::session::{Row, Session};
use super::value::{At, Word};
use super::{Postgres, unsigned};
use crate::store::trends::{Fleet, Flow, RESOLVED_WITHIN, SEEN_WITHIN, Standing, Steps, Trends};
use crate::store::{Reply, Scope, StoreError};

/// Whether a finding's device is one of the groups bound to `$1`, which is NULL for all.
const IN_GROUPS: &str = "($1::text[] IS NULL OR f.device IN (SELECT key FROM device WHERE grp = ANY($1::text[])))";

impl Trends for Postgres {
    fn flow(&self, scope: Scope, steps: Steps) -> Reply<Vec<Flow>> {
        self.read(move |session| flow(session, groups(&scope), steps))
    }

    fn standing(&self, scope: Scope) -> Reply<Standing> {
        const GROUP: &str = "(SELECT grp FROM device WHERE key = f.device)";
        self.read(move |session| {
            let groups = groups(&scope);
            Ok(Standing {
                apps: open_by(session, "f.app", groups, |row| {
                    Ok(row.get::<Option<Word<_>>>(0)?.map(|app| app.0))
                })?,
                groups: open_by(session, GROUP, groups, |row| row.get(0))?,
                sensitivities: open_by(session, "f.sensitivity", groups, |row| {
                    Ok(row.get::<Option<Word<_>>>(0)?.map(|grade| grade.0))
                })?,
            })
        })
    }

    fn times_to_resolve(&self, scope: Scope, since: Timestamp) -> Reply<[u64; RESOLVED_WITHIN.len() + 1]> {
        self.read(move |session| times_to_resolve(session, groups(&scope), since))
    }

    fn fleet(&self, scope: Scope, now: Timestamp) -> Reply<Fleet> {
        self.read(move |session| fleet(session, groups(&scope), now))
    }
}

fn groups(scope: &Scope) -> Option<&[String]> {
    match scope {
        Scope::Everything => None,
        Scope::Groups(groups) => Some(groups),
    }
}

fn times_to_resolve(
    session: &mut Session<'_>,
    groups: Option<&[String]>,
    since: Timestamp,
) -> Result<[u64; RESOLVED_WITHIN.len() + 1], StoreError> {
    // Counted where they are: the class is the number of limits that were passed.
    let sql = format!(
        "SELECT width_bucket(ended - first_seen - 1, $3::bigint[]), count(*) FROM finding f \
         WHERE state = 'resolved' AND resolution <> 'ledger_rebuilt' AND ended >= $2 AND {IN_GROUPS} GROUP BY 1"
    );
    let found = session.query(&sql, &[&groups, &At(since), &limits(&RESOLVED_WITHIN)], bucket)?;
    Ok(counts(found))
}

/// The limits of classes, as the database counts time.
fn limits(within: &[SignedDuration]) -> Vec<i64> {
    within
        .iter()
        .map(|limit| i64::try_from(limit.as_micros()).unwrap_or(i64::MAX))
        .collect()
}

fn bucket(row: &Row) -> Result<(i32, i64), StoreError> {
    Ok((row.get(0)?, row.get(1)?))
}

fn counts<const N: usize>(found: Vec<(i32, i64)>) -> [u64; N] {
    let mut counts = [0; N];
    for (class, count) in found {
        if let Some(counted) = usize::try_from(class).ok().and_then(|class| counts.get_mut(class)) {
            *counted = unsigned(count);
        }
    }
    counts
}

fn flow(session: &mut Session<'_>, groups: Option<&[String]>, steps: Steps) -> Result<Vec<Flow>, StoreError> {
    let since = steps.since.as_microsecond();
    let step = i64::try_from(steps.step.as_micros()).unwrap_or(i64::MAX);
    // By step; what was before all of them has the number -1.
    let sql = |column: &str| {
        format!(
            "SELECT CASE WHEN {column} < $2 THEN -1 ELSE ({column} - $2) / $3 END, count(*) FROM finding f \
             WHERE (ended IS NULL OR ended >= $2) AND {column} IS NOT NULL AND {IN_GROUPS} GROUP BY 1"
        )
    };
    let read = |row: &Row| Ok((row.get::<i64>(0)?, unsigned(row.get(1)?)));
    let came = session.query(&sql("first_seen"), &[&groups, &since, &step], read)?;
    let went = session.query(&sql("ended"), &[&groups, &since, &step], read)?;
    let mut flow = vec![Flow::default(); steps.count];
    let mut open = 0;
    for (index, count) in came {
        match usize::try_from(index).map(|index| flow.get_mut(index)) {
            Err(_) => open += count,
            Ok(Some(step)) => step.came += count,
            Ok(None) => {}
        }
    }
    for (index, count) in went {
        if let Some(step) = usize::try_from(index).ok().and_then(|index| flow.get_mut(index)) {
            step.went += count;
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
fn open_by<T>(
    session: &mut Session<'_>,
    column: &str,
    groups: Option<&[String]>,
    read: impl Fn(&Row) -> Result<T, StoreError>,
) -> Result<Vec<(T, u64)>, StoreError> {
    let sql = format!(
        "SELECT {column} AS about, count(*) AS many FROM finding f WHERE state = 'open' AND {IN_GROUPS} \
         GROUP BY about ORDER BY many DESC, about NULLS FIRST"
    );
    session.query(&sql, &[&groups], |row| Ok((read(row)?, unsigned(row.get(1)?))))
}

fn fleet(session: &mut Session<'_>, groups: Option<&[String]>, now: Timestamp) -> Result<Fleet, StoreError> {
    const BOUND: &str = "binding = 'bound' AND ($1::text[] IS NULL OR grp = ANY($1::text[]))";
    let sql = format!(
        "SELECT agent_version, count(*) AS many FROM device WHERE {BOUND} GROUP BY agent_version \
         ORDER BY many DESC, agent_version DESC"
    );
    let versions = session.query(&sql, &[&groups], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?;
    let sql =
        format!("SELECT width_bucket($2 - last_seen - 1, $3::bigint[]), count(*) FROM device WHERE {BOUND} GROUP BY 1");
    let seen = session.query(&sql, &[&groups, &At(now), &limits(&SEEN_WITHIN)], bucket)?;
    Ok(Fleet {
        versions,
        seen: counts(seen),
    })
}
