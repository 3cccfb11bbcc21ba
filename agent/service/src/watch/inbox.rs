//! What wakes the watching thread: hints from the OS, results of sweeps, requests.
//!
//! The OS's callback only ever drops something in here and goes; if it waited, the kernel's queue would overflow.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::reconcile::Swept;

/// More hints than this are an overflow.
pub(crate) const LIMIT: usize = 100_000;
/// The sweep waits while so many paths are pending.
const ROOM: usize = 4_096;
/// Hints of one burst are taken together.
const BURST: Duration = Duration::from_millis(10);

/// What came in.
#[derive(Debug, Default)]
pub(crate) struct Mail {
    /// Paths to look at, and whether they were closed after writing or renamed into their place.
    pub(crate) hints: HashMap<PathBuf, bool>,
    /// Hints were lost.
    pub(crate) overflow: bool,
    /// Folders that the OS gave no watch for.
    pub(crate) unwatched: BTreeSet<PathBuf>,
    /// Somebody wants a new survey.
    pub(crate) resurvey: bool,
    /// Somebody wants every place compared with the baseline.
    pub(crate) reconcile: bool,
    /// Places that were swept.
    pub(crate) swept: Vec<Swept>,
    /// The end.
    pub(crate) stop: bool,
}

impl Mail {
    fn is_empty(&self) -> bool {
        self.hints.is_empty() && self.unwatched.is_empty() && self.swept.is_empty() && !self.is_urgent()
    }

    fn is_urgent(&self) -> bool {
        self.overflow || self.resurvey || self.reconcile || self.stop
    }
}

/// The watching thread's inbox.
#[derive(Default)]
pub(crate) struct Inbox {
    state: Mutex<State>,
    came: Condvar,
    room: Condvar,
}

#[derive(Default)]
struct State {
    mail: Mail,
    pending: usize,
    stopped: bool,
}

impl Inbox {
    /// Drops something in.
    pub(crate) fn put(&self, fill: impl FnOnce(&mut Mail)) {
        let mut state = self.lock();
        fill(&mut state.mail);
        if state.mail.hints.len() > LIMIT {
            state.mail.hints = HashMap::new();
            state.mail.overflow = true;
        }
        self.came.notify_one();
    }

    /// Drops in a path that the sweep found, once there is room.
    pub(crate) fn offer(&self, path: PathBuf) {
        let state = self.lock();
        let mut state = self
            .room
            .wait_while(state, |state| {
                !state.stopped && state.pending + state.mail.hints.len() >= ROOM
            })
            .unwrap_or_else(PoisonError::into_inner);
        state.mail.hints.entry(path).or_default();
        self.came.notify_one();
    }

    /// Asks both threads to end.
    pub(crate) fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        state.mail.stop = true;
        self.came.notify_all();
        self.room.notify_all();
    }

    /// Whether the end was asked for.
    pub(crate) fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Whether the watching thread has much to do.
    pub(crate) fn is_crowded(&self) -> bool {
        let state = self.lock();
        state.pending + state.mail.hints.len() >= ROOM / 2
    }

    /// Waits up to `duration`, or until the end was asked for.
    pub(crate) fn pause(&self, duration: Duration) {
        let state = self.lock();
        drop(self.room.wait_timeout_while(state, duration, |state| !state.stopped));
    }

    /// Waits for mail until `until`; `pending` paths wait at the watching thread itself.
    pub(crate) fn take(&self, pending: usize, until: Instant) -> Mail {
        let mut state = self.lock();
        state.pending = pending;
        self.room.notify_all();
        state = self.wait(state, until, Mail::is_empty);
        if !state.mail.hints.is_empty() {
            state = self.wait(state, until.min(Instant::now() + BURST), |mail| !mail.is_urgent());
        }
        state.pending += state.mail.hints.len();
        std::mem::take(&mut state.mail)
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        until: Instant,
        empty: impl Fn(&Mail) -> bool,
    ) -> MutexGuard<'a, State> {
        let timeout = until.saturating_duration_since(Instant::now());
        self.came
            .wait_timeout_while(state, timeout, |state| empty(&state.mail))
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// A thread that panicked while it held the lock leaves nothing half done: every change is one insertion.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
