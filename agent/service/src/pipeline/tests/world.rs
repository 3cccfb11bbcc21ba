//! A user's folders, and a service over them whose clock and events are made by hand.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex};

use fileward_inspect::{Hint, InspectError, Rules};
use fileward_places::{Found, Place, Store, Survey, User};
use fileward_policy::Facts;
use fileward_policy::facts::{Properties, Text, TextState};
use fileward_policy::subject::Protection;
use fileward_protocol::chain::Head;
use fileward_protocol::health::PlaceState;
use fileward_protocol::ids::KeyedHash;
use fileward_protocol::report::{Detection, Encryption, Report, Word};
use fileward_protocol::vocabulary::{
    App, EncryptionMethod, EncryptionState, Family, FindingState, Language, PlaceKind, Resolution,
};
use jiff::Timestamp;

use super::super::*;
use crate::ledger::{Ledger, Record, testing};
use crate::uplink::Local as _;
use crate::watch::baseline::{Baseline, Judged};
use crate::watch::{Change, PlaceStatus, open};
use fileward_worker::{Failure, Inspected};

thread_local! {
    pub(super) static NOW: Cell<Timestamp> = Cell::new(testing::at(0));
}

pub(super) const POLICY: &str = r#"
format = 1
name = "Test"
[[store]]
path = '~/工作文件'
[places]
desktop = { grace = "30m" }
downloads = { grace = "24h" }
chat_cache = { apps = ["wechat"], grace = "30m" }
personal_cloud = { grace = "0s" }
[work_file]
families = ["document"]
min_size = "1KB"
[work_file.when_unsure]
company_apps = "count"
personal_apps = "ask"
desktop = "count"
downloads = "ignore"
personal_cloud = "count"
[rules.outside_store]
severity = { general = "low", internal = "medium", core_secret = "high" }
[rules.personal_cloud]
severity = { general = "medium", internal = "high", core_secret = "critical" }
[rules.stale_chat_cache]
after = "90d"
[rules.store_unprotected]
severity = "high"
"#;

/// A finding's state and resolution.
pub(super) type Told = (FindingState, Option<Resolution>);

pub(super) struct World {
    pub(super) folder: tempfile::TempDir,
    pub(super) pipeline: Pipeline,
    pub(super) shared: Arc<Shared>,
    pub(super) events: SyncSender<Event>,
    pub(super) receiver: Receiver<Event>,
    pub(super) told: Arc<Mutex<Vec<Told>>>,
    pub(super) protection: Protection,
}

impl World {
    pub(super) fn new() -> Self {
        NOW.set(testing::at(0));
        let folder = tempfile::tempdir().unwrap();
        for place in ["desktop", "downloads", "wechat", "cloud", "store", "state"] {
            fs::create_dir(folder.path().join(place)).unwrap();
        }
        let mut world = Self::over(folder, POLICY);
        world.shared.adopt(Head::START).unwrap();
        world.places();
        world.event(Event::FirstSweepDone);
        world
    }

    pub(super) fn over(folder: tempfile::TempDir, policy: &str) -> Self {
        let ledger = Ledger::open(&folder.path().join("state"), testing::owner(), NOW.get()).unwrap();
        let (events, receiver) = mpsc::sync_channel(100);
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = told.clone();
        let setting = Setting {
            clock: || NOW.get(),
            print: Some(Box::new(move |transition| {
                let finding = &transition.record.finding;
                telling.lock().unwrap().push((finding.state, finding.resolution));
            })),
            ready: Box::new(|_| {}),
            collector: None,
            language: Language::En,
        };
        let force = Force::local(policy).map_err(|errors| format!("{errors:?}")).unwrap();
        let shared = Arc::new(Shared::new(ledger, force, events.clone(), setting).unwrap());
        let inspector = || Box::new(By(inspect));
        let pipeline = Pipeline::new(shared.clone(), inspector(), Some(inspector()), Duration::ZERO);
        Self {
            folder,
            pipeline,
            shared,
            events,
            receiver,
            told,
            protection: Protection::Encrypted("fscrypt".into()),
        }
    }

