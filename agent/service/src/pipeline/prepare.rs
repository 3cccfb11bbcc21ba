//! Finds out what a file is: from what is known of it already, or by inspecting it in the worker.
//!
//! It has threads of its own, the [`super::crew`]: while the ledger waits for the disk, the worker need not wait for the
//! ledger.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use fileward_inspect::{Hint, InspectError, Rules};
use fileward_places::Place;
use fileward_policy::Facts;
use fileward_worker::{Failure, Inspected};

use super::{InForce, Shared};
use crate::ledger::KILLS;
use crate::watch::{Change, Event, Sighting, Stat, open};

/// Inspects an open file by rules.
pub(crate) type Inspect = Box<dyn Fn(File, &Hint, &Arc<Rules>) -> Result<Inspected, Failure> + Send + Sync>;

/// What the pipeline's thread works on, in the order in which the watch told it.
#[derive(Debug)]
pub(super) enum Step {
    /// A sighting.
    Looked(Looked),
    /// Anything else.
    Other(Event),
    /// Nothing more has been told so far.
    Drained,
    /// The ledger cannot be read or written.
    Failed(anyhow::Error),
}

/// What came of a look at a sighting.
#[derive(Debug)]
pub(super) enum Looked {
    /// It is to be recorded.
    Prepared(Prepared),
    /// There is no worker that could inspect it.
    NoWorker(Sighting),
    /// There is nothing to record.
    Nothing,
}

/// A sighting with everything that is needed to record it.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) place: Arc<Place>,
    pub(super) path: PathBuf,
    pub(super) what: What,
    /// What it was prepared by, and is to be judged by.
    pub(super) force: Arc<InForce>,
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

/// What was found out about a sighting.
enum Found {
    Is(What),
    NoWorker,
    /// It changes, or cannot be read just now, and is sighted again.
    Nothing,
}

/// Prepares sightings.
pub(super) struct Preparer {
    shared: Arc<Shared>,
    inspect: Inspect,
}

impl Preparer {
    pub(super) fn new(shared: Arc<Shared>, inspect: Inspect) -> Self {
        Self { shared, inspect }
    }

    /// Prepares what a sighting needs; anything else is worked on as it is.
    pub(super) fn step(&self, event: Event) -> Step {
        match event {
            Event::Sighting(sighting) => self.prepare(sighting).map_or_else(Step::Failed, Step::Looked),
            other => Step::Other(other),
        }
    }

    /// Prepares a sighting.
    pub(super) fn prepare(&self, sighting: Sighting) -> Result<Looked> {
        let force = self.shared.force();
        let found = match sighting.change {
            Change::Gone => Found::Is(What::Gone),
            Change::Settled(_) => self.look_into(&sighting, &force)?,
        };
        Ok(match found {
            Found::Is(what) => Looked::Prepared(Prepared {
                place: sighting.place,
                path: sighting.path,
                what,
                force,
            }),
            Found::NoWorker => Looked::NoWorker(sighting),
            Found::Nothing => Looked::Nothing,
        })
    }

    fn look_into(&self, sighting: &Sighting, force: &InForce) -> Result<Found> {
        let Some((mut file, stat)) = self.open(&sighting.place, &sighting.path)? else {
            return Ok(Found::Nothing);
        };
        if stat.size < force.policy.work_file.min_size {
            return Ok(Found::Is(What::Small(stat)));
        }
        let ledger = &self.shared.ledger;
        let (known, mut kills) = ledger.read(|reader| reader.known(&stat, force.finder))?;
        if let Some(facts) = known {
            return Ok(Found::Is(What::File(stat, Box::new(facts))));
        }
        let hint = hint(&sighting.path);
        while kills < KILLS {
            match (self.inspect)(file, &hint, &force.rules) {
                Ok(inspected) => {
                    let facts = force.facts(inspected);
                    return Ok(Found::Is(What::File(stat, Box::new(facts))));
                }
                Err(Failure::Inspect(error)) => {
                    tracing::warn!(place = %sighting.place.kind, %error, "a file could not be inspected");
                    ledger.enter(self.shared.now(), |entry| entry.count("inspect_errors"))?;
                    return Ok(match error {
                        // A share or a disk may fail for a while only: the next sweep tries again.
                        InspectError::Unreadable(_) => Found::Nothing,
                        InspectError::Timeout(_) => Found::Is(What::Opaque(stat)),
                    });
                }
                Err(Failure::Unavailable { why }) => {
                    tracing::error!(why, "no inspect worker; files wait");
                    return Ok(Found::NoWorker);
                }
                Err(Failure::Killed { why }) => {
                    tracing::warn!(place = %sighting.place.kind, why, "a file killed the inspect worker");
                    (kills, _) = ledger.enter(self.shared.now(), |entry| entry.killed(&stat))?;
                }
            }
            match self.open(&sighting.place, &sighting.path)? {
                Some((again, same)) if same == stat => file = again,
                // It changed meanwhile and is sighted again.
                _ => return Ok(Found::Nothing),
            }
        }
        Ok(Found::Is(What::Opaque(stat)))
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
    let name = path.file_name().unwrap_or_default();
    Hint::of_name(&name.to_string_lossy())
}
