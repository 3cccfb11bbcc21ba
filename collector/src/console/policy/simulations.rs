//! Simulations that run or are done: one a user, few at a time, each beside the pages and not in their way.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fileward_policy::Policy;
use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};

use crate::simulate::{self, Outcome};
use crate::store::people::UserId;
use crate::store::{Store, StoreError};

/// The most that run at a time: each takes a core.
const AT_ONCE: usize = 2;

/// How long a page waits for a simulation before it says how far it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// The simulations of all users.
pub(in crate::console) struct Simulations {
    jobs: Mutex<BTreeMap<UserId, Job>>,
    permits: Arc<Semaphore>,
}

impl Default for Simulations {
    fn default() -> Self {
        Self {
            jobs: Mutex::default(),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

/// A simulation is running already, or too many are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Busy;

/// One simulation.
#[derive(Clone)]
pub(super) struct Job {
    /// When it began.
    pub(super) began: Timestamp,
    done: Arc<AtomicU64>,
    state: watch::Receiver<State>,
}

/// How far a simulation is.
#[derive(Clone)]
pub(super) enum State {
    /// It runs.
    Running,
    /// It said this.
    Done(Arc<Outcome>),
    /// The store failed.
    Failed,
}

impl Simulations {
    /// Begins one for a user, in place of the one before.
    pub(super) fn begin(&self, user: UserId, store: Arc<dyn Store>, policy: Policy) -> Result<(), Busy> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.get(&user).is_some_and(Job::is_running) {
            return Err(Busy);
        }
        let permit = Arc::clone(&self.permits).try_acquire_owned().map_err(|_| Busy)?;
        let (tell, state) = watch::channel(State::Running);
        let job = Job {
            began: Timestamp::now(),
            done: Arc::default(),
            state,
        };
        let (began, done) = (job.began, Arc::clone(&job.done));
        jobs.insert(user, job);
        tokio::spawn(async move {
            // A task of its own, so that whatever becomes of it is told.
            let run = tokio::spawn(simulate::run(store, policy, began, done)).await;
            let run = run.unwrap_or_else(|error| Err(StoreError::Database(error.into())));
            tell.send_replace(match run {
                Ok(outcome) => State::Done(Arc::new(outcome)),
                Err(error) => {
                    tracing::error!(error = %format!("{:#}", anyhow::Error::from(error)), "a simulation failed");
                    State::Failed
                }
            });
            drop(permit);
        });
        Ok(())
    }

    /// A user's last one.
    pub(super) fn of(&self, user: UserId) -> Option<Job> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.get(&user).cloned()
    }
}

impl Job {
    fn is_running(&self) -> bool {
        matches!(*self.state.borrow(), State::Running)
    }

    /// How many findings it has judged.
    pub(super) fn judged(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// How far it is, after waiting a little for its end.
    pub(super) async fn state(&mut self) -> State {
        let is_over = |state: &State| !matches!(state, State::Running);
        let _ = tokio::time::timeout(PATIENCE, self.state.wait_for(is_over)).await;
        self.state.borrow().clone()
    }
}
