//! What the policy says of a file, and why.

use std::time::Duration;

use fileward_protocol::vocabulary::{Evidence, Rule, Sensitivity, Severity};
use serde::{Deserialize, Serialize};

pub use crate::why::{Spot, Why};

/// What the policy says of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// In one word.
    pub state: State,
    /// Whether it is a work file.
    pub work_file: WorkFile,
    /// How it is graded.
    pub sensitivity: Sensitivity,
    /// The rules it breaks, the one that names the finding first: the highest severity, then the order of [`Rule`].
    /// Empty unless `state` is [`State::Violation`].
    pub violations: Vec<Violation>,
    /// Whether the employee should be asked "Is this a work file?".
    pub ask: bool,
    /// Why, in order.
    pub why: Vec<Why>,
}

/// A verdict in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing is wrong.
    Compliant,
    /// Something is.
    Violation,
    /// Not a work file, or not looked at.
    Ignored,
}

/// Whether a file is a work file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkFile {
    /// Whether.
    pub state: Certainty,
    /// Why.
    pub evidence: Vec<Evidence>,
}

/// Whether a file is a work file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// It is.
    Yes,
    /// There is no evidence.
    Unsure,
    /// It is not.
    No,
}

/// One broken rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// How bad.
    pub severity: Severity,
    /// The time to put it right before anybody else knows.
    pub grace: Duration,
}

impl Verdict {
    /// The violation that names the finding: the worst.
    pub fn primary(&self) -> Option<&Violation> {
        self.violations.first()
    }

    /// The time to put the file right before anybody else knows: the least that any broken rule gives.
    pub fn grace(&self) -> Option<Duration> {
        self.violations.iter().map(|violation| violation.grace).min()
    }
}
