//! Connects the stages: settled files are opened, inspected, judged and recorded; the rest of the service is told.
//!
//! One direction. It is the only place that knows all stages, and does nothing itself: [`prepare`] finds out what a file
//! is, in the threads of the [`crew`] that are some files ahead; [`record`] writes what follows, [`presence`] tells what
//! lies where, [`limbo`] holds back what looks deleted, [`Shared`] is what the other threads see.

mod crew;
mod force;
mod health;
mod limbo;
mod local;
mod prepare;
mod presence;
mod record;
mod shared;
mod surroundings;
#[cfg(test)]
mod tests;
mod timers;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

pub(crate) use force::{Force, InForce};
pub(crate) use prepare::{Inspect, hint};
pub(crate) use record::{relative, subject};
pub(crate) use shared::{Control, Setting, Shared};

use crate::watch::{Event, Sighting};
use crew::{Crew, Steps};
use limbo::Limbo;
use prepare::{Looked, Prepared, Preparer, Step};
use presence::LookAt;

/// The most sightings in one entry of the ledger, and the longest that one is gathered.
const BATCH: usize = 1024;
const BATCH_TIME: Duration = Duration::from_millis(200);
/// A pause that ends a batch unless a file is under way: each entry waits for the disk, so in a burst few large ones are
/// much quicker.
const LULL: Duration = Duration::from_millis(5);
/// How many files are prepared while an entry is written: about as many as take as long.
const AHEAD: usize = 512;
/// How long a new ledger waits for what the company decided before it was begun.
const DECISIONS: Duration = Duration::from_secs(5);
/// Silence after which the service gives back the memory that work took.
const REST: Duration = Duration::from_secs(10);

/// The pipeline's own thread.
pub(crate) struct Pipeline {
    shared: Arc<Shared>,
    preparer: Arc<Preparer>,
    /// Helps the preparer in a burst.
    helper: Option<Arc<Preparer>>,
    look_at: LookAt,
    limbo: Limbo,
    /// Files that could not be inspected because there was no worker, and when to try again.
    later: Vec<(Instant, Sighting)>,
    pruned: Instant,
    /// When the last event came, unless memory was given back since.
    busy: Option<Instant>,
}

impl Pipeline {
    /// A pipeline. `second` inspects beside `inspector` in a burst; `patience` is how long a file that is gone may take to
    /// show up elsewhere.
    pub(crate) fn new(
        shared: Arc<Shared>,
        inspector: Box<dyn Inspect>,
        second: Option<Box<dyn Inspect>>,
        patience: Duration,
    ) -> Self {
        let preparer = |inspector| Arc::new(Preparer::new(shared.clone(), inspector));
        Self {
            preparer: preparer(inspector),
            helper: second.map(preparer),
            shared,
            look_at: Box::new(presence::look),
            limbo: Limbo::new(patience),
            later: Vec::new(),
            pruned: Instant::now(),
            busy: None,
        }
    }

    /// Works until every sender is gone.
    ///
    /// # Errors
    /// When the ledger cannot be written, or the watch ended: to go on would lose what is seen.
    pub(crate) fn run(mut self, events: Receiver<Event>) -> Result<()> {
        let (crew, mut steps) = Crew::new(events, self.preparer.clone(), self.helper.take());
        let ahead = thread::Builder::new()
            .name("prepare".into())
            .spawn(move || crew.work())
            .context("Failed to start the thread prepare")?;
        // After an error nobody waits for the other thread: it may wait for the watch, which ends after this one.
        self.work(&mut steps)?;
        ahead.join().map_err(|_| anyhow!("the thread prepare panicked"))
    }

