//! The one thread that writes. Jobs that wait together are committed together, so that one sync to disk serves many.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::store::{Reply, StoreError};

/// The most jobs in one transaction.
const TOGETHER: usize = 256;

/// The most jobs that wait; more senders wait themselves.
const WAITING: usize = 1024;

/// The handle on the writing thread.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> std::io::Result<Self> {
        let (jobs, receiver) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || run(&connection, receiver))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// How many jobs wait.
    pub(super) fn waiting(&self) -> u64 {
        let jobs = self.jobs.as_ref();
        jobs.map_or(0, |jobs| (jobs.max_capacity() - jobs.capacity()) as u64)
    }

    /// Runs `work` in a transaction; its answer comes after the commit. An error undoes this work alone.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<T> {
        let jobs = self.jobs.clone();
        let (sender, receiver) = oneshot::channel();
        let job = Box::new(Work {
            todo: Some(work),
            result: None,
            sender,
        });
        Box::pin(async move {
            let stopped = || StoreError::Database("the store is stopped".into());
            jobs.ok_or_else(stopped)?.send(job).await.map_err(|_| stopped())?;
            receiver.await.map_err(|_| stopped())?
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

trait Job: Send {
    /// Does the work and says whether it may stay.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Tells the sender how it went, once that is certain. `lost` says why the whole transaction came to nothing.
    fn settle(self: Box<Self>, lost: Option<&str>);
}

struct Work<F, T> {
    todo: Option<F>,
    result: Option<Result<T, StoreError>>,
    sender: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Job for Work<F, T>
where
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        // A fault in one request must not end the thread that all others need.
        self.result = self.todo.take().map(|work| {
            catch_unwind(AssertUnwindSafe(|| work(connection)))
                .unwrap_or_else(|_| Err(StoreError::Database("the collector has a fault".into())))
        });
        matches!(self.result, Some(Ok(_)))
    }

    fn settle(self: Box<Self>, lost: Option<&str>) {
        let result = match (self.result, lost) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), None) => Ok(value),
            (_, why) => Err(StoreError::Database(why.unwrap_or("the store is stopped").into())),
        };
        // Nobody listens if the request was given up meanwhile.
        let _ = self.sender.send(result);
    }
}

fn run(connection: &Connection, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
    while let Some(first) = jobs.blocking_recv() {
        let mut batch = vec![first];
        let outcome = transaction(connection, &mut batch, &mut jobs);
        if outcome.is_err() && !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        let lost = outcome.err().map(|error| error.to_string());
        for job in batch {
            job.settle(lost.as_deref());
        }
    }
}

/// Runs the job in `batch`, and those that came meanwhile, in one transaction.
fn transaction(
    connection: &Connection,
    batch: &mut Vec<Box<dyn Job>>,
    jobs: &mut mpsc::Receiver<Box<dyn Job>>,
) -> rusqlite::Result<()> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    while let Some(job) = batch.last_mut() {
        connection.prepare_cached("SAVEPOINT job")?.execute([])?;
        let keep = job.run(connection);
        // A full disk can end the whole transaction by itself; then everything in it is lost.
        if connection.is_autocommit() {
            let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
            return Err(rusqlite::Error::SqliteFailure(full, None));
        }
        if !keep {
            connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
        }
        connection.prepare_cached("RELEASE job")?.execute([])?;
        if batch.len() == TOGETHER {
            break;
        }
        let Ok(next) = jobs.try_recv() else { break };
        batch.push(next);
    }
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}
