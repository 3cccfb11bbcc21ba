//! What service and tray say to each other over a local socket; none of it ever leaves the PC.
//!
//! Frames of JSON with a length before them ([`codec`]). The tray speaks first, with [`ToService::Hello`].
//! The service checks the peer's credentials for each message: a user sees and answers only their own findings.

pub mod codec;
pub mod socket;
pub mod stream;

use std::path::PathBuf;

use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::health::PlaceState;
use fileward_protocol::ids::FindingId;
use fileward_protocol::vocabulary::{
    App, Binding, Evidence, FindingState, Offer, PlaceKind, Resolution, Rule, Sensitivity, Severity,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of this protocol. Service and tray are installed together; a mismatch asks to start the tray again.
pub const VERSION: u32 = 1;

/// The most findings, and the most questions, in one message. A frame is limited, what is in it takes several times its
/// size in memory on both sides, and nobody reads a longer list.
pub const MOST: usize = 500;

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum ToService {
    /// The first message.
    Hello {
        /// [`VERSION`].
        version: u32,
        /// Whether toasts and changes should be pushed: a tray. A command asks and leaves.
        subscribe: bool,
    },
    /// Asks for [`ToClient::Items`].
    Items,
    /// Asks for [`ToClient::Items`] with these alone, as far as there are such, in any order.
    Named {
        /// At most [`MOST`] findings.
        findings: Vec<FindingId>,
        /// At most [`MOST`] questions.
        questions: Vec<QuestionId>,
    },
    /// Asks for [`ToClient::Findings`], in pages: what follows after this id.
    Findings {
        /// The last id already known; `None` from the start.
        after: Option<FindingId>,
    },
    /// Answers a finding.
    Answer {
        /// The finding.
        finding: FindingId,
        /// The answer.
        answer: Answer,
    },
    /// Answers a question.
    AnswerQuestion {
        /// The question.
        question: QuestionId,
        /// Whether it is a work file. A "no" never leaves the PC.
        work: bool,
    },
    /// Asks for [`ToClient::Status`].
    Status,
    /// Asks for [`ToClient::Places`].
    Places,
    /// Asks for [`ToClient::Journal`], in pages: what follows after this number.
    Journal {
        /// The last number already known; 0 from the start.
        after: u64,
    },
    /// Asks for [`ToClient::Told`], in pages: what follows after this id.
    Told {
        /// The last id already known; 0 from the start.
        after: u64,
    },
    /// Asks for [`ToClient::Company`], in pages: what follows after this id.
    Company {
        /// The last id already known; 0 from the start.
        after: u64,
    },
    /// Asks for [`ToClient::Policy`].
    Policy,
    /// Tells which drives the session has, all of them each time. The service takes it as a hint where to look, for the
    /// asking user's own folders alone.
    Drives {
        /// Those that only the session may see: shares and VeraCrypt volumes.
        drives: Vec<SessionDrive>,
    },
    /// Asks for one sweep; [`ToClient::Progress`] follows until it is done. Only for the owner of the service or root.
    Scan,
}

/// A drive of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionDrive {
    /// Its letter, such as `V`.
    pub letter: char,
    /// What it leads to: `\\server\share`, or a device such as `\Device\VeraCryptVolumeV`.
    pub target: String,
}

/// What the service says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum ToClient {
    /// The answer to hello.
    Hello {
        /// [`VERSION`].
        version: u32,
        /// The language the policy asks for: `auto`, `zh-CN` or `en`.
        language: String,
    },
    /// Open and recent findings, and open questions, of the asking user.
    Items {
        /// Findings: what waits, the worst and newest first, then what ended. At most [`MOST`].
        findings: Vec<Item>,
        /// Questions, newest first. At most [`MOST`].
        questions: Vec<Question>,
        /// What waits besides.
        more: More,
    },
    /// Open and recent findings of the asking user, as scripts read them.
    Findings {
        /// A page, as the command line documents them, by id. At most [`MOST`].
        findings: Vec<serde_json::Value>,
        /// Whether more follows.
        more: bool,
    },
    /// Pushed: something in [`ToClient::Items`] changed.
    Changed,
    /// Pushed: time for one toast about these.
    Toast {
        /// New findings since the last toast, the most urgent first. At most [`MOST`].
        findings: Vec<Item>,
        /// New questions since the last toast. At most [`MOST`].
        questions: Vec<Question>,
        /// What is new besides.
        more: More,
        /// What the company did about findings of this user since the last toast, and stands in none of `findings`.
        #[serde(default)]
        company: Vec<CompanyAct>,
    },
    /// Done as asked.
    Done,
    /// Not done.
    Refused {
        /// Why, in one sentence.
        why: String,
    },
    /// How the service is.
    Status(Box<Status>),
    /// Where it looks: the asking user's places and the machine's stores.
    Places {
        /// The places.
        places: Vec<PlaceView>,
    },
    /// What was sent, as sent: each line is one report's JSON.
    Journal {
        /// A page of lines.
        lines: Vec<JournalLine>,
        /// Whether more follows.
        more: bool,
    },
    /// What was sent about the PC itself, as sent.
    Told {
        /// A page, oldest first.
        told: Vec<Told>,
        /// Whether more follows.
        more: bool,
    },
    /// What the company did about this PC's records, as the asking user may see it.
    Company {
        /// A page, in the order in which this PC heard of it.
        acts: Vec<CompanyAct>,
        /// Whether more follows.
        more: bool,
    },
    /// The effective policy.
    Policy {
        /// As JSON.
        effective: serde_json::Value,
        /// Its version; 0 for a local policy.
        version: u64,
    },
    /// How a sweep goes.
    Progress {
        /// Files seen so far.
        files: u64,
        /// Whether it is done.
        done: bool,
    },
}

