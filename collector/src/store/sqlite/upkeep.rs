//! Backup, purge, check.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, params};

use super::for_good::Deleted;
use super::value::At;
use super::{Sqlite, applications, audit, corrections, holds, intake};
use crate::store::audit::Action;
use crate::store::upkeep::{Cutoffs, Purged, Upkeep, Verification};
use crate::store::{By, Reply, StoreError};

impl Upkeep for Sqlite {
    fn backup(&self, file: PathBuf, by: By) -> Reply<()> {
        let noted = self.write(move |connection| audit::append(connection, &by, Action::BackedUp, "", ""));
        let copied = self.read(move |connection| backup(connection, &file));
        Box::pin(async move {
            noted.await?;
            copied.await
        })
    }

    fn kept_groups(&self) -> Reply<Vec<String>> {
        self.read(|connection| {
            let groups = connection
                .prepare_cached(
                    "SELECT grp FROM device WHERE grp IS NOT NULL UNION SELECT grp FROM application ORDER BY grp",
                )?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            Ok(groups)
        })
    }

    fn purge(&self, before: Cutoffs, by: By) -> Reply<Purged> {
        self.delete_for_good(move |connection| purge(connection, &before, &by))
    }

    fn verify(&self) -> Reply<Verification> {
        self.read(verify)
    }
}

fn backup(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    let refused = |error: io::Error| StoreError::Conflict(format!("{} cannot be written: {error}", file.display()));
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .map_err(refused)?;
    let copied = copy(connection, file);
    if copied.is_err() {
        // It was made a moment ago, by us, and is no backup.
        let _ = fs::remove_file(file);
    }
    copied
}

fn copy(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    let mut copy = Connection::open(file)?;
    Backup::new(connection, &mut copy)?.run_to_completion(i32::MAX, Duration::ZERO, None)?;
    Ok(())
}

fn purge(connection: &Connection, before: &Cutoffs, by: &By) -> Result<Deleted<Purged>, StoreError> {
    set_cutoffs(connection, before)?;
    let delete = |table: &str, condition: &str| {
        let sql = format!("DELETE FROM {table} WHERE {condition}");
        connection.execute(&sql, []).map(|count| count as u64)
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
    let expired = |table: &str| {
        let sql = format!("DELETE FROM {table} WHERE until < ?");
        connection
            .execute(&sql, [At(before.everybody)])
            .map(|count| count as u64)
    };
    let of_filings = corrections::purge(connection, before.everybody)?;
    let purged = Purged {
        findings: delete("finding", &ended)?,
        deliveries: delete("delivery", &over("delivery", "received_at"))?,
        events: delete("event", &over("event", "at"))?,
        applications: applications::purge(connection, before.everybody)?,
        corrections: of_filings + delete("correction", &over("correction", "decided_at"))?,
        expired: expired("session")? + expired("token")?,
    };
    connection.execute_batch("DROP TABLE cutoff; DROP TABLE device_cutoff;")?;
    if purged == Purged::default() {
        return Ok(Deleted::Nothing(purged));
    }
    let detail = format!(
        "{} findings, {} deliveries, {} events, {} applications, {} corrections from before {before}",
        purged.findings, purged.deliveries, purged.events, purged.applications, purged.corrections
    );
    audit::append(connection, by, Action::Purged, "", &detail)?;
    Ok(Deleted::Something(purged))
}

/// The condition that a row of a device is older than is kept; never so for what is held.
fn over(table: &str, time: &str) -> String {
    format!("{table}.{time} < (SELECT before FROM device_cutoff c WHERE c.device = {table}.device)")
}

/// Until when is deleted: by group, and by device but for those that are held.
fn set_cutoffs(connection: &Connection, before: &Cutoffs) -> Result<(), StoreError> {
    connection.execute_batch(
        "CREATE TEMP TABLE cutoff (grp TEXT PRIMARY KEY, before INTEGER NOT NULL); \
         CREATE TEMP TABLE device_cutoff (device INTEGER PRIMARY KEY, before INTEGER NOT NULL);",
    )?;
    let mut insert = connection.prepare("INSERT INTO cutoff (grp, before) VALUES (?, ?)")?;
    for (group, before) in &before.groups {
        insert.execute(params![group, At(*before)])?;
    }
    let held = holds::DEVICES;
    connection.execute(
        &format!(
            "INSERT INTO device_cutoff (device, before) \
             SELECT key, coalesce((SELECT before FROM cutoff WHERE cutoff.grp = device.grp), ?) FROM device \
             WHERE key NOT IN ({held})"
        ),
        [At(before.everybody)],
    )?;
    Ok(())
}

fn verify(connection: &Connection) -> Result<Verification, StoreError> {
    let mut faults = Vec::new();
    let mut check = connection.prepare("PRAGMA integrity_check(20)")?;
    for line in check.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            faults.push(format!("database: {line}"));
        }
    }
    let audit_lines = audit::verify(connection, &mut faults)?;
    let (devices, reports) = intake::verify(connection, &mut faults)?;
    Ok(Verification {
        audit_lines,
        devices,
        reports,
        faults,
    })
}
