//! Legal holds: what a case needs is not purged while it lasts.

use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;

use super::{By, Reply};

/// What is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// Everything.
    Everything,
    /// What devices in this group told, and what its employees applied for.
    Group(String),
    /// What this device told.
    Device(DeviceId),
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HoldRow {
    /// Its number.
    pub id: u64,
    /// What the case is called.
    pub name: String,
    /// What is held.
    pub held: Held,
    /// Since when.
    pub since: Timestamp,
    /// Who asked for it, in words.
    pub by: String,
}

/// Holds.
pub(crate) trait Holds {
    /// Every hold, in the order in which they began.
    fn holds(&self) -> Reply<Vec<HoldRow>>;

    /// Holds something; the hold's number.
    fn hold(&self, name: String, held: Held, by: By) -> Reply<u64>;

    /// Ends a hold. What was kept for it alone goes with the next purge.
    fn end_hold(&self, id: u64, by: By) -> Reply<()>;
}
