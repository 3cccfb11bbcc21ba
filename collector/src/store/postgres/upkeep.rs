//! Backup, purge, check.

use std::path::PathBuf;

use super::session::Session;
use super::value::At;
use super::{Postgres, applications, audit, corrections, holds, intake, programs, unsigned};
use crate::store::audit::Action;
use crate::store::upkeep::{Cutoffs, Deleted, Purged, Upkeep, Verification};
use crate::store::{By, Reply, StoreError};

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
        self.delete_for_good(move |session| purge(session, &before, &by))
    }

    fn verify(&self) -> Reply<Verification> {
        self.read(verify)
    }
}

fn purge(session: &mut Session<'_>, before: &Cutoffs, by: &By) -> Result<Deleted<Purged>, StoreError> {
    // No report is taken meanwhile: each begins with the row of its device.
    session.execute("LOCK TABLE device IN EXCLUSIVE MODE", &[])?;
    set_cutoffs(session, before)?;
    // What somebody wants corrected stays until that is decided.
    let ended = format!(
        "state NOT IN ('noticed', 'open') AND {} \
         AND key NOT IN (SELECT finding FROM correction WHERE state = 'asked' AND finding IS NOT NULL)",
        over("finding", "changed_at")
    );
    for part in ["correction", "step", "decision", "work", "finding_body"] {
        let of_ended = format!("finding IN (SELECT key FROM finding WHERE {ended})");
        delete(session, part, &of_ended)?;
    }
    for table in ["disclosure", "disclosure_count", "sent"] {
        delete(session, table, &over(table, "at"))?;
    }
    let of_filings = corrections::purge(session, before.everybody)?;
    let purged = Purged {
        findings: delete(session, "finding", &ended)?,
        deliveries: delete(session, "delivery", &over("delivery", "received_at"))?,
        events: delete(session, "event", &over("event", "at"))?,
        applications: applications::purge(session, before.everybody)?,
        corrections: of_filings + delete(session, "correction", &over("correction", "decided_at"))?,
        expired: expired(session, "session", before)? + expired(session, "token", before)?,
    };
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

fn delete(session: &mut Session<'_>, table: &str, condition: &str) -> Result<u64, StoreError> {
    session.execute(&format!("DELETE FROM {table} WHERE {condition}"), &[])
}

fn expired(session: &mut Session<'_>, table: &str, before: &Cutoffs) -> Result<u64, StoreError> {
    session.execute(
        &format!("DELETE FROM {table} WHERE until < $1"),
        &[&At(before.everybody)],
    )
}

/// The condition that a row of a device is older than is kept; never so for what is held.
fn over(table: &str, time: &str) -> String {
    format!("{table}.{time} < (SELECT before FROM device_cutoff c WHERE c.device = {table}.device)")
}

/// Until when is deleted: by group, and by device but for those that are held.
fn set_cutoffs(session: &mut Session<'_>, before: &Cutoffs) -> Result<(), StoreError> {
    for table in [
        "cutoff (grp text COLLATE \"C\" PRIMARY KEY, before bigint NOT NULL)",
        "device_cutoff (device bigint PRIMARY KEY, before bigint NOT NULL)",
    ] {
        session.execute(&format!("CREATE TEMP TABLE {table} ON COMMIT DROP"), &[])?;
    }
    for (group, before) in &before.groups {
        session.execute(
            "INSERT INTO cutoff (grp, before) VALUES ($1, $2)",
            &[group, &At(*before)],
        )?;
    }
    let held = holds::DEVICES;
    session.execute(
        &format!(
            "INSERT INTO device_cutoff (device, before) \
             SELECT key, coalesce((SELECT before FROM cutoff WHERE cutoff.grp = device.grp), $1) FROM device \
             WHERE key NOT IN ({held})"
        ),
        &[&At(before.everybody)],
    )?;
    Ok(())
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
