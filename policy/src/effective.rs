//! What holds for one device: every default filled in, every group exception applied.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fileward_protocol::vocabulary::{App, Family, Offer, Sensitivity, Severity};
use serde::{Deserialize, Serialize};

use crate::facts::DETECTORS;
use crate::pattern;
use crate::uninstall::TokenHash;

/// The policy of one device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effective {
    /// The policy's name.
    pub name: String,
    /// Where work files belong.
    pub stores: Vec<Store>,
    /// Where they do not.
    pub places: Places,
    /// What counts as a work file.
    pub work_file: WorkFile,
    /// How documents are graded, most sensitive first.
    pub sensitivity: Vec<Grade>,
    /// What is forbidden.
    pub rules: Rules,
    /// How the employee is told.
    pub notice: Notice,
    /// What is reported.
    pub report: Report,
    /// What holds for the agent itself.
    pub agent: Agent,
}

impl Effective {
    /// The detectors named under sensitivity that this version does not know. They never hit.
    pub fn unknown_detectors(&self) -> BTreeSet<&str> {
        let named = self.sensitivity.iter().flat_map(|grade| grade.detectors.keys());
        named
            .map(String::as_str)
            .filter(|name| !DETECTORS.contains(name))
            .collect()
    }
}

/// An approved store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Store {
    /// A folder, as written: `~` is the user's home, a drive letter belongs to Windows.
    Folder {
        /// The folder.
        path: String,
        /// Whether it must be encrypted.
        require_encryption: bool,
    },
    /// The folders of company cloud drives.
    CompanyCloud {
        /// Which.
        apps: Vec<App>,
        /// Whether they must be encrypted on disk.
        require_encryption: bool,
    },
}

/// Where work files do not belong; `None` turns a kind of place off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Places {
    /// Desktops.
    pub desktop: Option<Place>,
    /// Downloads folders.
    pub downloads: Option<Place>,
    /// Chat caches.
    pub chat_cache: Option<Place>,
    /// Personal clouds.
    pub personal_cloud: Option<Place>,
    /// Glob patterns of files that are never looked at, relative to the place.
    pub exclude: Vec<String>,
}

impl Places {
    /// The `exclude` pattern that leaves out a file, by its path relative to the place with `/` between components.
    pub fn excluding(&self, relative_path: &str) -> Option<&str> {
        self.exclude
            .iter()
            .map(String::as_str)
            .find(|glob| pattern::glob_matches(glob, relative_path))
    }
}

/// A kind of place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The time to put a file right before anybody else knows.
    pub grace: Duration,
    /// Only these apps; every app when empty.
    pub apps: Vec<App>,
}

/// What counts as a work file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkFile {
    /// Families that can be work files.
    pub families: Vec<Family>,
    /// Whether any other family counts once a detector or label says so.
    pub also_when_detected: bool,
    /// Smaller files are left alone, in bytes.
    pub min_size: u64,
    /// Titles of private papers: where one has such a title, what merely stands in its text does not make it a work file.
    #[serde(default)]
    pub private_titles: Vec<String>,
    /// Any one of these makes it a work file.
    pub evidence: EvidenceRules,
    /// What to do without evidence.
    pub when_unsure: WhenUnsure,
}

/// What is accepted as evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRules {
    /// Its content lies, or lay, in a store.
    pub store_copy: bool,
    /// A registered document, or a near copy.
    pub registered: bool,
    /// The company's names.
    pub company_names: Vec<String>,
    /// The company's domains, of the Internet or of Windows.
    #[serde(default)]
    pub company_domains: Vec<String>,
    /// Patterns by property: one of [`crate::facts::PROPERTIES`], or any name that a file may give one. `*` stands for
    /// any text.
    pub properties: BTreeMap<String, Vec<String>>,
    /// Any label named under sensitivity.
    pub labels: bool,
    /// Any keyword or detector named under sensitivity.
    pub content: bool,
    /// Titles that only work files have.
    #[serde(default)]
    pub titles: Vec<String>,
    /// How often a detector must hit to be evidence, where that is more than what grades a document.
    #[serde(default)]
    pub detectors: BTreeMap<String, u32>,
}

