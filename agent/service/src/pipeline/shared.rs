//! What the pipeline's thread and the others have in common.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context as _, Result};
use fileward_places::{SessionDrives, Sessions, Survey, UserId};
use fileward_protocol::health::PlaceState;
use fileward_protocol::ids::FindingId;
use fileward_protocol::report::Justification;
use fileward_protocol::vocabulary::Language;
use jiff::Timestamp;
use tokio::sync::Notify;

use super::{Force, InForce};
use crate::ledger::{Answer, Ledger, Transition};
use crate::notice::Bell;
use crate::uplink::Contact;
use crate::watch::{Event, PlaceStatus};

/// Takes each transition as it is recorded.
pub(crate) type Print = Box<dyn Fn(&Transition) + Send + Sync>;

/// Takes the number of places once all are watched.
pub(crate) type Ready = Box<dyn Fn(usize) + Send + Sync>;

/// What can be asked of the watch.
pub(crate) struct Control {
    /// Looks for places again.
    pub(crate) resurvey: Box<dyn Fn() + Send + Sync>,
    /// Sweeps everything.
    pub(crate) reconcile_all: Box<dyn Fn() + Send + Sync>,
}

/// The state of the running service.
pub(crate) struct Shared {
    pub(crate) ledger: Ledger,
    /// Tells trays that something changed.
    pub(crate) bell: Bell,
    /// Tells the uplink that something waits.
    pub(crate) wake: Arc<Notify>,
    pub(crate) started_at: Timestamp,
    /// The collector's address, when enrolled.
    pub(crate) collector: Option<String>,
    /// The language of sentences for people on this PC.
    pub(crate) language: Language,
    clock: fn() -> Timestamp,
    print: Option<Print>,
    ready: Mutex<Option<Ready>>,
    epoch: Arc<AtomicU64>,
    swept: AtomicBool,
    force: RwLock<Arc<InForce>>,
    surroundings: RwLock<Surroundings>,
    contact: Mutex<Option<Contact>>,
    contacted: Condvar,
    control: RwLock<Option<Control>>,
    sessions: Mutex<Sessions>,
    events: Mutex<Option<SyncSender<Event>>>,
    looks: Mutex<Vec<PathBuf>>,
    scan: Mutex<Scan>,
}

/// How far a sweep that somebody asked for has come.
#[derive(Clone, Debug, Default)]
struct Scan {
    files: u64,
    waiting: Vec<PathBuf>,
}

/// What does not change while the service runs.
pub(crate) struct Setting {
    /// The corrected time.
    pub(crate) clock: fn() -> Timestamp,
    /// Is called with each transition as it is recorded.
    pub(crate) print: Option<Print>,
    /// Is called once, with the number of places, when all are watched.
    pub(crate) ready: Ready,
    /// The collector's address, when enrolled.
    pub(crate) collector: Option<String>,
    /// The language of sentences for people on this PC.
    pub(crate) language: Language,
}

#[derive(Clone, Default)]
struct Surroundings {
    survey: Arc<Survey>,
    statuses: Arc<[PlaceStatus]>,
}

