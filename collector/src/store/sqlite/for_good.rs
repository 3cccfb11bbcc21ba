//! Deleting for good: what was deleted is overwritten, and survives neither in free pages nor in the write-ahead log.

use rusqlite::{Connection, TransactionBehavior};

use super::{Sqlite, connection};
use crate::store::{Reply, StoreError};

/// What deleting came to.
pub(super) enum Deleted<T> {
    /// Something is deleted.
    Something(T),
    /// There was nothing to delete; nothing else is changed either.
    Nothing(T),
}

impl Sqlite {
    /// Deletes in one transaction on a connection of its own: it takes long, and the space is given back outside of any
    /// transaction.
    pub(super) fn delete_for_good<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<Deleted<T>, StoreError> + Send + 'static,
    ) -> Reply<T> {
        let path = self.path.clone();
        Box::pin(async move {
            let deleted = tokio::task::spawn_blocking(move || {
                let connection = connection::open(&path).map_err(|error| StoreError::Database(error.into()))?;
                delete(connection, work)
            });
            deleted.await.map_err(|error| StoreError::Database(error.into()))?
        })
    }
}

fn delete<T>(
    mut connection: Connection,
    work: impl FnOnce(&Connection) -> Result<Deleted<T>, StoreError>,
) -> Result<T, StoreError> {
    connection.execute_batch("PRAGMA secure_delete = ON")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = match work(&transaction)? {
        Deleted::Nothing(value) => return Ok(value),
        Deleted::Something(value) => value,
    };
    transaction.commit()?;
    connection.execute_batch("VACUUM")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(value)
}
