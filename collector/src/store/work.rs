//! What people do with findings: one by one or many at once, each change with its line in the audit trail.

use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::report::Decided;
use fileward_protocol::vocabulary::{App, PlaceKind, Rule};
use jiff::{SignedDuration, Timestamp};

use super::findings::FindingFilter;
use super::ladder::StepName;
use super::{By, Column, Direction, Order, Page, Paging, Reply};

/// The most characters of a reason, a comment or a note.
pub(crate) const TEXT_LIMIT: usize = 500;

/// How far away the end of an exemption can be.
pub(crate) const LONGEST_EXEMPTION: SignedDuration = SignedDuration::from_hours(3 * 366 * 24);

/// How long a finding counts towards the repeats of another.
pub(crate) const REPEATS_WITHIN: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Which finding. Devices make their ids themselves, so that only both together name one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Which {
    /// The device.
    pub device: DeviceId,
    /// The finding.
    pub finding: FindingId,
}

/// Something a person does with a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Sees to it; the employee is told.
    Acknowledge,
    /// Says something about it.
    Comment(String),
    /// Gives it to a user of the console, or to nobody.
    Assign(Option<String>),
    /// Makes an exception; the device is told.
    Exempt {
        /// Why; the device is told.
        reason: String,
        /// Until when; then the collector reopens it.
        until: Option<Timestamp>,
    },
    /// Lets it count again; the device is told.
    Reopen {
        /// Why; the device is told.
        reason: String,
    },
    /// Takes a step of the company's ladder; the employee is told which.
    Escalate {
        /// The step, by its number.
        step: i64,
        /// A word about it; may be empty.
        note: String,
    },
    /// Accepts what the employee answered, and the employee is told.
    Accept {
        /// A word about it for the company; may be empty.
        note: String,
    },
    /// Does not accept what the employee answered, so that the finding counts again; the device is told.
    Refuse {
        /// Why; the device is told.
        reason: String,
    },
}

impl Act {
    /// What is done, in a word.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Acknowledge => Worked::Acknowledged.as_str(),
            Self::Comment(_) => Worked::Commented.as_str(),
            Self::Assign(_) => Worked::Assigned.as_str(),
            Self::Exempt { .. } => Decided::Exempted.as_str(),
            Self::Reopen { .. } => Decided::Reopened.as_str(),
            Self::Escalate { .. } => Worked::Escalated.as_str(),
            Self::Accept { .. } => Worked::AnswerAccepted.as_str(),
            Self::Refuse { .. } => Worked::AnswerRefused.as_str(),
        }
    }
}

fileward_protocol::words! {
    /// What was done with a finding, beside decisions. What of it the employee is told, [`super::disclosures`] says.
    pub(crate) enum Worked {
        /// Somebody sees to it.
        Acknowledged = "acknowledged",
        /// Somebody said something about it.
        Commented = "commented",
        /// It was given to somebody.
        Assigned = "assigned",
        /// A step of the ladder was taken.
        Escalated = "escalated",
        /// The employee's answer was accepted.
        AnswerAccepted = "answer_accepted",
        /// The employee's answer was not accepted.
        AnswerRefused = "answer_refused",
    }
}

fileward_protocol::words! {
    /// How an employee's answer was judged.
    pub(crate) enum Judged {
        /// Accepted.
        Accepted = "accepted",
        /// Not accepted.
        Refused = "refused",
    }
}

fileward_protocol::words! {
    /// Why something cannot be done with a finding. It is left as it was.
    pub(crate) enum Hindrance {
        /// There is no such finding.
        NotThere = "not_there",
        /// It is resolved.
        Resolved = "resolved",
        /// It is not open.
        NotOpen = "not_open",
        /// It stands so already.
        Already = "already",
        /// The employee answered nothing that is still to be judged.
        NoAnswer = "no_answer",
        /// It was exempted or the employee's answer accepted: nobody is to be escalated for it.
        Excused = "excused",
        /// A text is missing.
        NoText = "no_text",
        /// The end of an exemption must lie ahead, by three years at most.
        BadDate = "bad_date",
        /// There is no such user, or they may not see findings.
        NoSuchUser = "no_such_user",
        /// The ladder has no such step.
        NoSuchStep = "no_such_step",
    }
}

