//! Backup, purge, check.

use std::path::PathBuf;

use postgres::types::ToSql;

use super::session::Session;
use super::value::At;
use super::{Postgres, applications, audit, corrections, holds, intake, programs, unsigned};
use crate::store::audit::Action;
use crate::store::upkeep::{Cutoffs, Deleted, Purged, Upkeep, Verification};
use crate::store::{By, Reply, StoreError};

/// The tables that a purge deletes from.
const PURGED: [&str; 17] = [
    "step",
    "decision",
    "work",
    "finding_body",
    "finding",
    "change",
    "dead_letter",
    "delivery",
    "event",
    "session",
    "token",
    "disclosure",
    "disclosure_count",
    "application",
    "application_step",
    "filing_form",
    "correction",
];

/// What the database does not watch over by itself, each with the number of rows for which it does not hold.
const WHOLE: [(&str, &str); 4] = [
    (
        "findings without their content",
        "SELECT count(*) FROM finding f WHERE NOT EXISTS (SELECT 1 FROM finding_body b WHERE b.finding = f.key)",
    ),
    (
        "findings of no device",
        "SELECT count(*) FROM finding f WHERE NOT EXISTS (SELECT 1 FROM device d WHERE d.key = f.device)",
    ),
    (
        "transitions of no finding",
        "SELECT count(*) FROM step s WHERE NOT EXISTS (SELECT 1 FROM finding f WHERE f.key = s.finding)",
    ),
    (
        "deliveries of no device",
        "SELECT count(*) FROM delivery v WHERE NOT EXISTS (SELECT 1 FROM device d WHERE d.key = v.device)",
    ),
];

impl Upkeep for Postgres {
    fn backup(&self, file: PathBuf, by: By) -> Reply<()> {
        let noted = self.write(move |session| audit::append(session, &by, Action::BackedUp, "", ""));
        let address = self.address.clone();
        Box::pin(async move {
            noted.await?;
            tokio::task::spawn_blocking(move || programs::dump(&address, &file))
                .await
                .map_err(|error| StoreError::Database(error.into()))?
        })
    }

    fn kept_groups(&self) -> Reply<Vec<String>> {
        self.read(|session| {
            session.query(
                "SELECT grp FROM device WHERE grp IS NOT NULL UNION SELECT grp FROM application ORDER BY grp",
                &[],
                |row| row.get(0),
            )
        })
    }

    fn purge(&self, before: Cutoffs, by: By) -> Reply<Purged> {
        self.delete_for_good(PURGED, move |session| purge(session, &before, &by))
    }

    fn verify(&self) -> Reply<Verification> {
        self.read(verify)
    }
}

fn purge(session: &mut Session<'_>, before: &Cutoffs, by: &By) -> Result<Deleted<Purged>, StoreError> {
    let bound = Bound::new(before);
    let mut delete = |table: &str, condition: &str| {
        let sql = format!("DELETE FROM {table} WHERE {condition}");
        session.execute(&sql, &bound.values())
    };
    // What somebody wants corrected stays until that is decided.
    let ended = format!(
        "state NOT IN ('noticed', 'open') AND {} \
         AND key NOT IN (SELECT finding FROM correction WHERE state = 'asked' AND finding IS NOT NULL)",
        over("finding", "changed_at")
    );
    for part in ["correction", "step", "decision", "work", "finding_body"] {
        delete(part, &format!("finding IN (SELECT key FROM finding WHERE {ended})"))?;
    }
    for table in ["disclosure", "disclosure_count"] {
        delete(table, &over(table, "at"))?;
    }
    let mut purged = Purged {
        findings: delete("finding", &ended)?,
        deliveries: delete("delivery", &over("delivery", "received_at"))?,
        events: delete("event", &over("event", "at"))?,
        corrections: delete("correction", &over("correction", "decided_at"))?,
        ..Purged::default()
    };
    purged.corrections += corrections::purge(session, before.everybody)?;
    purged.applications = applications::purge(session, &bound)?;
    for table in ["session", "token"] {
        let sql = format!("DELETE FROM {table} WHERE until < $1");
        purged.expired += session.execute(&sql, &[bound.everybody()])?;
    }
    if purged == Purged::default() {
        return Ok(Deleted::Nothing(purged));
    }
    let detail = format!(
        "{} findings, {} deliveries, {} events, {} applications, {} corrections from before {before}",
        purged.findings, purged.deliveries, purged.events, purged.applications, purged.corrections
    );
    audit::append(session, by, Action::Purged, "", &detail)?;
    Ok(Deleted::Something(purged))
}

/// The condition that a row of a device is older than is kept; never so for what is held.
fn over(table: &str, time: &str) -> String {
    let held = holds::DEVICES;
    format!(
        "EXISTS (SELECT 1 FROM device v LEFT JOIN {CUTOFFS} ON g.grp = v.grp WHERE v.key = {table}.device \
         AND {table}.{time} < coalesce(g.before, $1) AND v.key NOT IN ({held}))"
    )
}

/// Until when is deleted, as it is bound: `$1` for everybody, the others for groups.
pub(super) struct Bound {
    everybody: At,
    groups: Vec<String>,
    before: Vec<At>,
}

/// The times of groups, as a table.
pub(super) const CUTOFFS: &str = "unnest($2::text[], $3::bigint[]) AS g (grp, before)";

impl Bound {
    fn new(cutoffs: &Cutoffs) -> Self {
        Self {
            everybody: At(cutoffs.everybody),
            groups: cutoffs.groups.keys().cloned().collect(),
            before: cutoffs.groups.values().copied().map(At).collect(),
        }
    }

    pub(super) fn everybody(&self) -> &(dyn ToSql + Sync) {
        &self.everybody
    }

    pub(super) fn values(&self) -> [&(dyn ToSql + Sync); 3] {
        [&self.everybody, &self.groups, &self.before]
    }
}

fn verify(session: &mut Session<'_>) -> Result<Verification, StoreError> {
    let mut faults = Vec::new();
    for (what, sql) in WHOLE {
        let count = session.query_one(sql, &[], |row| row.get(0).map(unsigned))?;
        if count > 0 {
            faults.push(format!("database: {count} {what}"));
        }
    }
    let audit_lines = audit::verify(session, &mut faults)?;
    let (devices, reports) = intake::verify(session, &mut faults)?;
    Ok(Verification {
        audit_lines,
        devices,
        reports,
        faults,
    })
}