    /// The service ends and starts again.
    pub(super) fn restart(self, policy: &str) -> Self {
        let mut world = Self::over(self.folder, policy);
        world.places();
        world
    }

    pub(super) fn place(&self, kind: PlaceKind, app: Option<App>, name: &str) -> Arc<Place> {
        let root = self.folder.path().join(name);
        Arc::new(Place {
            kind,
            app,
            owner: Some(Arc::new(User {
                id: 1000.into(),
                name: "u".into(),
                home: self.folder.path().into(),
            })),
            root,
            account: None,
            found: Found {
                by: "test".into(),
                grade: None,
            },
            state: PlaceState::Ok,
            events: true,
            store: (kind == PlaceKind::Store).then(|| Store {
                require_encryption: true,
                protection: self.protection.clone(),
                writers: vec![1000.into()],
            }),
        })
    }

    pub(super) fn places(&mut self) {
        self.places_in_state(PlaceState::Ok);
    }

    pub(super) fn places_in_state(&mut self, desktop: PlaceState) {
        let places = vec![
            self.place(PlaceKind::PersonalCloud, Some(App::Nutstore), "cloud"),
            self.place(PlaceKind::Desktop, None, "desktop"),
            self.place(PlaceKind::Downloads, None, "downloads"),
            self.place(PlaceKind::Store, None, "store"),
            self.place(PlaceKind::ChatCache, Some(App::Wechat), "wechat"),
        ];
        let statuses = places.iter().map(|place| PlaceStatus {
            place: place.clone(),
            state: if place.kind == PlaceKind::Desktop {
                desktop
            } else {
                PlaceState::Ok
            },
            since: NOW.get(),
        });
        let statuses = statuses.collect();
        let survey = Survey {
            places,
            ..Survey::default()
        };
        self.event(Event::Places(Arc::new(survey), statuses));
    }

    pub(super) fn inspect_by(
        &mut self,
        inspect: impl Fn(File, &Hint, &Arc<Rules>) -> Result<Inspected, Failure> + Send + Sync + 'static,
    ) {
        self.pipeline.preparer = Arc::new(Preparer::new(self.shared.clone(), Box::new(By(inspect))));
    }

