//! Findings with their history.

use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::report::{Body, Decided, Finding};
use fileward_protocol::vocabulary::{App, FindingState, PlaceKind, Rule, Sensitivity, Severity};
use jiff::Timestamp;

use super::work::{Handling, Worked};
use super::{Column, Direction, Order, Page, Paging, Reply, Scope};

/// A finding. Devices make their ids themselves, so that only device and finding together are unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FindingRow {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub device_name: String,
    /// Its group.
    pub group: Option<String>,
    /// The finding as it stands: as last reported, or as decided since.
    pub finding: Finding,
    /// When it last changed its state.
    pub changed_at: Timestamp,
    /// How far people have come with it.
    pub handling: Handling,
    /// All it went through, oldest first.
    pub history: Vec<HistoryRow>,
}

/// Something that happened to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HistoryRow {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Happened,
}

/// What happened to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happened {
    /// The device reported this state.
    Became(FindingState),
    /// The company decided.
    Decided {
        /// What.
        what: Decided,
        /// Why.
        reason: String,
        /// Who, in words.
        by: String,
    },
    /// Somebody in the company did something with it that the device is not told.
    Worked {
        /// What.
        what: Worked,
        /// More about it, in words.
        detail: String,
        /// Who, in words.
        by: String,
    },
}

impl FindingRow {
    /// When it last changed its state, or somebody last did something with it.
    pub(crate) fn touched_at(&self) -> Timestamp {
        let worked = self
            .history
            .iter()
            .filter(|row| matches!(row.what, Happened::Worked { .. }));
        worked.map(|row| row.at).fold(self.changed_at, Timestamp::max)
    }
}

impl Happened {
    /// The word for it.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Became(state) => state.as_str(),
            Self::Decided { what, .. } => what.as_str(),
            Self::Worked { what, .. } => what.as_str(),
        }
    }
}

/// Which findings are wanted, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FindingFilter {
    /// Only of devices that the asker may see.
    pub scope: Scope,
    /// Only in this state.
    pub state: Option<FindingState>,
    /// Only this bad.
    pub severity: Option<Severity>,
    /// Only about files of this grade.
    pub sensitivity: Option<Sensitivity>,
    /// Only named by this rule.
    pub rule: Option<Rule>,
    /// Only in places of this kind.
    pub place: Option<PlaceKind>,
    /// Only in places of this app.
    pub app: Option<App>,
    /// Only of this device.
    pub device: Option<DeviceId>,
    /// Only of devices in this group.
    pub group: Option<String>,
    /// Only given to this user of the console.
    pub assignee: Option<String>,
    /// Only answered by the employee and not judged yet.
    pub to_judge: bool,
    /// Only where the file's or the device's name contains this.
    pub text: Option<String>,
    /// The order.
    pub order: Order<FindingSort>,
}

impl FindingFilter {
    /// All that this scope holds. There is no other beginning, so that no list forgets it.
    pub(crate) fn within(scope: Scope) -> Self {
        Self {
            scope,
            state: None,
            severity: None,
            sensitivity: None,
            rule: None,
            place: None,
            app: None,
            device: None,
            group: None,
            assignee: None,
            to_judge: false,
            text: None,
            order: Order::default(),
        }
    }
}

fileward_protocol::words! {
    /// By what findings can be ordered; what is alike goes from the latest change.
    #[derive(Default)]
    pub(crate) enum FindingSort {
        /// By their last change.
        #[default]
        Changed = "changed",
        /// By severity.
        Severity = "severity",
        /// By the file's name.
        File = "file",
        /// By rule.
        Rule = "rule",
        /// By the kind of place, then by its app.
        Place = "place",
        /// By the device's name.
        Device = "device",
        /// By state: what asks for most first.
        State = "state",
    }
}

impl Column for FindingSort {
    fn usual(self) -> Direction {
        match self {
            Self::Changed | Self::Severity => Direction::Descending,
            Self::File | Self::Rule | Self::Place | Self::Device | Self::State => Direction::Ascending,
        }
    }
}

/// How many findings there are by state and severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FindingCount {
    /// The state.
    pub state: FindingState,
    /// The severity.
    pub severity: Severity,
    /// How many.
    pub count: u64,
}

/// Something a device reported that is no finding: what was put right in time, coverage, what was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventRow {
    /// The device.
    pub device: DeviceId,
    /// The report's number.
    pub seq: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// What it says; never a [`Body::Finding`].
    pub body: Body,
}

/// Findings.
pub(crate) trait Findings {
    /// One finding.
    fn finding(&self, device: DeviceId, id: FindingId) -> Reply<Option<FindingRow>>;

    /// The devices that have a finding of this id; nearly always one.
    fn devices_of_finding(&self, id: FindingId) -> Reply<Vec<DeviceId>>;

    /// A list of findings.
    fn findings(&self, filter: FindingFilter, paging: Paging) -> Reply<Page<FindingRow>>;

    /// How many there are by state and severity.
    fn finding_counts(&self, scope: Scope) -> Reply<Vec<FindingCount>>;

    /// What a device reported besides findings, newest first.
    fn events(&self, device: DeviceId, paging: Paging) -> Reply<Page<EventRow>>;
}
