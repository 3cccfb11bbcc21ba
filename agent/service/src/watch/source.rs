//! Where hints come from: one OS watcher for all places and anchors.
//!
//! There is one watcher because a user may have only 128 of them. Of its events only the path is taken: "look here again".

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fileward_places::plain;
use fileward_protocol::health::Degraded;
use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Config, ErrorKind, EventKind, EventKindMask, RecommendedWatcher, RecursiveMode, Watcher};

use super::inbox::Inbox;
use super::names;
use super::open::FolderId;

/// The longest until a refused watch is asked for again.
const RETRY: Duration = Duration::from_hours(1);

/// What to watch, each folder with the identity it had when it was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Folders to watch with all below them.
    pub(crate) trees: BTreeMap<PathBuf, FolderId>,
    /// Folders of which only the direct children matter.
    pub(crate) folders: BTreeMap<PathBuf, FolderId>,
}

impl Wanted {
    /// Leaves out what a tree above covers: watching it twice, and giving up one of the two, would end both.
    fn minimal(&self) -> Self {
        let covered =
            |path: &Path, from: usize| path.ancestors().skip(from).any(|above| self.trees.contains_key(above));
        let without = |watched: &BTreeMap<PathBuf, FolderId>, from: usize| {
            let kept = watched.iter().filter(|(path, _)| !covered(path, from));
            kept.map(|(path, id)| (path.clone(), *id)).collect()
        };
        Self {
            trees: without(&self.trees, 1),
            folders: without(&self.folders, 0),
        }
    }
}

/// What became of the trees.
#[derive(Debug, Default)]
pub(crate) struct Arranged {
    /// Trees whose watch is new: what happened in them before is unknown.
    pub(crate) new: BTreeSet<PathBuf>,
    /// Trees that are not watched, or not wholly.
    pub(crate) refused: BTreeMap<PathBuf, Degraded>,
}

impl Arranged {
    /// Why the tree at `root` is not watched.
    pub(crate) fn refused(&self, root: &Path) -> Option<Degraded> {
        root.ancestors().find_map(|above| self.refused.get(above)).copied()
    }

    /// Whether the watch of the tree at `root` is new.
    pub(crate) fn is_new(&self, root: &Path) -> bool {
        root.ancestors().any(|above| self.new.contains(above))
    }
}

/// The OS's watcher. Paths go to it in their long form and come back from it plain.
pub(crate) struct Source {
    inbox: Arc<Inbox>,
    retry: Duration,
    watcher: Option<RecommendedWatcher>,
    watched: Wanted,
    refused: HashMap<PathBuf, Refused>,
}

struct Refused {
    why: Degraded,
    again: Instant,
    wait: Duration,
}

impl Source {
    /// Watches nothing yet; hints will go to `inbox`. A refused watch is asked for again by the first survey after `retry`,
    /// then after twice as long, and so on.
    pub(crate) fn new(inbox: Arc<Inbox>, retry: Duration) -> Self {
        Self {
            inbox,
            retry,
            watcher: None,
            watched: Wanted::default(),
            refused: HashMap::new(),
        }
    }

    /// Watches what is wanted and nothing else.
    pub(crate) fn arrange(&mut self, wanted: &Wanted, now: Instant) -> Arranged {
        let wanted = wanted.minimal();
        if self.is_dead() {
            *self = Self::new(Arc::clone(&self.inbox), self.retry);
        }
        self.forget_ended();
        self.refused.retain(|root, _| wanted.trees.contains_key(root));
        self.unwatch_all_but(&wanted, now);
        let mut new = BTreeSet::new();
        for (root, id) in &wanted.trees {
            if self.watched.trees.contains_key(root)
                || self.refused.get(root).is_some_and(|refused| now < refused.again)
            {
                continue;
            }
            match self.watch(root, RecursiveMode::Recursive) {
                Ok(()) => {
                    self.refused.remove(root);
                    self.watched.trees.insert(root.clone(), *id);
                    new.insert(root.clone());
                }
                Err(why) => self.refuse(root, why, now),
            }
        }
        for (folder, id) in &wanted.folders {
            // A folder that cannot be watched is looked at with every survey.
            if !self.watched.folders.contains_key(folder) && self.watch(folder, RecursiveMode::NonRecursive).is_ok() {
                self.watched.folders.insert(folder.clone(), *id);
            }
        }
        if self.watched == Wanted::default() {
            // On Windows it would wake up ten times a second for nothing.
            self.watcher = None;
        }
        let refused = self.refused.iter().map(|(root, refused)| (root.clone(), refused.why));
        Arranged {
            new,
            refused: refused.collect(),
        }
    }

