//! The truth beside the hints: compares folders with the baseline and finds what is new, changed, replaced or missing.
//!
//! It runs in a thread of its own that gives way to others. A file that was left alone for a while is told from here; one that
//! may still be written, and one that is missing, is handed to the watching thread, which waits and looks again.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fileward_places::Place;
use fileward_protocol::health::Unavailable;

use super::Event;
use super::baseline::{Baseline, Judged};
use super::devices::Devices;
use super::ignore;
use super::inbox::Inbox;
use super::open::{self, Entry, Look, Root};
use super::os::{self, Writer};
use super::outlet::{Failure, Outlet};
use super::settle::PATIENCE;
use super::sighting::Stat;
use super::tasks::{Task, Tasks};
use super::territory::Shared;

/// A file that did not change for so long is not on its way any more, unless somebody has it open for writing.
const RESTED: Duration = Duration::from_secs(2);
/// How many files of a folder are told together.
const TOGETHER: usize = 64;
/// How long the sweep steps aside before each folder while there are many hints.
const STEP_ASIDE: Duration = Duration::from_millis(20);

/// A place was swept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Swept {
    /// The place's root.
    pub(crate) root: PathBuf,
    /// What came of it.
    pub(crate) outcome: Outcome,
    /// How long it took.
    pub(crate) took: Duration,
}

/// What came of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All of it was read.
    Whole,
    /// Some of its folders could not be read.
    Partly,
    /// Its root could not be read.
    Unavailable(Unavailable),
    /// It was given up: the service stops, or the place is none any more.
    GivenUp,
}

/// The sweep.
pub(crate) struct Sweeper {
    pub(crate) baseline: Baseline,
    pub(crate) outlet: Arc<Outlet>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) tasks: Arc<Tasks>,
    pub(crate) territory: Shared,
    pub(crate) devices: Arc<Devices>,
}

/// What a walk found besides the files it told.
#[derive(Default)]
struct Walked {
    /// Folders in which judged files are missing.
    lacking: HashSet<PathBuf>,
    unreadable: bool,
}

impl Sweeper {
    /// Works until the end.
    pub(crate) fn run(self) -> Result<(), Failure> {
        os::calm_thread();
        while let Some(task) = self.tasks.next() {
            match task {
                Task::Place(root) => self.place(&root)?,
                Task::Orphans => self.orphans()?,
                Task::FirstDone => self.outlet.send(Event::FirstSweepDone)?,
                urgent => self.urgent(&urgent)?,
            }
        }
        Ok(())
    }

    fn place(&self, root: &Path) -> Result<(), Failure> {
        let territory = self.territory.get();
        let Some(place) = territory.place_of(root).filter(|place| place.root == root) else {
            return Ok(self.outlet.send(swept(root, Outcome::GivenUp))?);
        };
        let start = Instant::now();
        let outcome = match Root::open(root).and_then(|open| open.id()) {
            Ok(id) => {
                let walked = self.walk(place, root, true)?;
                self.find_missing(place, root, &walked)?;
                match walked.unreadable {
                    _ if self.inbox.is_stopped() => Outcome::GivenUp,
                    _ if self.devices.is_unmounted(root, id.device) => Outcome::Unavailable(Unavailable::NotMounted),
                    true => Outcome::Partly,
                    false => Outcome::Whole,
                }
            }
            Err(error) => {
                self.find_missing(place, root, &Walked::default())?;
                Outcome::Unavailable(unavailable(root, &error))
            }
        };
        let mail = Swept {
            root: root.to_path_buf(),
            outcome,
            took: start.elapsed(),
        };
        self.inbox.put(|all| all.swept.push(mail));
        Ok(self.outlet.send(swept(root, outcome))?)
    }

    fn urgent(&self, task: &Task) -> Result<(), Failure> {
        let territory = self.territory.get();
        let (Task::Folder(folder) | Task::Missing(folder) | Task::Place(folder)) = task else {
            return Ok(());
        };
        let Some(place) = territory.place_of(folder) else {
            return Ok(());
        };
        let walked = match task {
            Task::Folder(_) => self.walk(place, folder, false)?,
            _ => Walked::default(),
        };
        self.find_missing(place, folder, &walked)
    }

    /// Compares `folder` and all below it that belongs to `place` with the baseline.
    fn walk(&self, place: &Arc<Place>, folder: &Path, interruptible: bool) -> Result<Walked, Failure> {
        let mut walked = Walked::default();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(folder) = folders.pop() {
            if self.inbox.is_stopped() {
                break;
            }
            if interruptible {
                while let Some(task) = self.tasks.next_urgent() {
                    self.urgent(&task)?;
                }
                if self.inbox.is_crowded() {
                    self.inbox.pause(STEP_ASIDE);
                }
            }
            let listed = Root::open(&place.root).and_then(|root| Ok((root.list(&folder)?, root)));
            match listed {
                Ok((entries, root)) => self.compare(place, root, &folder, entries, &mut folders, &mut walked)?,
                Err(error) if open::is_absent(&error) => {}
                Err(_) => walked.unreadable = true,
            }
        }
        Ok(walked)
    }

