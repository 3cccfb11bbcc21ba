//! `run`: the service itself, in the foreground.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use fileward_places::{Survey, User};
use fileward_protocol::ids::{DeviceId, Purpose};
use tokio::sync::oneshot;

use super::folders::Folders;
use super::{output, policy};
use crate::config::Config;
use crate::device::identity::Identity;
use crate::device::{clock, private};
use crate::ledger::{Ledger, Owner, Transition};
use crate::notice::{Server, element};
use crate::pipeline::{Control, Force, Inspect, Pipeline, Setting, Shared};
use crate::uplink;
use crate::watch::{EVENTS, Watch, WatchConfig};
use crate::worker::{Inspector, InspectorConfig};

/// A file that is gone has at least this long to show up elsewhere.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(clap::Args)]
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
}

/// Why the service ended.
enum Ended {
    /// It was asked to.
    Stopped,
    /// The device was enrolled anew: begin again with the new identity.
    EnrolledAnew,
}

impl Run {
    pub(super) fn run(&self, folders: &Folders) -> Result<()> {
        let data = folders.data()?;
        let config = Config::load(data)?;
        super::log::begin(&config);
        make_folder(data)?;
        let _alone = lock(data)?;
        clock::service().keep_in(data);
        while let Ended::EnrolledAnew = self.serve(folders, &config)? {
            tracing::info!("the device was enrolled anew; the service begins again");
        }
        Ok(())
    }

    fn serve(&self, folders: &Folders, config: &Config) -> Result<Ended> {
        let data = folders.data()?;
        let identity = Identity::load(data)?;
        let force = self.force(data, &identity)?;
        let server = Server::bind(&folders.socket()?)?;
        let device = identity.enrolment().map(crate::device::identity::Enrolment::device);
        let owner = Owner {
            device,
            key: identity.company_key().clone(),
        };
        let rules = fileward_inspect::Rules {
            content_key: owner.key.for_purpose(Purpose::Content),
        };
        let ledger = Ledger::open(data, owner, clock::now())?;
        let (events, receiver) = sync_channel(EVENTS);
        let setting = Setting {
            clock: clock::now,
            print: self.json.then(|| printer(device)),
            ready: Box::new(|places| ready(places)),
            collector: identity.enrolment().map(|enrolment| enrolment.collector().to_owned()),
            language: config.language.unwrap_or_else(output::language),
        };
        let shared = Arc::new(Shared::new(ledger, force, events.clone(), setting)?);

        let watch_config = WatchConfig::new(shared.ledger.path().to_owned(), shared.epoch_cell());
        let patience = PATIENCE.max(watch_config.settle * 3);
        let inspector = Inspector::new(InspectorConfig { rules });
        let inspect: Inspect = Box::new(move |file, hint| inspector.inspect(file, hint));
        let pipeline = Pipeline::new(shared.clone(), inspect, patience);
        let (done, pipeline_ended) = oneshot::channel();
        let pipeline = std::thread::Builder::new().name("pipeline".into()).spawn(move || {
            let result = pipeline.run(&receiver);
            // Nobody listens any more when the service is stopping.
            let _ = done.send(());
            result
        })?;
        let watch = Arc::new(Watch::start(watch_config, self.survey(&shared)?, events)?);
        shared.connect(control(&watch));

        let served = serve_clients(&shared, data, config, identity, server, pipeline_ended);
        stop(&shared, watch, pipeline)?;
        served
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
            let users = if homes.is_empty() {
                fileward_places::users()
            } else {
                homes.iter().map(|home| User::of_home(home)).collect()
            };
            let users = users.unwrap_or_else(|error| {
                tracing::error!(%error, "the users of this PC cannot be listed");
                Vec::new()
            });
            fileward_places::survey(&users, &shared.force().policy)
        })
    }
}

/// Serves trays and talks to the collector until something ends the service.
fn serve_clients(
    shared: &Arc<Shared>,
    data: &Path,
    config: &Config,
    identity: Identity,
    server: Server,
    pipeline_ended: oneshot::Receiver<()>,
) -> Result<Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let key = identity.company_key().clone();
    let settings = uplink::Settings {
        data_dir: data.to_owned(),
        proxy: config.proxy.clone(),
        clock: clock::service().clone(),
        fingerprint: Box::new(move || crate::device::fingerprint::take(&key)),
        pace: uplink::Pace::default(),
    };
    let uplink = async {
        match identity.into_enrolment() {
            Some(enrolment) => {
                let wake = shared.wake.clone();
                uplink::run(shared.clone(), enrolment, settings, wake, std::future::pending()).await
            }
            None => std::future::pending().await,
        }
    };
    runtime.block_on(async {
        tokio::select! {
            stop = terminated() => stop.map(|()| Ended::Stopped),
            _ = pipeline_ended => Ok(Ended::Stopped),
            served = server.run(shared.clone()) => {
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

/// Waits until somebody asks the service to stop.
async fn terminated() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Ends the stages in the order of their data, so that nothing waits for what has ended.
fn stop(shared: &Shared, watch: Arc<Watch>, pipeline: JoinHandle<Result<()>>) -> Result<()> {
    shared.close();
    drop(watch);
    match pipeline.join() {
        Ok(result) => result,
        Err(_) => bail!("the pipeline panicked; the log says where"),
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

fn printer(device: Option<DeviceId>) -> Box<dyn Fn(&Transition) + Send + Sync> {
    Box::new(move |transition| {
        // Whoever listened has gone; the findings are in the ledger all the same.
        let _ = output::json(&element::transition(transition, device));
    })
}

fn ready(places: usize) {
    // As above.
    let _ = output::line(format!("ready places={places}"));
}

/// Makes the state folder; others may pass through it to the socket, and read nothing.
fn make_folder(data: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let failed = || format!("Failed to make the state folder {}", data.display());
    fs::create_dir_all(data).with_context(failed)?;
    fs::set_permissions(data, fs::Permissions::from_mode(0o711)).with_context(failed)
}

/// Holds the state folder for this service alone. A lock, not a file with a number: it goes when the process does.
fn lock(data: &Path) -> Result<File> {
    let path = data.join("lock");
    if !path.exists() {
        private::write(&path, b"").with_context(|| format!("Failed to make {}", path.display()))?;
    }
    let file = File::open(&path).with_context(|| format!("Failed to open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("another fileward-agent runs with the state folder {}", data.display()),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("Failed to lock {}", path.display())),
    }
}
