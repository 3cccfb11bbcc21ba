//! The service's end of the worker.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use fileward_inspect::{Hint, InspectError, Limits, Rules};
use fileward_policy::Facts;
use fileward_protocol::sketch::Sketch;
use serde::{Deserialize, Serialize};

use super::cage::{self, Cage};
use super::channel::{self, Channel};
use super::child::{self, Child, Hold};
use super::wire::{self, Answer, Incoming, Request};

/// The most files that are inspected together.
pub const TOGETHER: usize = 8;

/// Time given on top of an inspection's own limit, for passing file and answer.
const MARGIN: Duration = Duration::from_secs(2);
/// The most time that a file gets because it is large.
const FOR_SIZE: Duration = Duration::from_mins(10);
/// Time a worker has to enter its cage.
const START: Duration = Duration::from_secs(10);
/// Time after which a worker is replaced by a new one, long before it meets its own limit of CPU time.
const RETIRE_AFTER: Duration = Duration::from_mins(30);

const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// How workers are started and what they may cost.
pub struct InspectorConfig {
    /// The program that becomes the worker.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// What one inspection may cost.
    pub limits: Limits,
    /// Bytes a second that the slowest disk gives: every file is read to its end, and a large one has more time for it.
    pub slowest_disk: u64,
    /// Time without files after which the worker is stopped.
    pub idle: Duration,
}

impl InspectorConfig {
    /// This program with its hidden subcommand, and the usual limits.
    pub fn usual() -> Self {
        Self {
            program: child::own_program(),
            arguments: vec![crate::ARGUMENT.into()],
            limits: Limits::default(),
            slowest_disk: 20 << 20,
            idle: Duration::from_secs(20),
        }
    }

    pub(super) fn limits_for(&self, size: u64) -> Limits {
        let for_size = Duration::from_secs(size / self.slowest_disk).min(FOR_SIZE);
        Limits {
            time: self.limits.time + for_size,
            ..self.limits
        }
    }
}

/// What was found in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspected {
    /// What it is.
    pub facts: Facts,
    /// What near copies know each other by, where the rules ask for that and there is enough text.
    pub sketch: Option<Sketch>,
}

/// Why there are no facts of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The file was looked at, in vain.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// The file crashed the worker, or hung it.
    #[error("it ended the inspect worker: {why}")]
    Killed {
        /// How.
        why: String,
    },
    /// There is no worker, whatever the file.
    #[error("the inspect worker does not start: {why}")]
    Unavailable {
        /// Why.
        why: String,
    },
}

/// Inspects files in a worker without rights, one at a time. What it looks for comes with each file: a new policy holds for
/// the next one.
pub struct Inspector {
    shared: Arc<Shared>,
    keeper: Option<JoinHandle<()>>,
}

struct Shared {
    config: InspectorConfig,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// How long a test lets an answer be waited for, instead of as long as the limits say.
    patience: Option<Duration>,
    worker: Option<Worker>,
    trouble: Option<Trouble>,
    /// Whether it was said that the cage is not whole.
    has_warned: bool,
    is_stopping: bool,
}

/// A file to inspect.
struct Task<'a> {
    file: &'a File,
    hint: &'a Hint,
    limits: Limits,
}

/// Failures in a row, and how long to wait after the last one.
struct Trouble {
    delay: Duration,
    until: Instant,
    /// Why no worker starts; `None` when one did and a file ended it.
    start: Option<String>,
}

impl Inspector {
    /// Makes an inspector; the worker is started by the first file.
    pub fn new(config: InspectorConfig) -> Self {
        let state = State {
            patience: None,
            worker: None,
            trouble: None,
            has_warned: false,
            is_stopping: false,
        };
        let shared = Arc::new(Shared {
            config,
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        let kept = Arc::clone(&shared);
        let keeper = thread::Builder::new()
            .name("inspect-idle".into())
            .spawn(move || kept.stop_when_idle());
        if let Err(error) = &keeper {
            tracing::warn!(%error, "The idle inspect worker will not be stopped");
        }
        Self {
            shared,
            keeper: keeper.ok(),
        }
    }

    /// Inspects an open file, regular and opened for reading alone, by these rules.
    ///
    /// # Errors
    /// See [`Failure`].
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the handle is given away: nobody reads it meanwhile"
    )]
    pub fn inspect(&self, file: File, hint: &Hint, rules: &Arc<Rules>) -> Result<Inspected, Failure> {
        let task = self.shared.task(&file, hint)?;
        let mut results = self.ask(&[task], rules)?;
        let result = results
            .pop()
            .unwrap_or_else(|| Err(InspectError::Unreadable("no answer".into())));
        Ok(result?)
    }

