//! `POST /v1/report`: health and reports together.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::chain::Head;
use crate::disclosure::{Disclosure, Office, OpenWord};
use crate::fingerprint::Fingerprint;
use crate::health::{Health, PlaceState};
use crate::ids::{FileName, FindingId, KeyedHash, LedgerId};
use crate::vocabulary::{
    App, Binding, EncryptionMethod, EncryptionState, Evidence, Family, FindingState, PlaceKind, Resolution, Rule,
    Sensitivity, Severity,
};

/// What an agent sends.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// [`crate::VERSION`].
    pub protocol: u32,
    /// The ledger the reports come from.
    pub ledger: LedgerId,
    /// The boot the service runs in, so that two copies of one disk show themselves. Random; made new at each boot.
    pub boot: uuid::Uuid,
    /// The agent's time, corrected by the clock offset it knows.
    pub sent_at: Timestamp,
    /// The fingerprint: after enrolment, when it changed, and when the collector asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// How the agent is. Absent while the device is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// The head before the first report in `reports`. Absent from a ledger that does not know it (new, or rebuilt):
    /// then `reports` is empty and the answer tells where to go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Head>,
    /// Each a [`Report`], in order, without gaps; kept raw because the chain is made over these exact bytes.
    #[serde(default)]
    pub reports: Vec<Box<RawValue>>,
    /// The id of the last [`Decision`] this ledger has applied.
    #[serde(default)]
    pub decisions_after: u64,
    /// The id of the last [`Disclosure`] this ledger keeps; absent from an agent that does not know of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosures_after: Option<u64>,
}

/// What the collector answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// Everything up to here is stored for good.
    pub ack: Head,
    /// The device's standing.
    pub binding: Binding,
    /// The serial number of the current policy bundle for this device; see [`crate::bundle::Bundle::serial`].
    pub bundle_serial: u64,
    /// Fetch the CA roots again when this differs from the last one seen; see `GET /v1/roots`.
    pub roots_serial: u64,
    /// The collector's time.
    pub server_time: Timestamp,
    /// Whether the next request should carry the fingerprint.
    pub want_fingerprint: bool,
    /// What the company decided about findings of this device, oldest first.
    #[serde(default)]
    pub decisions: Vec<Decision>,
    /// What the company did besides and the employees are told, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disclosures: Vec<Disclosure>,
}

/// A decision of the company about one finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Grows with each decision for a device.
    pub id: u64,
    /// The finding.
    pub finding: FindingId,
    /// What was decided.
    pub what: Decided,
    /// Why, in the decider's words; shown to the employee.
    pub reason: String,
    /// When it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// In which role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<OpenWord<Office>>,
}

words! {
    /// What a company can decide about a finding.
    pub enum Decided {
        /// An exception is made.
        Exempted = "exempted",
        /// It counts again.
        Reopened = "reopened",
    }
}

/// One numbered report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Counts up by one on each device, over all its ledgers.
    pub seq: u64,
    /// When it was recorded, by the agent's corrected clock.
    pub at: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub body: Body,
}

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Body {
    /// A finding, whole, as it is after a transition.
    Finding(Box<Finding>),
    /// Findings that ended during their grace, put right or called private or a false alarm: a count alone.
    PutRight(PutRight),
    /// A place was not watched as it should be for some time.
    Coverage(Coverage),
    /// The queue was full: exactly what was given up.
    GivenUp(GivenUp),
    /// The ledger was lost and is rebuilt from the folders. All active findings of the device end with
    /// [`Resolution::LedgerRebuilt`]; those that still stand follow under the same ids.
    LedgerRebuilt {
        /// The ledger that was lost, where it is known.
        former: Option<LedgerId>,
    },
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its id.
    pub id: FindingId,
    /// Where it is in its life.
    pub state: FindingState,
    /// The rule that names it: the worst one broken.
    pub rule: Rule,
    /// Other rules the same file breaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Rule>,
    /// How bad it is.
    pub severity: Severity,
    /// Where it lies: kind and app, never a path.
    pub place: Place,
    /// The file; absent when the finding is about a store itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
    /// Why it counts as a work file.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When its grace ends or ended.
    pub due: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// The employee's own words, when they justified it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<Justification>,
    /// Transitions that were merged into this report because they had not been sent yet, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Step>,
    /// The policy version that was in force.
    pub policy_version: u64,
}

/// A transition that was merged into a later report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// The state after it.
    pub state: FindingState,
}

/// An employee's own words, cut to 1,000 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Justification(String);

impl Justification {
    /// The most characters kept.
    pub const LIMIT: usize = 1000;

    /// Takes the text without control characters and outer blanks; `None` when nothing is left.
    pub fn new(text: &str) -> Option<Self> {
        let kept: String = text
            .trim()
            .chars()
            .filter(|c| !c.is_control() || *c == '\n')
            .take(Self::LIMIT)
            .collect();
        (!kept.is_empty()).then_some(Self(kept))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Justification {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).ok_or_else(|| serde::de::Error::custom("an empty justification"))
    }
}