    fn work(&mut self, steps: &mut Steps) -> Result<()> {
        self.await_decisions()?;
        let mut drained = true;
        loop {
            match steps.within(self.until_next_timer()?) {
                Ok(step) => {
                    drained = self.gather(step, steps)?;
                    self.busy = Some(Instant::now());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            let looks = self.shared.take_looks();
            self.look_again(&looks)?;
            self.on_timers(drained)?;
        }
    }

    /// A new ledger first hears what was decided: a rebuilt one would tell the employee anew of what is exempted.
    fn await_decisions(&self) -> Result<()> {
        let is_new = self.shared.ledger.read(|reader| reader.head())?.is_none();
        if is_new && self.shared.collector.is_some() {
            self.shared.await_contact(DECISIONS);
        }
        Ok(())
    }

    /// Works on what is there, in entries of limited size; says whether nothing waits any more.
    fn gather(&mut self, first: Step, steps: &mut Steps) -> Result<bool> {
        let began = Instant::now();
        let mut batch = Vec::new();
        let mut step = first;
        let drained = loop {
            let drained = matches!(step, Step::Drained);
            match step {
                Step::Looked(looked) => self.add(looked, &mut batch)?,
                Step::Other(event) => {
                    self.write(&mut batch)?;
                    self.surroundings(event)?;
                }
                Step::Drained => {}
                Step::Failed(error) => return Err(error),
            }
            if batch.len() >= BATCH || began.elapsed() >= BATCH_TIME {
                break drained;
            }
            match steps
                .at_once()
                .or_else(|| after_lull(steps, &batch, began + BATCH_TIME))
            {
                Some(next) => step = next,
                None => break drained,
            }
        };
        self.write(&mut batch)?;
        Ok(drained)
    }

    /// Looks at what lies at these paths just now, whatever the baseline says.
    fn look_again(&mut self, paths: &[PathBuf]) -> Result<()> {
        let survey = self.shared.survey();
        let sightings = paths.iter().filter_map(|path| presence::sighting(&survey, path));
        self.look(sightings.collect())
    }

    /// Looks at files again, whatever the baseline says.
    fn look(&mut self, sightings: Vec<Sighting>) -> Result<()> {
        let mut batch = Vec::new();
        for sighting in sightings {
            let looked = self.preparer.prepare(sighting)?;
            self.add(looked, &mut batch)?;
            if batch.len() >= BATCH {
                self.write(&mut batch)?;
            }
        }
        self.write(&mut batch)
    }

    /// Adds to a batch, which is all judged by the same policy.
    fn add(&mut self, looked: Looked, batch: &mut Vec<Prepared>) -> Result<()> {
        match looked {
            Looked::Prepared(prepared) => {
                if batch
                    .last()
                    .is_some_and(|last| !Arc::ptr_eq(&last.force, &prepared.force))
                {
                    self.write(batch)?;
                }
                batch.push(prepared);
            }
            Looked::NoWorker(sighting) => self.wait_for_worker(sighting),
            Looked::Nothing => {}
        }
        Ok(())
    }

    /// Records a batch in one entry, and empties it.
    fn write(&mut self, batch: &mut Vec<Prepared>) -> Result<()> {
        let batch = std::mem::take(batch);
        let Some(Prepared { force, .. }) = batch.first() else {
            return Ok(());
        };
        self.shared.looked_at(batch.len());
        let (effects, transitions) = self.enter(|entry, presence, limbo| {
            let mut recording = record::Recording::new(entry, force, presence, limbo);
            for prepared in &batch {
                recording.record(prepared)?;
            }
            Ok(recording.effects())
        })?;
        self.shared.publish(&transitions, effects.questions_changed);
        self.look_again(&effects.look_again)
    }
}

/// What came during a lull, which lasts while a file is under way, but not past `until`; without a batch, nobody waits.
/// This thread sleeps through it: to be woken for each file would cost more than to record it.
fn after_lull(steps: &mut Steps, batch: &[Prepared], until: Instant) -> Option<Step> {
    if batch.is_empty() {
        return None;
    }
    loop {
        thread::sleep(LULL);
        let step = steps.at_once();
        if step.is_some() || !steps.is_under_way() || Instant::now() >= until {
            return step;
        }
    }
}
