//! What is in force: the policy of this device, its version, and what has been filed.

use std::ops::Deref;
use std::sync::Arc;

use fileward_inspect::Rules;
use fileward_policy::{Effective, Policy};
use fileward_protocol::bundle::{Bundle, Registers};
use fileward_protocol::ids::{CompanyKey, Purpose};

use crate::ledger::{Finder, QUEUE_LIMIT, Reporting};

/// What files are judged by.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Force {
    /// The policy of this device.
    pub(crate) policy: Effective,
    /// The version of its document; 0 for a local one.
    pub(crate) version: u64,
    /// What has been filed, when the collector told.
    pub(crate) registers: Option<Registers>,
    /// Tells what is in force from anything else: when it changes, everything is judged again.
    pub(crate) mark: String,
}

impl Force {
    /// A policy document that lies on this PC.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn local(document: &str) -> Result<Self, Vec<fileward_policy::PolicyError>> {
        Ok(Self {
            policy: Policy::parse(document)?.effective(None),
            version: 0,
            registers: None,
            mark: mark(document),
        })
    }

    /// What the collector sent.
    ///
    /// # Errors
    /// Everything that is wrong with its document.
    pub(crate) fn bundle(bundle: Bundle) -> Result<Self, Vec<fileward_policy::PolicyError>> {
        let policy = Policy::parse_published(&bundle.document)?.effective(bundle.group.as_deref());
        Ok(Self {
            mark: mark(&format!("{policy:?} {:?}", bundle.registers)),
            policy,
            version: bundle.version,
            registers: Some(bundle.registers),
        })
    }

    /// What it says about reporting.
    pub(crate) fn reporting(&self) -> Reporting {
        Reporting {
            during_grace: self.policy.report.during_grace,
            send_file_name: self.policy.report.send_file_name,
            queue_limit: QUEUE_LIMIT,
        }
    }
}

/// A [`Force`] that has been put in force, with its epoch and what it looks for: one snapshot, so that no verdict is ever
/// recorded as that of another policy, and no facts as found by other rules.
#[derive(Debug)]
pub(crate) struct InForce {
    force: Force,
    /// Counts up when everything must be judged again.
    pub(crate) epoch: u64,
    /// What to look for in files.
    pub(crate) rules: Arc<Rules>,
    /// Tells facts that are found by these rules from any others.
    pub(crate) finder: Finder,
}

impl InForce {
    pub(super) fn new(force: Force, epoch: u64, key: &CompanyKey) -> Self {
        let rules = Rules::new(&force.policy, key.for_purpose(Purpose::Content));
        Self {
            finder: finder(&rules),
            rules: Arc::new(rules),
            force,
            epoch,
        }
    }
}

impl Deref for InForce {
    type Target = Force;

    fn deref(&self) -> &Force {
        &self.force
    }
}

/// Names what finds facts by `rules`. How often a detector must hit is asked when a file is judged: it changes no facts.
fn finder(rules: &Rules) -> Finder {
    let mut sought = rules.clone();
    let grades = sought.grades.iter_mut();
    grades
        .flat_map(|grade| grade.detectors.values_mut())
        .for_each(|least| *least = 0);
    Finder::new(&[
        env!("CARGO_PKG_VERSION").as_bytes(),
        &serde_json::to_vec(&sought).unwrap_or_default(),
    ])
}

/// Another version of the agent may find and judge differently, too.
fn mark(text: &str) -> String {
    format!(
        "{} {}",
        env!("CARGO_PKG_VERSION"),
        blake3::hash(text.as_bytes()).to_hex()
    )
}
