//! Keeping the store itself in order.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

use super::{By, Reply};

/// Until when what has ended is deleted: a time for everybody, and others for some groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cutoffs {
    /// What ended before it goes, where the group has no time of its own.
    pub everybody: Timestamp,
    /// Groups with a time of their own, each by its whole name.
    pub groups: BTreeMap<String, Timestamp>,
}

impl From<Timestamp> for Cutoffs {
    fn from(everybody: Timestamp) -> Self {
        let groups = BTreeMap::new();
        Self { everybody, groups }
    }
}

impl std::fmt::Display for Cutoffs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = "%F %T UTC";
        write!(f, "{}", self.everybody.strftime(time))?;
        for (group, before) in &self.groups {
            write!(f, "; in {group}: {}", before.strftime(time))?;
        }
        Ok(())
    }
}

/// What a purge deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Purged {
    /// Ended findings with their history.
    pub findings: u64,
    /// Deliveries, as sent.
    pub deliveries: u64,
    /// What devices reported besides findings.
    pub events: u64,
    /// Applications that are over.
    pub applications: u64,
    /// Corrections that are decided.
    pub corrections: u64,
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

    /// Every group that something belongs to: devices, also retired ones, and applications.
    fn kept_groups(&self) -> Reply<Vec<String>>;

    /// Deletes for good what ended before the time of its group.
    fn purge(&self, before: Cutoffs, by: By) -> Reply<Purged>;

    /// Checks the store's own structure, the audit trail's chain and every device's chain of reports.
    fn verify(&self) -> Reply<Verification>;
}
