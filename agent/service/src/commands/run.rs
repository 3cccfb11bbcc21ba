//! `run`: the service itself, in the foreground.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use fileward_places::{MountChanges, Survey, User};
use fileward_protocol::ids::DeviceId;
use tokio::sync::Notify;

use super::first_contact::{self, Outcome};
use super::folders::Folders;
use super::{output, policy};
use crate::config::Config;
use crate::device::identity::{Enrolment, Identity};
use crate::device::{clock, fingerprint, private};
use crate::host::{self, Asker, Change, Stops, Terminate};
use crate::ledger::{Ledger, Owner, Transition};
use crate::notice::{Server, element};
use crate::pipeline::{Control, Force, Inspect, Pipeline, Setting, Shared};
use crate::uplink;
use crate::watch::{EVENTS, Event, Watch, WatchConfig, open};
use fileward_worker::{Inspector, InspectorConfig};

/// A file that is gone has at least this long to show up elsewhere.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest wait for a mount; then it is seen whether the watch still lives.
const MOUNT_WAIT: Duration = Duration::from_hours(1);

/// How long a new service waits for a former one to be gone.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

#[derive(Default, clap::Args)]
pub(super) struct Run {
    /// Watches only this user folder; may be given more than once. Default: every user of this PC.
    #[arg(long, value_name = "DIR")]
    home: Vec<PathBuf>,
    /// Judges by this policy document. Works without enrolment: findings and notices stay on this PC.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Prints each finding's transition as it is recorded, one JSON object a line.
    #[arg(long)]
    json: bool,
    /// Whether a PC that is not enrolled is waited for; otherwise that is an error.
    #[arg(skip)]
    waits: bool,
}

/// Why the service ended.
enum Ended {
    /// It was asked to.
    Stopped,
    /// The device was enrolled anew: begin again with the new identity.
    EnrolledAnew,
}

impl Run {
    /// As the service manager starts it: to a manager that starts again what ended, a PC that is not enrolled yet is no
    /// failure.
    pub(super) fn of_service() -> Self {
        Self {
            waits: true,
            ..Self::default()
        }
    }

    pub(super) fn run(&self, folders: &Folders) -> Result<()> {
        let data = folders.data()?;
        let aside = private::create_data_folder(data)
            .with_context(|| format!("Failed to make the state folder {}", data.display()))?;
        let config = Config::load(data)?;
        fileward_memory::keep_little();
        super::log::begin(&config, data);
        host::starting();
        if let Some(aside) = aside {
            tracing::warn!(folder = %aside.display(), "the state folder was somebody else's and was set aside");
        }
        let _alone = lock(data)?;
        clock::service().keep_in(data);
        if self.policy.is_none() && first_contact::make(data, &config, self.waits)? == Outcome::Stopped {
            host::stopping();
            return Ok(());
        }
        while let Ended::EnrolledAnew = self.serve(folders, &config)? {
            tracing::info!("the device was enrolled anew; the service begins again");
        }
        Ok(())
    }

    fn serve(&self, folders: &Folders, config: &Config) -> Result<Ended> {
        open::require().context("Failed to open any folder")?;
        let mut stops = Stops::listen().context("Failed to listen for requests to stop")?;
        let data = folders.data()?;
        let identity = Identity::load(data)?.reached_at(config.collector.as_ref());
        let force = self.force(data, &identity)?;
        let server = Server::bind(&folders.socket()?)?;
        host::starting();
        let (events, receiver) = sync_channel(EVENTS);
        let shared = Arc::new(self.shared(data, config, &identity, force, events.clone())?);
        host::starting();

        let watch_config = WatchConfig::new(shared.ledger.path().to_owned(), shared.epoch_cell());
        let patience = PATIENCE.max(watch_config.settle * 3);
        let second = is_worth_two().then(inspector);
        let pipeline = Pipeline::new(shared.clone(), inspector(), second, patience);
        let pipeline = spawn("pipeline", stops.asker(), move || pipeline.run(receiver))?;
        let survey = self.survey(&shared)?;
        let watch = Arc::new(Watch::start(watch_config, survey, events)?);
        shared.connect(control(&watch));
        follow_mounts(&watch);
        follow_pc(&watch);

        let stop = Arc::new(Notify::new());
        let clients = Clients {
            shared: shared.clone(),
            server,
            settings: settings(data, config, &identity),
            enrolment: identity.into_enrolment(),
            stop: stop.clone(),
        };
        let clients = spawn("clients", stops.asker(), move || clients.serve())?;
        let Terminate = stops.wait();
        host::stopping();
        // In the order of their data, so that nothing waits for what has ended.
        stop.notify_one();
        let ended = join(clients);
        shared.close();
        drop(watch);
        join(pipeline)?;
        ended
    }

