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
use fileward_worker::{Failure, Inspected, Inspector};

use super::{InForce, Shared};
use crate::ledger::{KILLS, Reader};
use crate::watch::open::Opener;
use crate::watch::{Change, Event, Sighting, Stat};

/// Files up to this size, in bytes, are inspected together; a larger one would hold up the others.
const SMALL: u64 = 1 << 20;

/// What inspects open files by rules.
pub(crate) trait Inspect: Send + Sync {
    /// Inspects one.
    fn inspect(&self, file: File, hint: &Hint, rules: &Arc<Rules>) -> Result<Inspected, Failure>;

    /// Inspects a few together; after a failure, each is inspected by itself.
    fn inspect_together(
        &self,
        files: Vec<(File, Hint)>,
        rules: &Arc<Rules>,
    ) -> Result<Vec<Result<Inspected, InspectError>>, Failure>;
}

impl Inspect for Inspector {
    fn inspect(&self, file: File, hint: &Hint, rules: &Arc<Rules>) -> Result<Inspected, Failure> {
        self.inspect(file, hint, rules)
    }

    fn inspect_together(
        &self,
        files: Vec<(File, Hint)>,
        rules: &Arc<Rules>,
    ) -> Result<Vec<Result<Inspected, InspectError>>, Failure> {
        self.inspect_together(files, rules)
    }
}

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

/// A sighting, looked at.
enum Opened {
    /// It is a file that may be known.
    File(File, Stat),
    /// It is found out.
    Found(Found),
}

/// A sighting on its way to a step.
enum UnderWay {
    /// It is found out.
    Found(Found),
    /// It is to be inspected, and has killed so many workers before. Its file is open unless it was inspected in vain.
    Inspection { file: Option<File>, stat: Stat, kills: u32 },
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
    inspector: Box<dyn Inspect>,
}

impl Preparer {
    pub(super) fn new(shared: Arc<Shared>, inspector: Box<dyn Inspect>) -> Self {
        Self { shared, inspector }
    }

    /// Prepares what sightings need, in their order; anything else is worked on as it is.
    pub(super) fn steps(&self, events: Vec<Event>) -> Vec<Step> {
        let force = self.shared.force();
        let opened = self.open_together(&events, &force);
        let under = self.shared.ledger.read(|reader| {
            let under = opened.into_iter().map(|opened| recall(reader, opened?, &force));
            Ok(under.collect())
        });
        let mut under: Vec<_> = match under {
            Ok(under) => under,
            Err(error) => return vec![Step::Failed(error)],
        };
        self.inspect_together(&events, &mut under, &force);
        let steps = events.into_iter().zip(under);
        let steps = steps.map(|(event, under)| match event {
            Event::Sighting(sighting) => under
                .and_then(|under| self.finish(sighting, under, &force))
                .map_or_else(Step::Failed, Step::Looked),
            other => Step::Other(other),
        });
        steps.collect()
    }

    /// Prepares a sighting.
    pub(super) fn prepare(&self, sighting: Sighting) -> Result<Looked> {
        let force = self.shared.force();
        let opened = self.look_at(&sighting, &force, &mut Opener::default())?;
        let under = self.shared.ledger.read(|reader| recall(reader, opened, &force))?;
        self.finish(sighting, under, &force)
    }

    fn open_together(&self, events: &[Event], force: &InForce) -> Vec<Result<Opened>> {
        let mut opener = Opener::default();
        events
            .iter()
            .map(|event| self.begin(event, force, &mut opener))
            .collect()
    }

    fn begin(&self, event: &Event, force: &InForce, opener: &mut Opener) -> Result<Opened> {
        match event {
            Event::Sighting(sighting) => self.look_at(sighting, force, opener),
            _ => Ok(Opened::Found(Found::Nothing)),
        }
    }

    /// Opens a file, unless it is gone.
    fn look_at(&self, sighting: &Sighting, force: &InForce, opener: &mut Opener) -> Result<Opened> {
        if let Change::Gone = sighting.change {
            return Ok(Opened::Found(Found::Is(What::Gone)));
        }
        let Some((file, stat)) = self.open(sighting, opener)? else {
            return Ok(Opened::Found(Found::Nothing));
        };
        if stat.size < force.policy.work_file.min_size {
            return Ok(Opened::Found(Found::Is(What::Small(stat))));
        }
        Ok(Opened::File(file, stat))
    }

