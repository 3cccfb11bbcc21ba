//! What the file system itself records of changes, read after the fact. NTFS keeps such a journal.
//!
//! What it names is only hinted at, as an event is: "look here again". At first it is a second witness beside the OS's events.
//! Once it has named by itself what something else told of, too, it has proved itself and is the only one: it is read every
//! second, and no folder of its volume is held open for events. A journal that is not readable any more, is another one or has
//! lost records has everything compared, and must prove itself again.
//!
//! Nothing is held between two looks, and a journal is never made nor changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

#[cfg(target_os = "linux")]
#[path = "journal/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "journal/windows.rs"]
mod platform;
mod reading;
mod record;

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;

pub(super) use platform::System;
use reading::{Look, Reading};
use record::Folder;

/// How long after a look, or after what may prove a journal, it is looked at again.
const EVERY: Duration = Duration::from_secs(1);
/// The same when one look left something unread.
const MORE: Duration = Duration::from_millis(50);
/// Of what something else told of, so many paths are compared with what the journals name.
const TOLD: usize = 256;

/// What a journal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Which journal it is: a new one has another number.
    journal: u64,
    /// Where the oldest record begins.
    first: i64,
    /// Where the next one will begin.
    next: i64,
}

/// Up to where a journal has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    journal: u64,
    next: i64,
}

/// Why a journal was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
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
pub(super) trait Journal {
    /// What it holds now.
    fn extent(&self) -> Result<Extent, Unread>;
    /// Reads into `buffer` what begins at `from`, and tells how many bytes there are: where to go on, then records.
    fn read(&self, from: Position, buffer: &mut [u8]) -> Result<usize, Unread>;
    /// Where a folder is; `None` when it is there no more.
    fn path(&self, folder: Folder) -> Option<PathBuf>;
}

/// The volumes of a PC.
pub(super) trait Volumes: Debug + Send + Sync {
    /// The folder that the volume of `path` is mounted at, if it may have a journal.
    fn of(&self, path: &Path) -> Option<PathBuf>;
    /// Opens the journal of the volume that is mounted at `point`.
    fn open(&self, point: &Path) -> Result<Box<dyn Journal>, Unread>;
}

/// What one look found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// What something happened to, and whether it was closed after writing or got its name.
    pub(super) named: BTreeMap<PathBuf, bool>,
    /// The folders of volumes of which something is not known that happened.
    pub(super) lost: BTreeSet<PathBuf>,
    /// Whether there are other volumes to hold folders of than before.
    pub(super) turned: bool,
    /// After how long to look again, if before the next survey.
    pub(super) again: Option<Duration>,
}

/// The journals of the volumes with places or anchors.
pub(super) struct Journals {
    volumes: Arc<dyn Volumes>,
    /// By the folder that each volume is mounted at; `None` where no journal can be read.
    readings: BTreeMap<PathBuf, Option<Reading>>,
    /// What something else told of since the last look.
    told: BTreeSet<PathBuf>,
}

impl Journals {
    /// Reads none yet.
    pub(super) fn new(volumes: Arc<dyn Volumes>) -> Self {
        Self {
            volumes,
            readings: BTreeMap::new(),
            told: BTreeSet::new(),
        }
    }

    /// Takes up the journals of the volumes of these folders, from their end, and forgets others.
    pub(super) fn take_up<'a>(&mut self, folders: impl Iterator<Item = &'a Path>) {
        let points: BTreeSet<PathBuf> = folders.filter_map(|folder| self.volumes.of(folder)).collect();
        self.readings.retain(|point, _| points.contains(point));
        for point in points {
            if let Some(Some(reading)) = self.readings.get_mut(&point) {
                reading.survey();
                continue;
            }
            let begun = self.volumes.open(&point).and_then(|journal| Reading::begin(&*journal));
            if let Err(error) = &begun
                && !self.readings.contains_key(&point)
            {
                tracing::debug!(volume = %point.display(), %error, "No change journal is read");
            }
            self.readings.insert(point, begun.ok());
        }
    }

    /// Whether a proven journal tells of what happens to `path`, and to what is in it.
    pub(super) fn tells_of(&self, path: &Path) -> bool {
        let reading = |point: PathBuf| self.readings.get(&point)?.as_ref();
        self.volumes.of(path).and_then(reading).is_some_and(Reading::is_proven)
    }

    /// Takes note that something else told of `path`. Gives after how long to look whether a journal does, too.
    pub(super) fn told(&mut self, path: &Path) -> Option<Duration> {
        let is_on_trial = |reading: &Option<Reading>| reading.as_ref().is_some_and(|reading| !reading.is_proven());
        if !self.readings.values().any(is_on_trial) {
            return None;
        }
        if self.told.len() < TOLD {
            self.told.insert(path.to_path_buf());
        }
        Some(EVERY)
    }

    /// What was recorded since the last look, directly in folders that are `near` to places.
    pub(super) fn look(&mut self, near: impl Fn(&Path) -> bool) -> Found {
        let mut found = Found::default();
        for (point, slot) in &mut self.readings {
            let Some(reading) = slot else { continue };
            let was_proven = reading.is_proven();
            let looked = self.volumes.open(point);
            match looked.and_then(|journal| reading.look(&*journal, &self.told, &near)) {
                Ok(Look::Read { named, more }) => {
                    for (path, finished) in named {
                        *found.named.entry(path).or_default() |= finished;
                    }
                    if reading.is_proven() {
                        let again = if more { MORE } else { EVERY };
                        found.again = Some(found.again.map_or(again, |before| before.min(again)));
                    }
                }
                Ok(Look::Lost) => drop(found.lost.insert(point.clone())),
                Err(error) => {
                    tracing::info!(volume = %point.display(), %error, "The change journal cannot be read any more");
                    found.lost.insert(point.clone());
                    *slot = None;
                }
            }
            let is_proven = slot.as_ref().is_some_and(Reading::is_proven);
            if is_proven == was_proven {
                continue;
            }
            if is_proven {
                tracing::info!(volume = %point.display(), "The change journal has proved itself");
            } else {
                tracing::info!(volume = %point.display(), "The change journal must prove itself again");
            }
            found.turned = true;
        }
        self.told.clear();
        found
    }
}