    /// Takes note that the OS gave no watch for a folder in the tree at `root`.
    pub(crate) fn limited(&mut self, folder: &Path, now: Instant) {
        let root = folder.ancestors().find(|above| self.watched.trees.contains_key(*above));
        if let Some(root) = root.map(Path::to_path_buf) {
            self.refuse(&root, Degraded::WatchLimit, now);
        }
    }

    /// Gives up the watch of the tree with `root` in it, so that the next arrangement asks for all of it anew.
    pub(crate) fn renew(&mut self, root: &Path) {
        let tree = root.ancestors().find(|above| self.watched.trees.contains_key(*above));
        if let Some(tree) = tree.map(Path::to_path_buf) {
            self.watched.trees.remove(&tree);
            self.unwatch(&tree);
        }
    }

    /// Gives up the watches of all trees, so that the next arrangement asks for them anew: a folder whose making was among
    /// lost events has none.
    pub(crate) fn renew_all(&mut self) {
        for tree in std::mem::take(&mut self.watched.trees).into_keys() {
            self.unwatch(&tree);
        }
    }

    /// Waits until the watches of all folders that were hinted at stand.
    ///
    /// The watcher tells of a new folder before it watches it, in one go; a question put to it is answered afterwards.
    pub(crate) fn barrier(&self) {
        if self.is_dead() {
            self.inbox.put(|mail| {
                mail.resurvey = true;
                mail.overflow = true;
            });
        }
    }

    /// Forgets watches that ended by themselves, as on Windows after any error of the volume, so that they are asked for anew.
    fn forget_ended(&mut self) {
        let Some(Ok(standing)) = self.watcher.as_ref().map(Watcher::watched_paths) else {
            return;
        };
        let standing: HashSet<PathBuf> = standing.into_iter().map(|(path, _)| plain(&path)).collect();
        self.watched.trees.retain(|path, _| standing.contains(path));
        self.watched.folders.retain(|path, _| standing.contains(path));
    }

    fn is_dead(&self) -> bool {
        self.watcher
            .as_ref()
            .is_some_and(|watcher| watcher.watched_paths().is_err())
    }

    fn unwatch_all_but(&mut self, wanted: &Wanted, now: Instant) {
        let stale = |wanted: &BTreeMap<PathBuf, FolderId>, watched: &BTreeMap<PathBuf, FolderId>| -> Vec<PathBuf> {
            let paths = watched.iter().filter(|(path, id)| {
                // Of what was refused in part, a part is watched; asking again begins from the start.
                let again = self.refused.get(*path).is_some_and(|refused| now >= refused.again);
                again || wanted.get(*path) != Some(id)
            });
            paths.map(|(path, _)| path.clone()).collect()
        };
        let trees = stale(&wanted.trees, &self.watched.trees);
        let folders = stale(&wanted.folders, &self.watched.folders);
        for path in trees.iter().chain(&folders) {
            self.watched.trees.remove(path);
            self.watched.folders.remove(path);
            self.unwatch(path);
        }
    }