impl Shared {
    /// Puts `force` in force; the pipeline reads the other end of `events`.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub(crate) fn new(ledger: Ledger, force: Force, events: SyncSender<Event>, setting: Setting) -> Result<Self> {
        let Setting {
            clock,
            print,
            ready,
            collector,
            language,
        } = setting;
        let epoch = count_epoch(&ledger, &force, clock())?;
        Ok(Self {
            started_at: clock(),
            collector,
            language,
            bell: Bell::default(),
            wake: Arc::new(Notify::new()),
            clock,
            print,
            ready: Mutex::new(Some(ready)),
            epoch: Arc::new(AtomicU64::new(epoch)),
            swept: AtomicBool::new(false),
            force: RwLock::new(Arc::new(InForce::new(force, epoch, &ledger.owner().key))),
            surroundings: RwLock::default(),
            contact: Mutex::default(),
            contacted: Condvar::new(),
            control: RwLock::default(),
            sessions: Mutex::default(),
            events: Mutex::new(Some(events)),
            looks: Mutex::default(),
            scan: Mutex::default(),
            ledger,
        })
    }

    /// The corrected time.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// What is in force, and since which epoch.
    pub(crate) fn force(&self) -> Arc<InForce> {
        self.force.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts something else in force: everything is judged again.
    ///
    /// # Errors
    /// When the ledger cannot be written; the former stays in force.
    pub(crate) fn set_force(&self, force: Force) -> Result<()> {
        if force == **self.force() {
            return Ok(());
        }
        let epoch = count_epoch(&self.ledger, &force, self.now())?;
        let force = InForce::new(force, epoch, &self.ledger.owner().key);
        *self.force.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(force);
        // Only now: what the watch tells because of the new epoch must be judged by the new policy.
        self.epoch.store(epoch, Ordering::Release);
        if let Some(control) = &*self.control.read().unwrap_or_else(PoisonError::into_inner) {
            (control.resurvey)();
            (control.reconcile_all)();
        }
        self.bell.ring();
        Ok(())
    }

    /// The epoch of what is in force, for the watch.
    pub(crate) fn epoch_cell(&self) -> Arc<AtomicU64> {
        self.epoch.clone()
    }

    /// Connects the watch.
    pub(crate) fn connect(&self, control: Control) {
        *self.control.write().unwrap_or_else(PoisonError::into_inner) = Some(control);
    }

    /// Takes what a session of `user` tells of its drives, in place of what was told before, and surveys again.
    pub(crate) fn learn_drives(&self, user: UserId, drives: SessionDrives) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sessions.entry(user).or_default();
        let is_new = *known != drives;
        *known = drives;
        drop(sessions);
        if let Some(control) = &*self.control.read().unwrap_or_else(PoisonError::into_inner)
            && is_new
        {
            (control.resurvey)();
        }
    }

    /// What the sessions told of their drives.
    pub(crate) fn sessions(&self) -> Sessions {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sweeps everything now; [`Self::scanned`] tells how it goes.
    pub(crate) fn scan(&self) {
        {
            // Places that go away from here on are taken from the list once the lock is free.
            let mut scan = self.scan.lock().unwrap_or_else(PoisonError::into_inner);
            *scan = Scan {
                files: 0,
                waiting: watched(&self.statuses()).map(Path::to_path_buf).collect(),
            };
        }
        if let Some(control) = &*self.control.read().unwrap_or_else(PoisonError::into_inner) {
            (control.reconcile_all)();
        }
    }

    /// How many files the sweep has looked at, and whether it is done.
    pub(crate) fn scanned(&self) -> (u64, bool) {
        let scan = self.scan.lock().unwrap_or_else(PoisonError::into_inner);
        (scan.files, scan.waiting.is_empty())
    }

    pub(super) fn looked_at(&self, files: usize) {
        self.scan.lock().unwrap_or_else(PoisonError::into_inner).files += files as u64;
    }

    pub(super) fn swept(&self, root: &Path) {
        let mut scan = self.scan.lock().unwrap_or_else(PoisonError::into_inner);
        scan.waiting.retain(|waiting| waiting != root);
    }

    /// Lets the pipeline end once the watch has.
    pub(crate) fn close(&self) {
        *self.control.write().unwrap_or_else(PoisonError::into_inner) = None;
        *self.events.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The places, as last found.
    pub(crate) fn survey(&self) -> Arc<Survey> {
        self.surroundings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .survey
            .clone()
    }

    /// Each place with its state.
    pub(crate) fn statuses(&self) -> Arc<[PlaceStatus]> {
        self.surroundings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .statuses
            .clone()
    }

    pub(super) fn set_surroundings(&self, survey: Arc<Survey>, statuses: Vec<PlaceStatus>) {
        *self.surroundings.write().unwrap_or_else(PoisonError::into_inner) = Surroundings {
            survey,
            statuses: statuses.into(),
        };
        let mut scan = self.scan.lock().unwrap_or_else(PoisonError::into_inner);
        let statuses = self.statuses();
        scan.waiting
            .retain(|root| watched(&statuses).any(|other| other == root));
    }

    pub(super) fn ready(&self, places: usize) {
        if let Some(ready) = self.ready.lock().unwrap_or_else(PoisonError::into_inner).take() {
            ready(places);
        }
    }

    /// Whether the first sweep since the start is done.
    pub(crate) fn is_swept(&self) -> bool {
        self.swept.load(Ordering::Acquire)
    }

    pub(super) fn set_swept(&self) {
        self.swept.store(true, Ordering::Release);
    }

    /// How the contact to the collector is; `None` without enrolment or before the first attempt.
    pub(crate) fn contact(&self) -> Option<Contact> {
        self.contact.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_contact(&self, contact: Contact) {
        *self.contact.lock().unwrap_or_else(PoisonError::into_inner) = Some(contact);
        self.contacted.notify_all();
    }

    /// Waits until the first attempt to reach the collector is over, however it went, but not longer than `longest`.
    pub(super) fn await_contact(&self, longest: Duration) {
        let contact = self.contact.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .contacted
            .wait_timeout_while(contact, longest, |contact| contact.is_none());
        drop(waited);
    }

    /// Tells everybody whom recorded transitions concern.
    pub(crate) fn publish(&self, transitions: &[Transition], questions_changed: bool) {
        if let Some(print) = &self.print {
            transitions.iter().for_each(print);
        }
        if !transitions.is_empty() {
            self.wake.notify_one();
        }
        if questions_changed || !transitions.is_empty() {
            self.bell.ring();
        }
    }

    /// Records an employee's answer to a finding; says whether it still mattered.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub(crate) fn answer(&self, finding: FindingId, answer: Answer, why: Option<Justification>) -> Result<bool> {
        let (mattered, transitions) = self
            .ledger
            .enter(self.now(), |entry| entry.answered(finding, answer, why))?;
        self.publish(&transitions, false);
        Ok(mattered)
    }

    /// Records an employee's answer to a question; says whether it still mattered.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub(crate) fn answer_question(&self, question: u64, work: bool) -> Result<bool> {
        let answer = if work {
            fileward_policy::subject::Answer::Work
        } else {
            fileward_policy::subject::Answer::Private
        };
        let (paths, _) = self.ledger.enter(self.now(), |entry| {
            let Some(asked) = entry.reader().question(question)? else {
                return Ok(None);
            };
            entry.answer_question(&asked, answer)?;
            Ok(Some(entry.reader().paths_with_content(asked.content)?))
        })?;
        let Some(paths) = paths else { return Ok(false) };
        self.publish(&[], true);
        for path in paths {
            self.look(path);
        }
        Ok(true)
    }

    /// Lets the pipeline look at a file again, whatever the baseline says.
    fn look(&self, path: PathBuf) {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = events.as_ref().map(|events| events.try_send(Event::Look(path)));
        // A busy pipeline takes it when it has written its batch.
        if let Some(Err(TrySendError::Full(Event::Look(path)))) = sent {
            self.looks.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        }
    }

    pub(super) fn take_looks(&self) -> Vec<PathBuf> {
        std::mem::take(&mut *self.looks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The roots of the places that a sweep goes through.
fn watched(statuses: &[PlaceStatus]) -> impl Iterator<Item = &Path> {
    statuses
        .iter()
        .filter(|status| !matches!(status.state, PlaceState::Unavailable(_)))
        .map(|status| status.place.root.as_path())
}

fn count_epoch(ledger: &Ledger, force: &Force, now: Timestamp) -> Result<u64> {
    ledger.set_reporting(force.reporting());
    let enter = ledger.enter(now, |entry| {
        entry.forgive_files_of_other_version(env!("CARGO_PKG_VERSION"))?;
        entry.epoch(&force.mark)
    });
    let (epoch, _) = enter.context("Failed to put the policy in force")?;
    Ok(epoch)
}
