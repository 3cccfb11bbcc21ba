//! Keeping the store itself in order.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{By, Reply};

/// What a purge deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Purged {
    /// Ended findings with their history.
    pub findings: u64,
    /// Deliveries, as sent.
    pub deliveries: u64,
    /// What devices reported besides findings.
    pub events: u64,
    /// Sessions and tokens that do not work any more.
    pub expired: u64,
}

/// What a check of the whole store found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verification {
    /// Lines of the audit trail that were checked.
    pub audit_lines: u64,
    /// Devices whose chain was checked.
    pub devices: u64,
    /// Reports that were checked.
    pub reports: u64,
    /// What is wrong, each a sentence; empty when all is well.
    pub faults: Vec<String>,
}

/// Keeping the store in order.
pub(crate) trait Upkeep {
    /// Writes a copy of everything into a file that must not exist yet.
    fn backup(&self, file: PathBuf, by: By) -> Reply<()>;

    /// Deletes for good what ended before `before`.
    fn purge(&self, before: Timestamp, by: By) -> Reply<Purged>;

    /// Checks the store's own structure, the audit trail's chain and every device's chain of reports.
    fn verify(&self) -> Reply<Verification>;
}