    fn compare(
        &self,
        place: &Arc<Place>,
        root: Root,
        folder: &Path,
        entries: Vec<Entry>,
        folders: &mut Vec<PathBuf>,
        walked: &mut Walked,
    ) -> Result<(), Failure> {
        let territory = self.territory.get();
        let mut judged = self.baseline.folder(folder)?;
        let mut settled = Vec::new();
        for entry in entries {
            match entry {
                Entry::Folder(name) if ignore::folder(&name) => {}
                Entry::Folder(name) => {
                    let path = folder.join(name);
                    // A place within this place has its own sweep.
                    if territory.place_of(&path).is_some_and(|of| of.root == place.root) {
                        folders.push(path);
                    }
                }
                Entry::File(name, stat) => {
                    let before = judged.remove(&name);
                    if self.is_settled(&root, folder.join(&name), &stat, before) {
                        settled.push((name, stat));
                    }
                }
                Entry::Mount(name) | Entry::Away(name) => drop(judged.remove(&name)),
                Entry::Hidden(name) => {
                    judged.remove(&name);
                    walked.unreadable = true;
                }
            }
        }
        if !judged.is_empty() {
            walked.lacking.insert(folder.to_path_buf());
        }
        // Telling waits for the pipeline, and the root must not be kept open so long.
        drop(root);
        for some in settled.chunks(TOGETHER) {
            let files = some.iter().map(|(name, stat)| (folder.join(name), *stat));
            self.outlet.settled(&self.baseline, place, files)?;
        }
        Ok(())
    }

    /// Whether a file is to be told. One that may still be written is handed to the watching thread.
    fn is_settled(&self, root: &Root, path: PathBuf, stat: &Stat, before: Option<Judged>) -> bool {
        if self.outlet.is_judged(before.as_ref(), stat) {
            return false;
        }
        let ignored = path.file_name().is_some_and(ignore::file);
        if ignored || (before.is_none() && stat.size == 0) {
            return false;
        }
        if let Some(before) = before {
            self.devices.compare(&before.stat, stat);
        }
        // A writer who changed nothing for so long is not waited for, so a file at rest need not be opened to ask for one.
        let is_settled = match rested(stat) {
            rested if rested < RESTED => false,
            rested if rested < PATIENCE => root
                .file(&path)
                .is_ok_and(|(file, seen)| seen == *stat && os::writer(&file) != Writer::Busy),
            _ => root.confirms(&path, stat),
        };
        if !is_settled {
            self.inbox.offer(path);
        }
        is_settled
    }

    /// Hands over the judged files in `folder` and below it that are missing.
    fn find_missing(&self, place: &Arc<Place>, folder: &Path, walked: &Walked) -> Result<(), Failure> {
        let territory = self.territory.get();
        for folder in self.baseline.folders(folder)? {
            if self.inbox.is_stopped() {
                break;
            }
            if territory.place_of(&folder).is_none_or(|of| of.root != place.root) {
                continue;
            }
            match open::look(&place.root, &folder) {
                Look::Folder if walked.lacking.contains(&folder) => self.offer_lacking(place, &folder)?,
                Look::Absent { device, .. } => {
                    for (name, judged) in self.baseline.folder(&folder)? {
                        if self.devices.are_same(judged.stat.id.device, device) {
                            self.inbox.offer(folder.join(name));
                        }
                    }
                }
                _ => {}
            }
        }
        for path in self.outlet.under_way_below(folder) {
            if matches!(open::look(&place.root, &path), Look::Absent { .. }) {
                self.inbox.offer(path);
            }
        }
        Ok(())
    }

    fn offer_lacking(&self, place: &Arc<Place>, folder: &Path) -> Result<(), Failure> {
        let mut judged: HashMap<OsString, Judged> = self.baseline.folder(folder)?;
        let Ok(entries) = Root::open(&place.root).and_then(|root| root.list(folder)) else {
            return Ok(());
        };
        for entry in entries {
            if let Entry::File(name, _) | Entry::Away(name) | Entry::Hidden(name) | Entry::Mount(name) = entry {
                judged.remove(&name);
            }
        }
        for name in judged.into_keys() {
            self.inbox.offer(folder.join(name));
        }
        Ok(())
    }
}

fn swept(root: &Path, outcome: Outcome) -> Event {
    let root = root.to_path_buf();
    Event::Swept { root, outcome }
}

/// Why the root of a place cannot be read.
pub(crate) fn unavailable(root: &Path, error: &io::Error) -> Unavailable {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Unavailable::PermissionDenied,
        _ if open::is_absent(error) && open::device_above(root).is_some() => Unavailable::Missing,
        _ => Unavailable::NotMounted,
    }
}

/// For how long a file has been left alone. One from the future has been, as far as can be told.
fn rested(stat: &Stat) -> Duration {
    let Ok(modified) = u64::try_from(stat.modified) else {
        return Duration::MAX;
    };
    match SystemTime::now().duration_since(UNIX_EPOCH + Duration::from_nanos(modified)) {
        Ok(rested) => rested,
        Err(future) if future.duration() > RESTED => Duration::MAX,
        Err(_) => Duration::ZERO,
    }
}
