//! What is kept of one device as it came and as it was told, for whoever asks to see their data.

use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;
use serde_json::value::RawValue;

use super::Reply;

/// Reports that came together, exactly as sent.
#[derive(Clone, Debug)]
pub(crate) struct DeliveryRow {
    /// Grows with each delivery.
    pub number: u64,
    /// When they came.
    pub received_at: Timestamp,
    /// The reports.
    pub reports: Vec<Box<RawValue>>,
}

/// Records of one device.
pub(crate) trait Records {
    /// The deliveries after this number that are still kept, some at a time, in their order.
    fn deliveries(&self, device: DeviceId, after: u64) -> Reply<Vec<DeliveryRow>>;

    /// What the device was told, or will be with its next report, after this number: some at a time, in its order.
    fn disclosures(&self, device: DeviceId, after: u64) -> Reply<Vec<Disclosure>>;
}
