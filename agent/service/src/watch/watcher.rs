//! The watching thread: hints become looks, looks become sightings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fileward_places::{Place, Survey};
use fileward_protocol::health::{PlaceState, Unavailable};
use jiff::Timestamp;

use super::baseline::Baseline;
use super::coalesce::{Coalescer, Hinted};
use super::devices::Devices;
use super::inbox::{Inbox, Mail};
use super::journal::Journals;
use super::open::{self, FolderId, Look, Root};
use super::os::{self, Writer};
use super::outlet::{Closed, Failure, Outlet};
use super::reconcile::{Outcome, Swept, unavailable};
use super::schedule::{Due, Schedule};
use super::settle::{Next, Seen, Settling};
use super::sighting::Stat;
use super::source::{Source, Wanted};
use super::status::Statuses;
use super::tasks::{Task, Tasks};
use super::territory::{Shared, Territory};
use super::{Event, ignore};

/// After so many looks, new mail is taken in.
const ROUND: usize = 512;
/// How long a file that seems gone is waited for while it may still turn up under another path.
const ELSEWHERE: Duration = Duration::from_millis(500);
/// A clock that stood still for longer than this did so because the PC was suspended.
const SUSPENDED: Duration = Duration::from_secs(1);

/// What is at the root of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Nothing that can be looked into.
    Absent,
    /// This folder.
    Folder(FolderId),
    /// Only the sweep looks.
    NotLookedAt,
}

/// The watching thread.
pub(crate) struct Watcher {
    pub(crate) settle: Duration,
    pub(crate) survey: Box<dyn Fn() -> Survey + Send>,
    pub(crate) baseline: Baseline,
    pub(crate) outlet: Arc<Outlet>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) tasks: Arc<Tasks>,
    pub(crate) territory: Shared,
    pub(crate) devices: Arc<Devices>,
    pub(crate) source: Source,
    pub(crate) coalescer: Coalescer,
    pub(crate) statuses: Statuses,
    pub(crate) journals: Journals,
    /// The places' roots, and what was there at the last survey.
    pub(crate) present: BTreeMap<PathBuf, Presence>,
    pub(crate) schedule: Schedule,
    /// Whether the OS lost events since everything was compared.
    pub(crate) lost_events: bool,
    /// For how long the PC has been suspended since it was started, now and when last asked.
    pub(crate) suspended: (fn() -> Duration, Duration),
}