/// How many a message leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct More {
    /// Findings.
    pub findings: usize,
    /// Questions.
    pub questions: usize,
}

/// An employee's answer to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It is a private file.
    PrivateFile,
    /// It is a false alarm.
    FalseAlarm,
    /// There is a reason.
    Justify {
        /// The reason.
        text: String,
    },
}

/// A question's id: the same file asked about again has the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuestionId(pub u64);

/// A finding, as its own user may see it: with its path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub finding: FindingId,
    /// Where it is in its life.
    pub state: FindingState,
    /// The rule that names it.
    pub rule: Rule,
    /// Other rules the file breaks.
    pub also: Vec<Rule>,
    /// How bad.
    pub severity: Severity,
    /// Why the place is watched.
    pub place: PlaceKind,
    /// The app it belongs to.
    pub app: Option<App>,
    /// The file, or the store itself.
    pub path: PathBuf,
    /// Its kind by content; `None` for a store.
    pub kind: Option<String>,
    /// Its size in bytes.
    pub size: u64,
    /// How it is graded.
    pub sensitivity: Sensitivity,
    /// Why it counts as a work file.
    pub evidence: Vec<Evidence>,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When grace ends and it is reported.
    pub due: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How it ended.
    pub resolution: Option<Resolution>,
    /// What the employee can do.
    pub offers: Vec<Offer>,
    /// The store to move it to, for this user: the first that exists, is protected and is theirs to write.
    pub store: Option<PathBuf>,
    /// The company's decision by which it stands as it does.
    #[serde(default)]
    pub decision: Option<Disclosure>,
}

/// "Is this a work file?"
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its id.
    pub question: QuestionId,
    /// The file.
    pub path: PathBuf,
    /// Why its place is watched.
    pub place: PlaceKind,
    /// The app it belongs to.
    pub app: Option<App>,
    /// Since when it is asked.
    pub since: Timestamp,
}

/// How the service is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The device's standing; `None` when it is not enrolled.
    pub binding: Option<Binding>,
    /// The device's id.
    pub device: Option<String>,
    /// The collector's address.
    pub collector: Option<String>,
    /// The policy version in force; 0 for a local policy.
    pub policy_version: u64,
    /// Reports that wait.
    pub queue_waiting: u64,
    /// Their size in bytes.
    pub queue_bytes: u64,
    /// When the collector last answered.
    pub last_contact: Option<Timestamp>,
    /// Why it did not, the last time: a sentence.
    pub last_error: Option<String>,
    /// How far this PC's clock is ahead of the collector's, in milliseconds.
    pub clock_offset_ms: i64,
    /// Whether the first sweep is done.
    pub swept: bool,
    /// The agent's version.
    pub version: String,
}

/// A place, as its own user may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceView {
    /// Why it is watched.
    pub kind: PlaceKind,
    /// The app it belongs to.
    pub app: Option<App>,
    /// The folder.
    pub root: PathBuf,
    /// The user it belongs to.
    pub user: Option<String>,
    /// How it was found.
    pub found_by: String,
    /// How sure the catalogue is.
    pub grade: Option<char>,
    /// Whether it is watched as it should be.
    #[serde(flatten)]
    pub state: PlaceState,
    /// For a store: how it is encrypted; `plain`, `unknown` or the technology.
    pub protection: Option<String>,
}

/// One report that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLine {
    /// Its number.
    pub seq: u64,
    /// When it was sent first.
    pub sent_at: Timestamp,
    /// When the collector confirmed it.
    pub acked_at: Option<Timestamp>,
    /// Its JSON, byte for byte.
    pub report: String,
}

/// Something that was sent about the PC itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Grows with each.
    pub id: u64,
    /// `fingerprint` or `health`.
    pub about: String,
    /// When it was sent; for what was repeated unchanged, the last time.
    pub sent_at: Timestamp,
    /// Its JSON, byte for byte.
    pub json: String,
}

/// Something the company did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyAct {
    /// Grows with each that the PC hears of.
    pub id: u64,
    /// What it was. Its number is the collector's.
    pub act: Disclosure,
    /// The file it is about, where it is about one that is still known.
    pub path: Option<PathBuf>,
}
