//! The programs of PostgreSQL that copy a database out of it and into it. The password goes to them by their environment,
//! which other users of the machine do not see.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;

use super::address::Address;
use crate::store::StoreError;

/// The most of what a program complains that is told on.
const COMPLAINT: usize = 2000;

/// Copies the database into a file that must not exist yet.
pub(super) fn dump(address: &Address, file: &Path) -> Result<(), StoreError> {
    let refused = |error: io::Error| StoreError::Conflict(format!("{} cannot be written: {error}", file.display()));
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .map_err(refused)?;
    let mut command = Command::new("pg_dump");
    command
        .args(["--format=custom", "--no-password", "--no-owner", "--no-privileges"])
        .arg("--file")
        .arg(file);
    let copied = run(command, "pg_dump", address);
    if copied.is_err() {
        // It was made a moment ago, by us, and is no backup.
        let _ = fs::remove_file(file);
    }
    copied
}

/// Copies a file that [`dump`] made into an empty database, all of it or nothing.
pub(super) fn restore(address: &Address, file: &Path) -> Result<(), StoreError> {
    let mut command = Command::new("pg_restore");
    command
        .args([
            "--no-password",
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            "--single-transaction",
        ])
        .arg("--dbname")
        .arg(address.name())
        .arg(file);
    run(command, "pg_restore", address)
}

fn run(mut command: Command, name: &str, address: &Address) -> Result<(), StoreError> {
    let output = command.envs(address.environment()).output().map_err(|error| {
        StoreError::Conflict(format!(
            "{name} cannot be started ({error}); install PostgreSQL's client programs, such as with \
             apt-get install postgresql-client"
        ))
    })?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let complaint: String = complaint.trim().chars().take(COMPLAINT).collect();
    Err(StoreError::Conflict(format!("{name} failed: {complaint}")))
}
