//! Deleting for good: what was deleted does not survive in the pages of the tables. The server's write-ahead log, replicas and
//! backups are the matter of whoever runs it.

use super::Postgres;
use super::session::Session;
use crate::store::upkeep::Deleted;
use crate::store::{Reply, StoreError};

/// Every table but the audit trail, of which nothing is ever deleted.
const TABLES: &str = "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
    AND relkind = 'r' AND relname <> 'audit' ORDER BY relname";

impl Postgres {
    /// Deletes in one transaction, then writes anew what is left.
    pub(super) fn delete_for_good<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Session<'_>) -> Result<Deleted<T>, StoreError> + Send + 'static,
    ) -> Reply<T> {
        let deleted = self.write(work);
        let tables = self.read(|session| session.query(TABLES, &[], |row| row.get::<String>(0)));
        let writers = self.writers.clone();
        Box::pin(async move {
            let value = match deleted.await? {
                Deleted::Nothing(value) => return Ok(value),
                Deleted::Something(value) => value,
            };
            for table in tables.await? {
                writers.run_alone(format!("VACUUM (FULL, ANALYZE) {table}")).await?;
            }
            Ok(value)
        })
    }
}
