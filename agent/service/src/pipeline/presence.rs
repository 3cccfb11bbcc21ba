//! What lies where just now, asked of file systems of which any may hang.
//!
//! Nobody looks while the ledger is held, since clients and the uplink wait for it. An entry that depends on what lies
//! where is made of what has been looked at; if that was not all it asked about, it is undone, the pipeline looks, and
//! the entry is made again.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, ensure};
use fileward_places::Survey;

use super::Pipeline;
use super::limbo::Limbo;
use crate::ledger::{Entry, Transition};
use crate::watch::open::{self, Look};
use crate::watch::{Change, FileId, Sighting, Stat};

/// What was seen at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// A regular file.
    File(Stat),
    /// No file of any place.
    Nothing,
    /// A folder, or what cannot be looked at.
    Other,
}

impl Seen {
    /// Whether it was this very file.
    pub(super) fn is(self, id: FileId) -> bool {
        matches!(self, Self::File(stat) if stat.id == id)
    }
}

/// Looks at a path.
pub(super) type LookAt = Box<dyn Fn(&Survey, &Path) -> Seen + Send>;

/// What lies at a path just now.
pub(super) fn look(survey: &Survey, path: &Path) -> Seen {
    match survey.place_of(path).map(|place| open::look(&place.root, path)) {
        Some(Look::File(stat) | Look::Away(stat)) => Seen::File(stat),
        Some(Look::Absent { .. }) | None => Seen::Nothing,
        Some(Look::Folder | Look::Hidden) => Seen::Other,
    }
}

/// A sighting of what lies at a path just now; `None` outside every place.
pub(super) fn sighting(survey: &Survey, path: &Path) -> Option<Sighting> {
    let place = survey.place_of(path)?.clone();
    let change = match open::open(&place, path) {
        Ok((_, stat)) => Change::Settled(stat),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Change::Gone,
        Err(_) => return None,
    };
    let path = PathBuf::from(path);
    Some(Sighting { place, path, change })
}

/// What has been looked at for one entry. What has not is taken to be as it was: then nothing follows from it.
pub(super) struct Presence {
    survey: Arc<Survey>,
    seen: BTreeMap<PathBuf, Seen>,
    asked: RefCell<BTreeSet<PathBuf>>,
}

impl Presence {
    fn new(survey: Arc<Survey>) -> Self {
        Self {
            survey,
            seen: BTreeMap::new(),
            asked: RefCell::default(),
        }
    }

    /// The places.
    pub(super) fn survey(&self) -> &Survey {
        &self.survey
    }

    /// Whether the file still lies at this path.
    pub(super) fn is_there(&self, path: &Path, id: FileId) -> bool {
        self.at(path).is_none_or(|seen| seen.is(id))
    }

    /// The file at a path, whichever it is.
    pub(super) fn file(&self, path: &Path) -> Option<Stat> {
        match self.at(path)? {
            Seen::File(stat) => Some(stat),
            Seen::Nothing | Seen::Other => None,
        }
    }

    /// Whether there is certainly no file of a place at a path.
    pub(super) fn is_absent(&self, path: &Path) -> bool {
        self.at(path) == Some(Seen::Nothing)
    }

    fn at(&self, path: &Path) -> Option<Seen> {
        let seen = self.seen.get(path).copied();
        if seen.is_none() {
            self.asked.borrow_mut().insert(path.to_owned());
        }
        seen
    }

    fn is_complete(&self) -> bool {
        self.asked.borrow().is_empty()
    }

    fn look(&mut self, look: &LookAt) {
        for path in self.asked.take() {
            let seen = look(&self.survey, &path);
            self.seen.insert(path, seen);
        }
    }
}

impl Pipeline {
    /// Writes an entry that depends on what lies where. `work` may be done several times, and is kept once.
    ///
    /// What an attempt that is undone puts into limbo stays there: when its time is over, its file is looked for.
    pub(super) fn enter<T>(
        &mut self,
        work: impl Fn(&mut Entry<'_>, &Presence, &mut Limbo) -> Result<T>,
    ) -> Result<(T, Vec<Transition>)> {
        let mut presence = Presence::new(self.shared.survey());
        loop {
            let limbo = &mut self.limbo;
            let entered = self.shared.ledger.enter(self.shared.now(), |entry| {
                let value = work(entry, &presence, limbo)?;
                ensure!(
                    presence.is_complete(),
                    "the entry depends on what has not been looked at"
                );
                Ok(value)
            });
            if presence.is_complete() {
                return entered;
            }
            presence.look(&self.look_at);
        }
    }
}