    fn shared(
        &self,
        data: &Path,
        config: &Config,
        identity: &Identity,
        force: Force,
        events: SyncSender<Event>,
    ) -> Result<Shared> {
        let device = identity.enrolment().map(Enrolment::device);
        let owner = Owner {
            device,
            key: identity.company_key().clone(),
        };
        let ledger = Ledger::open(data, owner, clock::now())?;
        let setting = Setting {
            clock: clock::now,
            print: self.json.then(|| printer(device)),
            ready: Box::new(ready),
            collector: identity.enrolment().map(|enrolment| enrolment.collector().to_owned()),
            language: config.language.unwrap_or_else(output::language),
        };
        Shared::new(ledger, force, events, setting)
    }

    fn force(&self, data: &Path, identity: &Identity) -> Result<Force> {
        match (&self.policy, identity.enrolment()) {
            (None, Some(_)) => policy::of_enrolment(data, identity),
            (Some(file), None) => policy::of_file(file),
            (Some(_), Some(_)) => bail!(
                "this PC is enrolled and takes its policy from the collector; to try another one, name another folder with --data-dir"
            ),
            (None, None) => bail!(
                "this PC is not enrolled; run \"fileward-agent enrol --token TOKEN\" first, or try a policy with --policy FILE"
            ),
        }
    }

    fn survey(&self, shared: &Arc<Shared>) -> Result<impl Fn() -> Survey + Send + 'static + use<>> {
        let homes = self.home.clone();
        for home in &homes {
            User::of_home(home).with_context(|| format!("Failed to use the home folder {}", home.display()))?;
        }
        let shared = shared.clone();
        Ok(move || {
            let users = users(&homes).unwrap_or_else(|error| {
                tracing::error!(%error, "the users of this PC cannot be listed");
                Vec::new()
            });
            fileward_places::survey(&users, &shared.force().policy, &shared.sessions())
        })
    }
}

/// The users of these folders, or all of this PC.
pub(super) fn users(homes: &[PathBuf]) -> std::io::Result<Vec<User>> {
    if homes.is_empty() {
        fileward_places::users()
    } else {
        homes.iter().map(|home| User::of_home(home)).collect()
    }
}

/// What serves trays and talks to the collector, on a thread of its own.
struct Clients {
    shared: Arc<Shared>,
    server: Server,
    settings: uplink::Settings,
    enrolment: Option<Enrolment>,
    stop: Arc<Notify>,
}

impl Clients {
    /// Serves until it is told to stop, or cannot go on.
    fn serve(self) -> Result<Ended> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let shared = self.shared;
        let uplink = async {
            match self.enrolment {
                Some(enrolment) => {
                    let wake = shared.wake.clone();
                    uplink::run(shared.clone(), enrolment, self.settings, wake, std::future::pending()).await
                }
                None => std::future::pending().await,
            }
        };
        runtime.block_on(async {
            tokio::select! {
                () = self.stop.notified() => Ok(Ended::Stopped),
                served = self.server.run(shared.clone()) => {
                    served.context("Failed to serve the local socket").map(|()| Ended::Stopped)
                }
                ended = uplink => match ended {
                    Ok(uplink::Ended::Stopped) => Ok(Ended::Stopped),
                    Ok(uplink::Ended::EnrolledAnew) => Ok(Ended::EnrolledAnew),
                    Err(failure) => Err(anyhow!(failure).context("Failed to set up the contact to the collector")),
                },
            }
        })
    }
}

fn settings(data: &Path, config: &Config, identity: &Identity) -> uplink::Settings {
    let key = identity.company_key().clone();
    uplink::Settings {
        data_dir: data.to_owned(),
        proxy: config.proxy.clone(),
        clock: clock::service().clone(),
        fingerprint: Box::new(move || fingerprint::take(Some(&key))),
        pace: uplink::Pace::default(),
    }
}

