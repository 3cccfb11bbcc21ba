//! The way out: each version of a file is told once, whoever saw it.
//!
//! Between a sighting and its record in the baseline lies the whole pipeline. What is under way there is remembered here, so
//! that a hint and a sweep that see the same file do not both tell it.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fileward_places::Place;

use super::Event;
use super::baseline::{Baseline, Judged};
use super::inbox::Inbox;
use super::sighting::{Change, Sighting, Stat};

/// What the pipeline has not recorded for so long is told again by the next look.
const FORGOTTEN: Duration = Duration::from_mins(1);
/// How often it is asked what is recorded by now.
const ASK: Duration = Duration::from_millis(20);
/// How often a full channel is tried again.
const RETRY: Duration = Duration::from_millis(1);

/// The receiver is gone, or the end was asked for.
#[derive(Debug, thiserror::Error)]
#[error("Nobody listens any more")]
pub(crate) struct Closed;

/// Why something was not told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// There is nobody to tell.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The baseline could not be read.
    #[error("Failed to read the baseline")]
    Baseline(#[from] rusqlite::Error),
}

/// The way out, shared by the watching thread and the sweep.
pub(crate) struct Outlet {
    events: SyncSender<Event>,
    inbox: Arc<Inbox>,
    epoch: Arc<AtomicU64>,
    under_way: Mutex<UnderWay>,
}

#[derive(Default)]
struct UnderWay {
    last: HashMap<PathBuf, Told>,
    order: VecDeque<(PathBuf, u64)>,
    number: u64,
    /// When it was last asked what is recorded.
    asked: Option<Instant>,
}

#[derive(Clone, Copy)]
struct Told {
    number: u64,
    change: Change,
    epoch: u64,
    at: Instant,
}

impl Outlet {
    /// Tells into `events`, judging by the policy of `epoch`.
    pub(crate) fn new(events: SyncSender<Event>, inbox: Arc<Inbox>, epoch: Arc<AtomicU64>) -> Self {
        Self {
            events,
            inbox,
            epoch,
            under_way: Mutex::default(),
        }
    }

    /// Sends `event`, waiting while the channel is full.
    pub(crate) fn send(&self, event: Event) -> Result<(), Closed> {
        let mut event = event;
        loop {
            match self.events.try_send(event) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Disconnected(_)) => return Err(Closed),
                Err(TrySendError::Full(back)) => event = back,
            }
            if self.inbox.is_stopped() {
                return Err(Closed);
            }
            self.inbox.pause(RETRY);
        }
    }

    /// Whether this version of the file is judged.
    pub(crate) fn is_judged(&self, judged: Option<&Judged>, stat: &Stat) -> bool {
        judged.is_some_and(|judged| judged.stat == *stat && judged.epoch >= self.epoch.load(Ordering::Acquire))
    }

    /// The file last told or judged under `path`; `None` when none is known.
    pub(crate) fn known(&self, baseline: &Baseline, path: &Path) -> rusqlite::Result<Option<Stat>> {
        let told = self.under_way().last.get(path).copied();
        match told {
            Some(Told {
                change: Change::Settled(stat),
                ..
            }) => Ok(Some(stat)),
            Some(Told {
                change: Change::Gone, ..
            }) => Ok(None),
            None => Ok(baseline.file(path)?.map(|judged| judged.stat)),
        }
    }

    /// The files below `folder` that were told and are perhaps not recorded yet.
    pub(crate) fn under_way_below(&self, folder: &Path) -> Vec<PathBuf> {
        let under_way = self.under_way();
        let settled = under_way
            .last
            .iter()
            .filter(|(_, told)| matches!(told.change, Change::Settled(_)));
        settled
            .map(|(path, _)| path.clone())
            .filter(|path| path.starts_with(folder))
            .collect()
    }

    /// Tells that these files are settled, except versions that are told or judged already.
    pub(crate) fn settled(
        &self,
        baseline: &Baseline,
        place: &Arc<Place>,
        files: impl IntoIterator<Item = (PathBuf, Stat)>,
    ) -> Result<(), Failure> {
        let changes = files.into_iter().map(|(path, stat)| (path, Change::Settled(stat)));
        self.tell(baseline, place, changes)
    }

    /// Tells that the file at `path` is gone, unless none is known there.
    pub(crate) fn gone(&self, baseline: &Baseline, place: &Arc<Place>, path: PathBuf) -> Result<(), Failure> {
        self.tell(baseline, place, [(path, Change::Gone)])
    }

    fn tell(
        &self,
        baseline: &Baseline,
        place: &Arc<Place>,
        changes: impl IntoIterator<Item = (PathBuf, Change)>,
    ) -> Result<(), Failure> {
        let epoch = self.epoch.load(Ordering::Acquire);
        let news = self.under_way().add_news(baseline, changes, epoch)?;
        for (path, change) in news {
            self.send(Event::Sighting(Sighting {
                place: Arc::clone(place),
                path,
                change,
            }))?;
        }
        Ok(())
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, UnderWay> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay {
    /// Adds what is neither told nor recorded, and gives it back.
    fn add_news(
        &mut self,
        baseline: &Baseline,
        changes: impl IntoIterator<Item = (PathBuf, Change)>,
        epoch: u64,
    ) -> rusqlite::Result<Vec<(PathBuf, Change)>> {
        self.forget_recorded(baseline)?;
        baseline.together(|| {
            let mut news = Vec::new();
            for (path, change) in changes {
                let is_known = match self.last.get(&path) {
                    Some(told) => told.change == change && told.epoch >= epoch,
                    None => is_recorded(baseline, &path, change, epoch)?,
                };
                if !is_known {
                    self.add(&path, change, epoch);
                    news.push((path, change));
                }
            }
            Ok(news)
        })
    }

    fn add(&mut self, path: &Path, change: Change, epoch: u64) {
        self.number += 1;
        let told = Told {
            number: self.number,
            change,
            epoch,
            at: Instant::now(),
        };
        self.last.insert(path.to_path_buf(), told);
        self.order.push_back((path.to_path_buf(), self.number));
    }

    /// The pipeline works in order, so only the oldest need to be asked for.
    fn forget_recorded(&mut self, baseline: &Baseline) -> rusqlite::Result<()> {
        if self.order.is_empty() || self.asked.is_some_and(|asked| asked.elapsed() < ASK) {
            return Ok(());
        }
        self.asked = Some(Instant::now());
        baseline.together(|| self.forget_oldest(baseline))
    }

    fn forget_oldest(&mut self, baseline: &Baseline) -> rusqlite::Result<()> {
        while let Some((path, number)) = self.order.front() {
            if let Some(told) = self.last.get(path).filter(|told| told.number == *number) {
                if told.at.elapsed() < FORGOTTEN && !is_recorded(baseline, path, told.change, told.epoch)? {
                    break;
                }
                self.last.remove(path);
            }
            self.order.pop_front();
        }
        if self.order.is_empty() {
            *self = Self {
                number: self.number,
                asked: self.asked,
                ..Self::default()
            };
        }
        Ok(())
    }
}

fn is_recorded(baseline: &Baseline, path: &Path, change: Change, epoch: u64) -> rusqlite::Result<bool> {
    let judged = baseline.file(path)?;
    Ok(match change {
        Change::Settled(stat) => judged.is_some_and(|judged| judged.stat == stat && judged.epoch >= epoch),
        Change::Gone => judged.is_none(),
    })
}
