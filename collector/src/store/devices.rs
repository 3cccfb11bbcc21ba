//! Devices: who they are, how they stand, what they can see.

use fileward_protocol::chain::Head;
use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::health::{Health, PlaceHealth, PlaceState};
use fileward_protocol::ids::{DeviceId, LedgerId};
use fileward_protocol::vocabulary::{App, Binding, PlaceKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{By, Column, Direction, Order, Page, Paging, Reply, Scope};

/// A device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceRow {
    /// Its id.
    pub id: DeviceId,
    /// Its standing.
    pub binding: Binding,
    /// What people call it: its host name, as last heard.
    pub name: String,
    /// Its group in the policy.
    pub group: Option<String>,
    /// The hash of its public key.
    pub key_hash: [u8; 32],
    /// Its fingerprint, as last heard.
    pub fingerprint: Fingerprint,
    /// How it is, as last heard.
    pub health: Option<Health>,
    /// The ledger its reports come from.
    pub ledger: Option<LedgerId>,
    /// The last report stored.
    pub head: Head,
    /// When it was last in contact.
    pub last_seen: Timestamp,
    /// When it enrolled.
    pub enrolled_at: Timestamp,
    /// When two devices last seemed to share its identity.
    pub clone_suspected_at: Option<Timestamp>,
    /// The serial of the CA roots it was last given.
    pub roots_serial: u64,
    /// How many of its findings are open.
    pub open_findings: u64,
}

/// Which devices are wanted, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceFilter {
    /// Only devices that the asker may see.
    pub scope: Scope,
    /// Only with this standing.
    pub binding: Option<Binding>,
    /// Only in this group.
    pub group: Option<String>,
    /// Only with this version of the agent.
    pub version: Option<String>,
    /// Only those that were not heard of since then.
    pub silent_since: Option<Timestamp>,
    /// Only where name, model, user or MAC contain this.
    pub text: Option<String>,
    /// The order.
    pub order: Order<DeviceSort>,
}

impl DeviceFilter {
    /// All that this scope holds. There is no other beginning, so that no list forgets it.
    pub(crate) fn within(scope: Scope) -> Self {
        Self {
            scope,
            binding: None,
            group: None,
            version: None,
            silent_since: None,
            text: None,
            order: Order::ascending(DeviceSort::Name),
        }
    }
}

fileward_protocol::words! {
    /// By what devices can be ordered; what is alike goes by name.
    #[derive(Default)]
    pub(crate) enum DeviceSort {
        /// By last contact.
        #[default]
        LastSeen = "last_seen",
        /// By name.
        Name = "name",
        /// By vendor and model.
        Model = "model",
        /// By the system's name and version.
        System = "system",
        /// By standing: what waits first.
        Binding = "binding",
        /// By the number of open findings.
        Open = "open",
    }
}

impl Column for DeviceSort {
    fn usual(self) -> Direction {
        match self {
            Self::LastSeen | Self::Open => Direction::Descending,
            Self::Name | Self::Model | Self::System | Self::Binding => Direction::Ascending,
        }
    }
}

/// A fingerprint a device once had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FingerprintRow {
    /// Since when.
    pub at: Timestamp,
    /// The fingerprint.
    pub fingerprint: Fingerprint,
    /// What was different before; empty for the first.
    pub changes: Vec<Change>,
}

/// One attribute that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// Which, such as `os.version`.
    pub field: String,
    /// What it was; empty when there was none.
    pub from: String,
    /// What it became.
    pub to: String,
}

/// A watched place of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlaceRow {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub device_name: String,
    /// The place and its state.
    pub place: PlaceHealth,
    /// Since when it has this state, as far as was heard.
    pub since: Timestamp,
}

/// Which places are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlaceFilter {
    /// Only of devices that the asker may see.
    pub scope: Scope,
    /// Only of this device.
    pub device: Option<DeviceId>,
    /// Only places that are not watched as they should be.
    pub only_faulty: bool,
    /// The order.
    pub order: Order<PlaceSort>,
}

impl PlaceFilter {
    /// All that this scope holds. There is no other beginning, so that no list forgets it.
    pub(crate) const fn within(scope: Scope) -> Self {
        Self {
            scope,
            device: None,
            only_faulty: false,
            order: Order::ascending(PlaceSort::State),
        }
    }
}

fileward_protocol::words! {
    /// By what places can be ordered; what is alike goes by device.
    #[derive(Default)]
    pub(crate) enum PlaceSort {
        /// By state: what is faulty first.
        #[default]
        State = "state",
        /// By kind, then by app.
        Place = "place",
        /// By the device's name.
        Device = "device",
        /// By since when it has its state.
        Since = "since",
    }
}

impl Column for PlaceSort {
    fn usual(self) -> Direction {
        match self {
            Self::Since => Direction::Descending,
            Self::State | Self::Place | Self::Device => Direction::Ascending,
        }
    }
}

/// How many places of one kind have one state, over all devices that are bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlaceCount {
    /// The kind.
    pub kind: PlaceKind,
    /// The app.
    pub app: Option<App>,
    /// The state.
    pub state: PlaceState,
    /// How many.
    pub count: u64,
}

/// How many devices have each standing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeviceCounts {
    /// Waiting for approval.
    pub pending: u64,
    /// Approved.
    pub bound: u64,
    /// Halted.
    pub suspended: u64,
    /// Ended.
    pub retired: u64,
}

impl DeviceCounts {
    /// How many have this standing.
    pub(crate) const fn of(self, binding: Binding) -> u64 {
        match binding {
            Binding::Pending => self.pending,
            Binding::Bound => self.bound,
            Binding::Suspended => self.suspended,
            Binding::Retired => self.retired,
        }
    }
}

/// Devices.
pub(crate) trait Devices {
    /// One device.
    fn device(&self, id: DeviceId) -> Reply<Option<DeviceRow>>;

    /// A list of devices.
    fn devices(&self, filter: DeviceFilter, paging: Paging) -> Reply<Page<DeviceRow>>;

    /// How many devices have each standing.
    fn device_counts(&self, scope: Scope) -> Reply<DeviceCounts>;

    /// Every fingerprint the device had, newest first.
    fn fingerprints(&self, id: DeviceId) -> Reply<Vec<FingerprintRow>>;

    /// A list of places.
    fn places(&self, filter: PlaceFilter, paging: Paging) -> Reply<Page<PlaceRow>>;

    /// The health of places over all bound devices.
    fn place_counts(&self, scope: Scope) -> Reply<Vec<PlaceCount>>;

    /// Changes a device's standing and gives the device as it is then. A retired device stays retired, and none becomes
    /// pending again.
    fn set_binding(&self, id: DeviceId, binding: Binding, by: By) -> Reply<DeviceRow>;

    /// Puts a device into a group of the policy, or into none.
    fn set_group(&self, id: DeviceId, group: Option<String>, by: By) -> Reply<()>;

    /// Notes that a device was given the CA roots with this serial.
    fn note_roots(&self, id: DeviceId, roots_serial: u64) -> Reply<()>;
}