/// Inspects files in a worker, which is started by the first one.
fn inspector() -> Box<dyn Inspect> {
    Box::new(Inspector::new(InspectorConfig::usual()))
}

/// Whether a second worker has a processor to itself.
fn is_worth_two() -> bool {
    std::thread::available_parallelism().is_ok_and(|processors| processors.get() > 1)
}

/// Starts a thread without which the service cannot go on: whenever it ends, the service does.
pub(super) fn spawn<T: Send + 'static>(
    name: &str,
    asker: Asker,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<JoinHandle<Result<T>>> {
    let work = move || {
        let _ask = AskAtEnd(asker);
        work()
    };
    let thread = std::thread::Builder::new().name(name.into()).spawn(work);
    thread.with_context(|| format!("Failed to start the thread {name}"))
}

/// Asks for a stop when it is dropped, even by a panic.
struct AskAtEnd(Asker);

impl Drop for AskAtEnd {
    fn drop(&mut self) {
        self.0.ask();
    }
}

pub(super) fn join<T>(thread: JoinHandle<Result<T>>) -> Result<T> {
    match thread.join() {
        Ok(result) => result,
        Err(_) => bail!("a part of the service panicked; the log says where"),
    }
}

fn control(watch: &Arc<Watch>) -> Control {
    let (resurvey, reconcile) = (Arc::downgrade(watch), Arc::downgrade(watch));
    Control {
        resurvey: Box::new(move || {
            if let Some(watch) = resurvey.upgrade() {
                watch.resurvey();
            }
        }),
        reconcile_all: Box::new(move || {
            if let Some(watch) = reconcile.upgrade() {
                watch.reconcile_all();
            }
        }),
    }
}

/// Surveys again when file systems are mounted or unmounted, for as long as `watch` lives.
fn follow_mounts(watch: &Arc<Watch>) {
    let watch = Arc::downgrade(watch);
    let follow = move || -> std::io::Result<()> {
        let changes = MountChanges::watch()?;
        loop {
            let is_changed = changes.wait(MOUNT_WAIT)?;
            match watch.upgrade() {
                Some(watch) if is_changed => watch.resurvey(),
                Some(_) => {}
                None => return Ok(()),
            }
        }
    };
    let thread = std::thread::Builder::new().name("mounts".into()).spawn(move || {
        if let Err(error) = follow() {
            tracing::warn!(%error, "mounts cannot be followed; the regular survey finds them later");
        }
    });
    if let Err(error) = thread {
        tracing::warn!(%error, "mounts are not followed; the regular survey finds them later");
    }
}

/// Looks again after what the OS tells of the PC, for as long as `watch` lives.
fn follow_pc(watch: &Arc<Watch>) {
    let watch = Arc::downgrade(watch);
    host::follow(move |change| match (watch.upgrade(), change) {
        (Some(watch), Change::Resumed) => watch.reconcile_all(),
        (Some(watch), Change::LoggedOn) => watch.resurvey(),
        (None, _) => {}
    });
}

fn printer(device: Option<DeviceId>) -> Box<dyn Fn(&Transition) + Send + Sync> {
    Box::new(move |transition| {
        // Whoever listened has gone; the findings are in the ledger all the same.
        let _ = output::json(&element::transition(transition, device));
    })
}

fn ready(places: usize) {
    // As above.
    let _ = output::line(format!("ready places={places}"));
    host::ready();
}

/// Holds the state folder for this service alone. A lock, not a file with a number: it goes when the process does.
pub(super) fn lock(data: &Path) -> Result<File> {
    let path = data.join("lock");
    if !path.exists() {
        private::write(&path, b"").with_context(|| format!("Failed to make {}", path.display()))?;
    }
    let file = File::open(&path).with_context(|| format!("Failed to open {}", path.display()))?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // A service that was killed may take a moment to be gone.
            Err(TryLockError::WouldBlock) if began.elapsed() < LOCK_PATIENCE => std::thread::sleep(LOCK_PATIENCE / 20),
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "a fileward-agent runs with the state folder {}; stop it first",
                    data.display()
                )
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("Failed to lock {}", path.display()));
            }
        }
    }
}