/// How far people have come with a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Handling {
    /// Whose it is.
    pub assignee: Option<String>,
    /// When somebody began to see to it.
    pub acknowledged_at: Option<Timestamp>,
    /// The step of the ladder that was taken last.
    pub step: Option<StepName>,
    /// When its exemption ends.
    pub exempt_until: Option<Timestamp>,
    /// How the employee's last answer was judged.
    pub judged: Option<Judged>,
}

/// Findings that are alike: of one device, named by one rule, in one kind of place of one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RepeatRow {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub device_name: String,
    /// The rule.
    pub rule: Rule,
    /// The kind of place.
    pub place: PlaceKind,
    /// The app.
    pub app: Option<App>,
    /// How many.
    pub count: u64,
    /// How many of them still ask somebody to act.
    pub active: u64,
    /// When the first was first seen.
    pub first: Timestamp,
    /// When one of them last changed its state.
    pub last: Timestamp,
}

fileward_protocol::words! {
    /// By what groups of findings can be ordered; what is alike goes from the latest change.
    #[derive(Default)]
    pub(crate) enum RepeatSort {
        /// By how many there are.
        #[default]
        Count = "count",
        /// By how many still ask somebody to act.
        Active = "active",
        /// By rule.
        Rule = "rule",
        /// By the kind of place, then by its app.
        Place = "place",
        /// By the device's name.
        Device = "device",
        /// By when the first was first seen.
        First = "first",
        /// By their last change.
        Last = "last",
    }
}

impl Column for RepeatSort {
    fn usual(self) -> Direction {
        match self {
            Self::Count | Self::Active | Self::First | Self::Last => Direction::Descending,
            Self::Rule | Self::Place | Self::Device => Direction::Ascending,
        }
    }
}

/// How often a rule was right about an app's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrecisionRow {
    /// The rule.
    pub rule: Rule,
    /// The app.
    pub app: Option<App>,
    /// What became of its findings.
    pub tally: Tally,
}

/// What became of findings; each counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Put right by the employee.
    pub put_right: u64,
    /// Justified, and the reason accepted.
    pub justified: u64,
    /// Answered, and the answer refused.
    pub refused: u64,
    /// A private file, as the employee said and the company accepted.
    pub private: u64,
    /// A false alarm, as the employee said and the company accepted.
    pub false_alarm: u64,
    /// Open, exempted, not judged yet, or ended by itself: they say nothing about the rule.
    pub undecided: u64,
}

impl Tally {
    /// All of them.
    pub(crate) const fn findings(self) -> u64 {
        self.right() + self.wrong() + self.undecided
    }

    /// Those about which the rule was right.
    pub(crate) const fn right(self) -> u64 {
        self.put_right + self.justified + self.refused
    }

    /// Those about which it was wrong.
    pub(crate) const fn wrong(self) -> u64 {
        self.private + self.false_alarm
    }

    /// How often it was right, in percent; none while nobody can say.
    pub(crate) const fn precision(self) -> Option<u64> {
        (self.right() * 100).checked_div(self.right() + self.wrong())
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.put_right += other.put_right;
        self.justified += other.justified;
        self.refused += other.refused;
        self.private += other.private;
        self.false_alarm += other.false_alarm;
        self.undecided += other.undecided;
    }
}

/// Work on findings.
pub(crate) trait Work {
    /// Does one thing with each of these findings. Where something hinders it, that finding is left as it was and the
    /// others go on; the answers come in the order of `on`.
    fn work(&self, on: Vec<Which>, act: Act, by: By) -> Reply<Vec<Result<(), Hindrance>>>;

    /// Reopens findings whose exemption has ended, and gives their number.
    fn end_exemptions(&self, by: By) -> Reply<u64>;

    /// Which repeat this finding is on its device and under its rule, from 1. What was excused does not count.
    ///
    /// By device, not by user: the names of local accounts are no identity, and a finding does not tell whose it is.
    fn repeat(&self, which: Which) -> Reply<u64>;

    /// Findings grouped with those that are alike; the filter's own order is not used.
    fn repeats(&self, filter: FindingFilter, order: Order<RepeatSort>, paging: Paging) -> Reply<Page<RepeatRow>>;

    /// How often each rule was right, by app.
    fn precision(&self) -> Reply<Vec<PrecisionRow>>;
}
