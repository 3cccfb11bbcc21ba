//! Opening the database: that it is ours, and that its tables are those of this build.

use anyhow::{Context, Result, bail};
use postgres::{Client, GenericClient, Transaction};

use super::session::CHANGES;

/// Each migration once, in order. A published one never changes.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001.sql")];

/// Brings the database to this build's form.
pub(super) fn prepare(client: &mut Client) -> Result<()> {
    // Before anything is written: what a newer version keeps, and how, is its own affair.
    version(client)?;
    let mut transaction = client.transaction()?;
    // Two processes that start together do not both migrate.
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&CHANGES])?;
    migrate(&mut transaction)?;
    transaction.commit()?;
    Ok(())
}

fn migrate(transaction: &mut Transaction<'_>) -> Result<()> {
    let version = version(transaction)?;
    for (number, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        transaction
            .batch_execute(migration)
            .with_context(|| format!("Failed to bring it to form {}", number + 1))?;
    }
    if version < MIGRATIONS.len() {
        let form = i64::try_from(MIGRATIONS.len())?;
        transaction.execute("UPDATE fileward_form SET number = $1", &[&form])?;
    }
    Ok(())
}

/// Makes sure that nothing is written over.
pub(super) fn refuse_unless_empty(client: &mut Client) -> Result<()> {
    if version(client)? > 0 {
        bail!("the database holds a collector's data already; restore into an empty one");
    }
    Ok(())
}

/// The form that a database has; 0 for an empty one.
fn version(client: &mut impl GenericClient) -> Result<usize> {
    let ours: bool = client
        .query_one("SELECT to_regclass('fileward_form') IS NOT NULL", &[])?
        .try_get(0)?;
    if !ours {
        let foreign = client.query(
            "SELECT 1 FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm') \
             LIMIT 1",
            &[],
        )?;
        if !foreign.is_empty() {
            bail!("it belongs to another program");
        }
        return Ok(0);
    }
    let form: i64 = client.query_one("SELECT number FROM fileward_form", &[])?.try_get(0)?;
    let form = usize::try_from(form)?;
    if form > MIGRATIONS.len() {
        bail!("it was written by a newer version of the collector; run that version");
    }
    Ok(form)
}
