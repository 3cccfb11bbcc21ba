//! Deleting for good before the time: a device that was retired, a user who was disabled. The audit trail stays, with a
//! line that says how much went and why.

use fileward_protocol::ids::DeviceId;

use super::people::UserId;
use super::{By, Reply, StoreError};

/// What was deleted with a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ErasedDevice {
    /// Findings with their history.
    pub findings: u64,
    /// Deliveries, as sent.
    pub deliveries: u64,
    /// What it reported besides findings.
    pub events: u64,
    /// Fingerprints.
    pub fingerprints: u64,
    /// What its users were told.
    pub disclosures: u64,
    /// Corrections about it and its findings.
    pub corrections: u64,
}

impl std::fmt::Display for ErasedDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            findings,
            deliveries,
            events,
            fingerprints,
            disclosures,
            corrections,
        } = self;
        write!(
            f,
            "{findings} findings, {deliveries} deliveries, {events} events, {fingerprints} fingerprints, \
             {disclosures} disclosures, {corrections} corrections"
        )
    }
}

/// What was deleted with a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ErasedUser {
    /// Findings that were theirs and are nobody's.
    pub unassigned: u64,
    /// Places outside of the audit trail where their name stood and a number stands.
    pub renamed: u64,
}

impl std::fmt::Display for ErasedUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { unassigned, renamed } = self;
        write!(f, "{unassigned} findings unassigned, the name replaced {renamed} times")
    }
}

const FORMER: &str = "former user ";

/// How a user who was deleted is called where their name stood. No actor is called so.
pub(crate) fn former(id: UserId) -> String {
    format!("{FORMER}{}", id.0)
}

/// The number of a user who was deleted, if that is who is called so.
pub(crate) fn number_of_former(name: &str) -> Option<&str> {
    name.strip_prefix(FORMER)
}

/// The refusal to delete what a hold keeps.
pub(super) fn held(what: &str, case: &str) -> StoreError {
    StoreError::Conflict(format!("{what} is held for the case \"{case}\"; end the hold first"))
}

/// What belongs to a finding and to nothing else.
pub(super) const OF_FINDING: [&str; 4] = ["step", "decision", "work", "finding_body"];

/// What belongs to a device and is not counted.
pub(super) const OF_DEVICE: [&str; 5] = ["former_use", "place", "look", "disclosure_count", "sent"];

/// Where the name of whoever did something stands, beside the audit trail: a table and its column.
pub(super) const NAMED: [(&str, &str); 12] = [
    ("work", "by"),
    ("decision", "by"),
    ("disclosure", "by"),
    ("hold", "by"),
    ("filing", "filed_by"),
    ("filing_form", "created_by"),
    ("application_step", "by"),
    ("correction", "asked_by"),
    ("correction", "decided_by"),
    ("policy", "published_by"),
    ("document", "registered_by"),
    ("api_token", "created_by"),
];

/// Erasures. Neither is done without a reason, nor while a hold keeps what would go.
pub(crate) trait Erasures {
    /// Deletes a retired device with everything of it.
    fn erase_device(&self, id: DeviceId, reason: String, by: By) -> Reply<ErasedDevice>;

    /// Deletes a disabled user.
    fn erase_user(&self, id: UserId, reason: String, by: By) -> Reply<ErasedUser>;
}
