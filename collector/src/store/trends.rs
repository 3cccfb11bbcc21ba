//! Counts for the overview: how findings come and go, what is open, how the devices are.

use fileward_protocol::vocabulary::{App, Sensitivity};
use jiff::{SignedDuration, Timestamp};

use super::Reply;

/// Which devices' findings are counted: those of these groups, or of all.
pub(crate) type Groups = Option<Vec<String>>;

/// Equal steps of time, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    /// Where the first begins.
    pub since: Timestamp,
    /// How long each is.
    pub step: SignedDuration,
    /// How many there are.
    pub count: usize,
}

impl Steps {
    /// Where step `index` begins; with [`Steps::count`], where the last ends.
    pub(crate) fn start(self, index: usize) -> Timestamp {
        let past = i32::try_from(index).ok().and_then(|index| self.step.checked_mul(index));
        past.and_then(|past| self.since.checked_add(past).ok())
            .unwrap_or(Timestamp::MAX)
    }
}

/// How findings came and went in one step of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Seen for the first time.
    pub came: u64,
    /// Ended, however.
    pub went: u64,
    /// Not ended at the step's end.
    pub open: u64,
}

/// Open findings, counted by what they are about; the most first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// By the app of their place; `None` for places of no app.
    pub apps: Vec<(Option<App>, u64)>,
    /// By the group of their device; `None` for devices in no group.
    pub groups: Vec<(Option<String>, u64)>,
    /// By how the file is graded; `None` where there is no file.
    pub sensitivities: Vec<(Option<Sensitivity>, u64)>,
}

/// The longest times that are told apart, in ascending order; the last class is what took longer.
pub(crate) const RESOLVED_WITHIN: [SignedDuration; 5] = [
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(8),
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(3 * 24),
    SignedDuration::from_hours(7 * 24),
];

/// The longest silences that are told apart, in ascending order; the last class is longer silence.
pub(crate) const SEEN_WITHIN: [SignedDuration; 4] = [
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(7 * 24),
    SignedDuration::from_hours(30 * 24),
];

/// The bound devices, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fleet {
    /// By the agent's version; the most first.
    pub versions: Vec<(String, u64)>,
    /// By how long ago they were heard of: within each of [`SEEN_WITHIN`] and not the one before, then longer.
    pub seen: [u64; SEEN_WITHIN.len() + 1],
}

/// The overview's counts.
pub(crate) trait Trends {
    /// How findings came and went in each step.
    fn flow(&self, groups: Groups, steps: Steps) -> Reply<Vec<Flow>>;

    /// The open findings.
    fn standing(&self, groups: Groups) -> Reply<Standing>;

    /// How long those took that were put right since then: within each of [`RESOLVED_WITHIN`] and not the one before,
    /// then longer. What a rebuilt ledger closed does not count.
    fn times_to_resolve(&self, groups: Groups, since: Timestamp) -> Reply<[u64; RESOLVED_WITHIN.len() + 1]>;

    /// The bound devices.
    fn fleet(&self, groups: Groups, now: Timestamp) -> Reply<Fleet>;
}
