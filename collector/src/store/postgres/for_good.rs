//! Deleting for good: what was deleted survives in no page of a table.

use super::Postgres;
use super::session::Session;
use crate::store::upkeep::Deleted;
use crate::store::{Reply, StoreError};

impl Postgres {
    /// Deletes in one transaction, then writes the tables from which was deleted anew.
    pub(super) fn delete_for_good<T: Send + 'static>(
        &self,
        tables: impl IntoIterator<Item = &'static str, IntoIter: Send + 'static>,
        work: impl Fn(&mut Session<'_>) -> Result<Deleted<T>, StoreError> + Send + 'static,
    ) -> Reply<T> {
        let deleted = self.write(move |session| {
            // No report is taken meanwhile: each begins with the row of its device.
            session.execute("LOCK TABLE device IN EXCLUSIVE MODE", &[])?;
            work(session)
        });
        let (writers, tables) = (self.writers.clone(), tables.into_iter());
        Box::pin(async move {
            let value = match deleted.await? {
                Deleted::Nothing(value) => return Ok(value),
                Deleted::Something(value) => value,
            };
            for table in tables {
                writers.run_alone(format!("VACUUM (FULL, ANALYZE) {table}")).await?;
            }
            Ok(value)
        })
    }
}
