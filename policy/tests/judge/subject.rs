//! A file to be judged, whole, so that a test changes only what it is about.

use fileward_policy::facts::{Facts, Properties, Text, TextState};
use fileward_policy::subject::{Answer, Subject};
use fileward_protocol::bundle::Registers;
use fileward_protocol::ids::{KeyedHash, Pseudonym};
use fileward_protocol::report::{Detection, Encryption, Place, Word};
use fileward_protocol::vocabulary::{App, Family, PlaceKind};
use jiff::Timestamp;

/// 2026-11-21T08:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_795_248_000, 0);

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) place: Place,
    pub(crate) account: Option<Pseudonym>,
    pub(crate) relative_path: String,
    pub(crate) facts: Facts,
    pub(crate) store_copy: bool,
    pub(crate) registered: bool,
    pub(crate) answer: Option<Answer>,
    pub(crate) modified: Timestamp,
    pub(crate) registers: Option<Registers>,
}

impl Case {
    /// A document without any evidence, on the desktop.
    pub(crate) fn on_desktop() -> Self {
        Self {
            place: Place {
                kind: PlaceKind::Desktop,
                app: None,
            },
            account: None,
            relative_path: "报价单.docx".into(),
            facts: Facts {
                kind: Word::new("docx").unwrap(),
                media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document".into(),
                family: Family::Document,
                size: 20_000,
                disguised: false,
                encryption: Encryption::NONE,
                label: None,
                text: Text {
                    state: TextState::Read,
                    chars: 100,
                },
                detections: Vec::new(),
                labels: Vec::new(),
                mentions: Vec::new(),
                titles: Vec::new(),
                near_copy: None,
                properties: Properties::default(),
                content: KeyedHash([7; 32]),
            },
            store_copy: false,
            registered: false,
            answer: None,
            modified: NOW,
            registers: Some(Registers::default()),
        }
    }

    /// The same document in the cache of a chat app.
    pub(crate) fn in_chat(app: App) -> Self {
        Self {
            place: Place {
                kind: PlaceKind::ChatCache,
                app: Some(app),
            },
            ..Self::on_desktop()
        }
    }

    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject {
            place: self.place,
            account: self.account,
            relative_path: &self.relative_path,
            facts: &self.facts,
            store_copy: self.store_copy,
            registered: self.registered,
            answer: self.answer,
            modified: self.modified,
            registers: self.registers.as_ref(),
            now: NOW,
        }
    }
}

pub(crate) fn detection(detector: &str, count: u32) -> Detection {
    Detection {
        detector: Word::new(detector).unwrap(),
        count,
    }
}

pub(crate) fn pseudonym(of: u8) -> Pseudonym {
    Pseudonym(KeyedHash([of; 32]))
}
