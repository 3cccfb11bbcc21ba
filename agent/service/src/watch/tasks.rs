//! What the sweep has to do. What an event asked for goes before whole places.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// One piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Compare a folder and all below it with the baseline.
    Folder(PathBuf),
    /// A folder is not there any more: find the judged files in it.
    Missing(PathBuf),
    /// Compare the place with this root.
    Place(PathBuf),
    /// Find judged files that are gone and lie in no place any more.
    Orphans,
    /// Every place has been compared since the start.
    FirstDone,
}

/// The list, shared by the thread that fills it and the one that works it off.
#[derive(Default)]
pub(crate) struct Tasks {
    state: Mutex<State>,
    came: Condvar,
}

#[derive(Default)]
struct State {
    folders: BTreeSet<PathBuf>,
    missing: BTreeSet<PathBuf>,
    places: VecDeque<Task>,
    urgent: bool,
    stopped: bool,
}

impl State {
    fn take_urgent(&mut self) -> Option<Task> {
        // Files that moved from a missing folder into a new one are to be seen in the new one first.
        let task = self
            .folders
            .pop_first()
            .map(Task::Folder)
            .or_else(|| self.missing.pop_first().map(Task::Missing));
        self.urgent = task.is_some();
        task
    }
}

impl Tasks {
    /// Adds a folder to compare, unless one above it is to be compared anyway.
    pub(crate) fn folder(&self, path: &Path) {
        let mut state = self.lock();
        if !path.ancestors().any(|above| state.folders.contains(above)) {
            state.folders.insert(path.to_path_buf());
            self.came.notify_one();
        }
    }

    /// Adds a folder that is not there any more.
    pub(crate) fn missing(&self, path: &Path) {
        let mut state = self.lock();
        if !path.ancestors().any(|above| state.missing.contains(above)) {
            state.missing.insert(path.to_path_buf());
            self.came.notify_one();
        }
    }

    /// Adds a place, unless it waits already.
    pub(crate) fn place(&self, root: &Path) {
        self.add(Task::Place(root.to_path_buf()));
    }

    /// Adds the search for files that lie in no place any more.
    pub(crate) fn orphans(&self) {
        self.add(Task::Orphans);
    }

    /// Adds the mark that the first comparison of every place is done.
    pub(crate) fn first_done(&self) {
        self.add(Task::FirstDone);
    }

    /// Whether something that an event asked for waits or is being done.
    pub(crate) fn is_urgent(&self) -> bool {
        let state = self.lock();
        state.urgent || !state.folders.is_empty() || !state.missing.is_empty()
    }

    /// The next task; waits for one. `None` at the end.
    pub(crate) fn next(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            let task = state.take_urgent();
            if let Some(task) = task.or_else(|| state.places.pop_front()) {
                return Some(task);
            }
            state = self.came.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next task that must not wait for a whole place.
    pub(crate) fn next_urgent(&self) -> Option<Task> {
        self.lock().take_urgent()
    }

    /// Ends the work.
    pub(crate) fn stop(&self) {
        self.lock().stopped = true;
        self.came.notify_all();
    }

    fn add(&self, task: Task) {
        let mut state = self.lock();
        if !state.places.contains(&task) {
            state.places.push_back(task);
            self.came.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
