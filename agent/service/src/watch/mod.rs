//! Turns OS events, which are only hints, into settled [`Sighting`]s; baseline and reconcile are the truth.
//!
//! Two threads share the work. The watching thread takes hints in, waits until files settle, and looks after the places. The
//! sweep compares folders with the baseline and hands to the watching thread whatever needs waiting for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::SyncSender;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use fileward_places::Survey;

mod coalesce;
mod devices;
mod ignore;
mod inbox;
mod journal;
mod orphans;
mod os;
mod outlet;
mod reconcile;
mod schedule;
mod settle;
mod source;
mod status;
mod tasks;
mod territory;
mod watcher;

pub(crate) mod baseline;
pub(crate) mod names;
pub(crate) mod open;
pub(crate) mod sighting;

#[cfg(test)]
mod tests;

pub(crate) use reconcile::Outcome;
pub(crate) use sighting::{Change, FileId, Sighting, Stat};
pub(crate) use status::PlaceStatus;

use baseline::Baseline;
use coalesce::Coalescer;
use inbox::Inbox;
use outlet::{Failure, Outlet};
use reconcile::Sweeper;
use schedule::Schedule;
use source::Source;
use tasks::Tasks;
use watcher::Watcher;

/// How many events the channel to the pipeline should hold: enough to keep it busy, few enough that a sighting by event does
/// not wait long behind those of a sweep.
pub(crate) const EVENTS: usize = 32;

/// What the stage tells the pipeline.
#[derive(Debug)]
pub(crate) enum Event {
    /// A file settled or is gone.
    Sighting(Sighting),
    /// A judged file that lies in no place any more is gone.
    Orphaned(PathBuf),
    /// Something was said of the file at this path: it is looked at again. No stage tells this; clients do.
    Look(PathBuf),
    /// The sweep is done with the place with this root, or it is none any more.
    Swept {
        /// The place's root.
        root: PathBuf,
        /// What came of it.
        outcome: Outcome,
    },
    /// Every place was compared once since the start.
    FirstSweepDone,
    /// The places or their states changed. It comes first of all, when all places are watched.
    Places(Arc<Survey>, Vec<PlaceStatus>),
    /// The stage cannot go on, for this reason, and has ended.
    Failed(String),
}

/// How to watch.
#[derive(Clone, Debug)]
pub(crate) struct WatchConfig {
    /// The ledger's database with the baseline in it.
    pub(crate) database: PathBuf,
    /// For how long a file must not change.
    pub(crate) settle: Duration,
    /// How often everything is compared with the baseline though nothing hints at a need.
    pub(crate) reconcile_every: Duration,
    /// How often places without events are compared.
    pub(crate) poll_every: Duration,
    /// The number of the policy in force: what an older one judged is told again.
    pub(crate) epoch: Arc<AtomicU64>,
    /// Tells for how long the PC has been suspended since it was started.
    pub(crate) suspended: fn() -> Duration,
    /// Where the change journals are.
    volumes: Arc<dyn journal::Volumes>,
}

impl WatchConfig {
    /// The usual times.
    pub(crate) fn new(database: PathBuf, epoch: Arc<AtomicU64>) -> Self {
        Self {
            database,
            settle: Duration::from_millis(400),
            reconcile_every: Duration::from_hours(1),
            poll_every: Duration::from_secs(30),
            epoch,
            suspended: os::suspended,
            volumes: Arc::new(journal::System),
        }
    }
}

/// The running stage. It ends when it is dropped.
pub(crate) struct Watch {
    inbox: Arc<Inbox>,
    tasks: Arc<Tasks>,
    threads: Vec<JoinHandle<()>>,
}

impl Watch {
    /// Begins to watch the places that `survey` finds.
    ///
    /// Every sighting is to be recorded in the baseline (or forgotten, when the file is gone) whatever the verdict: until then
    /// it is told again.
    pub(crate) fn start(
        config: WatchConfig,
        survey: impl Fn() -> Survey + Send + 'static,
        events: SyncSender<Event>,
    ) -> Result<Self> {
        let open = || Baseline::open(&config.database).context("Failed to open the baseline");
        let inbox = Arc::new(Inbox::default());
        let tasks = Arc::new(Tasks::default());
        let outlet = Arc::new(Outlet::new(events, Arc::clone(&inbox), config.epoch));
        let territory = territory::Shared::default();
        let devices = Arc::default();
        let sweeper = Sweeper {
            baseline: open()?,
            outlet: Arc::clone(&outlet),
            inbox: Arc::clone(&inbox),
            tasks: Arc::clone(&tasks),
            territory: territory.clone(),
            devices: Arc::clone(&devices),
        };
        let watcher = Watcher {
            settle: config.settle,
            survey: Box::new(survey),
            baseline: open()?,
            outlet: Arc::clone(&outlet),
            inbox: Arc::clone(&inbox),
            tasks: Arc::clone(&tasks),
            territory,
            devices,
            source: Source::new(Arc::clone(&inbox), config.poll_every),
            coalescer: Coalescer::new(config.settle, inbox::LIMIT),
            statuses: status::Statuses::default(),
            journals: journal::Journals::new(config.volumes),
            present: BTreeMap::new(),
            schedule: Schedule::new(config.reconcile_every, config.poll_every, Instant::now()),
            lost_events: false,
            suspended: (config.suspended, (config.suspended)()),
        };
        let mut watch = Self {
            inbox,
            tasks,
            threads: Vec::new(),
        };
        watch.spawn("watch", &outlet, || watcher.run())?;
        watch.spawn("sweep", &outlet, || sweeper.run())?;
        Ok(watch)
    }

    /// Finds the places anew: users or the policy changed.
    pub(crate) fn resurvey(&self) {
        self.inbox.put(|mail| mail.resurvey = true);
    }

    /// Compares every place with the baseline.
    pub(crate) fn reconcile_all(&self) {
        self.inbox.put(|mail| mail.reconcile = true);
    }

    fn spawn(
        &mut self,
        name: &str,
        outlet: &Arc<Outlet>,
        work: impl FnOnce() -> Result<(), Failure> + Send + 'static,
    ) -> Result<()> {
        let outlet = Arc::clone(outlet);
        let run = move || {
            if let Err(Failure::Baseline(error)) = work() {
                // Nobody to tell is the other reason to end.
                drop(outlet.send(Event::Failed(format!("Failed to read the baseline: {error}"))));
            }
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(run);
        self.threads
            .push(thread.with_context(|| format!("Failed to start the thread {name}"))?);
        Ok(())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.inbox.stop();
        self.tasks.stop();
        for thread in self.threads.drain(..) {
            // A panic has been reported by the panic hook.
            drop(thread.join());
        }
    }
}
