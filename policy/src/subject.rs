//! What [`crate::judge()`] is asked about: a file, where it lies and what is known around it.

use fileward_protocol::bundle::Registers;
use fileward_protocol::ids::Pseudonym;
use fileward_protocol::report::Place;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::facts::Facts;

/// A file to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Where it lies.
    pub place: Place,
    /// The chat account whose cache it lies in.
    pub account: Option<Pseudonym>,
    /// Its path relative to the place, with `/` between components, for the policy's `exclude`.
    pub relative_path: &'a str,
    /// What it is.
    pub facts: &'a Facts,
    /// Whether its content lies, or lay, in a store.
    pub store_copy: bool,
    /// Whether its content is that of a registered document.
    pub registered: bool,
    /// What the employee answered about it.
    pub answer: Option<Answer>,
    /// When its content last changed.
    pub modified: Timestamp,
    /// What has been filed; `None` when this PC has received no register, so that nothing can be said about accounts.
    pub registers: Option<&'a Registers>,
    /// The time.
    pub now: Timestamp,
}

/// What the employee answered to "Is this a work file?".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is.
    Work,
    /// It is not. This never leaves the PC.
    Private,
}

/// How a store is protected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "by", rename_all = "snake_case")]
pub enum Protection {
    /// Encrypted, and by what: `luks`, `fscrypt`, `ecryptfs`, `gocryptfs`, `cryfs`, `encfs`, `veracrypt`, ….
    Encrypted(String),
    /// Not encrypted.
    Plain,
    /// It cannot be told.
    Unknown,
}
