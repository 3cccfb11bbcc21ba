//! Counts for the overview.

use jiff::{SignedDuration, Timestamp};
use postgres::types::FromSql;

use super::session::Row;
use super::value::{At, Word};
use super::{Postgres, Session, unsigned};
use crate::store::trends::{Fleet, Flow, RESOLVED_WITHIN, SEEN_WITHIN, Standing, Steps, Trends};
use crate::store::{Reply, Scope, StoreError};

/// Whether a finding's device is one of the groups bound to `$1`, which is NULL for all.
const IN_GROUPS: &str = "($1::text[] IS NULL OR f.device IN (SELECT key FROM device WHERE grp = ANY ($1)))";

impl Trends for Postgres {
    fn flow(&self, scope: Scope, steps: Steps) -> Reply<Vec<Flow>> {
        self.read(move |session| flow(session, groups(&scope), steps))
    }

    fn standing(&self, scope: Scope) -> Reply<Standing> {
        self.read(move |session| {
            let groups = groups(&scope);
            Ok(Standing {
                apps: open_by(session, "f.app", groups, |app: Option<Word<_>>| app.map(|word| word.0))?,
                groups: open_by(
                    session,
                    "(SELECT grp FROM device WHERE key = f.device)",
                    groups,
                    |group| group,
                )?,
                sensitivities: open_by(session, "f.sensitivity", groups, |grade: Option<Word<_>>| {
                    grade.map(|word| word.0)
                })?,
            })
        })
    }

    fn times_to_resolve(&self, scope: Scope, since: Timestamp) -> Reply<[u64; RESOLVED_WITHIN.len() + 1]> {
        self.read(move |session| {
            let counts = session.query(
                &format!(
                    "SELECT width_bucket(ended - first_seen - 1, $2::bigint[]), count(*) FROM finding f \
                     WHERE state = 'resolved' AND resolution <> 'ledger_rebuilt' AND ended >= $3 AND {IN_GROUPS} \
                     GROUP BY 1"
                ),
                &[&groups(&scope), &longest(&RESOLVED_WITHIN), &At(since)],
                read_class,
            )?;
            Ok(classes(&counts))
        })
    }

    fn fleet(&self, scope: Scope, now: Timestamp) -> Reply<Fleet> {
        self.read(move |session| fleet(session, groups(&scope), now))
    }
}

/// The groups of a scope; none for all.
fn groups(scope: &Scope) -> Option<&[String]> {
    match scope {
        Scope::Everything => None,
        Scope::Groups(groups) => Some(groups),
    }
}

/// Where the classes of times begin, for `width_bucket` of a time less 1: a time that is as long as the longest of a class
/// still belongs to it.
fn longest(classes: &[SignedDuration]) -> Vec<i64> {
    let micros = |longest: &SignedDuration| i64::try_from(longest.as_micros()).unwrap_or(i64::MAX);
    classes.iter().map(micros).collect()
}

/// A class and how many are in it.
fn read_class(row: &Row) -> Result<(usize, u64), StoreError> {
    let class: i32 = row.get(0)?;
    Ok((usize::try_from(class).unwrap_or(0), unsigned(row.get(1)?)))
}

fn classes<const N: usize>(counts: &[(usize, u64)]) -> [u64; N] {
    let mut classes = [0; N];
    for (class, many) in counts {
        if let Some(class) = classes.get_mut(*class) {
            *class += many;
        }
    }
    classes
}

fn flow(session: &mut Session<'_>, groups: Option<&[String]>, steps: Steps) -> Result<Vec<Flow>, StoreError> {
    // The steps in which findings came and went; NULL for before the first.
    let sql = format!(
        "SELECT CASE WHEN first_seen >= $2 THEN (first_seen - $2) / $3 END, \
         CASE WHEN ended >= $2 THEN (ended - $2) / $3 END, count(*) FROM finding f \
         WHERE (ended IS NULL OR ended >= $2) AND {IN_GROUPS} GROUP BY 1, 2"
    );
    let step = i64::try_from(steps.step.as_micros()).unwrap_or(i64::MAX);
    let counts = session.query(&sql, &[&groups, &At(steps.since), &step], |row| {
        Ok((
            row.get::<Option<i64>>(0)?,
            row.get::<Option<i64>>(1)?,
            unsigned(row.get(2)?),
        ))
    })?;
    let mut flow = vec![Flow::default(); steps.count];
    let mut open = 0;
    let index = |step: i64| usize::try_from(step).ok();
    for (came, went, many) in counts {
        match came {
            None => open += many,
            Some(came) => {
                if let Some(step) = index(came).and_then(|index| flow.get_mut(index)) {
                    step.came += many;
                }
            }
        }
        if let Some(step) = went.and_then(index).and_then(|index| flow.get_mut(index)) {
            step.went += many;
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
fn open_by<C: for<'a> FromSql<'a>, T>(
    session: &mut Session<'_>,
    column: &str,
    groups: Option<&[String]>,
    read: impl Fn(C) -> T,
) -> Result<Vec<(T, u64)>, StoreError> {
    session.query(
        &format!(
            "SELECT {column} AS about, count(*) AS many FROM finding f WHERE state = 'open' AND {IN_GROUPS} \
             GROUP BY about ORDER BY many DESC, about NULLS FIRST"
        ),
        &[&groups],
        |row| Ok((read(row.get(0)?), unsigned(row.get(1)?))),
    )
}

fn fleet(session: &mut Session<'_>, groups: Option<&[String]>, now: Timestamp) -> Result<Fleet, StoreError> {
    const BOUND: &str = "binding = 'bound' AND ($1::text[] IS NULL OR grp = ANY ($1))";
    let versions = session.query(
        &format!(
            "SELECT agent_version, count(*) AS many FROM device WHERE {BOUND} GROUP BY agent_version \
             ORDER BY many DESC, agent_version DESC"
        ),
        &[&groups],
        |row| Ok((row.get(0)?, unsigned(row.get(1)?))),
    )?;
    let seen = session.query(
        &format!(
            "SELECT width_bucket($2 - last_seen - 1, $3::bigint[]), count(*) FROM device WHERE {BOUND} GROUP BY 1"
        ),
        &[&groups, &At(now), &longest(&SEEN_WITHIN)],
        read_class,
    )?;
    Ok(Fleet {
        versions,
        seen: classes(&seen),
    })
}
