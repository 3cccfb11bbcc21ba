//! The second witness: what the file system itself recorded of changes, read after the fact. NTFS keeps one.
//!
//! What it names is only hinted at, as an event is: "look here again". It is read at the times at which the places are surveyed
//! anyway, from where it ended the last time. What was before the first look is for the first sweep. Nothing is held in between,
//! and a journal is never made nor changed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
#[path = "journal/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "journal/windows.rs"]
mod platform;
mod record;

use platform::Volume;
use record::{Folder, records};

/// More than this many buffers are read the next time: a build may record as much as a minute of reading.
const BUFFERS: usize = 32;

/// What a journal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    /// Which journal it is: a new one has another number.
    journal: u64,
    /// Where the oldest record begins.
    first: i64,
    /// Where the next one will begin.
    next: i64,
}

/// Up to where a journal has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position {
    journal: u64,
    next: i64,
}

/// Why a journal was not read.
#[derive(Debug, thiserror::Error)]
enum Unread {
    /// The volume keeps none.
    #[error("there is none")]
    None,
    /// What was to be read is not there any more.
    #[error("what was to be read is not there any more")]
    Gone,
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] io::Error),
}

/// The journal of one volume.
trait Journal {
    /// What it holds now.
    fn extent(&self) -> Result<Extent, Unread>;
    /// Reads into `buffer` what begins at `from`, and tells how many bytes there are: where to go on, then records.
    fn read(&self, from: Position, buffer: &mut [u8]) -> Result<usize, Unread>;
    /// Where a folder is; `None` when it is there no more.
    fn path(&self, folder: Folder) -> Option<PathBuf>;
}

/// What follows from where the reading ended and what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// Begin with what will be recorded from now on.
    Begin(Position),
    /// Go on.
    Read(Position),
    /// What was recorded meanwhile is lost: compare everything, then begin.
    Lost(Position),
}

fn next(last: Option<Position>, now: Extent) -> Next {
    let begin = Position {
        journal: now.journal,
        next: now.next,
    };
    match last {
        None => Next::Begin(begin),
        Some(last) if last.journal == now.journal && (now.first..=now.next).contains(&last.next) => Next::Read(last),
        Some(_) => Next::Lost(begin),
    }
}

/// What one look found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// What something happened to.
    pub(crate) paths: BTreeSet<PathBuf>,
    /// The folder of a volume of which records were lost.
    pub(crate) lost: BTreeSet<PathBuf>,
}

/// The journals of the volumes with places.
#[derive(Default)]
pub(crate) struct Journals {
    /// By the folder that each volume is mounted at; `None` where there is no journal.
    read: BTreeMap<PathBuf, Option<Position>>,
}

impl Journals {
    /// What was recorded since the last look on the volumes of the places with these `roots`, in folders of which
    /// `concerns` says so.
    pub(crate) fn look<'a>(
        &mut self,
        roots: impl Iterator<Item = &'a Path>,
        concerns: impl Fn(&Path) -> bool,
    ) -> Found {
        let volumes: BTreeSet<PathBuf> = roots.filter_map(platform::volume_of).collect();
        self.read.retain(|volume, _| volumes.contains(volume));
        let mut found = Found::default();
        for point in volumes {
            let last = self.read.get(&point).copied().flatten();
            let looked = Volume::open(&point).and_then(|volume| since(&volume, last, &concerns));
            let (position, paths) = match looked {
                Ok((position, paths)) => (position, paths),
                Err(error) => {
                    if !self.read.contains_key(&point) {
                        tracing::debug!(volume = %point.display(), %error, "No change journal is read");
                    }
                    (None, None)
                }
            };
            match paths {
                Some(paths) => found.paths.extend(paths),
                None if last.is_some() => drop(found.lost.insert(point.clone())),
                None => {}
            }
            self.read.insert(point, position);
        }
        found
    }
}

/// Reads what `journal` has since `last`: where to go on, and what something happened to; `None` when records were lost, or when
/// nothing was read before.
fn since(
    journal: &impl Journal,
    last: Option<Position>,
    concerns: impl Fn(&Path) -> bool,
) -> Result<(Option<Position>, Option<BTreeSet<PathBuf>>), Unread> {
    let extent = journal.extent()?;
    let from = match next(last, extent) {
        Next::Begin(position) | Next::Lost(position) => return Ok((Some(position), None)),
        Next::Read(position) => position,
    };
    match read(journal, from, extent.next) {
        Ok((position, changed)) => Ok((Some(position), Some(paths(journal, &changed, concerns)))),
        Err(Unread::Gone) => Ok((
            Some(Position {
                journal: extent.journal,
                next: extent.next,
            }),
            None,
        )),
        Err(error) => Err(error),
    }
}

/// The names that something happened to, by their folder.
type Changed = BTreeMap<Folder, BTreeSet<Vec<u16>>>;

fn read(journal: &impl Journal, from: Position, end: i64) -> Result<(Position, Changed), Unread> {
    let mut position = from;
    let mut changed = Changed::new();
    let mut buffer = Vec::new();
    for _ in 0..BUFFERS {
        if position.next >= end {
            break;
        }
        // Not made while nothing happens.
        buffer.resize(64 << 10, 0);
        let length = journal.read(position, &mut buffer)?;
        let (next, records) = records(&buffer[..length]).ok_or(Unread::Gone)?;
        for record in records {
            changed.entry(record.folder).or_default().insert(record.name);
        }
        if next <= position.next {
            break;
        }
        position.next = next;
    }
    Ok((position, changed))
}

fn paths(journal: &impl Journal, changed: &Changed, concerns: impl Fn(&Path) -> bool) -> BTreeSet<PathBuf> {
    let folders = changed
        .iter()
        .filter_map(|(folder, names)| Some((journal.path(*folder)?, names)));
    let concerning = folders.filter(|(folder, _)| concerns(folder));
    concerning
        .flat_map(|(folder, names)| names.iter().map(move |name| folder.join(platform::name(name))))
        .collect()
}

#[cfg(test)]
mod tests;
