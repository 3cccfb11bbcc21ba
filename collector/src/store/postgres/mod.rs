//! The query module for PostgreSQL: the same files as for SQLite, over a few connections.
//!
//! Changes run one after another, as in SQLite, whichever collector makes them: each holds [`session::CHANGES`] until it is
//! committed. Reports alone run beside one another: each holds the row of its device, see [`Postgres::report`].

mod address;
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
mod lead;
mod looks;
mod measure;
mod mentions;
mod people;
mod policies;
mod pool;
mod programs;
mod records;
mod registers;
mod roots;
mod sent;
mod session;
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

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::{Reply, StoreError};
pub(crate) use address::Address;
use lead::Candidate;
use pool::Pool;
use session::{Kind, Session};

/// The most queries that read at the same time.
const READERS: usize = 4;

/// The most changes and reports that are written at the same time.
const WRITERS: usize = 6;

/// A store in a PostgreSQL database.
pub(crate) struct Postgres {
    address: Arc<Address>,
    readers: Arc<Pool>,
    writers: Arc<Pool>,
    candidate: Arc<Candidate>,
}

impl Postgres {
    /// Opens the database and brings it to this build's form.
    ///
    /// # Errors
    /// If it cannot be reached, belongs to another program or was written by a newer version. It is never deleted.
    pub(crate) async fn open(address: Address) -> Result<Self> {
        let address = Arc::new(address);
        let writers = Arc::new(Pool::new(Arc::clone(&address), WRITERS));
        let pool = Arc::clone(&writers);
        tokio::task::spawn_blocking(move || pool.prepare())
            .await
            .context("Failed to open the database")?
            .with_context(|| format!("The database {address} cannot be used (nothing was changed or deleted)"))?;
        Ok(Self {
            readers: Arc::new(Pool::new(Arc::clone(&address), READERS)),
            writers,
            candidate: Arc::default(),
            address,
        })
    }

    /// Copies a backup into a database that holds nothing yet.
    ///
    /// # Errors
    /// If there is something in it, or PostgreSQL's own program fails.
    pub(crate) async fn restore(address: Address, file: PathBuf) -> Result<()> {
        let task = tokio::task::spawn_blocking(move || {
            connection::refuse_unless_empty(&mut address.connect()?)?;
            Ok(programs::restore(&address, &file)?)
        });
        task.await.context("Failed to restore the database")?
    }

    /// Changes something, after whatever else is being changed. The work runs again if the connection was lost before its
    /// commit, or if the database asks for it.
    fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Session<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<T> {
        self.writers.run(Kind::Change, work)
    }

    /// Takes what a device sends, beside what others send. The work first locks the device's row. If it must be written into
    /// the audit trail it runs again as a change, so that locks are always taken in the same order.
    fn report<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Session<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<T> {
        self.writers.run(Kind::Report, work)
    }

    /// Runs a query on one consistent state of the database.
    fn read<T: Send + 'static>(
        &self,
        query: impl Fn(&mut Session<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<T> {
        self.readers.run(Kind::Query, query)
    }

    /// The same for what is read in the order of its numbers: every number that this query sees is followed by greater
    /// ones alone, so that whoever has read up to one has missed none before it.
    fn read_settled<T: Send + 'static>(
        &self,
        query: impl Fn(&mut Session<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<T> {
        self.readers.run(Kind::Settled, query)
    }
}

/// Counts what the database counts in signed numbers; nothing here is ever negative.
fn unsigned(number: i64) -> u64 {
    number.max(0).cast_unsigned()
}

/// The opposite of [`unsigned`]; what is out of range is cut.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
