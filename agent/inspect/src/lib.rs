//! What a file is: kind, encryption, properties, keyed hash.
//!
//! An open handle goes in, [`Facts`] come out; there are no paths and no network here, limits are arguments and
//! errors are values. It runs in the inspect worker, which has no rights.

use std::fs::File;
use std::time::Duration;

use fileward_policy::Facts;
use serde::{Deserialize, Serialize};

/// What one inspection may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Time for one file.
    pub time: Duration,
    /// Bytes unpacked from one file.
    pub unpacked: u64,
    /// Entries read of one archive.
    pub entries: u64,
    /// Archives within archives.
    pub depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(20),
            unpacked: 64 << 20,
            entries: 20_000,
            depth: 4,
        }
    }
}

/// What to look for. The same for every file until the policy changes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The key of [`fileward_protocol::ids::Purpose::Content`].
    pub content_key: [u8; 32],
}

/// What is known of a file besides its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// The extension of its name, in lower case. It decides only among kinds of plain text, which bytes cannot tell apart.
    pub extension: Option<String>,
}

/// Why there are no facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", content = "message", rename_all = "snake_case")]
pub enum InspectError {
    /// Reading failed.
    #[error("it could not be read: {0}")]
    Unreadable(String),
    /// The time was over before its content was hashed.
    #[error("inspecting it took longer than {0} seconds")]
    Timeout(u64),
}

/// Inspects an open file from its start.
pub fn inspect(_file: &File, _hint: &Hint, _rules: &Rules, _limits: &Limits) -> Result<Facts, InspectError> {
    Err(InspectError::Timeout(0))
}
