//! What happens because time passes: grace ends, files in limbo are called deleted, verdicts change, old records go.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use fileward_protocol::ids::FindingId;
use fileward_protocol::vocabulary::Resolution;
use jiff::{SignedDuration, Timestamp};

use super::presence::{Presence, sighting};
use super::record::other_names;
use super::{Pipeline, REST};
use crate::ledger::{Entry, Record};
use crate::watch::{Change, Sighting};

/// The least time between two looks at the timers, so that one that cannot be served does not spin.
const SHORTEST: Duration = Duration::from_millis(200);
/// How long a file waits when no worker can be started, and how many wait; the next sweep finds the others.
const NO_WORKER: Duration = Duration::from_secs(30);
const LATER: usize = 1024;
const LONGEST: Duration = Duration::from_mins(10);
const PRUNE_EVERY: Duration = Duration::from_hours(1);
/// The most findings that are opened in one entry.
const DUE: usize = 512;

impl Pipeline {
    pub(super) fn until_next_timer(&self) -> Result<Duration> {
        let (due, again) = self
            .shared
            .ledger
            .read(|reader| Ok((reader.next_due()?, reader.next_judge_again()?)))?;
        let now = self.shared.now();
        let by_clock = [due, again].into_iter().flatten().map(|time| until(now, time));
        let rest = self.busy.map(|since| since + REST);
        let instants = self
            .later
            .iter()
            .map(|(when, _)| *when)
            .chain(self.limbo.next())
            .chain(rest);
        let by_instant = instants.map(|instant| instant.saturating_duration_since(Instant::now()));
        let wait = by_clock.chain(by_instant).min().unwrap_or(LONGEST);
        Ok(wait.clamp(SHORTEST, LONGEST))
    }

    pub(super) fn on_timers(&mut self, drained: bool) -> Result<()> {
        self.try_later()?;
        self.open_due()?;
        // Before the first sweep, a file may lie elsewhere and not have been seen there yet.
        if self.shared.is_swept() {
            self.end_limbo(drained)?;
        }
        if drained {
            self.judge_again()?;
            self.prune()?;
        }
        self.rest()
    }

    pub(super) fn wait_for_worker(&mut self, sighting: Sighting) {
        if self.later.len() < LATER {
            self.later.push((Instant::now() + NO_WORKER, sighting));
        }
    }

    fn try_later(&mut self) -> Result<()> {
        let now = Instant::now();
        let ready: Vec<Sighting> = self
            .later
            .extract_if(.., |(when, _)| *when <= now)
            .map(|(_, sighting)| sighting)
            .collect();
        self.look(ready)
    }

    /// Grace is over: after a night that may be so for many.
    fn open_due(&mut self) -> Result<()> {
        let (now, mut after) = (self.shared.now(), None);
        loop {
            let due = self.shared.ledger.read(|reader| reader.due(now, after, DUE))?;
            let Some(last) = due.last() else { return Ok(()) };
            after = Some((last.finding.due, last.finding.id));
            self.open_findings(due)?;
        }
    }

    /// What is still there is opened. A file that moved while the service was not running is not.
    fn open_findings(&mut self, due: Vec<Record>) -> Result<()> {
        let survey = self.shared.survey();
        let mut open = Vec::new();
        for record in due {
            let id = record.finding.id;
            match record.file {
                Some(file) if !(self.look_at)(&survey, &record.path).is(file) => {
                    match sighting(&survey, &record.path) {
                        Some(Sighting {
                            change: Change::Gone, ..
                        }) => self.limbo.hold(id, Resolution::Deleted, Instant::now()),
                        // It was looked at when it was found replaced; now it has time to show up.
                        Some(_) if self.limbo.holds(id) => {}
                        Some(replaced) => self.look(vec![replaced])?,
                        // Its place is not watched just now, or may not be read: nothing says that it was put right.
                        None if self.shared.is_swept() && !self.limbo.holds(id) => open.push(record),
                        None => {}
                    }
                }
                _ => open.push(record),
            }
        }
        if open.is_empty() {
            return Ok(());
        }
        let ((), transitions) = self.shared.ledger.enter(self.shared.now(), |entry| {
            open.iter().try_for_each(|record| entry.clock(record))
        })?;
        self.shared.publish(&transitions, false);
        Ok(())
    }

