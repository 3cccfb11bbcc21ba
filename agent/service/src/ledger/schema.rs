//! The database's schema: forward-only migrations, one file a version, none of which uses live types.

use anyhow::{Context as _, Result, bail};
use rusqlite::Connection;

use crate::watch::baseline;

/// Marks a database as Fileward's: `FwAg`.
pub(crate) const APPLICATION_ID: i32 = 0x4677_4167;

const MIGRATIONS: &[&str] = &[include_str!("migrations/1.sql")];
#[expect(clippy::cast_possible_truncation, reason = "a handful of files")]
const NEWEST: u32 = MIGRATIONS.len() as u32;

/// Brings a database to the newest schema.
///
/// # Errors
/// When the database was written by a newer version, or a migration fails.
pub(crate) fn migrate(database: &mut Connection) -> Result<()> {
    let version: u32 = database
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .context("Failed to read the schema's version")?;
    if version > NEWEST {
        bail!("it has version {version}, and this build knows up to {NEWEST}; install the newer Fileward again");
    }
    for (to, migration) in (1..).zip(MIGRATIONS).skip(version as usize) {
        let step = database.transaction()?;
        step.execute_batch(migration)
            .with_context(|| format!("Failed to migrate the schema to version {to}"))?;
        step.execute_batch(baseline::SCHEMA)
            .context("Failed to make the baseline's table")?;
        step.pragma_update(None, "application_id", APPLICATION_ID)?;
        step.pragma_update(None, "user_version", to)?;
        step.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_migration_changes_nothing() {
        let mut database = Connection::open_in_memory().unwrap();
        migrate(&mut database).unwrap();
        let tables = |database: &Connection| -> Vec<String> {
            let mut query = database
                .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
                .unwrap();
            query
                .query_map([], |row| row.get(0))
                .unwrap()
                .map(Result::unwrap)
                .collect()
        };
        let before = tables(&database);
        migrate(&mut database).unwrap();
        assert_eq!(tables(&database), before);
    }

    #[test]
    fn a_database_of_a_newer_version_is_refused() {
        let mut database = Connection::open_in_memory().unwrap();
        database.pragma_update(None, "user_version", 99).unwrap();
        let error = format!("{:#}", migrate(&mut database).unwrap_err());
        assert!(error.contains("version 99"), "{error}");
    }
}
