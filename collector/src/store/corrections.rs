//! Corrections: somebody says that something kept of them is wrong, and somebody decides. What was reported stays as it
//! was sent; the correction stands beside it. A wrong name in a register is changed.

use std::fmt;
use std::str::FromStr;

use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;

use super::work::{TEXT_LIMIT, Which};
use super::{By, Column, Direction, Order, Page, Paging, Reply, StoreError};

/// What a correction is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// A device.
    Device(DeviceId),
    /// A finding.
    Finding(Which),
    /// Something filed, by its number.
    Filing(u64),
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(id) => write!(f, "device:{id}"),
            Self::Finding(which) => write!(f, "finding:{}/{}", which.device, which.finding),
            Self::Filing(id) => write!(f, "filing:{id}"),
        }
    }
}

/// Text that names nothing that could be corrected.
#[derive(Debug, thiserror::Error)]
#[error("write it like device:ID, finding:DEVICE/ID or filing:NUMBER")]
pub(crate) struct NotAbout;

impl FromStr for About {
    type Err = NotAbout;

    fn from_str(text: &str) -> Result<Self, NotAbout> {
        let finding = |id: &str| {
            let (device, finding) = id.split_once('/')?;
            Some(Which {
                device: device.parse().ok()?,
                finding: finding.parse().ok()?,
            })
        };
        let about = match text.split_once(':') {
            Some(("device", id)) => id.parse().ok().map(Self::Device),
            Some(("finding", id)) => finding(id).map(Self::Finding),
            Some(("filing", id)) => id.parse().ok().map(Self::Filing),
            _ => None,
        };
        about.ok_or(NotAbout)
    }
}

fileward_protocol::words! {
    /// How far a correction has come.
    pub(crate) enum Stage {
        /// Somebody asked for it.
        Asked = "asked",
        /// It was accepted.
        Accepted = "accepted",
        /// It was refused.
        Refused = "refused",
    }
}

/// What somebody asks to be corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Correction {
    /// What it is about.
    pub about: About,
    /// Who asks, by name.
    pub person: String,
    /// What is wrong.
    pub wrong: String,
    /// What they want.
    pub wanted: String,
    /// Why.
    pub reason: String,
    /// A name that stands where another should; empty where no name is wrong. Of something filed it is its owner.
    pub not_theirs: String,
    /// The name that should stand there; may be empty: nobody's.
    pub theirs: String,
}

/// A correction with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CorrectionRow {
    /// Its number.
    pub id: u64,
    /// What was asked.
    pub asked: Correction,
    /// How far it has come.
    pub stage: Stage,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Who wrote it down, in words.
    pub asked_by: String,
    /// What was decided.
    pub decided: Option<Decided>,
}

/// What was decided about a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    /// When.
    pub at: Timestamp,
    /// Who, in words.
    pub by: String,
    /// What was done, or why nothing was.
    pub answer: String,
}

fileward_protocol::words! {
    /// By what corrections can be ordered; what is alike goes from the oldest.
    #[derive(Default)]
    pub(crate) enum CorrectionSort {
        /// By state: what waits first, from what waits longest; then what was decided last.
        #[default]
        State = "state",
        /// By who asks.
        Person = "person",
        /// By when it was asked.
        Asked = "asked",
    }
}

impl Column for CorrectionSort {
    fn usual(self) -> Direction {
        match self {
            Self::Asked => Direction::Descending,
            Self::State | Self::Person => Direction::Ascending,
        }
    }
}

/// Which corrections are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CorrectionFilter {
    /// Only those that have come so far.
    pub stage: Option<Stage>,
    /// Only those about this; of a device also those about its findings.
    pub about: Option<About>,
    /// The order.
    pub order: Order<CorrectionSort>,
}

/// What somebody decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is right.
    Accept,
    /// It is not.
    Refuse,
}

/// The text without outer blanks, and no longer than may be.
pub(super) fn cut(text: &str) -> String {
    text.trim().chars().take(TEXT_LIMIT).collect()
}

/// The same of a text that must not be missing.
pub(super) fn needed(text: &str, what: &str) -> Result<String, StoreError> {
    let text = cut(text);
    if text.is_empty() {
        return Err(StoreError::Conflict(format!("Say {what}")));
    }
    Ok(text)
}

/// Corrections.
pub(crate) trait Corrections {
    /// Writes down what somebody asks, and gives its number. What it is about must be there.
    fn ask_correction(&self, correction: Correction, by: By) -> Reply<u64>;

    /// Decides, once. Something filed gets the name that was asked for; anything else is left as it was reported.
    fn decide_correction(&self, id: u64, decision: Decision, answer: String, by: By) -> Reply<()>;

    /// One correction.
    fn correction(&self, id: u64) -> Reply<Option<CorrectionRow>>;

    /// Corrections.
    fn corrections(&self, filter: CorrectionFilter, paging: Paging) -> Reply<Page<CorrectionRow>>;
}

#[cfg(test)]
mod tests {
    use fileward_protocol::ids::FindingId;

    use super::*;

    #[test]
    fn what_it_is_about_is_read_as_it_is_written() {
        let device = DeviceId::new();
        let finding = FindingId(uuid::Uuid::new_v4());
        for about in [
            About::Device(device),
            About::Finding(Which { device, finding }),
            About::Filing(7),
        ] {
            assert_eq!(about.to_string().parse::<About>().unwrap(), about);
        }
        for text in ["", "device", "device:7", "finding:7", "filing:-1", "user:7"] {
            assert!(text.parse::<About>().is_err(), "{text}");
        }
    }
}
