//! When a file counts as settled. A state machine without IO and without a clock.

use std::time::{Duration, Instant};

use super::os::Writer;
use super::sighting::{FileId, Stat};

/// Without a hint for so long, and known to have no writer, a file is settled.
const QUIET: Duration = Duration::from_millis(150);
/// A path must be missing for so long before its file is gone: programs save by deleting and renaming.
const MISSING: Duration = Duration::from_secs(1);
/// The same when the whole place is missing.
const PLACE_MISSING: Duration = Duration::from_secs(2);
/// The longest that anything puts off a verdict: hints without a pause, or a writer who changes nothing. Office programs
/// keep a document open for writing as long as it is on the screen.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);
/// The same for a writer who changes nothing after the file was closed or renamed into its place: it was finished once.
const PATIENCE_FINISHED: Duration = Duration::from_secs(5);

/// What a look at a path found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A file, and who writes it.
    File(Stat, Writer),
    /// Nothing, though a judged file was there.
    Missing {
        /// Whether the place itself is missing.
        place: bool,
    },
}

/// What follows from a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Look again at this time.
    Look(Instant),
    /// It is settled.
    Settled(Stat),
    /// It is gone.
    Gone,
}

/// A path that something happened to.
#[derive(Clone, Debug)]
pub(crate) struct Settling {
    first: Instant,
    hinted: Instant,
    due: Instant,
    since: Option<(Stat, Instant)>,
    missing: Option<Instant>,
    put_off: bool,
    finished: bool,
    wait: Duration,
}

impl Settling {
    /// Something happened at `now`; the file counts as settled when it did not change for `settle`, less if the OS
    /// knows of writers.
    pub(crate) fn new(now: Instant, settle: Duration) -> Self {
        Self {
            first: now,
            hinted: now,
            due: now + QUIET.min(settle),
            since: None,
            missing: None,
            put_off: false,
            finished: false,
            wait: settle,
        }
    }

    /// Something happened; `finished` when somebody closed the file after writing or renamed it into its place.
    pub(crate) fn hint(&mut self, finished: bool, now: Instant, settle: Duration) {
        self.hinted = now;
        self.finished |= finished;
        self.wait = settle;
        self.due = (now + QUIET.min(settle)).min(self.first + PATIENCE);
    }

    /// When to look.
    pub(crate) fn due(&self) -> Instant {
        self.due
    }

    /// Puts off the look: the file may turn up elsewhere.
    pub(crate) fn put_off(&mut self, until: Instant) {
        self.due = until;
        self.put_off = true;
    }

    /// Whether the last look was put off.
    pub(crate) fn is_put_off(&self) -> bool {
        self.put_off
    }

    /// The file as last seen.
    pub(crate) fn id(&self) -> Option<FileId> {
        self.since.map(|(stat, _)| stat.id)
    }

    /// Takes in a look.
    pub(crate) fn see(&mut self, seen: Seen, now: Instant, settle: Duration) -> Next {
        self.put_off = false;
        let next = match seen {
            Seen::File(stat, writer) => self.see_file(stat, writer, now, settle),
            Seen::Missing { place } => {
                let since = *self.missing.get_or_insert(now);
                let wait = if place { PLACE_MISSING } else { MISSING };
                if now >= since + wait {
                    Next::Gone
                } else {
                    Next::Look(since + wait)
                }
            }
        };
        if let Next::Look(at) = next {
            self.due = at;
        }
        next
    }

