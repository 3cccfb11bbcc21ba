//! The query module for SQLite: one writing thread with group commit, a few readers, one file a subject.

mod api_tokens;
mod applications;
mod audit;
mod codes;
mod connection;
mod corrections;
mod devices;
mod disclosures;
mod erasures;
mod filings;
mod filter;
mod findings;
mod for_good;
mod holds;
mod intake;
mod ladder;
mod looks;
mod measure;
mod mentions;
mod people;
mod policies;
mod records;
mod registers;
mod roots;
mod sessions;
mod targets;
#[cfg(test)]
mod tests;
mod tokens;
mod trends;
mod upkeep;
mod value;
mod views;
mod walk;
mod work;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{Reply, StoreError};
use writer::Writer;

/// The most queries that read at the same time.
const READERS: usize = 4;

/// A store in one SQLite file.
pub(crate) struct Sqlite {
    path: PathBuf,
    writer: Writer,
    readers: Arc<Readers>,
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Sqlite {
    /// Opens the database; makes it if there is none, and brings it to this build's form.
    ///
    /// # Errors
    /// If it is damaged, belongs to another program or was written by a newer version. It is never deleted.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let connection = connection::open(path)?;
        let writer = Writer::start(connection).context("Failed to start the thread of the store")?;
        let readers = Readers {
            path: path.to_owned(),
            idle: Mutex::default(),
            permits: Semaphore::new(READERS),
        };
        Ok(Self {
            path: path.to_owned(),
            writer,
            readers: Arc::new(readers),
        })
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<T> {
        self.writer.submit(work)
    }

    /// Runs a query on one consistent state of the database.
    fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<T> {
        let readers = Arc::clone(&self.readers);
        Box::pin(async move {
            let _permit = readers.permits.acquire().await;
            let task = {
                let readers = Arc::clone(&readers);
                tokio::task::spawn_blocking(move || readers.run(query))
            };
            task.await.map_err(|error| StoreError::Database(error.into()))?
        })
    }
}

impl Readers {
    fn run<T>(&self, query: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connection::open_reader(&self.path)?,
        };
        let transaction = connection.unchecked_transaction()?;
        let result = query(&transaction);
        transaction.finish()?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(connection);
        result
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::FromSqlConversionFailure(column, _, _) => Self::Unreadable {
                what: format!("column {column} of a query"),
            },
            error => Self::Database(error.into()),
        }
    }
}

/// Counts what SQLite counts in signed numbers; nothing here is ever negative.
fn unsigned(number: i64) -> u64 {
    number.max(0).cast_unsigned()
}

/// The opposite of [`unsigned`]; what is out of range is cut.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
