//! Connects the stages: settled files are opened, inspected, judged and recorded; the rest of the service is told.
//!
//! One thread, one direction. It is the only place that knows all stages, and does nothing itself: [`prepare`] finds out
//! what a file is, [`record`] writes what follows, [`limbo`] holds back what looks deleted, [`Shared`] is what the other
//! threads see.

mod force;
mod health;
mod limbo;
mod local;
mod prepare;
mod record;
mod shared;
mod surroundings;
#[cfg(test)]
mod tests;
mod timers;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Result;

pub(crate) use force::{Force, InForce};
pub(crate) use prepare::{Inspect, hint};
pub(crate) use record::{relative, subject};
pub(crate) use shared::{Control, Setting, Shared};

use crate::watch::{Event, Sighting};
use limbo::Limbo;
use prepare::Prepared;

/// The most sightings in one entry of the ledger, and the longest that one is gathered.
const BATCH: usize = 64;
const BATCH_TIME: Duration = Duration::from_millis(50);
/// A pause that ends a batch: each entry waits for the disk, so in a burst few large ones are much quicker.
const LULL: Duration = Duration::from_millis(5);
/// Silence after which the service gives back the memory that work took.
const REST: Duration = Duration::from_secs(10);

/// The pipeline's own thread.
pub(crate) struct Pipeline {
    shared: Arc<Shared>,
    inspect: Inspect,
    limbo: Limbo,
    /// Files that could not be inspected because there was no worker, and when to try again.
    later: Vec<(Instant, Sighting)>,
    pruned: Instant,
    /// When the last event came, unless memory was given back since.
    busy: Option<Instant>,
}

impl Pipeline {
    /// A pipeline. `patience` is how long a file that is gone may take to show up elsewhere.
    pub(crate) fn new(shared: Arc<Shared>, inspect: Inspect, patience: Duration) -> Self {
        Self {
            shared,
            inspect,
            limbo: Limbo::new(patience),
            later: Vec::new(),
            pruned: Instant::now(),
            busy: None,
        }
    }

    /// Works until every sender is gone.
    ///
    /// # Errors
    /// When the ledger cannot be written: to go on would lose what is seen.
    pub(crate) fn run(mut self, events: &Receiver<Event>) -> Result<()> {
        loop {
            let drained = match events.recv_timeout(self.until_next_timer()?) {
                Ok(event) => {
                    let drained = self.gather(event, events)?;
                    self.busy = Some(Instant::now());
                    drained
                }
                Err(RecvTimeoutError::Timeout) => true,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let looks = self.shared.take_looks();
            self.look(looks)?;
            self.on_timers(drained)?;
        }
    }

    /// Works on what is there, in entries of limited size; says whether nothing waits any more.
    fn gather(&mut self, first: Event, events: &Receiver<Event>) -> Result<bool> {
        let began = Instant::now();
        let mut force = self.shared.force();
        let mut batch = Vec::new();
        let mut event = first;
        let drained = loop {
            match event {
                Event::Sighting(sighting) => batch.extend(self.prepare(sighting, &force)?),
                other => {
                    self.write(&std::mem::take(&mut batch), &force)?;
                    self.surroundings(other)?;
                    force = self.shared.force();
                }
            }
            if batch.len() >= BATCH || began.elapsed() >= BATCH_TIME {
                break false;
            }
            let wait = if batch.is_empty() { Duration::ZERO } else { LULL };
            match events.recv_timeout(wait) {
                Ok(next) => event = next,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break true,
            }
        };
        self.write(&batch, &force)?;
        Ok(drained)
    }

    /// Looks at files again, whatever the baseline says.
    fn look(&mut self, sightings: Vec<Sighting>) -> Result<()> {
        let force = self.shared.force();
        let mut batch = Vec::new();
        for sighting in sightings {
            batch.extend(self.prepare(sighting, &force)?);
            if batch.len() >= BATCH {
                self.write(&std::mem::take(&mut batch), &force)?;
            }
        }
        self.write(&batch, &force)
    }

    /// Records a batch in one entry; `force` is what it was prepared by.
    fn write(&mut self, batch: &[Prepared], force: &InForce) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        self.shared.looked_at(batch.len());
        let survey = self.shared.survey();
        let limbo = &mut self.limbo;
        let (effects, transitions) = self.shared.ledger.enter(self.shared.now(), |entry| {
            let mut recording = record::Recording::new(entry, force, &survey, limbo);
            for prepared in batch {
                recording.record(prepared)?;
            }
            Ok(recording.effects())
        })?;
        self.shared.publish(&transitions, effects.questions_changed);
        let again = effects
            .look_again
            .iter()
            .filter_map(|path| self.shared.sighting(path))
            .collect();
        self.look(again)
    }
}