    fn see_file(&mut self, stat: Stat, writer: Writer, now: Instant, settle: Duration) -> Next {
        self.missing = None;
        let since = match self.since {
            Some((seen, since)) if seen == stat => since,
            _ => now,
        };
        self.since = Some((stat, since));
        let unchanged = now - since;
        // Someone who writes it again and again without a pause must not keep it from being judged.
        let restless = now >= self.first + PATIENCE;
        match writer {
            Writer::None if now >= self.hinted + QUIET.min(settle) || restless => Next::Settled(stat),
            Writer::None => Next::Look(self.hinted + QUIET.min(settle)),
            Writer::Unknown if unchanged >= settle || restless => Next::Settled(stat),
            Writer::Unknown => Next::Look(now + settle),
            Writer::Busy => {
                let patience = if self.finished { PATIENCE_FINISHED } else { PATIENCE };
                if unchanged >= patience {
                    return Next::Settled(stat);
                }
                let wait = self.wait.min(patience.saturating_sub(unchanged));
                self.wait = self.wait.saturating_mul(2);
                Next::Look(now + wait)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_millis(400);

    fn file(size: u64) -> Stat {
        Stat {
            id: FileId {
                device: 1,
                inode: 2,
                born: 3,
            },
            size,
            modified: 0,
        }
    }

    fn after(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    /// Follows looks as they fall due, with what each sees by its time, and tells when which end came.
    fn follow(hints: &[u64], at: impl Fn(u64) -> Seen) -> (u64, Next) {
        let start = Instant::now();
        let mut settling = Settling::new(start, SETTLE);
        let mut hints = hints.iter().copied().peekable();
        loop {
            let due = u64::try_from((settling.due() - start).as_millis()).unwrap();
            if let Some(hint) = hints.next_if(|hint| *hint <= due) {
                settling.hint(true, after(start, hint), SETTLE);
                continue;
            }
            match settling.see(at(due), after(start, due), SETTLE) {
                Next::Look(_) => assert!(due < 1_000_000, "It never ends"),
                end => return (due, end),
            }
        }
    }

    #[test]
    fn a_closed_file_is_settled_after_a_short_quiet() {
        assert_eq!(
            follow(&[], |_| Seen::File(file(1), Writer::None)),
            (150, Next::Settled(file(1)))
        );
        assert_eq!(
            follow(&[100, 200], |_| Seen::File(file(1), Writer::None)),
            (350, Next::Settled(file(1)))
        );
    }

    #[test]
    fn without_knowledge_of_writers_size_and_time_must_be_stable() {
        assert_eq!(
            follow(&[], |_| Seen::File(file(1), Writer::Unknown)),
            (550, Next::Settled(file(1)))
        );
        let growing = |at: u64| Seen::File(file(at.min(1_000)), Writer::Unknown);
        assert_eq!(follow(&[], growing), (1_750, Next::Settled(file(1_000))));
    }

    #[test]
    fn a_file_that_somebody_writes_is_waited_for() {
        let writer = |at: u64, until: u64| if at < until { Writer::Busy } else { Writer::None };
        let pausing = |at: u64| Seen::File(file(at / 50_000), writer(at, 200_000));
        let (at, end) = follow(&[], pausing);
        assert_eq!(end, Next::Settled(file(4)));
        assert!((200_000..=260_000).contains(&at), "{at}");
        let closed = |at: u64| Seen::File(file(1), writer(at, 30_000));
        assert_eq!(follow(&[30_000], closed), (30_150, Next::Settled(file(1))));
    }

    #[test]
    fn a_document_that_an_office_program_keeps_open_is_settled_nevertheless() {
        let open = |_| Seen::File(file(1), Writer::Busy);
        assert_eq!(follow(&[], open), (60_150, Next::Settled(file(1))));
        assert_eq!(follow(&[0], open), (5_150, Next::Settled(file(1))));
    }

    #[test]
    fn endless_hints_do_not_put_off_the_look_for_ever() {
        let hints: Vec<u64> = (0..2_000).map(|at| at * 100).collect();
        assert_eq!(
            follow(&hints, |at| Seen::File(file(at), Writer::None)),
            (60_000, Next::Settled(file(60_000)))
        );
    }

    #[test]
    fn a_file_is_gone_after_a_second_and_a_place_after_two() {
        assert_eq!(follow(&[], |_| Seen::Missing { place: false }), (1_150, Next::Gone));
        assert_eq!(follow(&[], |_| Seen::Missing { place: true }), (2_150, Next::Gone));
    }

    #[test]
    fn a_file_that_comes_back_in_time_is_not_gone() {
        let saved = |at: u64| {
            if at < 900 {
                Seen::Missing { place: false }
            } else {
                Seen::File(file(2), Writer::None)
            }
        };
        assert_eq!(follow(&[900], saved), (1_050, Next::Settled(file(2))));
    }
}
