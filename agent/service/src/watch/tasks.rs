//! What the sweep has to do. What an event asked for goes before whole places.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
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
    /// Adds a task, unless it waits already; a folder waits already when one above it does.
    pub(crate) fn add(&self, task: Task) {
        let mut state = self.lock();
        match task {
            Task::Folder(path) => add_folder(&mut state.folders, path),
            Task::Missing(path) => add_folder(&mut state.missing, path),
            Task::Place(_) | Task::Orphans | Task::FirstDone if state.places.contains(&task) => {}
            Task::Place(_) | Task::Orphans | Task::FirstDone => state.places.push_back(task),
        }
        self.came.notify_one();
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

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add_folder(folders: &mut BTreeSet<PathBuf>, path: PathBuf) {
    if !path.ancestors().any(|above| folders.contains(above)) {
        folders.insert(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(tasks: &Tasks) -> Vec<Task> {
        tasks.add(Task::FirstDone);
        let mut all: Vec<Task> = std::iter::from_fn(|| tasks.next().filter(|task| *task != Task::FirstDone)).collect();
        all.dedup();
        all
    }

    #[test]
    fn what_events_asked_for_goes_first_and_new_folders_before_missing_ones() {
        let tasks = Tasks::default();
        let place = || Task::Place("/a".into());
        tasks.add(place());
        tasks.add(Task::Missing("/a/old".into()));
        tasks.add(Task::Folder("/a/new".into()));
        tasks.add(Task::Folder("/a/new/below".into()));
        tasks.add(Task::Folder("/a/newer".into()));
        tasks.add(place());
        let expected = [
            Task::Folder("/a/new".into()),
            Task::Folder("/a/newer".into()),
            Task::Missing("/a/old".into()),
            place(),
        ];
        assert_eq!(all(&tasks), expected);
    }

    #[test]
    fn work_for_an_event_is_urgent_until_the_next_is_asked_for() {
        let tasks = Tasks::default();
        tasks.add(Task::Place("/a".into()));
        assert!(!tasks.is_urgent());
        tasks.add(Task::Folder("/a/new".into()));
        assert!(tasks.is_urgent());
        assert!(tasks.next_urgent().is_some() && tasks.is_urgent());
        assert!(tasks.next_urgent().is_none() && !tasks.is_urgent());
    }
}