    fn end_limbo(&mut self, drained: bool) -> Result<()> {
        let expired = self.limbo.expired(Instant::now(), drained);
        if expired.is_empty() {
            return Ok(());
        }
        let (again, transitions) = self.enter(|entry, presence, _| {
            let mut again = Vec::new();
            for (id, why) in &expired {
                again.extend(end(entry, presence, *id, *why)?);
            }
            Ok(again)
        })?;
        self.shared.publish(&transitions, false);
        self.look_again(&again)
    }

    fn judge_again(&mut self) -> Result<()> {
        let now = self.shared.now();
        let paths = self.shared.ledger.read(|reader| reader.to_judge_again(now))?;
        if paths.is_empty() {
            return Ok(());
        }
        self.shared
            .ledger
            .enter(now, |entry| paths.iter().try_for_each(|path| entry.judged_again(path)))?;
        self.look_again(&paths)
    }

    /// After a sweep or a burst, and silence, gives back the memory that it took.
    fn rest(&mut self) -> Result<()> {
        if self.busy.is_none_or(|since| since.elapsed() < REST) {
            return Ok(());
        }
        self.busy = None;
        self.shared.ledger.give_back_memory()?;
        fileward_memory::give_back();
        Ok(())
    }

    /// Forgets what was kept long enough, in small steps.
    fn prune(&mut self) -> Result<()> {
        if self.pruned.elapsed() < PRUNE_EVERY {
            return Ok(());
        }
        let keep = SignedDuration::try_from(self.shared.force().policy.report.keep_closed);
        let now = self.shared.now();
        let Some(before) = keep.ok().and_then(|keep| now.checked_sub(keep).ok()) else {
            return Ok(());
        };
        let (gone, _) = self.shared.ledger.enter(now, |entry| {
            Ok(entry.prune_findings(before)? + entry.prune_journal(before)?)
        })?;
        if gone == 0 {
            self.pruned = Instant::now();
        }
        Ok(())
    }
}

/// Ends a finding whose file did not show up; gives back the path that must be looked at because of it.
fn end(entry: &mut Entry<'_>, presence: &Presence, id: FindingId, why: Resolution) -> Result<Option<PathBuf>> {
    let Some(record) = entry.reader().finding(id)? else {
        return Ok(None);
    };
    if !record.finding.state.is_active() || still_there(presence, &record) {
        return Ok(None);
    }
    if let Some(other) = other_names(entry, presence, &record)?.pop() {
        // The finding goes on there. The baseline keeps the former path, so that a sweep comes back if it does not.
        return Ok(Some(other));
    }
    let in_store = match record.content() {
        Some(content) => entry.reader().lies_in_a_store(content)?,
        None => false,
    };
    let why = if in_store { Resolution::MovedToStore } else { why };
    let path = record.path.clone();
    entry.fits(&goes_on_with(entry, presence, record, why)?, why)?;
    if !presence.is_absent(&path) {
        return Ok(Some(path));
    }
    entry.forget(&path)?;
    Ok(None)
}

/// A finding that ends because its file was replaced by a better one goes on with that one, should it offend again.
fn goes_on_with(entry: &Entry<'_>, presence: &Presence, record: Record, why: Resolution) -> Result<Record> {
    let path = record.path.clone();
    let Some(place) = presence.survey().place_of(&path).filter(|_| why != Resolution::Deleted) else {
        return Ok(record);
    };
    Ok(match presence.file(&path) {
        Some(stat) if entry.reader().finding_of(stat.id)?.is_none() => record.at(&path, &place.root, stat.id),
        _ => record,
    })
}

fn still_there(presence: &Presence, record: &Record) -> bool {
    record.file.is_some_and(|file| presence.is_there(&record.path, file))
}

fn until(now: Timestamp, time: Timestamp) -> Duration {
    Duration::try_from(time.duration_since(now)).unwrap_or(Duration::ZERO)
}
