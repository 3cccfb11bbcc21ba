//! Backup, purge, check.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::backup::Backup;
use rusqlite::{Connection, TransactionBehavior};

use super::value::At;
use super::{Sqlite, applications, audit, connection, disclosures, holds, intake};
use crate::store::audit::Action;
use crate::store::upkeep::{Purged, Upkeep, Verification};
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

    fn purge(&self, before: Timestamp, by: By) -> Reply<Purged> {
        // On a connection of its own: it takes long, and the space is given back outside of any transaction.
        let path = self.path.clone();
        Box::pin(async move {
            tokio::task::spawn_blocking(move || purge(&path, before, &by))
                .await
                .map_err(|error| StoreError::Database(error.into()))?
        })
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

fn purge(path: &Path, before: Timestamp, by: &By) -> Result<Purged, StoreError> {
    let mut connection = connection::open(path).map_err(|error| StoreError::Database(error.into()))?;
    connection.execute_batch("PRAGMA secure_delete = ON")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let free = format!("device NOT IN ({})", holds::DEVICES);
    let ended = format!("state NOT IN ('noticed', 'open') AND changed_at < ? AND {free}");
    for part in ["step", "decision", "work", "finding_body"] {
        transaction.execute(
            &format!("DELETE FROM {part} WHERE finding IN (SELECT key FROM finding WHERE {ended})"),
            [At(before)],
        )?;
    }
    disclosures::purge(&transaction, before)?;
    let delete = |table: &str, what: &str| {
        let sql = format!("DELETE FROM {table} WHERE {what}");
        transaction.execute(&sql, [At(before)]).map(|count| count as u64)
    };
    let purged = Purged {
        findings: delete("finding", &ended)?,
        deliveries: delete("delivery", &format!("received_at < ? AND {free}"))?,
        events: delete("event", &format!("at < ? AND {free}"))?,
        expired: delete("session", "until < ?")? + delete("token", "until < ?")?,
    };
    let applications = applications::purge(&transaction, before)?;
    if purged == Purged::default() && applications == 0 {
        return Ok(purged);
    }
    let detail = format!(
        "{} findings, {} deliveries, {} events, {applications} applications from before {before}",
        purged.findings, purged.deliveries, purged.events
    );
    audit::append(&transaction, by, Action::Purged, "", &detail)?;
    transaction.commit()?;
    // What was overwritten must not survive in free pages or in the write-ahead log.
    connection.execute_batch("VACUUM")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(purged)
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