    /// Inspects a few small files like [`Self::inspect`], at most [`TOGETHER`]: to speak of each by itself would cost more
    /// than to inspect it. Gives their results in their order.
    ///
    /// # Errors
    /// Something was the matter with one of them, or with the worker: what, shows when each is inspected by itself.
    #[expect(clippy::needless_pass_by_value, reason = "as above")]
    pub fn inspect_together(
        &self,
        files: Vec<(File, Hint)>,
        rules: &Arc<Rules>,
    ) -> Result<Vec<Result<Inspected, InspectError>>, Failure> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let tasks = files.iter().map(|(file, hint)| self.shared.task(file, hint));
        self.ask(&tasks.collect::<Result<Vec<_>, _>>()?, rules)
    }

    fn ask(&self, tasks: &[Task<'_>], rules: &Arc<Rules>) -> Result<Vec<Result<Inspected, InspectError>>, Failure> {
        let mut state = self.shared.wait_out_trouble()?;
        // Waking the others for each file costs more than many an inspection.
        let is_news = state.worker.is_none() || state.trouble.is_some();
        let result = state.ask(&self.shared.config, tasks, rules);
        state.note(&result);
        drop(state);
        if is_news {
            self.shared.changed.notify_all();
        }
        result
    }

    /// The worker's process, while there is one.
    #[cfg(test)]
    pub(super) fn process(&self) -> Option<u32> {
        self.shared.lock().worker.as_ref().map(|worker| worker.child.id())
    }

    /// Waits for answers as long as this from here on, whatever the limits say.
    #[cfg(test)]
    pub(super) fn set_patience(&self, patience: Duration) {
        self.shared.lock().patience = Some(patience);
    }
}

impl Drop for Inspector {
    fn drop(&mut self) {
        self.shared.lock().is_stopping = true;
        self.shared.changed.notify_all();
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }
}

