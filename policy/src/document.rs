//! The policy document: what an officer edits, in TOML.

use crate::effective::Effective;

/// A policy document that was read and found valid.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    name: String,
}

/// Something wrong in a policy document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {key}: {message}")]
pub struct PolicyError {
    /// The line, from 1.
    pub line: usize,
    /// The key, such as `places.desktop.grace`; empty when the TOML itself cannot be read.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Policy {
    /// Reads and checks a document.
    ///
    /// # Errors
    /// Everything that is wrong with it, in order of lines.
    pub fn parse(_source: &str) -> Result<Self, Vec<PolicyError>> {
        Err(Vec::new())
    }

    /// What holds for a device of `group`.
    pub fn effective(&self, _group: Option<&str>) -> Effective {
        unreachable!("written with the policy crate")
    }

    /// The policy's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}
