//! Which of several collectors leads: the one whose connection holds a lock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use postgres::Client;

use super::Postgres;
use super::address::Address;
use crate::store::lead::Lead;
use crate::store::{Reply, StoreError};

/// The lock that the leading collector holds. "Fwrd" and a number.
const LEADING: i64 = 0x4677_7264_0000_0003;

/// How long the database may take to answer whether the connection still is one.
const PATIENCE: Duration = Duration::from_secs(10);

/// That the database soon notices when the machine of the leading collector is gone.
const NOTICE: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4";

/// A connection that does nothing but hold the lock, or ask for it.
#[derive(Default)]
pub(super) struct Candidate(Mutex<Option<Connection>>);

struct Connection {
    client: Client,
    leads: bool,
}

impl Lead for Postgres {
    fn leads(&self) -> Reply<bool> {
        let (candidate, address) = (Arc::clone(&self.candidate), Arc::clone(&self.address));
        Box::pin(async move {
            let task = tokio::task::spawn_blocking(move || candidate.leads(&address));
            task.await.map_err(|error| StoreError::Database(error.into()))?
        })
    }
}

impl Candidate {
    fn leads(&self, address: &Address) -> Result<bool, StoreError> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What failed is forgotten, and the lock with it.
        let mut current = match connection.take() {
            Some(current) => current,
            None => Connection::begin(address)?,
        };
        current.ask()?;
        let leads = current.leads;
        *connection = Some(current);
        Ok(leads)
    }
}

impl Connection {
    fn begin(address: &Address) -> Result<Self, StoreError> {
        let mut client = address.connect().map_err(|error| StoreError::Database(error.into()))?;
        client.batch_execute(NOTICE)?;
        Ok(Self { client, leads: false })
    }

    fn ask(&mut self) -> Result<(), StoreError> {
        if self.leads {
            self.client.is_valid(PATIENCE)?;
        } else {
            let taken = self.client.query_one("SELECT pg_try_advisory_lock($1)", &[&LEADING])?;
            self.leads = taken.try_get(0)?;
        }
        Ok(())
    }
}

impl Drop for Candidate {
    fn drop(&mut self) {
        // A client ends by waiting, which a task must not.
        let connection = self.0.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let _ = std::thread::Builder::new().spawn(move || drop(connection));
    }
}