impl Shared {
    fn task<'a>(&self, file: &'a File, hint: &'a Hint) -> Result<Task<'a>, InspectError> {
        let unreadable = |why: String| Err(InspectError::Unreadable(why));
        match channel::hands_over(file) {
            Ok(Some(size)) => {
                let limits = self.config.limits_for(size);
                Ok(Task { file, hint, limits })
            }
            Ok(None) => unreadable("not a regular file opened for reading".into()),
            Err(error) => unreadable(error.kind().to_string()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is sound at every point where something could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a worker may be started again. When none starts at all, that is said at once.
    fn wait_out_trouble(&self) -> Result<MutexGuard<'_, State>, Failure> {
        let mut state = self.lock();
        while let Some(trouble) = &state.trouble {
            let left = trouble.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            if let Some(why) = trouble.start.clone() {
                return Err(Failure::Unavailable { why });
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(state)
    }

    /// Stops the worker when it had nothing to do for a while. Without a worker, this sleeps.
    fn stop_when_idle(&self) {
        let mut state = self.lock();
        while !state.is_stopping {
            let Some(worker) = &state.worker else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = self.config.idle.saturating_sub(worker.used.elapsed());
            if left.is_zero() {
                state.worker = None;
                continue;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.worker = None;
    }
}

impl State {
    fn ask(
        &mut self,
        config: &InspectorConfig,
        tasks: &[Task<'_>],
        rules: &Arc<Rules>,
    ) -> Result<Vec<Result<Inspected, InspectError>>, Failure> {
        let time = tasks.iter().map(|task| task.limits.time).max().unwrap_or_default();
        // A worker may have ended while it was idle. That is not this file's fault, so it is offered to a new one.
        for _ in 0..2 {
            let mut worker = match self.worker.take() {
                Some(worker) => worker,
                None => self.start(config)?,
            };
            match worker.offer(tasks, rules) {
                Ok(()) => {
                    let result = worker.answer(tasks.len(), self.patience.unwrap_or(time + MARGIN));
                    if !matches!(result, Err(Failure::Killed { .. })) && worker.busy < RETIRE_AFTER {
                        self.worker = Some(worker);
                    }
                    return result;
                }
                Err(error) if is_gone(&error) => {}
                Err(error) => return Err(Failure::Unavailable { why: error.to_string() }),
            }
        }
        Err(Failure::Unavailable {
            why: "it ends before it gets a file".into(),
        })
    }

    fn start(&mut self, config: &InspectorConfig) -> Result<Worker, Failure> {
        let mut started = Err(String::new());
        for hold in Hold::ALL {
            started = Worker::start(config, hold);
            if started.is_ok() {
                break;
            }
        }
        let (worker, cage) = started.map_err(|why| Failure::Unavailable { why })?;
        if !cage.has_second_lock && !self.has_warned {
            self.has_warned = true;
            tracing::warn!("{}", cage::WITHOUT_SECOND_LOCK);
        }
        Ok(worker)
    }

    /// Slows down after a failure of the worker; a good answer ends that.
    fn note<T>(&mut self, result: &Result<T, Failure>) {
        let start = match result {
            Ok(_) | Err(Failure::Inspect(_)) => {
                self.trouble = None;
                return;
            }
            Err(Failure::Killed { .. }) => None,
            Err(Failure::Unavailable { why }) => Some(why.clone()),
        };
        let last = self.trouble.as_ref().map(|trouble| trouble.delay);
        let delay = last.map_or(FIRST_DELAY, |delay| (delay * 2).min(LONGEST_DELAY));
        self.trouble = Some(Trouble {
            delay,
            until: Instant::now() + delay,
            start,
        });
    }
}

/// Whether the other end of a channel has gone.
fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
}

/// A running worker. It ends with this value.
struct Worker {
    child: Child,
    channel: Channel,
    /// What it has been told to look for.
    rules: Option<Arc<Rules>>,
    used: Instant,
    busy: Duration,
}

impl Worker {
    fn start(config: &InspectorConfig, hold: Hold) -> Result<(Self, Cage), String> {
        let started = child::start(&config.program, &config.arguments, hold);
        let (child, channel) = started.map_err(|error| error.to_string())?;
        let mut worker = Self {
            child,
            channel,
            rules: None,
            used: Instant::now(),
            busy: Duration::ZERO,
        };
        match worker.receive(START) {
            Ok(Some(Answer::Ready(cage))) => Ok((worker, cage)),
            Ok(Some(Answer::Refused(why))) => Err(why),
            Ok(Some(Answer::Inspected(_))) => Err("it answers before it is asked".into()),
            Ok(None) => Err(worker.end()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Gives it files, and before the first ones by these rules what to look for.
    fn offer(&mut self, tasks: &[Task<'_>], rules: &Arc<Rules>) -> io::Result<()> {
        if !self.rules.as_ref().is_some_and(|known| Arc::ptr_eq(known, rules)) {
            self.send(&Request::Rules(Rules::clone(rules)), &[])?;
            self.rules = Some(Arc::clone(rules));
        }
        let files: Vec<_> = tasks.iter().map(|task| task.file).collect();
        let inspections = tasks.iter().map(|task| wire::Inspection {
            hint: task.hint.clone(),
            limits: task.limits,
        });
        self.send(&Request::Inspect(inspections.collect()), &files)
    }

    /// Sends a request; files go with its last frame.
    fn send(&self, request: &Request, files: &[&File]) -> io::Result<()> {
        let frames = wire::encode(request, wire::MAX_REQUEST).map_err(io::Error::other)?;
        let last = frames.len() - 1;
        let mut frames = frames.iter().enumerate();
        frames.try_for_each(|(index, frame)| {
            let files = if index == last { files } else { &[] };
            self.channel.send(frame, files)
        })
    }

    /// Waits for an answer; `None` when the worker is gone.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] when it did not come in time, and why it is none.
    fn receive(&self, patience: Duration) -> io::Result<Option<Answer>> {
        let start = Instant::now();
        let mut incoming = Incoming::new(wire::MAX_ANSWER);
        loop {
            let left = patience.saturating_sub(start.elapsed());
            let Some(frame) = self.channel.receive_within(left)? else {
                return Ok(None);
            };
            if let Some(answer) = incoming.take(&frame).map_err(io::Error::other)? {
                return Ok(Some(answer));
            }
        }
    }

    fn answer(&mut self, count: usize, patience: Duration) -> Result<Vec<Result<Inspected, InspectError>>, Failure> {
        let start = Instant::now();
        let received = self.receive(patience);
        self.used = Instant::now();
        self.busy += start.elapsed();
        let why = match received {
            Ok(Some(Answer::Inspected(results))) if results.len() == count => return Ok(results),
            Ok(Some(_)) => "an answer to something else".into(),
            Ok(None) => self.end(),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                format!("no answer within {} seconds", patience.as_secs())
            }
            Err(error) => error.to_string(),
        };
        Err(Failure::Killed { why })
    }

    fn end(&mut self) -> String {
        self.child.end()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}
