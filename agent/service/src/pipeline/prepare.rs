//! Finds out what a file is: from what is known of it already, or by inspecting it in the worker.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use fileward_inspect::{Hint, InspectError};
use fileward_places::Place;
use fileward_policy::Facts;

use super::{InForce, Pipeline};
use crate::ledger::KILLS;
use crate::watch::{Change, Sighting, Stat, open};
use crate::worker::Failure;

/// Inspects an open file.
pub(crate) type Inspect = Box<dyn Fn(File, &Hint) -> Result<Facts, Failure> + Send>;

/// How long a file waits when no worker can be started, and how many wait; the next sweep finds the others.
const NO_WORKER: Duration = Duration::from_secs(30);
const LATER: usize = 1024;

/// A sighting with everything that is needed to record it.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) place: Arc<Place>,
    pub(super) path: PathBuf,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// It was inspected.
    File(Stat, Box<Facts>),
    /// It is too small to matter.
    Small(Stat),
    /// It cannot be inspected and is left alone until it changes.
    Opaque(Stat),
    /// It is not there.
    Gone,
}

impl Pipeline {
    /// Prepares a sighting; `None` when there is nothing to record.
    pub(super) fn prepare(&mut self, sighting: Sighting, force: &InForce) -> Result<Option<Prepared>> {
        let what = match sighting.change {
            Change::Gone => Some(What::Gone),
            Change::Settled(_) => self.look_into(&sighting, force)?,
        };
        Ok(what.map(|what| Prepared {
            place: sighting.place,
            path: sighting.path,
            what,
        }))
    }

    fn look_into(&mut self, sighting: &Sighting, force: &InForce) -> Result<Option<What>> {
        let Some((mut file, stat)) = self.open(&sighting.place, &sighting.path)? else {
            return Ok(None);
        };
        if stat.size < force.policy.work_file.min_size {
            return Ok(Some(What::Small(stat)));
        }
        let ledger = &self.shared.ledger;
        if let Some(facts) = ledger.read(|reader| reader.facts(&stat))? {
            return Ok(Some(What::File(stat, Box::new(facts))));
        }
        let mut kills = ledger.read(|reader| reader.kills(&stat))?;
        let hint = hint(&sighting.path);
        while kills < KILLS {
            match (self.inspect)(file, &hint) {
                Ok(facts) => return Ok(Some(What::File(stat, Box::new(facts)))),
                Err(Failure::Inspect(error)) => {
                    tracing::warn!(place = %sighting.place.kind, %error, "a file could not be inspected");
                    ledger.enter(self.shared.now(), |entry| entry.count("inspect_errors"))?;
                    return Ok(match error {
                        // A share or a disk may fail for a while only: the next sweep tries again.
                        InspectError::Unreadable(_) => None,
                        InspectError::Timeout(_) => Some(What::Opaque(stat)),
                    });
                }
                Err(Failure::Unavailable { why }) => {
                    tracing::error!(why, "no inspect worker; files wait");
                    if self.later.len() < LATER {
                        self.later.push((Instant::now() + NO_WORKER, sighting.clone()));
                    }
                    return Ok(None);
                }
                Err(Failure::Killed { why }) => {
                    tracing::warn!(place = %sighting.place.kind, why, "a file killed the inspect worker");
                    (kills, _) = ledger.enter(self.shared.now(), |entry| entry.killed(&stat))?;
                }
            }
            match self.open(&sighting.place, &sighting.path)? {
                Some((again, same)) if same == stat => file = again,
                // It changed meanwhile and is sighted again.
                _ => return Ok(None),
            }
        }
        Ok(Some(What::Opaque(stat)))
    }

    fn open(&self, place: &Place, path: &Path) -> Result<Option<(File, Stat)>> {
        match open::open(place, path) {
            Ok(opened) => Ok(Some(opened)),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::debug!(place = %place.kind, %error, "a file could not be opened");
                    self.shared
                        .ledger
                        .enter(self.shared.now(), |entry| entry.count("open_errors"))?;
                }
                Ok(None)
            }
        }
    }
}

/// What a name tells about a file's kind.
pub(crate) fn hint(path: &Path) -> Hint {
    Hint {
        extension: path
            .extension()
            .and_then(|extension| extension.to_str())
            .map(str::to_lowercase),
    }
}