/// What to do with a file without evidence, by where it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhenUnsure {
    /// In the cache of a company app.
    pub company_apps: Unsure,
    /// In the cache of a personal app.
    pub personal_apps: Unsure,
    /// On the desktop.
    pub desktop: Unsure,
    /// In downloads.
    pub downloads: Unsure,
    /// In a personal cloud.
    pub personal_cloud: Unsure,
    /// With the title of a private paper; `None` as any other file of its place.
    #[serde(default)]
    pub private_title: Option<Unsure>,
}

/// What to do with a file without evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsure {
    /// It counts as a work file.
    Count,
    /// The employee is asked.
    Ask,
    /// It is left alone.
    Ignore,
}

/// What makes a document sensitive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grade {
    /// The grade.
    pub sensitivity: Sensitivity,
    /// Labels.
    pub labels: Vec<String>,
    /// Keywords.
    pub keywords: Vec<String>,
    /// Regular expressions; see [`crate::expression`].
    #[serde(default)]
    pub patterns: Vec<String>,
    /// The least count by detector.
    pub detectors: BTreeMap<String, u32>,
}

impl Grade {
    /// Whether anything in a document's text is named: keywords, patterns, detectors.
    pub fn names_content(&self) -> bool {
        !(self.keywords.is_empty() && self.patterns.is_empty() && self.detectors.is_empty())
    }

    /// Whether nothing gives this grade.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && !self.names_content()
    }
}

/// Severity by sensitivity; a sensitivity that is missing does not break the rule.
pub type SeverityBy = BTreeMap<Sensitivity, Severity>;

/// What is forbidden; `None` turns a rule off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// A work file outside every store.
    pub outside_store: Option<SeverityBy>,
    /// A sensitive file in chat without encryption.
    pub unencrypted_in_chat: Option<Unencrypted>,
    /// A file in chat that is too large.
    pub oversize_in_chat: Option<Oversize>,
    /// A work file in a personal cloud.
    pub personal_cloud: Option<SeverityBy>,
    /// A work file from an account that was not filed.
    pub unfiled_account: Option<SeverityBy>,
    /// A work file that stays in a chat cache.
    pub stale_chat_cache: Option<Stale>,
    /// A store without the encryption it must have.
    pub store_unprotected: Option<Severity>,
}

/// The rule `unencrypted_in_chat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unencrypted {
    /// The least sensitivity.
    pub from: Sensitivity,
    /// How bad.
    pub severity: SeverityBy,
}

/// The rule `oversize_in_chat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oversize {
    /// The largest size allowed, in bytes.
    pub limit: u64,
    /// How bad.
    pub severity: SeverityBy,
}

/// The rule `stale_chat_cache`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// The age from which a file is stale.
    pub after: Duration,
    /// How bad.
    pub severity: SeverityBy,
}

/// How the employee is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// `auto`, `zh-CN` or `en`.
    pub language: String,
    /// At most one toast in this time.
    pub at_most_every: Duration,
    /// What is offered.
    pub offer: Vec<Offer>,
}

/// What is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How long closed findings and the journal are kept.
    pub keep_closed: Duration,
    /// Whether file names are sent; otherwise a keyed hash is.
    pub send_file_name: bool,
    /// What is reported during grace.
    pub during_grace: DuringGrace,
    /// How often health is sent.
    pub heartbeat: Duration,
}

/// What is reported during grace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuringGrace {
    /// What is put right in time is only counted.
    Count,
    /// Everything, from the first moment.
    Full,
}

/// What holds for the agent itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Of the token without which it is not uninstalled.
    pub uninstall_token_hash: Option<TokenHash>,
}
