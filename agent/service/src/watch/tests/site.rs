//! A watched folder, and a pipeline that records what it is told like the real one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fileward_places::{Found, Place, Survey, plain};
use fileward_protocol::health::PlaceState;
use fileward_protocol::vocabulary::PlaceKind;
use rusqlite::Connection;
use tempfile::TempDir;

use super::system;
use crate::watch::journal::{System, Volumes};
use crate::watch::{Change, EVENTS, Event, Outcome, Stat, Watch, WatchConfig, baseline};

/// What the pipeline was told, in order.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) told: Vec<(PathBuf, Change)>,
    pub(super) states: BTreeMap<PathBuf, PlaceState>,
    pub(super) swept: Vec<(PathBuf, Outcome)>,
    pub(super) first_sweep_done: bool,
    pub(super) failed: Option<String>,
}

impl Log {
    /// The files as the pipeline knows them.
    pub(super) fn files(&self) -> BTreeMap<PathBuf, Stat> {
        let mut files = BTreeMap::new();
        for (path, change) in &self.told {
            match change {
                Change::Settled(stat) => files.insert(path.clone(), *stat),
                Change::Gone => files.remove(path),
            };
        }
        files
    }

    fn summary(&self) -> String {
        let files = self.files();
        let some: Vec<_> = files.keys().take(20).collect();
        let last = &self.told[self.told.len().saturating_sub(20)..];
        format!(
            "{} told, {} files: {some:#?}\nlast told: {last:#?}\nstates: {:?}\nswept: {:?}\nfailed: {:?}",
            self.told.len(),
            files.len(),
            self.states,
            self.swept,
            self.failed
        )
    }

    pub(super) fn count(&self, path: &Path) -> usize {
        self.told.iter().filter(|(told, _)| told == path).count()
    }

    pub(super) fn knows(&self, path: &Path) -> bool {
        self.files().contains_key(path)
    }
}

pub(super) struct Site {
    folder: TempDir,
    pub(super) epoch: Arc<AtomicU64>,
    survey: Arc<Mutex<Survey>>,
    log: Arc<Mutex<Log>>,
    pub(super) watch: Option<Watch>,
    pub(super) poll_every: Duration,
    pub(super) suspended: fn() -> Duration,
    pub(super) volumes: Arc<dyn Volumes>,
}

