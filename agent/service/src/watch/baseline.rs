//! Stand-in.

use std::path::Path;

use super::Stat;

pub(crate) const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS baseline (path BLOB PRIMARY KEY, device INTEGER, inode INTEGER, born INTEGER, size INTEGER, modified INTEGER, epoch INTEGER)";

pub(crate) fn record(tx: &rusqlite::Connection, path: &Path, stat: &Stat, epoch: u64) -> rusqlite::Result<()> {
    use std::os::unix::ffi::OsStrExt as _;
    tx.execute(
        "INSERT OR REPLACE INTO baseline VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        rusqlite::params![
            path.as_os_str().as_bytes(),
            stat.id.device as i64,
            stat.id.inode as i64,
            stat.id.born,
            stat.size as i64,
            stat.modified,
            epoch as i64
        ],
    )?;
    Ok(())
}

pub(crate) fn forget(tx: &rusqlite::Connection, path: &Path) -> rusqlite::Result<()> {
    use std::os::unix::ffi::OsStrExt as _;
    tx.execute("DELETE FROM baseline WHERE path = ?1", [path.as_os_str().as_bytes()])?;
    Ok(())
}
