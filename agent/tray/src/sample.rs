//! Findings and questions for the unit tests.

use fileward_ipc::{Item, Question, QuestionId};
use fileward_protocol::ids::FindingId;
use fileward_protocol::vocabulary::{Evidence, FindingState, Offer, PlaceKind, Rule, Sensitivity, Severity};
use jiff::Timestamp;

pub(crate) fn now() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

pub(crate) fn item(number: usize, path: &str) -> Item {
    Item {
        finding: FindingId(uuid::Uuid::from_u128(number as u128 + 1)),
        state: FindingState::Noticed,
        rule: Rule::OutsideStore,
        also: Vec::new(),
        severity: Severity::Medium,
        place: PlaceKind::Desktop,
        app: None,
        path: path.into(),
        kind: Some("docx".to_owned()),
        size: 4096,
        sensitivity: Sensitivity::Internal,
        evidence: vec![Evidence::CompanyName],
        first_seen: now(),
        due: "2026-11-21T08:30:00Z".parse().unwrap(),
        ended: None,
        resolution: None,
        offers: Offer::ALL.to_vec(),
        store: Some("/home/u/工作文件".into()),
    }
}

pub(crate) fn question(number: u64, path: &str) -> Question {
    Question {
        question: QuestionId(number),
        path: path.into(),
        place: PlaceKind::Downloads,
        app: None,
        since: now(),
    }
}
