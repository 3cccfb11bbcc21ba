//! Backup, purge, check.

use std::path::PathBuf;

use jiff::Timestamp;

use super::session::Session;
use super::value::At;
use super::{Postgres, applications, audit, disclosures, holds, intake, programs, unsigned};
use crate::store::audit::Action;
use crate::store::upkeep::{Purged, Upkeep, Verification};
use crate::store::{By, Reply, StoreError};

/// The tables that a purge deletes from.
const PURGED: [&str; 14] = [
    "step",
    "decision",
    "work",
    "finding_body",
    "finding",
    "change",
    "delivery",
    "event",
    "session",
    "token",
    "disclosure",
    "disclosure_count",
    "application",
    "application_step",
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

    fn purge(&self, before: Timestamp, by: By) -> Reply<Purged> {
        let purged = self.write(move |session| purge(session, before, &by));
        let writers = self.writers.clone();
        Box::pin(async move {
            let Some(purged) = purged.await? else {
                return Ok(Purged::default());
            };
            // What was deleted must not survive in the pages of the tables.
            for table in PURGED {
                writers.run_alone(format!("VACUUM (FULL, ANALYZE) {table}")).await?;
            }
            Ok(purged)
        })
    }

    fn verify(&self) -> Reply<Verification> {
        self.read(verify)
    }
}

/// Deletes what may go and says how much; none if there was nothing.
fn purge(session: &mut Session<'_>, before: Timestamp, by: &By) -> Result<Option<Purged>, StoreError> {
    // No report is taken meanwhile: each begins with the row of its device.
    session.execute("LOCK TABLE device IN EXCLUSIVE MODE", &[])?;
    let free = format!("device NOT IN ({})", holds::DEVICES);
    let ended = format!("state NOT IN ('noticed', 'open') AND changed_at < $1 AND {free}");
    let mut delete =
        |table: &str, what: &str| session.execute(&format!("DELETE FROM {table} WHERE {what}"), &[&At(before)]);
    for part in ["step", "decision", "work", "finding_body"] {
        delete(part, &format!("finding IN (SELECT key FROM finding WHERE {ended})"))?;
    }
    let purged = Purged {
        findings: delete("finding", &ended)?,
        deliveries: delete("delivery", &format!("received_at < $1 AND {free}"))?,
        events: delete("event", &format!("at < $1 AND {free}"))?,
        expired: delete("session", "until < $1")? + delete("token", "until < $1")?,
    };
    disclosures::purge(session, before)?;
    let applications = applications::purge(session, before)?;
    if purged == Purged::default() && applications == 0 {
        return Ok(None);
    }
    let detail = format!(
        "{} findings, {} deliveries, {} events, {applications} applications from before {before}",
        purged.findings, purged.deliveries, purged.events
    );
    audit::append(session, by, Action::Purged, "", &detail)?;
    Ok(Some(purged))
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
