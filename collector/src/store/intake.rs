//! Taking reports: one request, one transaction, answered when it is on disk.

use fileward_protocol::chain::Head;
use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::ids::DeviceId;
use fileward_protocol::report::Decision;
use fileward_protocol::vocabulary::Binding;
use jiff::Timestamp;

use super::Reply;
use crate::ingest::{Delivery, Refusal};

/// What is to be answered to a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Everything up to here is stored.
    pub ack: Head,
    /// The device's standing.
    pub binding: Binding,
    /// The serial of its policy bundle.
    pub bundle_serial: u64,
    /// The serial of the CA roots.
    pub roots_serial: u64,
    /// Whether the fingerprint is missing.
    pub want_fingerprint: bool,
    /// What was decided and the device does not know yet.
    pub decisions: Vec<Decision>,
    /// What the company did besides and the device was not told yet.
    pub disclosures: Vec<Disclosure>,
}

/// Taking reports.
pub(crate) trait Intake {
    /// Stores what a device delivers, as far as its standing allows.
    fn take(&self, device: DeviceId, delivery: Delivery, now: Timestamp) -> Reply<Result<Taken, Refusal>>;
}
