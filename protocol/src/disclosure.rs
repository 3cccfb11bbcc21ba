//! What the company did about a device's records and its employees are told: who looked, and what came of it.
//!
//! The role and the time are told, never a name: that stands in the company's own audit trail.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::FindingId;
use crate::report::{BadWord, Word};

/// Something the company did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// Grows with each disclosure for a device.
    pub id: u64,
    /// When; of what is counted, the last time.
    pub at: Timestamp,
    /// What was done.
    pub what: OpenWord<Disclosed>,
    /// In which role; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<OpenWord<Office>>,
    /// The finding; absent where it concerns all findings of the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<FindingId>,
    /// For what somebody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<OpenWord<Purpose>>,
    /// In the words of who did it: more about the purpose, or the reason of a decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The step of the company's ladder that was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepName>,
    /// How often, of what is told once a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// The name of a step of the company's ladder in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepName {
    /// Chinese.
    pub zh_cn: String,
    /// English.
    pub en: String,
}

words! {
    /// What a company does and tells.
    pub enum Disclosed {
        /// Somebody looked, at one finding or at the device's list.
        Looked = "looked",
        /// Findings of the device stood in lists over many devices that were looked at; counted by the day.
        Listed = "listed",
        /// Somebody sees to a finding.
        Acknowledged = "acknowledged",
        /// A step of the company's ladder was taken.
        Escalated = "escalated",
        /// What the employee answered was accepted.
        AnswerAccepted = "answer_accepted",
        /// Findings of the device were written out for another system; counted by the day.
        Exported = "exported",
        /// Findings of the device were sent to programs that the company has set up; counted by the day, as programs.
        Sent = "sent",
        /// An exception was made. It comes as a [`crate::report::Decision`]; a device keeps it beside the others.
        Exempted = "exempted",
        /// A finding counts again. It comes as a [`crate::report::Decision`]; a device keeps it beside the others.
        Reopened = "reopened",
    }
}

words! {
    /// In which role somebody acts for the company.
    pub enum Office {
        /// Runs the collector.
        Administrator = "administrator",
        /// Sees and decides findings.
        SecurityOfficer = "security_officer",
        /// Sees the findings of their own group.
        HeadOfDepartment = "head_of_department",
        /// Looks after devices.
        ItOperator = "it_operator",
        /// Reads the audit trail.
        Auditor = "auditor",
        /// Somebody with access to the collector's machine.
        CommandLine = "command_line",
        /// The collector, of itself.
        Collector = "collector",
        /// Another program of the company, by the HTTP API.
        Program = "program",
    }
}

words! {
    /// For what somebody looks at an employee's findings.
    pub enum Purpose {
        /// To handle findings.
        Handling = "handling",
        /// An incident.
        Incident = "incident",
        /// The employee asked for it.
        Request = "request",
        /// An audit.
        Audit = "audit",
        /// Something else, which is then said in words.
        Other = "other",
    }
}

/// A word of a list, or one that a later version has added to it; that is kept as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenWord<T> {
    /// A word of the list.
    Known(T),
    /// A word that is not in it.
    Unknown(Word),
}

impl<T> OpenWord<T> {
    /// The word, if it is in the list.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(word) => Some(word),
            Self::Unknown(_) => None,
        }
    }
}

impl<T: fmt::Display> fmt::Display for OpenWord<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(word) => word.fmt(f),
            Self::Unknown(word) => word.fmt(f),
        }
    }
}

impl<T: FromStr> FromStr for OpenWord<T> {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        text.parse()
            .map_or_else(|_| Word::new(text).map(Self::Unknown), |word| Ok(Self::Known(word)))
    }
}

impl<T: fmt::Display> Serialize for OpenWord<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: FromStr> Deserialize<'de> for OpenWord<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_later_collector_adds_is_kept_as_it_is() {
        let told = serde_json::json!({
            "id": 7, "at": "2026-11-21T08:00:00Z", "what": "archived", "role": "works_council", "purpose": "audit"
        });
        let with_more = {
            let mut more = told.clone();
            more["later"] = serde_json::json!({"a": 1});
            more
        };
        let read: Disclosure = serde_json::from_value(with_more).unwrap();
        assert_eq!(read.what.known(), None);
        assert_eq!(
            read.role.as_ref().map(ToString::to_string).as_deref(),
            Some("works_council")
        );
        assert_eq!(read.purpose.as_ref().and_then(OpenWord::known), Some(&Purpose::Audit));
        assert_eq!(serde_json::to_value(&read).unwrap(), told);
    }

    #[test]
    fn free_text_is_no_word_of_a_later_version() {
        assert!("Li Lei looked".parse::<OpenWord<Disclosed>>().is_err());
        assert!(serde_json::from_str::<OpenWord<Office>>("\"\"").is_err());
    }
}
