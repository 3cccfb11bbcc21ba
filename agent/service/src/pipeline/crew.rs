//! The threads that prepare: one while little happens, two in a burst or a sweep, where each has a worker of its own.
//!
//! However many work, the pipeline's thread takes their steps in the order in which the watch told the events: each event
//! gets its place in the line of steps in the same moment in which it is taken, and its step follows when it is done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use fileward_worker::TOGETHER;

use super::AHEAD;
use super::prepare::{Preparer, Step};
use crate::watch::Event;

/// So many events that follow each other without a pause are a burst.
const BURST: u32 = 32;
/// A pause that ends a burst.
const PAUSE: Duration = Duration::from_millis(200);

/// A place in the line of steps: the step comes from whoever works on it.
type Place = Receiver<Step>;

/// Steps, in the order in which the watch told their events.
pub(super) struct Steps {
    line: Receiver<Place>,
    first: Option<Place>,
}

/// The threads that prepare.
pub(super) struct Crew {
    source: Mutex<Source>,
    preparer: Arc<Preparer>,
    /// Who helps in a burst.
    helper: Option<Arc<Preparer>>,
    is_helped: AtomicBool,
}

/// What is told, and the end of the line.
struct Source {
    events: Receiver<Event>,
    line: SyncSender<Place>,
}

/// Events that are prepared together, and where the step of each goes.
#[derive(Default)]
struct Tasks {
    events: Vec<Event>,
    steps: Vec<SyncSender<Step>>,
}

impl Crew {
    /// A crew that prepares what `events` tells, a bounded number of steps ahead of whoever takes them.
    pub(super) fn new(
        events: Receiver<Event>,
        preparer: Arc<Preparer>,
        helper: Option<Arc<Preparer>>,
    ) -> (Arc<Self>, Steps) {
        let (sender, line) = sync_channel(AHEAD);
        let source = Mutex::new(Source { events, line: sender });
        let crew = Self {
            source,
            preparer,
            helper,
            is_helped: AtomicBool::new(false),
        };
        (Arc::new(crew), Steps { line, first: None })
    }

    /// Prepares until nobody tells or takes any more.
    pub(super) fn work(self: &Arc<Self>) {
        let mut in_a_row = 0;
        while let Some(tasks) = self.next(&mut in_a_row) {
            if in_a_row >= BURST {
                self.call_helper();
            }
            tasks.done_by(&self.preparer);
        }
    }

    /// What is told next, which is waited for, and what waits with it.
    fn next(&self, in_a_row: &mut u32) -> Option<Tasks> {
        let source = self.source();
        let event = match source.events.try_recv() {
            Ok(event) => {
                *in_a_row = in_a_row.saturating_add(1);
                event
            }
            Err(TryRecvError::Empty) => {
                *in_a_row = 0;
                source.place()?.send(Step::Drained).ok()?;
                source.events.recv().ok()?
            }
            Err(TryRecvError::Disconnected) => return None,
        };
        let tasks = source.tasks(event)?;
        *in_a_row = in_a_row.saturating_add(tasks.count() - 1);
        Some(tasks)
    }

    /// Lets the helper work on what waits, in a thread of its own that ends with the burst.
    fn call_helper(self: &Arc<Self>) {
        let Some(helper) = &self.helper else { return };
        if self.is_helped.swap(true, Ordering::AcqRel) {
            return;
        }
        let (crew, helper) = (Arc::clone(self), Arc::clone(helper));
        let thread = thread::Builder::new().name("prepare-2".into()).spawn(move || {
            while let Some(tasks) = crew.waiting() {
                tasks.done_by(&helper);
            }
            crew.is_helped.store(false, Ordering::Release);
        });
        if let Err(error) = thread {
            // One works as well, and slower. It is not tried again.
            tracing::warn!(%error, "a burst is prepared by one thread alone");
        }
    }

    /// What is told while the burst goes on.
    fn waiting(&self) -> Option<Tasks> {
        let source = self.source();
        let event = source.events.recv_timeout(PAUSE).ok()?;
        source.tasks(event)
    }

    fn source(&self) -> MutexGuard<'_, Source> {
        // A panic meanwhile leaves two channels, which are sound.
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    /// An event, and those that wait after it.
    fn tasks(&self, first: Event) -> Option<Tasks> {
        let mut tasks = Tasks::default();
        let mut next = Some(first);
        while let Some(event) = next {
            tasks.steps.push(self.place()?);
            tasks.events.push(event);
            next = (tasks.events.len() < TOGETHER)
                .then(|| self.events.try_recv().ok())
                .flatten();
        }
        Some(tasks)
    }

    /// The next place in the line, as soon as there is room; `None` when nobody takes any more.
    fn place(&self) -> Option<SyncSender<Step>> {
        let (sender, place) = sync_channel(1);
        self.line.send(place).ok()?;
        Some(sender)
    }
}

impl Tasks {
    fn count(&self) -> u32 {
        u32::try_from(self.events.len()).unwrap_or(u32::MAX)
    }

    fn done_by(self, preparer: &Preparer) {
        for (step, done) in self.steps.iter().zip(preparer.steps(self.events)) {
            // If nobody takes it any more, the next place tells.
            let _ = step.send(done);
        }
    }
}

impl Steps {
    /// The next step, waited for within `time`.
    ///
    /// # Errors
    /// When it is not there in time, or the crew has ended.
    pub(super) fn within(&mut self, time: Duration) -> Result<Step, RecvTimeoutError> {
        let start = Instant::now();
        let first = match self.first.take() {
            Some(first) => first,
            None => self.line.recv_timeout(time)?,
        };
        match first.recv_timeout(time.saturating_sub(start.elapsed())) {
            Ok(step) => Ok(step),
            Err(RecvTimeoutError::Timeout) => {
                self.first = Some(first);
                Err(RecvTimeoutError::Timeout)
            }
            Err(RecvTimeoutError::Disconnected) => Ok(given_up()),
        }
    }

    /// The next step, if it is there.
    pub(super) fn at_once(&mut self) -> Option<Step> {
        let first = self.first.take().or_else(|| self.line.try_recv().ok())?;
        match first.try_recv() {
            Ok(step) => Some(step),
            Err(TryRecvError::Empty) => {
                self.first = Some(first);
                None
            }
            Err(TryRecvError::Disconnected) => Some(given_up()),
        }
    }

    /// Whether the next step is being worked on, as far as was seen when it was last asked for.
    pub(super) fn is_under_way(&self) -> bool {
        self.first.is_some()
    }
}

#[cfg(test)]
impl Steps {
    /// Steps that are done.
    pub(super) fn done(steps: Vec<Step>) -> Self {
        let (sender, line) = sync_channel(steps.len());
        for done in steps {
            let (step, place) = sync_channel(1);
            step.send(done).unwrap();
            sender.send(place).unwrap();
        }
        Self::of(line)
    }

    /// Those of a line.
    pub(super) fn of(line: Receiver<Place>) -> Self {
        Self { line, first: None }
    }
}

/// In place of a step whose thread has gone.
fn given_up() -> Step {
    Step::Failed(anyhow!("a thread that prepares files panicked"))
}
