//! What the employees at a device are told of the company's looks and exports. It is written together with the line of
//! the audit trail; what people do with findings is told by [`super::work`] in the same way.

use std::collections::BTreeSet;

use fileward_protocol::ids::DeviceId;

use super::audit::AuditEntry;
use super::looks::Look;
use super::work::Which;
use super::{By, Reply};

/// What somebody looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Viewed {
    /// One finding.
    Finding(Which, Look),
    /// The list of one device, with what the audit trail says of it.
    OfDevice(DeviceId, Look, String),
    /// A list that held findings of these devices, with what the audit trail says of it. Nobody gives a purpose for it.
    OfMany(BTreeSet<DeviceId>, String),
}

/// Disclosures.
pub(crate) trait Disclosures {
    /// Notes that somebody looked.
    fn looked(&self, viewed: Viewed, by: By) -> Reply<()>;

    /// Notes that an export has ended, which held findings of these devices.
    fn exported(&self, entry: AuditEntry, devices: BTreeSet<DeviceId>) -> Reply<()>;
}
