//! `GET /v1/policy`: the signed policy bundle for one device.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{KeyedHash, Pseudonym};
use crate::sketch::Sketch;

/// A bundle and its signature. The signature is over the exact bytes of `bundle`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Signed {
    /// A [`Bundle`] as JSON text.
    pub bundle: String,
    /// Ed25519 signature, base64.
    pub signature: String,
}

/// Everything a device judges by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Counts up whenever anything in the bundle changes. An agent refuses a lower one.
    pub serial: u64,
    /// The version of the policy document.
    pub version: u64,
    /// When the document was published.
    pub published_at: Timestamp,
    /// The group whose exceptions apply to this device.
    pub group: Option<String>,
    /// The policy document, TOML.
    pub document: String,
    /// What has been filed.
    pub registers: Registers,
}

/// What has been filed (备案), as far as agents need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Registers {
    /// Personal chat accounts filed for work.
    pub accounts: Vec<Pseudonym>,
    /// Larger file limits by account.
    pub limits: Vec<FileLimit>,
    /// The company's registered documents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<RegisteredDocument>,
    /// Where files are left alone for a time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exemptions: Vec<Exemption>,
}

/// An exemption by path or project: files that match are left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exemption {
    /// A glob over the path below a watched folder, as in the policy's `exclude`.
    pub pattern: String,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// A document that the company has registered: what a copy is recognised by, and nothing that tells what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredDocument {
    /// The keyed hash of its content.
    pub content: KeyedHash,
    /// What near copies are recognised by; `None` when it has too little text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sketch: Option<Sketch>,
}

/// A larger file limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLimit {
    /// The account.
    pub account: Pseudonym,
    /// The limit in bytes.
    pub bytes: u64,
    /// Until when.
    pub until: Option<Timestamp>,
}