    /// Inspects those together that are small and have killed no worker.
    fn inspect_together(&self, events: &[Event], under: &mut [Result<UnderWay>], force: &InForce) {
        let is_small = |under: &&mut Result<UnderWay>| match under {
            Ok(UnderWay::Inspection { stat, kills: 0, .. }) => stat.size <= SMALL,
            _ => false,
        };
        if under.iter_mut().filter(is_small).count() < 2 {
            return;
        }
        let (mut asked, mut files) = (Vec::new(), Vec::new());
        for (event, under) in events.iter().zip(under).filter(|(_, under)| is_small(under)) {
            if let (Event::Sighting(sighting), Ok(UnderWay::Inspection { file, stat, .. })) = (event, &mut *under)
                && let Some(file) = file.take()
            {
                files.push((file, hint(&sighting.path)));
                asked.push((sighting, *stat, under));
            }
        }
        // Whose fault a failure is shows when each is inspected by itself.
        let Ok(results) = self.inspector.inspect_together(files, &force.rules) else {
            return;
        };
        for ((sighting, stat, under), result) in asked.into_iter().zip(results) {
            *under = self.found(sighting, stat, result, force).map(UnderWay::Found);
        }
    }

    fn finish(&self, sighting: Sighting, under: UnderWay, force: &Arc<InForce>) -> Result<Looked> {
        let found = match under {
            UnderWay::Found(found) => found,
            UnderWay::Inspection { file, stat, kills } => self.inspect(&sighting, file, stat, kills, force)?,
        };
        Ok(match found {
            Found::Is(what) => Looked::Prepared(Prepared {
                place: sighting.place,
                path: sighting.path,
                what,
                force: Arc::clone(force),
            }),
            Found::NoWorker => Looked::NoWorker(sighting),
            Found::Nothing => Looked::Nothing,
        })
    }

    /// Inspects a file by itself, until it has killed too many workers.
    fn inspect(
        &self,
        sighting: &Sighting,
        mut file: Option<File>,
        stat: Stat,
        mut kills: u32,
        force: &InForce,
    ) -> Result<Found> {
        let hint = hint(&sighting.path);
        while kills < KILLS {
            let file = match file.take() {
                Some(file) => file,
                None => match self.open(sighting, &mut Opener::default())? {
                    Some((again, same)) if same == stat => again,
                    // It changed meanwhile and is sighted again.
                    _ => return Ok(Found::Nothing),
                },
            };
            match self.inspector.inspect(file, &hint, &force.rules) {
                Ok(inspected) => return self.found(sighting, stat, Ok(inspected), force),
                Err(Failure::Inspect(error)) => return self.found(sighting, stat, Err(error), force),
                Err(Failure::Unavailable { why }) => {
                    tracing::error!(why, "no inspect worker; files wait");
                    return Ok(Found::NoWorker);
                }
                Err(Failure::Killed { why }) => {
                    tracing::warn!(place = %sighting.place.kind, why, "a file killed the inspect worker");
                    let ledger = &self.shared.ledger;
                    (kills, _) = ledger.enter(self.shared.now(), |entry| entry.killed(&stat))?;
                }
            }
        }
        Ok(Found::Is(What::Opaque(stat)))
    }

    /// What an inspection found.
    fn found(
        &self,
        sighting: &Sighting,
        stat: Stat,
        result: Result<Inspected, InspectError>,
        force: &InForce,
    ) -> Result<Found> {
        let error = match result {
            Ok(inspected) => return Ok(Found::Is(What::File(stat, Box::new(force.facts(inspected))))),
            Err(error) => error,
        };
        tracing::warn!(place = %sighting.place.kind, %error, "a file could not be inspected");
        let ledger = &self.shared.ledger;
        ledger.enter(self.shared.now(), |entry| entry.count("inspect_errors"))?;
        Ok(match error {
            // A share or a disk may fail for a while only: the next sweep tries again.
            InspectError::Unreadable(_) => Found::Nothing,
            InspectError::Timeout(_) => Found::Is(What::Opaque(stat)),
        })
    }

    fn open(&self, sighting: &Sighting, opener: &mut Opener) -> Result<Option<(File, Stat)>> {
        match opener.open(&sighting.place, &sighting.path) {
            Ok(found) => Ok(Some(found)),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::debug!(place = %sighting.place.kind, %error, "a file could not be opened");
                    self.shared
                        .ledger
                        .enter(self.shared.now(), |entry| entry.count("open_errors"))?;
                }
                Ok(None)
            }
        }
    }
}

/// What is known of a file already.
fn recall(reader: &Reader<'_>, opened: Opened, force: &InForce) -> Result<UnderWay> {
    let (file, stat) = match opened {
        Opened::File(file, stat) => (file, stat),
        Opened::Found(found) => return Ok(UnderWay::Found(found)),
    };
    let (known, kills) = reader.known(&stat, force.finder)?;
    Ok(match known {
        Some(facts) => UnderWay::Found(Found::Is(What::File(stat, Box::new(facts)))),
        None => UnderWay::Inspection {
            file: Some(file),
            stat,
            kills,
        },
    })
}

/// What a name tells about a file's kind.
pub(crate) fn hint(path: &Path) -> Hint {
    let name = path.file_name().unwrap_or_default();
    Hint::of_name(&name.to_string_lossy())
}