impl Site {
    /// A site with the folder `place` in it, which is a place; nothing is watched yet.
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("place")).unwrap();
        drop(crate::ledger::testing::database(&folder.path().join("agent.db")));
        let site = Self {
            folder,
            epoch: Arc::default(),
            survey: Arc::default(),
            log: Arc::default(),
            watch: None,
            poll_every: Duration::from_millis(300),
            suspended: || Duration::ZERO,
            volumes: Arc::new(System),
        };
        site.survey(vec![place(site.root())]);
        site
    }

    /// A site that is watched and was swept once.
    pub(super) fn watched() -> Self {
        let mut site = Self::new();
        site.start();
        site
    }

    pub(super) fn start(&mut self) {
        self.start_without_waiting();
        self.until("the first sweep is done", |log| log.first_sweep_done);
    }

    pub(super) fn start_without_waiting(&mut self) {
        let (sender, receiver) = sync_channel(EVENTS);
        let database = self.folder.path().join("agent.db");
        let mut config = WatchConfig::new(database.clone(), Arc::clone(&self.epoch));
        config.poll_every = self.poll_every;
        config.suspended = self.suspended;
        config.volumes = Arc::clone(&self.volumes);
        let (log, epoch) = (Arc::clone(&self.log), Arc::clone(&self.epoch));
        log.lock().unwrap().first_sweep_done = false;
        std::thread::spawn(move || pipeline(&receiver, &Connection::open(database).unwrap(), &epoch, &log));
        let survey = Arc::clone(&self.survey);
        self.watch = Some(Watch::start(config, move || survey.lock().unwrap().clone(), sender).unwrap());
    }

    pub(super) fn stop(&mut self) {
        if let Some(watch) = self.watch.take() {
            drop(watch);
        }
    }

    pub(super) fn base(&self) -> PathBuf {
        plain(&self.folder.path().canonicalize().unwrap())
    }

    pub(super) fn root(&self) -> PathBuf {
        self.base().join("place")
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// What the next survey will find.
    pub(super) fn survey(&self, mut places: Vec<Place>) {
        places.sort_by(|one, other| one.root.cmp(&other.root));
        *self.survey.lock().unwrap() = Survey {
            places: places.into_iter().map(Arc::new).collect(),
            anchors: BTreeSet::from([self.base()]),
        };
    }

    pub(super) fn resurvey(&self, places: Vec<Place>) {
        self.survey(places);
        self.watch.as_ref().unwrap().resurvey();
    }

    pub(super) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Waits until what the pipeline was told satisfies `done`.
    pub(super) fn until(&self, what: &str, done: impl Fn(&Log) -> bool) {
        let start = Instant::now();
        loop {
            let asked = Instant::now();
            if self.with(&done) {
                return;
            }
            let late = start.elapsed() > Duration::from_mins(10);
            assert!(!late, "It never came to this: {what}\n{}", self.with(Log::summary));
            // The pipeline waits while thousands of files are compared, and is to have most of the time.
            std::thread::sleep((asked.elapsed() * 4).max(Duration::from_millis(10)));
        }
    }

    /// The same, of folders that were there before or were moved: what the system does not tell of them, a sweep does.
    pub(super) fn until_at_last(&self, what: &str, done: impl Fn(&Log) -> bool) {
        if !system::tells_of_every_folder() {
            self.watch.as_ref().unwrap().reconcile_all();
        }
        self.until(what, done);
    }

    /// Waits until a file made now is told: whatever was hinted at before has been looked at by then.
    pub(super) fn until_quiet(&self) {
        // Longer than the stage waits for missing files.
        std::thread::sleep(Duration::from_millis(2_500));
        let path = self.write("quiet.txt", "quiet");
        self.until("a last file is told", |log| log.knows(&path));
        fs::remove_file(&path).unwrap();
        self.until("a last file is gone", |log| !log.knows(&path));
        self.log.lock().unwrap().told.retain(|(told, _)| *told != path);
    }

    pub(super) fn with<T>(&self, read: impl FnOnce(&Log) -> T) -> T {
        read(&self.log.lock().unwrap())
    }

    pub(super) fn forget_log(&self) {
        self.log.lock().unwrap().told.clear();
    }

    pub(super) fn assert_told(&self, expected: &[(PathBuf, Kind)]) {
        let told = self.with(|log| {
            log.told
                .iter()
                .map(|(path, change)| (path.clone(), kind(change)))
                .collect::<Vec<_>>()
        });
        assert!(expected == told, "expected {expected:#?}, told {told:#?}");
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Settled,
    Gone,
}

fn kind(change: &Change) -> Kind {
    match change {
        Change::Settled(_) => Kind::Settled,
        Change::Gone => Kind::Gone,
    }
}

pub(in crate::watch) fn place(root: PathBuf) -> Place {
    Place {
        kind: PlaceKind::Desktop,
        app: None,
        owner: None,
        root,
        account: None,
        found: Found {
            by: "test".to_owned(),
            grade: None,
        },
        state: PlaceState::Ok,
        events: true,
        store: None,
    }
}

fn pipeline(events: &Receiver<Event>, database: &Connection, epoch: &AtomicU64, log: &Mutex<Log>) {
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    database.pragma_update(None, "synchronous", "off").unwrap();
    for event in events {
        if let Event::Sighting(sighting) = &event {
            match sighting.change {
                Change::Settled(stat) => {
                    let epoch = epoch.load(std::sync::atomic::Ordering::Acquire);
                    let spot = baseline::spot(database, &sighting.path).unwrap();
                    baseline::record(database, spot, &stat, epoch).unwrap();
                }
                Change::Gone => baseline::forget(database, &sighting.path).unwrap(),
            }
        }
        let mut entered = log.lock().unwrap();
        match event {
            Event::Sighting(sighting) => entered.told.push((sighting.path, sighting.change)),
            Event::Swept { root, outcome } => entered.swept.push((root, outcome)),
            Event::Orphaned(path) => {
                baseline::forget(database, &path).unwrap();
                entered.told.push((path, Change::Gone));
            }
            Event::FirstSweepDone => entered.first_sweep_done = true,
            Event::Places(_, statuses) => {
                entered.states = statuses
                    .iter()
                    .map(|status| (status.place.root.clone(), status.state))
                    .collect();
            }
            Event::Look(_) => unreachable!("the watch does not tell this"),
            Event::Failed(why) => entered.failed = Some(why),
        }
    }
}
