//! Opening the database: that it is ours, that it is whole enough to be read, and that its tables are those of this build.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, ErrorCode, OpenFlags};

/// "Fwrd": says that a database is a collector's.
const APPLICATION_ID: i32 = 0x4677_7264;

/// Each migration once, in order. A published one never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
    include_str!("migrations/0007.sql"),
    include_str!("migrations/0008.sql"),
    include_str!("migrations/0009.sql"),
    include_str!("migrations/0010.sql"),
    include_str!("migrations/0011.sql"),
    include_str!("migrations/0012.sql"),
];

/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(10);

/// Opens the database for reading and writing; makes it if there is none.
pub(super) fn open(path: &Path) -> Result<Connection> {
    // SQLite gives its side files the same mode.
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("Failed to open the database {}", path.display()))?;
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .with_context(|| format!("Failed to open the database {}", path.display()))?;
    prepare(&mut connection).map_err(|error| explain(error, path))?;
    Ok(connection)
}

/// Opens a database that was opened before, for reading.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn prepare(connection: &mut Connection) -> Result<()> {
    connection.busy_timeout(BUSY)?;
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && tables > 0 {
        bail!("it belongs to another program");
    }
    // Before anything is written: what a newer version keeps, and how, is its own affair.
    version(connection)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = FAST;")?;
    connection.set_prepared_statement_cache_capacity(128);
    migrate(connection)
}

fn migrate(connection: &mut Connection) -> Result<()> {
    // Taken at once, so that two processes that start together do not both migrate.
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version = version(&transaction)?;
    for (number, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        transaction
            .execute_batch(migration)
            .with_context(|| format!("Failed to bring it to form {}", number + 1))?;
    }
    if version < MIGRATIONS.len() {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", i64::try_from(MIGRATIONS.len())?)?;
    }
    transaction.commit()?;
    Ok(())
}

/// The form that a database has; 0 for a new one.
fn version(connection: &Connection) -> Result<usize> {
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version as usize > MIGRATIONS.len() {
        bail!("it was written by a newer version of the collector; run that version");
    }
    Ok(version as usize)
}

fn explain(error: anyhow::Error, path: &Path) -> anyhow::Error {
    let code = error
        .downcast_ref::<rusqlite::Error>()
        .and_then(rusqlite::Error::sqlite_error_code);
    let what = match code {
        Some(ErrorCode::NotADatabase) => "is no database, or its beginning is damaged; restore it from a backup",
        Some(ErrorCode::DatabaseCorrupt) => "is damaged; restore it from a backup",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "is held by another program; try again later",
        _ => "cannot be used",
    };
    error.context(format!(
        "The database {} {what} (nothing was changed or deleted)",
        path.display()
    ))
}
