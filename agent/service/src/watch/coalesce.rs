//! Many hints in, few paths to look at out. Without IO and without a clock.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::settle::Settling;
use super::sighting::FileId;

/// The paths that something happened to, each until it is settled.
pub(crate) struct Coalescer {
    settle: Duration,
    limit: usize,
    pending: HashMap<Arc<Path>, Settling>,
    /// One entry a pending path. A path whose look was put off meanwhile is found early here, and put back.
    queue: BinaryHeap<Reverse<(Instant, Arc<Path>)>>,
    ids: HashMap<FileId, usize>,
    put_off: usize,
}

/// What became of a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Hinted {
    /// It is remembered.
    Kept,
    /// There were too many: all are forgotten, and every place must be compared with the baseline.
    Overflow,
}

impl Coalescer {
    /// At most `limit` paths are remembered.
    pub(crate) fn new(settle: Duration, limit: usize) -> Self {
        Self {
            settle,
            limit,
            pending: HashMap::new(),
            queue: BinaryHeap::new(),
            ids: HashMap::new(),
            put_off: 0,
        }
    }

    /// How many paths are pending, without those that wait for the sweep: the sweep must not wait for them in turn.
    pub(crate) fn busy(&self) -> usize {
        self.pending.len() - self.put_off
    }

    /// Something happened to `path`; `finished` when it was closed after writing or renamed into its place.
    pub(crate) fn hint(&mut self, path: PathBuf, finished: bool, now: Instant) -> Hinted {
        if let Some(settling) = self.pending.get_mut(path.as_path()) {
            settling.hint(finished, now, self.settle);
            return Hinted::Kept;
        }
        if self.pending.len() >= self.limit {
            *self = Self::new(self.settle, self.limit);
            return Hinted::Overflow;
        }
        let path: Arc<Path> = path.into();
        let mut settling = Settling::new(now, self.settle);
        settling.hint(finished, now, self.settle);
        self.queue.push(Reverse((settling.due(), Arc::clone(&path))));
        self.pending.insert(path, settling);
        Hinted::Kept
    }

    /// Takes out a path that is to be looked at by `now`.
    pub(crate) fn due(&mut self, now: Instant) -> Option<(Arc<Path>, Settling)> {
        while self.next().is_some_and(|due| due <= now) {
            let Reverse((_, path)) = self.queue.pop()?;
            let Some(settling) = self.pending.get(&path) else {
                continue;
            };
            if settling.due() > now {
                self.queue.push(Reverse((settling.due(), path)));
                continue;
            }
            let settling = self.pending.remove(&path)?;
            self.put_off -= usize::from(settling.is_put_off());
            if let Some(id) = settling.id() {
                self.count(id, false);
            }
            return Some((path, settling));
        }
        self.give_back_memory();
        None
    }

    /// Puts back a path that is to be looked at again.
    pub(crate) fn put_back(&mut self, path: Arc<Path>, settling: Settling) {
        if let Some(id) = settling.id() {
            self.count(id, true);
        }
        self.put_off += usize::from(settling.is_put_off());
        self.queue.push(Reverse((settling.due(), Arc::clone(&path))));
        self.pending.insert(path, settling);
    }

    /// When to look next; it may turn out to be too early.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.queue.peek().map(|Reverse((due, _))| *due)
    }

    /// Whether the file `id` was seen under a pending path: it moved, and where to is not settled yet.
    pub(crate) fn is_moving(&self, id: FileId) -> bool {
        self.ids.contains_key(&id)
    }

    fn count(&mut self, id: FileId, more: bool) {
        let count = self.ids.entry(id).or_default();
        *count = if more { *count + 1 } else { count.saturating_sub(1) };
        if *count == 0 {
            self.ids.remove(&id);
        }
    }

    fn give_back_memory(&mut self) {
        const KEPT: usize = 1_024;
        if self.pending.is_empty() && self.pending.capacity() > KEPT {
            *self = Self::new(self.settle, self.limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::os::Writer;
    use crate::watch::settle::{Next, Seen};
    use crate::watch::sighting::Stat;

    const SETTLE: Duration = Duration::from_millis(400);

    fn after(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    fn names(coalescer: &mut Coalescer, now: Instant) -> Vec<String> {
        let mut names: Vec<String> = std::iter::from_fn(|| coalescer.due(now))
            .map(|(path, _)| path.display().to_string())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn many_hints_for_a_path_are_one_look_after_the_last() {
        let start = Instant::now();
        let mut coalescer = Coalescer::new(SETTLE, 10);
        for at in 0..100 {
            assert_eq!(coalescer.hint("a".into(), false, after(start, at)), Hinted::Kept);
        }
        assert_eq!(coalescer.hint("b".into(), false, start), Hinted::Kept);
        assert_eq!(names(&mut coalescer, after(start, 149)), [""; 0]);
        assert_eq!(names(&mut coalescer, after(start, 150)), ["b"]);
        assert_eq!(coalescer.next(), Some(after(start, 249)));
        assert_eq!(names(&mut coalescer, after(start, 249)), ["a"]);
        assert_eq!((coalescer.busy(), coalescer.next()), (0, None));
    }

    #[test]
    fn too_many_paths_are_forgotten_together_and_that_is_said() {
        let start = Instant::now();
        let mut coalescer = Coalescer::new(SETTLE, 2);
        assert_eq!(coalescer.hint("a".into(), false, start), Hinted::Kept);
        assert_eq!(coalescer.hint("b".into(), false, start), Hinted::Kept);
        assert_eq!(coalescer.hint("b".into(), false, start), Hinted::Kept);
        assert_eq!(coalescer.hint("c".into(), false, start), Hinted::Overflow);
        assert_eq!(coalescer.busy(), 0);
        assert_eq!(coalescer.hint("c".into(), false, start), Hinted::Kept);
    }

    #[test]
    fn what_waits_for_the_sweep_does_not_keep_it_waiting() {
        let start = Instant::now();
        let mut coalescer = Coalescer::new(SETTLE, 2);
        assert_eq!(coalescer.hint("old".into(), false, start), Hinted::Kept);
        let (path, mut settling) = coalescer.due(after(start, 150)).unwrap();
        settling.put_off(after(start, 500));
        coalescer.put_back(path, settling);
        assert_eq!(coalescer.busy(), 0);
        assert_eq!(coalescer.hint("old".into(), false, after(start, 200)), Hinted::Kept);
        assert_eq!(coalescer.busy(), 0);
        let (path, mut settling) = coalescer.due(after(start, 500)).unwrap();
        settling.see(Seen::Missing { place: false }, after(start, 500), SETTLE);
        coalescer.put_back(path, settling);
        assert_eq!(coalescer.busy(), 1);
    }

    #[test]
    fn a_file_is_moving_while_its_new_path_is_not_settled() {
        let start = Instant::now();
        let mut coalescer = Coalescer::new(SETTLE, 2);
        assert_eq!(coalescer.hint("new".into(), false, start), Hinted::Kept);
        let (path, mut settling) = coalescer.due(after(start, 150)).unwrap();
        let id = FileId {
            device: 1,
            inode: 2,
            born: 3,
        };
        let seen = Stat {
            id,
            size: 1,
            modified: 1,
        };
        let next = settling.see(Seen::File(seen, Writer::Busy), after(start, 150), SETTLE);
        assert_eq!(next, Next::Look(after(start, 550)));
        coalescer.put_back(path, settling);
        assert!(coalescer.is_moving(id));
        assert!(coalescer.due(after(start, 550)).is_some());
        assert!(!coalescer.is_moving(id));
    }
}