    fn watch(&mut self, path: &Path, mode: RecursiveMode) -> Result<(), Degraded> {
        let result = match &mut self.watcher {
            Some(watcher) => watcher.watch(&names::long(path), mode),
            None => self.start().and_then(|watcher| watcher.watch(&names::long(path), mode)),
        };
        let Err(error) = result else { return Ok(()) };
        // The folders that did get a watch would use up what other places need.
        self.unwatch(path);
        Err(match error.kind {
            ErrorKind::MaxFilesWatch => Degraded::WatchLimit,
            _ => Degraded::WatcherFailed,
        })
    }

    fn unwatch(&mut self, path: &Path) {
        if let Some(watcher) = &mut self.watcher {
            // It fails when the folder is gone and its watch with it, which is as good.
            drop(watcher.unwatch(&names::long(path)));
        }
    }

    fn start(&mut self) -> notify::Result<&mut RecommendedWatcher> {
        let inbox = Arc::clone(&self.inbox);
        let config = Config::default().with_follow_symlinks(false).with_event_kinds(
            EventKindMask::CREATE
                | EventKindMask::REMOVE
                | EventKindMask::MODIFY_NAME
                | EventKindMask::MODIFY_META
                | EventKindMask::ACCESS_CLOSE,
        );
        let watcher = RecommendedWatcher::new(move |event| deliver(&inbox, event), config)?;
        Ok(self.watcher.insert(watcher))
    }

    fn refuse(&mut self, root: &Path, why: Degraded, now: Instant) {
        let wait = match self.refused.get(root) {
            Some(before) if now < before.again => return,
            Some(before) => (before.wait * 2).min(RETRY),
            None => self.retry,
        };
        let again = now + wait;
        self.refused.insert(root.to_path_buf(), Refused { why, again, wait });
    }
}

/// Runs on the watcher's thread and must not wait.
fn deliver(inbox: &Inbox, event: notify::Result<notify::Event>) {
    match event {
        // Such an event has no paths.
        Ok(event) if event.need_rescan() => inbox.put(|mail| mail.overflow = true),
        Ok(event) => {
            let finished = matches!(
                event.kind,
                EventKind::Access(AccessKind::Close(AccessMode::Write))
                    | EventKind::Modify(ModifyKind::Name(RenameMode::To))
            );
            inbox.put(|mail| {
                for path in event.paths {
                    *mail.hints.entry(plain(&path)).or_default() |= finished;
                }
            });
        }
        Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
            inbox.put(|mail| mail.unwatched.extend(error.paths.iter().map(|path| plain(path))));
        }
        // A folder that may not be read: the sweep finds and reports it. A watch that ended: the next survey finds that.
        Err(error) if !error.paths.is_empty() => {}
        Err(_) => inbox.put(|mail| mail.overflow = true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(paths: &[&str]) -> BTreeMap<PathBuf, FolderId> {
        let id = FolderId { device: 1, inode: 1 };
        paths.iter().map(|path| (PathBuf::from(path), id)).collect()
    }

    #[test]
    fn nothing_below_a_watched_tree_is_watched_again() {
        let wanted = Wanted {
            trees: folders(&["/home/li/Downloads", "/home/li/Downloads/cloud", "/home/li/Desktop"]),
            folders: folders(&["/home/li", "/home/li/Desktop", "/home/li/Downloads/cloud/1"]),
        };
        let expected = Wanted {
            trees: folders(&["/home/li/Downloads", "/home/li/Desktop"]),
            folders: folders(&["/home/li"]),
        };
        assert_eq!(wanted.minimal(), expected);
    }

    #[test]
    fn a_lost_event_becomes_an_overflow_and_a_refused_watch_is_not_silent() {
        let inbox = Inbox::default();
        deliver(
            &inbox,
            Ok(notify::Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan)),
        );
        let refused = notify::Error::new(ErrorKind::MaxFilesWatch).add_path("/a/b".into());
        deliver(&inbox, Err(refused));
        let mail = inbox.take(0, Instant::now());
        assert!(mail.overflow);
        assert_eq!(mail.unwatched, BTreeSet::from(["/a/b".into()]));
    }
}