/// Where something lies: kind and app, never a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Why it is watched.
    pub kind: PlaceKind,
    /// The app it belongs to; `null` where it belongs to none.
    #[serde(default)]
    pub app: Option<App>,
}

/// A file, without its content and its path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name, if the policy lets it be sent.
    #[serde(default)]
    pub name: Option<FileName>,
    /// A keyed hash of its name, if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_hash: Option<KeyedHash>,
    /// Its kind by content, such as `docx`.
    pub kind: Word,
    /// Its family.
    pub family: Family,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it is encrypted.
    pub encryption: Encryption,
    /// How it is graded.
    pub sensitivity: Sensitivity,
    /// What was found in it: counts, never the text.
    #[serde(default)]
    pub detections: Vec<Detection>,
    /// A keyed hash of its content, to recognise copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<KeyedHash>,
}

/// Whether and how a file is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// Whether.
    pub state: EncryptionState,
    /// How.
    #[serde(default)]
    pub method: Option<EncryptionMethod>,
}

impl Encryption {
    /// Not encrypted.
    pub const NONE: Self = Self {
        state: EncryptionState::None,
        method: None,
    };

    /// Whether nobody reads the content without a secret.
    pub const fn protects(self) -> bool {
        matches!(self.state, EncryptionState::Encrypted)
    }
}

/// How often a detector hit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Detection {
    /// The detector, such as `cn_resident_id` or `keyword:core_secret`.
    pub detector: Word,
    /// How often.
    pub count: u32,
}

/// A short identifier: 1 to 64 characters of `a-z 0-9 _ - : .`. Free text does not fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Word(String);

/// Text that is not a [`Word`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 64 characters of a-z, 0-9, _ - : .")]
pub struct BadWord;

impl Word {
    /// Checks and takes the text.
    pub fn new(text: &str) -> Result<Self, BadWord> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-:.".contains(&b);
        if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadWord)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Findings that ended during their grace: put right, or called a private file or a false alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutRight {
    /// The rule that would have named them.
    pub rule: Rule,
    /// Where they lay.
    pub place: Place,
    /// How many.
    pub count: u64,
}

/// A time during which a place was not watched as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The place.
    pub place: Place,
    /// What was wrong.
    pub was: PlaceState,
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Whether a sweep afterwards closed the gap: what happened meanwhile was found.
    pub swept: bool,
}

/// What a full queue had to give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenUp {
    /// Finding reports.
    pub findings: u64,
    /// Findings put right, by count.
    pub put_right: u64,
    /// Coverage reports.
    pub coverage: u64,
    /// When the oldest of them was recorded.
    pub from: Timestamp,
    /// When the newest was.
    pub until: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_as_one_flat_object() {
        let report = Report {
            seq: 4,
            at: "2026-11-21T08:00:00Z".parse().unwrap(),
            body: Body::PutRight(PutRight {
                rule: Rule::OutsideStore,
                place: Place {
                    kind: PlaceKind::Desktop,
                    app: None,
                },
                count: 2,
            }),
        };
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["type"], "put_right");
        assert_eq!(json["seq"], 4);
        assert_eq!(serde_json::from_value::<Report>(json).unwrap(), report);
    }

    #[test]
    fn an_agent_and_a_collector_that_know_of_no_disclosures_go_on_with_those_that_do() {
        let earlier = serde_json::json!({"protocol": 1, "ledger": uuid::Uuid::nil(), "boot": uuid::Uuid::nil(),
            "sent_at": "2026-11-21T08:00:00Z", "reports": []});
        let request: Request = serde_json::from_value(earlier).unwrap();
        assert_eq!(request.disclosures_after, None);
        assert!(!serde_json::to_string(&request).unwrap().contains("disclosures"));
        let decision = r#"{"id":1,"finding":"01a21952-0a1d-7396-8e82-3e6240562a06","what":"exempted","reason":"x"}"#;
        let decision: Decision = serde_json::from_str(decision).unwrap();
        assert_eq!((decision.at, decision.role), (None, None));
    }

    #[test]
    fn free_text_is_not_a_word() {
        assert!(Word::new("keyword:core_secret").is_ok());
        assert!(Word::new("身份证 110101").is_err());
        assert!(Word::new("").is_err());
        assert!(serde_json::from_str::<Word>("\"/home/u\"").is_err());
    }

    #[test]
    fn a_justification_is_cut_and_never_empty() {
        assert!(Justification::new(" \u{7}\n ").is_none());
        assert_eq!(
            Justification::new(&"长".repeat(2000)).unwrap().as_str().chars().count(),
            Justification::LIMIT
        );
    }
}
