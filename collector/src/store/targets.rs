//! Targets: other systems to which the collector tells what it keeps, and how far each has been told.
//!
//! Findings and devices are followed in the order of their last change, the audit trail in its own. A letter tells a row
//! as it stands when it is read; a row that changes again comes again.

use fileward_protocol::vocabulary::{Language, Severity};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::audit::AuditRow;
use super::devices::DeviceRow;
use super::findings::FindingRow;
use super::{By, Page, Paging, Reply};

fileward_protocol::words! {
    /// What a target is.
    pub(crate) enum TargetKind {
        /// A syslog server: RFC 5424 over TLS.
        Syslog = "syslog",
        /// An HTTPS address that takes CloudEvents.
        Webhook = "webhook",
        /// A group robot of WeCom, 企业微信.
        Wecom = "wecom",
        /// A group robot of DingTalk, 钉钉.
        Dingtalk = "dingtalk",
        /// A group robot of Feishu, 飞书.
        Feishu = "feishu",
    }
}

impl TargetKind {
    /// Whether people read it in a group chat.
    pub(crate) const fn is_robot(self) -> bool {
        matches!(self, Self::Wecom | Self::Dingtalk | Self::Feishu)
    }
}

fileward_protocol::words! {
    /// In which form a syslog server or a webhook is told.
    pub(crate) enum Form {
        /// Events of the Open Cybersecurity Schema Framework.
        Ocsf = "ocsf",
        /// Events in the Common Event Format.
        Cef = "cef",
    }
}

fileward_protocol::words! {
    /// What a letter is about.
    pub(crate) enum About {
        /// A finding.
        Finding = "finding",
        /// A device.
        Device = "device",
        /// A line of the audit trail.
        Audit = "audit",
    }
}

/// A target's own id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TargetId(pub Uuid);

/// What a target is told, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// The form of events.
    pub form: Form,
    /// Findings of this severity and worse.
    pub from: Severity,
    /// The language of robots.
    pub language: Language,
    /// Whether robots send a card instead of text.
    pub card: bool,
    /// Whether robots tell files' names.
    pub file_names: bool,
    /// The certificates of the CAs that are trusted, PEM; without any, those of the system.
    pub authorities: Option<String>,
}

/// A target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its id.
    pub id: TargetId,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: TargetKind,
    /// Its address as it may be shown: without anything that lets in.
    pub address: String,
    /// What it is told, and how.
    pub wanted: Wanted,
}

/// A target and how it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TargetRow {
    /// The target.
    pub target: Target,
    /// Grows when somebody wants it tried at once.
    pub nudge: u64,
    /// Since when it is halted.
    pub paused_at: Option<Timestamp>,
    /// How many letters it took.
    pub taken: u64,
    /// When it last took something.
    pub taken_at: Option<Timestamp>,
    /// Why it takes nothing.
    pub trouble: Option<String>,
    /// How many letters wait, at most: some may be none of its business.
    pub waiting: u64,
    /// How many letters it refused.
    pub failed: u64,
}

/// How far a target has been told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    /// The last change.
    pub change: u64,
    /// The last line of the audit trail.
    pub audit: u64,
}

/// Which row a letter tells, and how far its target is once it has taken it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// What it is about.
    pub about: About,
    /// The row's number.
    pub row: u64,
    /// The position after it; none when it is sent again.
    pub after: Option<Position>,
}

/// A row to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Which.
    pub mark: Mark,
    /// What it says.
    pub subject: Subject,
}

/// What a letter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A finding as it stands.
    Finding(Box<FindingRow>),
    /// A device as it is.
    Device(Box<DeviceRow>),
    /// A line of the audit trail.
    Audit(AuditRow),
}

/// What became of letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// The target took them.
    Taken,
    /// They are none of its business.
    Passed,
    /// The target will not take them; why.
    Refused(String),
}

/// A letter that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FailedRow {
    /// The target's name.
    pub target: String,
    /// What it was about.
    pub about: About,
    /// The row's number.
    pub row: u64,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Whether it is to be sent again.
    pub again: bool,
}

/// Targets.
pub(crate) trait Targets {
    /// Adds a target. It is told what changes from then on, or with `everything` all that is kept.
    fn add_target(&self, target: Target, everything: bool, by: By) -> Reply<()>;

    /// Removes a target with what it refused, and gives its id.
    fn remove_target(&self, name: String, by: By) -> Reply<TargetId>;

    /// Halts a target, or lets it go on. What changes meanwhile waits for it.
    fn set_paused(&self, name: String, paused: bool, by: By) -> Reply<()>;

    /// Every target, by name.
    fn targets(&self) -> Reply<Vec<TargetRow>>;

    /// The next letters of a target: first those to be sent again, then what changed, oldest first. None while it is halted.
    fn letters(&self, id: TargetId, most: u32) -> Reply<Vec<Letter>>;

    /// Notes what became of letters.
    fn settle(&self, id: TargetId, marks: Vec<Mark>, how: Settled, now: Timestamp) -> Reply<()>;

    /// Notes why a target takes nothing.
    fn set_trouble(&self, id: TargetId, trouble: Option<String>) -> Reply<()>;

    /// What targets refused, newest first.
    fn failed(&self, name: Option<String>, paging: Paging) -> Reply<Page<FailedRow>>;

    /// Lets everything a target refused be sent again, and the target be tried at once. Gives how many letters that are.
    fn retry(&self, name: String, by: By) -> Reply<u64>;

    /// Tells devices and the audit trail what targets took of findings on days that are over. Gives how many lines of the
    /// trail that are.
    fn close_sent(&self, by: By) -> Reply<u64>;
}
