//! Policy documents. Versions only grow; the serial of a bundle grows with everything that is in it.

use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;

use super::registers::Filed;
use super::{By, Reply};

/// A published policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PolicyRow {
    /// Its version, from 1.
    pub version: u64,
    /// The document, TOML.
    pub document: String,
    /// When it was published.
    pub published_at: Timestamp,
    /// Who published it, in words.
    pub published_by: String,
}

/// Everything a device's bundle is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BundleParts {
    /// The serial of the bundle for this device.
    pub serial: u64,
    /// The device's group.
    pub group: Option<String>,
    /// The document in force.
    pub policy: PolicyRow,
    /// What has been filed.
    pub filed: Filed,
}

/// Policy documents.
pub(crate) trait Policies {
    /// Publishes a document, which the caller has checked, and gives its version.
    fn publish_policy(&self, document: String, by: By) -> Reply<u64>;

    /// Publishes a document as version 1 unless there is a policy already.
    fn publish_first_policy(&self, document: String, by: By) -> Reply<()>;

    /// A version, or the one in force.
    fn policy(&self, version: Option<u64>) -> Reply<Option<PolicyRow>>;

    /// Every version, newest first.
    fn policies(&self) -> Reply<Vec<PolicyRow>>;

    /// What a device's bundle is made of.
    fn bundle_parts(&self, device: DeviceId) -> Reply<BundleParts>;
}
