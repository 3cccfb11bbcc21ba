//! How far one journal has been read, and whether it has proved itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::record::{Folder, records};
use super::{Extent, Journal, Position, Unread, platform};

/// More than this many buffers are read the next time: a build may record as much as a minute of reading.
pub(super) const BUFFERS: usize = 32;
/// The most folders elsewhere that are remembered.
const ELSEWHERE: usize = 4_096;

/// What follows from where the reading ended and what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Go on where it ended.
    Read,
    /// What was recorded meanwhile is lost.
    Lost,
}

pub(super) fn next(last: Position, now: Extent) -> Next {
    if last.journal == now.journal && (now.first..=now.next).contains(&last.next) {
        Next::Read
    } else {
        Next::Lost
    }
}

/// What something happened to, and whether it was closed after writing or got its name.
type Named = BTreeMap<PathBuf, bool>;

/// What came of a look.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// What was recorded is known.
    Read {
        named: Named,
        /// Whether there is more than a look should take.
        more: bool,
    },
    /// Something that was recorded is not known; what is recorded from now on will be.
    Lost,
}

/// Whether the journal alone is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    OnTrial,
    Proven,
}

/// A journal that is being read.
pub(super) struct Reading {
    position: Position,
    standing: Standing,
    /// Folders that are not near to places: what happens in them is not asked for again.
    elsewhere: BTreeSet<Folder>,
}

impl Reading {
    /// Begins with what will be recorded from now on.
    pub(super) fn begin(journal: &dyn Journal) -> Result<Self, Unread> {
        Ok(Self::at(end(journal.extent()?)))
    }

    pub(super) fn at(position: Position) -> Self {
        Self {
            position,
            standing: Standing::OnTrial,
            elsewhere: BTreeSet::new(),
        }
    }

    pub(super) fn is_proven(&self) -> bool {
        self.standing == Standing::Proven
    }

    /// The places may be others than before.
    pub(super) fn survey(&mut self) {
        self.elsewhere.clear();
    }

    /// Reads what was recorded since the last look, in folders that are `near` to places; `told` is what something else
    /// told of meanwhile.
    pub(super) fn look(
        &mut self,
        journal: &dyn Journal,
        told: &BTreeSet<PathBuf>,
        near: impl Fn(&Path) -> bool,
    ) -> Result<Look, Unread> {
        let extent = journal.extent()?;
        let looked = match next(self.position, extent) {
            Next::Read => self.read(journal, extent.next),
            Next::Lost => Err(Unread::Gone),
        };
        let (changed, more) = match looked {
            Ok(read) => read,
            Err(Unread::Gone) => {
                *self = Self::at(end(extent));
                return Ok(Look::Lost);
            }
            Err(error) => return Err(error),
        };
        let named = self.paths(journal, &changed, near);
        if named.keys().any(|path| told.contains(path)) {
            self.standing = Standing::Proven;
        }
        Ok(Look::Read { named, more })
    }

    /// Reads up to `end`; whether that was more than a look should take.
    fn read(&mut self, journal: &dyn Journal, end: i64) -> Result<(Changed, bool), Unread> {
        let mut changed = Changed::new();
        let mut buffer = Vec::new();
        for _ in 0..BUFFERS {
            if self.position.next >= end {
                return Ok((changed, false));
            }
            // Not made while nothing happens.
            buffer.resize(64 << 10, 0);
            let length = journal.read(self.position, &mut buffer)?;
            let (next, records) = records(&buffer[..length]).ok_or(Unread::Gone)?;
            for record in records {
                if record.is_moved_folder {
                    // What lies below it may be near to places from then on.
                    self.elsewhere.clear();
                }
                if !self.elsewhere.contains(&record.folder) {
                    let names = changed.entry(record.folder).or_default();
                    *names.entry(record.name).or_default() |= record.is_finished;
                }
            }
            if next <= self.position.next {
                return Ok((changed, false));
            }
            self.position.next = next;
        }
        Ok((changed, self.position.next < end))
    }

    fn paths(&mut self, journal: &dyn Journal, changed: &Changed, near: impl Fn(&Path) -> bool) -> Named {
        let mut named = Named::new();
        for (id, names) in changed {
            let Some(folder) = journal.path(*id) else { continue };
            if near(&folder) {
                let paths = names
                    .iter()
                    .map(|(name, finished)| (folder.join(platform::name(name)), *finished));
                named.extend(paths);
            } else {
                if self.elsewhere.len() >= ELSEWHERE {
                    self.elsewhere.clear();
                }
                self.elsewhere.insert(*id);
            }
        }
        named
    }
}

/// The names that something happened to, by their folder.
type Changed = BTreeMap<Folder, BTreeMap<Vec<u16>, bool>>;

fn end(extent: Extent) -> Position {
    Position {
        journal: extent.journal,
        next: extent.next,
    }
}