impl Watcher {
    /// Watches until the end.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        self.survey()?;
        self.tasks.add(Task::Orphans);
        self.tasks.add(Task::FirstDone);
        loop {
            let next = self.coalescer.next();
            let until = next.map_or(self.schedule.next(), |due| due.min(self.schedule.next()));
            let mail = self.inbox.take(self.coalescer.busy(), until);
            if mail.stop {
                return Ok(());
            }
            self.take_in(mail)?;
            self.look_around()?;
            self.on_time()?;
        }
    }

    fn take_in(&mut self, mail: Mail) -> Result<(), Closed> {
        let now = Instant::now();
        if mail.resurvey {
            self.schedule.want_survey(now);
        }
        if mail.reconcile {
            self.sweep_all();
        }
        if mail.overflow {
            self.lost_events = true;
            self.schedule.want_reconcile(now);
        }
        for folder in &mail.unwatched {
            self.source.limited(folder, now);
            self.schedule.want_survey(now);
        }
        self.take_in_hints(mail, now)
    }

    fn take_in_hints(&mut self, mail: Mail, now: Instant) -> Result<(), Closed> {
        let territory = self.territory.get();
        for (path, finished) in mail.hints {
            if let Some(after) = self.journals.told(&path) {
                self.schedule.want_journals(now + after);
            }
            self.happened(&territory, path, finished, now);
        }
        let swept = !mail.swept.is_empty();
        for Swept { root, outcome, took } in mail.swept {
            self.schedule.swept(took, now);
            let found = self.statuses.found(&root);
            let healed = std::mem::replace(&mut found.partly_unreadable, outcome == Outcome::Partly);
            found.unavailable = match outcome {
                Outcome::Unavailable(why) => Some(why),
                Outcome::Whole | Outcome::Partly | Outcome::GivenUp => None,
            };
            if healed && outcome == Outcome::Whole {
                // What could not be read has no watch yet.
                self.source.renew(&root);
                self.schedule.want_survey(now);
            }
        }
        if swept { self.tell_places(false) } else { Ok(()) }
    }

    /// Something happened to `path`, wherever it is.
    fn happened(&mut self, territory: &Territory, path: PathBuf, finished: bool, now: Instant) {
        if territory.concerns(&path) {
            self.schedule.want_survey(now);
        }
        if let Some(path) = territory.spelled(path) {
            self.hint(path, finished, now);
        }
    }

    fn hint(&mut self, path: PathBuf, finished: bool, now: Instant) {
        if self.coalescer.hint(path, finished, now) == Hinted::Overflow {
            self.schedule.want_reconcile(now);
        }
    }

    /// Looks at the paths that are due.
    fn look_around(&mut self) -> Result<(), Failure> {
        let territory = self.territory.get();
        let mut folders = Vec::new();
        for _ in 0..ROUND {
            let Some((path, settling)) = self.coalescer.due(Instant::now()) else {
                break;
            };
            let Some(place) = territory.place_of(&path) else {
                continue;
            };
            match open::look(&place.root, &path) {
                // A place that vanished is only kept for what is gone.
                Look::File(_) if !territory.has(&place.root) => {}
                Look::File(stat) => self.file(place, path, settling, stat)?,
                Look::Folder if *path != *place.root => folders.push(path),
                Look::Absent { device, root } => {
                    if let Some(spelled) = open::other_spelling(&place.root, &path) {
                        self.hint(spelled, false, Instant::now());
                    }
                    self.absent(place, path, settling, (device, root))?;
                }
                Look::Folder | Look::Away(_) | Look::Hidden => {}
            }
        }
        if !folders.is_empty() {
            // What is made in a folder after its watch stands is hinted at, what was made before is found by the sweep.
            self.source.barrier();
            for folder in folders {
                self.tasks.add(Task::Folder(folder.to_path_buf()));
            }
        }
        Ok(())
    }

    fn file(&mut self, place: &Arc<Place>, path: Arc<Path>, mut settling: Settling, stat: Stat) -> Result<(), Failure> {
        if path.file_name().is_some_and(ignore::file) || is_in_ignored_folder(place, &path) {
            return Ok(());
        }
        let judged = self.baseline.file(&path)?;
        if stat.size == 0 && self.outlet.known(&self.baseline, &path)?.is_none() {
            return Ok(());
        }
        if let Some(judged) = judged {
            self.devices.compare(&judged.stat, &stat);
        }
        let (stat, writer) = match Root::open(&place.root).and_then(|root| root.file(&path)) {
            Ok((file, stat)) => (stat, os::writer(&file)),
            Err(_) => (stat, Writer::Unknown),
        };
        if let Next::Settled(stat) = settling.see(Seen::File(stat, writer), Instant::now(), self.settle) {
            return self.outlet.settled(&self.baseline, place, [(path.to_path_buf(), stat)]);
        }
        self.coalescer.put_back(path, settling);
        Ok(())
    }

    fn absent(
        &mut self,
        place: &Arc<Place>,
        path: Arc<Path>,
        mut settling: Settling,
        (device, root): (u64, bool),
    ) -> Result<(), Failure> {
        let Some(known) = self.outlet.known(&self.baseline, &path)? else {
            if !self.baseline.folders(&path)?.is_empty() || !self.outlet.under_way_below(&path).is_empty() {
                self.tasks.add(Task::Missing(path.to_path_buf()));
            }
            return Ok(());
        };
        if !self.devices.are_same(known.id.device, device) {
            return Ok(());
        }
        let now = Instant::now();
        self.schedule.want_poll(now);
        if self.coalescer.is_moving(known.id) || self.tasks.is_urgent() {
            settling.put_off(now + ELSEWHERE);
        } else if settling.see(Seen::Missing { place: !root }, now, self.settle) == Next::Gone {
            return self.outlet.gone(&self.baseline, place, path.to_path_buf());
        }
        self.coalescer.put_back(path, settling);
        Ok(())
    }

    fn on_time(&mut self) -> Result<(), Failure> {
        let now = Instant::now();
        let (ask, before) = self.suspended;
        let suspended = ask();
        if suspended.saturating_sub(before) > SUSPENDED {
            self.schedule.want_survey(now);
            self.sweep_all();
        }
        self.suspended.1 = suspended;
        for due in self.schedule.due(now) {
            match due {
                Due::Survey => {
                    self.survey()?;
                    self.read_journals();
                }
                Due::Reconcile => self.reconcile()?,
                Due::Poll => self.poll(),
                Due::Journals => self.read_journals(),
            }
        }
        Ok(())
    }

    /// Finds the places anew and watches them.
    fn survey(&mut self) -> Result<(), Closed> {
        let before = self.territory.get();
        let territory = self.territory.set(before.renewed(Arc::new((self.survey)())));
        let anchors = territory.anchors();
        // A place that is missing may come back by a folder above it that gets its name back.
        let roots = territory.survey.places.iter().filter(|place| place.events);
        let roots = roots.map(|place| &place.root);
        self.journals.take_up(roots.chain(&anchors).map(PathBuf::as_path));
        let mut tasks = self.arrange(&territory);
        let vanished = territory.retired().filter(|root| before.has(root));
        tasks.extend(vanished.map(|root| Task::Missing(root.to_path_buf())));
        self.tell_places(*territory.survey != *before.survey)?;
        for task in tasks {
            self.tasks.add(task);
        }
        Ok(())
    }

    /// Watches what can be watched. Gives what is to be done about places that came or went.
    fn arrange(&mut self, territory: &Territory) -> Vec<Task> {
        let places = &territory.survey.places;
        let mut wanted = Wanted::default();
        let mut tasks = Vec::new();
        for place in places {
            let presence = self.look_at_root(place);
            if self.present.insert(place.root.clone(), presence) != Some(presence) {
                let is_absent = presence == Presence::Absent;
                let task = if is_absent { Task::Missing } else { Task::Place };
                tasks.push(task(place.root.clone()));
            }
            if let Presence::Folder(id) = presence
                && !self.journals.tells_of(&place.root)
            {
                wanted.trees.insert(place.root.clone(), id);
            }
        }
        self.present.retain(|root, _| territory.has(root));
        for folder in territory.anchors() {
            if self.journals.tells_of(&folder) {
                continue;
            }
            if let Ok(id) = Root::open(&folder).and_then(|open| open.id()) {
                wanted.folders.insert(folder, id);
            }
        }
        let arranged = self.source.arrange(&wanted, Instant::now());
        for root in places.iter().map(|place| &place.root) {
            self.statuses.found(root).refused = arranged.refused(root);
        }
        for root in wanted.trees.into_keys().filter(|root| arranged.is_new(root)) {
            if !tasks.contains(&Task::Place(root.clone())) {
                tasks.push(Task::Place(root));
            }
        }
        tasks
    }

    /// What is at the root of `place`.
    fn look_at_root(&mut self, place: &Place) -> Presence {
        if is_unavailable(place) {
            return Presence::Absent;
        }
        // A place without events may be on a share that does not answer; only the sweep may wait for it.
        if !place.events {
            return Presence::NotLookedAt;
        }
        let id = Root::open(&place.root).and_then(|open| open.id());
        self.statuses.found(&place.root).unavailable = match &id {
            Ok(id) => self
                .devices
                .is_unmounted(&place.root, id.device)
                .then_some(Unavailable::NotMounted),
            Err(error) => Some(unavailable(&place.root, error)),
        };
        id.map_or(Presence::Absent, Presence::Folder)
    }

    fn tell_places(&mut self, changed: bool) -> Result<(), Closed> {
        let territory = self.territory.get();
        let polling = territory.survey.places.iter().any(|place| self.is_polled(place));
        self.schedule.polling(polling, Instant::now());
        let statuses = self.statuses.update(&territory.survey.places, Timestamp::now());
        if statuses.is_none() && !changed {
            return Ok(());
        }
        let statuses = statuses.unwrap_or_else(|| self.statuses.current().to_vec());
        self.outlet.send(Event::Places(Arc::clone(&territory.survey), statuses))
    }

    fn reconcile(&mut self) -> Result<(), Closed> {
        if std::mem::take(&mut self.lost_events) {
            self.source.renew_all();
            self.survey()?;
        }
        self.sweep_all();
        Ok(())
    }

    fn sweep_all(&mut self) {
        let territory = self.territory.get();
        for place in territory.survey.places.iter().filter(|place| !is_unavailable(place)) {
            self.tasks.add(Task::Place(place.root.clone()));
        }
        for root in territory.retired() {
            self.tasks.add(Task::Missing(root.to_path_buf()));
        }
        self.tasks.add(Task::Orphans);
    }

    /// Looks again at what the journals name.
    fn read_journals(&mut self) {
        let territory = self.territory.get();
        let found = self.journals.look(|folder| territory.is_near(folder));
        let now = Instant::now();
        for (path, finished) in found.named {
            self.happened(&territory, path, finished, now);
        }
        let told_of = territory
            .survey
            .places
            .iter()
            .filter(|place| place.events && !is_unavailable(place));
        for place in told_of.filter(|place| found.lost.iter().any(|volume| place.root.starts_with(volume))) {
            self.tasks.add(Task::Place(place.root.clone()));
        }
        if found.turned {
            self.schedule.want_survey(now);
        }
        if let Some(after) = found.again {
            self.schedule.want_journals(now + after);
        }
    }

    fn poll(&mut self) {
        let territory = self.territory.get();
        for place in territory.survey.places.iter().filter(|place| !is_unavailable(place)) {
            if self.is_polled(place) {
                self.tasks.add(Task::Place(place.root.clone()));
            }
        }
    }

    fn is_polled(&self, place: &Place) -> bool {
        !place.events || self.statuses.has_blind_spots(&place.root)
    }
}

fn is_unavailable(place: &Place) -> bool {
    matches!(place.state, PlaceState::Unavailable(_))
}

fn is_in_ignored_folder(place: &Place, path: &Path) -> bool {
    let below = path.strip_prefix(&place.root).ok().and_then(Path::parent);
    below.is_some_and(|below| below.iter().any(ignore::folder))
}
