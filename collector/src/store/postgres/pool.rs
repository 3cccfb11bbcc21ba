//! The connections to the database, and what is done when one is lost.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use postgres::error::SqlState;
use postgres::{Client, Statement};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::address::Address;
use super::connection;
use super::session::{Kind, Session};
use crate::store::{Reply, StoreError};

/// How often work is tried before its trouble is told.
const TRIES: usize = 4;

/// Some connections.
pub(super) struct Pool {
    address: Arc<Address>,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    /// Changes wait for one another here already, so that they do not keep the connections from reports.
    turn: Arc<Semaphore>,
    waiting: AtomicU64,
}

/// A turn, and a connection.
type Permits = (Option<OwnedSemaphorePermit>, OwnedSemaphorePermit);

/// A connection, and what it has prepared.
struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
    /// Whether a transaction was begun and its end is not known.
    busy: bool,
}

/// What became of one try.
enum Tried<T> {
    Done(Result<T, StoreError>),
    /// Nothing was committed, and it may go better the next time.
    Again(StoreError),
    /// It must run as a change.
    AsChange,
}

impl Pool {
    pub(super) fn new(address: Arc<Address>, most: usize) -> Self {
        Self {
            address,
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(most)),
            turn: Arc::new(Semaphore::new(1)),
            waiting: AtomicU64::new(0),
        }
    }

    /// Connects for the first time and brings the database to this build's form.
    pub(super) fn prepare(&self) -> Result<()> {
        let mut client = self.address.connect()?;
        connection::prepare(&mut client)?;
        self.keep(Connection::new(client));
        Ok(())
    }

    /// How much work waits for a connection.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Runs work in a transaction of its own.
    pub(super) fn run<T: Send + 'static>(
        self: &Arc<Self>,
        kind: Kind,
        work: impl Fn(&mut Session<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<T> {
        let pool = Arc::clone(self);
        Box::pin(async move {
            let permits = pool.permits(kind).await;
            let task = tokio::task::spawn_blocking(move || {
                // Held until the work is done, also where nobody waits for its answer any more.
                let _permits = permits;
                pool.repeat(kind, &work)
            });
            task.await.map_err(|error| StoreError::Database(error.into()))?
        })
    }

    async fn permits(&self, kind: Kind) -> Result<Permits, AcquireError> {
        let _waits = Waits::begin(&self.waiting);
        let turn = match kind {
            Kind::Change => Some(Arc::clone(&self.turn).acquire_owned().await?),
            _ => None,
        };
        Ok((turn, Arc::clone(&self.permits).acquire_owned().await?))
    }

    /// Runs a statement that must stand in no transaction.
    pub(super) fn run_alone(self: &Arc<Self>, sql: String) -> Reply<()> {
        let pool = Arc::clone(self);
        Box::pin(async move {
            let permits = pool.permits(Kind::Change).await;
            let task = tokio::task::spawn_blocking(move || {
                let _permits = permits;
                pool.connect_and_run(&sql)
            });
            task.await.map_err(|error| StoreError::Database(error.into()))?
        })
    }

    fn connect_and_run(&self, sql: &str) -> Result<(), StoreError> {
        let mut connection = self.connection().map_err(|error| StoreError::Database(error.into()))?;
        connection.client.batch_execute(sql)?;
        self.keep(connection);
        Ok(())
    }

    fn repeat<T>(
        &self,
        mut kind: Kind,
        work: &impl Fn(&mut Session<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.attempt(kind, work) {
                Tried::Done(result) => return result,
                Tried::Again(error) if tries == TRIES => return Err(error),
                Tried::Again(_) => {}
                Tried::AsChange => kind = Kind::Change,
            }
        }
    }

    fn attempt<T>(&self, kind: Kind, work: &impl Fn(&mut Session<'_>) -> Result<T, StoreError>) -> Tried<T> {
        let mut connection = match self.connection() {
            Ok(connection) => connection,
            Err(error) => return Tried::Done(Err(StoreError::Database(error.into()))),
        };
        // A fault in one request leaves its connection, and thereby its transaction, behind.
        let tried = catch_unwind(AssertUnwindSafe(|| connection.attempt(kind, work)))
            .unwrap_or_else(|_| Tried::Done(Err(StoreError::Database("the collector has a fault".into()))));
        if connection.is_fit() {
            self.keep(connection);
        } else {
            // They were most likely lost together.
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        tried
    }

    fn connection(&self) -> Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(connection) => Ok(connection),
            None => Ok(Connection::new(self.address.connect()?)),
        }
    }

    fn keep(&self, connection: Connection) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
    }
}

/// Work that waits, until this is dropped.
struct Waits<'a>(&'a AtomicU64);

impl<'a> Waits<'a> {
    fn begin(waiting: &'a AtomicU64) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // A client ends by waiting, which a task must not.
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        let _ = std::thread::Builder::new().spawn(move || drop(idle));
    }
}

impl Connection {
    fn new(client: Client) -> Self {
        Self {
            client,
            statements: HashMap::new(),
            busy: false,
        }
    }

    fn attempt<T>(&mut self, kind: Kind, work: &impl Fn(&mut Session<'_>) -> Result<T, StoreError>) -> Tried<T> {
        self.busy = true;
        for part in kind.begin() {
            if let Err(error) = self.client.batch_execute(&part) {
                return self.judge(error.into());
            }
        }
        let mut session = Session::new(&mut self.client, &mut self.statements, kind);
        let result = work(&mut session);
        let as_change = session.is_to_change();
        match result {
            Ok(value) => self.commit(value),
            Err(error) => {
                self.busy = self.client.batch_execute("ROLLBACK").is_err();
                if as_change { Tried::AsChange } else { self.judge(error) }
            }
        }
    }

    fn commit<T>(&mut self, value: T) -> Tried<T> {
        match self.client.batch_execute("COMMIT") {
            Ok(()) => {
                self.busy = false;
                Tried::Done(Ok(value))
            }
            // Whether it was committed is not known: it must not run again.
            Err(error) => Tried::Done(Err(error.into())),
        }
    }

    /// Whether what failed before its commit may be tried again.
    fn judge<T>(&self, error: StoreError) -> Tried<T> {
        if self.client.is_closed() || asks_again(&error) {
            Tried::Again(error)
        } else {
            Tried::Done(Err(error))
        }
    }

    /// Whether it can serve once more.
    fn is_fit(&self) -> bool {
        !self.busy && !self.client.is_closed()
    }
}

/// Whether the database undid it for the sake of another, or because it ends.
fn asks_again(error: &StoreError) -> bool {
    let StoreError::Database(error) = error else {
        return false;
    };
    let code = error.downcast_ref::<postgres::Error>().and_then(postgres::Error::code);
    matches!(
        code,
        Some(
            &SqlState::T_R_SERIALIZATION_FAILURE
                | &SqlState::T_R_DEADLOCK_DETECTED
                | &SqlState::ADMIN_SHUTDOWN
                | &SqlState::CRASH_SHUTDOWN
        )
    )
}
