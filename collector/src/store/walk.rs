//! Going once through all of a subject, in steps, however much it is and whatever is stored meanwhile.
//!
//! A [`super::Page`] is counted from the start of a list: what changes between two pages moves rows from one to the
//! other. A walk goes by the order in which rows were first stored, which never changes.

use jiff::Timestamp;

use super::Reply;
use super::audit::AuditRow;
use super::devices::DeviceRow;
use super::findings::FindingRow;

/// How far a walk has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Milestone(pub u64);

/// A walk's next rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stretch<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// From where to go on; none at the end.
    pub on: Option<Milestone>,
}

/// Walks. With `since`, only rows that changed then or later.
pub(crate) trait Walk {
    /// Findings with their history. One with which somebody did something counts as changed, and so does one that a
    /// device that was out of reach told of since.
    fn walk_findings(&self, from: Milestone, since: Option<Timestamp>) -> Reply<Stretch<FindingRow>>;

    /// Devices. One that was in contact counts as changed, and so does one about which somebody decided.
    fn walk_devices(&self, from: Milestone, since: Option<Timestamp>) -> Reply<Stretch<DeviceRow>>;

    /// The audit trail, oldest first.
    fn walk_audit(&self, from: Milestone, since: Option<Timestamp>) -> Reply<Stretch<AuditRow>>;
}
