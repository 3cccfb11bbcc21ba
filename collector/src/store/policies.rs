//! Policy documents. Versions only grow; the serial of a bundle grows with everything that is in it.
//!
//! A version is published to everybody, or to some groups on trial. A device has the newest version that reaches it.
//! What is published to everybody ends every trial, so that nobody is left behind with an older document.

use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;

use super::people::UserId;
use super::registers::Filed;
use super::{By, Reply};

/// The most characters of the sentence that says why.
pub(crate) const WHY_LIMIT: usize = 500;

/// The most groups of one trial.
pub(crate) const MOST_GROUPS: usize = 50;

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
    /// Why, in their words.
    pub why: String,
    /// Whom it was published to.
    pub reach: Reach,
}

/// Whom a version was published to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everybody.
    Everybody,
    /// Some groups, on trial.
    Trial {
        /// The groups, with those that are part of them.
        groups: Vec<String>,
        /// When the trial was over; none while it lasts.
        ended: Option<Timestamp>,
    },
}

impl Reach {
    /// Whether it is a trial that lasts.
    pub(crate) const fn is_on_trial(&self) -> bool {
        matches!(self, Self::Trial { ended: None, .. })
    }

    /// Whether devices of this group get it.
    pub(crate) fn holds_for(&self, group: Option<&str>) -> bool {
        match self {
            Self::Everybody => true,
            Self::Trial { ended: Some(_), .. } => false,
            Self::Trial { groups, ended: None } => {
                group.is_some_and(|group| groups.iter().any(|outer| is_within(group, outer)))
            }
        }
    }
}

/// Whether a group is another one, or a part of it.
pub(crate) fn is_within(group: &str, outer: &str) -> bool {
    let rest = group.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A document to be published, which the caller has checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Publication {
    /// The document, TOML.
    pub document: String,
    /// Why, in a sentence.
    pub why: String,
    /// The groups that try it; everybody gets it when empty.
    pub groups: Vec<String>,
}

/// What a user is writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// The document as far as it has come; it can be wrong.
    pub document: String,
    /// When it was saved.
    pub saved_at: Timestamp,
}

/// Everything a device's bundle is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BundleParts {
    /// The serial of the bundle for this device.
    pub serial: u64,
    /// The device's group.
    pub group: Option<String>,
    /// The document in force for the device.
    pub policy: PolicyRow,
    /// What has been filed.
    pub filed: Filed,
}

/// Policy documents.
pub(crate) trait Policies {
    /// Publishes a document and gives its version. A reason must be given, and each group must have a device.
    fn publish_policy(&self, publication: Publication, by: By) -> Reply<u64>;

    /// Publishes a document to everybody as version 1 unless there is a policy already.
    fn publish_first_policy(&self, document: String, by: By) -> Reply<()>;

    /// Ends a trial: its groups have the version again that everybody has.
    fn withdraw_trial(&self, version: u64, why: String, by: By) -> Reply<()>;

    /// A version, or the one in force for everybody.
    fn policy(&self, version: Option<u64>) -> Reply<Option<PolicyRow>>;

    /// Every version, newest first.
    fn policies(&self) -> Reply<Vec<PolicyRow>>;

    /// The groups that devices are in, in order.
    fn device_groups(&self) -> Reply<Vec<String>>;

    /// What a user is writing.
    fn draft(&self, user: UserId) -> Reply<Option<Draft>>;

    /// Keeps what a user is writing, in place of what they wrote before; none forgets it.
    fn keep_draft(&self, user: UserId, draft: Option<Draft>) -> Reply<()>;

    /// What a device's bundle is made of.
    fn bundle_parts(&self, device: DeviceId) -> Reply<BundleParts>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_reaches_its_groups_and_their_parts_while_it_lasts() {
        let trial = |ended| Reach::Trial {
            groups: vec!["sales".to_owned()],
            ended,
        };
        let lasting = trial(None);
        assert!(lasting.holds_for(Some("sales")) && lasting.holds_for(Some("sales/export")));
        assert!(!lasting.holds_for(Some("salesforce")) && !lasting.holds_for(None));
        assert!(!trial(Some(Timestamp::UNIX_EPOCH)).holds_for(Some("sales")));
    }
}
