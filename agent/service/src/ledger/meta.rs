//! Single values: small facts about the ledger itself.

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::columns::{count, read_count};
use super::{Entry, Reader};

/// The names of single values.
pub(crate) mod key {
    /// The ledger's id.
    pub(crate) const LEDGER: &str = "ledger";
    /// The device it belongs to; empty without one.
    pub(crate) const DEVICE: &str = "device";
    /// A hash that tells the company's key from another.
    pub(crate) const KEY_CHECK: &str = "key_check";
    /// The last acknowledged head.
    pub(crate) const HEAD: &str = "head";
    /// The last decision applied.
    pub(crate) const DECISIONS: &str = "decisions_after";
    /// The last disclosure kept.
    pub(crate) const DISCLOSURES: &str = "disclosures_after";
    /// Counts up when everything must be judged again.
    pub(crate) const EPOCH: &str = "epoch";
    /// The version of the agent whose worker files have killed.
    pub(crate) const VERSION: &str = "version";
    /// What `epoch` was counted for: a hash of policy, registers and version.
    pub(crate) const JUDGED_BY: &str = "judged_by";
}

pub(super) fn get(database: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    database
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

pub(super) fn set(database: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    database
        .prepare_cached("INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value")?
        .execute([key, value])?;
    Ok(())
}

impl Reader<'_> {
    /// A single value.
    pub(crate) fn meta(&self, key: &str) -> Result<Option<String>> {
        Ok(get(self.database, key)?)
    }

    /// How often something was counted.
    pub(crate) fn counter(&self, name: &str) -> Result<u64> {
        let value: Option<i64> = self
            .database
            .query_row("SELECT value FROM counters WHERE name = ?1", [name], |row| row.get(0))
            .optional()?;
        Ok(read_count(value.unwrap_or(0)))
    }
}

impl Entry<'_> {
    /// Sets a single value.
    pub(crate) fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        Ok(set(self.database, key, value)?)
    }

    /// Counts one more of something.
    pub(crate) fn count(&self, name: &str) -> Result<()> {
        self.database
            .prepare_cached("INSERT INTO counters VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = value + ?2")?
            .execute(params![name, count(1)])?;
        Ok(())
    }

    /// Forgets which files killed the worker of another version of the agent: this one may read them.
    pub(crate) fn forgive_files_of_other_version(&self, version: &str) -> Result<()> {
        if get(self.database, key::VERSION)?.as_deref() != Some(version) {
            self.database.execute("DELETE FROM poison", [])?;
            set(self.database, key::VERSION, version)?;
        }
        Ok(())
    }

    /// Counts the epoch up when `judged_by` differs from what everything was judged by, and says which it is.
    pub(crate) fn epoch(&self, judged_by: &str) -> Result<u64> {
        let epoch: u64 = get(self.database, key::EPOCH)?
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        if get(self.database, key::JUDGED_BY)?.as_deref() == Some(judged_by) {
            return Ok(epoch);
        }
        set(self.database, key::JUDGED_BY, judged_by)?;
        set(self.database, key::EPOCH, &(epoch + 1).to_string())?;
        Ok(epoch + 1)
    }
}