    pub(super) fn event(&mut self, event: Event) {
        let events = std::iter::once(event).chain(self.receiver.try_iter());
        let mut steps = self.pipeline.preparer.steps(events.collect());
        steps.push(Step::Drained);
        let mut steps = Steps::done(steps);
        let mut step = steps.at_once().unwrap();
        // On a busy PC one entry may not take all of it.
        while !self.pipeline.gather(step, &mut steps).unwrap() {
            step = steps.at_once().unwrap();
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        // With the separators of this system, as the watch tells it.
        self.folder
            .path()
            .join(Path::new(name).components().collect::<PathBuf>())
    }

    /// Whether a file is the same one after it was written again. Wine takes for a file's birth when it was last written.
    pub(super) fn keeps_births(&self) -> bool {
        let file = self.path("state/births");
        let born = || {
            fs::write(&file, "content").unwrap();
            fs::metadata(&file).unwrap().created().ok()
        };
        let first = born();
        std::thread::sleep(Duration::from_millis(20));
        let is_kept = first == born();
        if !is_kept {
            println!("not shown here: each time a file is written it counts as another one");
        }
        is_kept
    }

    /// Writes a file, and lets it be seen.
    pub(super) fn save(&mut self, name: &str, content: &str) {
        fs::write(self.path(name), format!("{content:<2000}")).unwrap();
        self.see(name);
    }

    pub(super) fn sighting(&self, name: &str) -> Sighting {
        let path = self.path(name);
        let survey = self.shared.survey();
        let place = survey.place_of(&path).unwrap().clone();
        let change = match open::open(&place, &path) {
            Ok((_, stat)) => Change::Settled(stat),
            Err(_) => Change::Gone,
        };
        Sighting { place, path, change }
    }

    pub(super) fn see(&mut self, name: &str) {
        let sighting = self.sighting(name);
        self.event(Event::Sighting(sighting));
    }

    pub(super) fn pass(&mut self, seconds: i64) {
        NOW.set(NOW.get() + jiff::SignedDuration::from_secs(seconds));
        self.pipeline.on_timers(true).unwrap();
    }

    pub(super) fn told(&self) -> Vec<Told> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    pub(super) fn active(&self) -> Vec<Record> {
        self.shared.ledger.read(|reader| reader.active()).unwrap()
    }

    /// What the baseline says about a file.
    pub(super) fn judged(&self, name: &str) -> Option<Judged> {
        let baseline = Baseline::open(self.shared.ledger.path()).unwrap();
        baseline.file(&self.path(name)).unwrap()
    }

    pub(super) fn reports(&self) -> Vec<Report> {
        let reports = self.shared.next(100, 1 << 20).unwrap();
        reports
            .iter()
            .map(|report| serde_json::from_str(report.get()).unwrap())
            .collect()
    }

    /// Works on what other threads have asked for.
    pub(super) fn drain(&mut self) {
        while let Ok(event) = self.receiver.try_recv() {
            self.event(event);
        }
        let looks = self.shared.take_looks();
        self.pipeline.look_again(&looks).unwrap();
    }
}

/// Inspects by a function; files that come together end with the first that kills, like a worker.
pub(super) struct By<F>(pub(super) F);

impl<F> Inspect for By<F>
where
    F: Fn(File, &Hint, &Arc<Rules>) -> Result<Inspected, Failure> + Send + Sync,
{
    fn inspect(&self, file: File, hint: &Hint, rules: &Arc<Rules>) -> Result<Inspected, Failure> {
        self.0(file, hint, rules)
    }

    fn inspect_together(
        &self,
        files: Vec<(File, Hint)>,
        rules: &Arc<Rules>,
    ) -> Result<Vec<Result<Inspected, InspectError>>, Failure> {
        let results = files.into_iter().map(|(file, hint)| match self.0(file, &hint, rules) {
            Ok(inspected) => Ok(Ok(inspected)),
            Err(Failure::Inspect(error)) => Ok(Err(error)),
            Err(failure) => Err(failure),
        });
        results.collect()
    }
}

/// What a file is, as its first letters say, and what stands in it.
pub(super) fn inspect(mut file: File, _: &Hint, rules: &Arc<Rules>) -> Result<Inspected, Failure> {
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    match text.trim_end() {
        "kill" => {
            return Err(Failure::Killed {
                why: "it was killed".into(),
            });
        }
        "bad" => return Err(Failure::Inspect(InspectError::Unreadable("bad".into()))),
        "slow" => return Err(Failure::Inspect(InspectError::Timeout(1))),
        _ => {}
    }
    let encrypted = Encryption {
        state: EncryptionState::Encrypted,
        method: Some(EncryptionMethod::Ooxml),
    };
    let facts = Facts {
        kind: Word::new("docx").unwrap(),
        media_type: "application/octet-stream".into(),
        family: if text.starts_with("photo") {
            Family::Image
        } else {
            Family::Document
        },
        size: text.len() as u64,
        disguised: false,
        encryption: if text.starts_with("secret") {
            encrypted
        } else {
            Encryption::NONE
        },
        label: None,
        text: Text {
            state: TextState::None,
            chars: 0,
        },
        detections: found(&text, rules),
        labels: Vec::new(),
        mentions: Vec::new(),
        titles: Vec::new(),
        near_copy: None,
        properties: Properties::default(),
        content: KeyedHash(*blake3::hash(text.as_bytes()).as_bytes()),
    };
    Ok(Inspected { facts, sketch: None })
}

/// The keywords of each grade that stand in a text.
fn found(text: &str, rules: &Rules) -> Vec<Detection> {
    let counts = rules.grades.iter().map(|grade| {
        let hits = grade.keywords.iter().filter(|word| text.contains(word.as_str()));
        Detection {
            detector: Word::new(&format!("keyword:{}", grade.sensitivity)).unwrap(),
            count: hits.count().try_into().unwrap(),
        }
    });
    counts.filter(|detection| detection.count > 0).collect()
}
