//! Findings and questions for the unit tests.

use fileward_ipc::{CompanyAct, Item, Question, QuestionId};
use fileward_protocol::disclosure::{Disclosure, Office, OpenWord, Purpose, StepName};
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
        decision: None,
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

/// Something a security officer did about a file.
pub(crate) fn act(what: &str, text: Option<&str>) -> CompanyAct {
    let what: OpenWord<_> = what.parse().unwrap();
    let looked = what.to_string() == "looked";
    CompanyAct {
        id: 1,
        act: Disclosure {
            id: 1,
            at: now(),
            what,
            role: Some(OpenWord::Known(Office::SecurityOfficer)),
            finding: Some(item(0, "/").finding),
            purpose: looked.then_some(OpenWord::Known(Purpose::Incident)),
            text: text.map(ToOwned::to_owned),
            step: (!looked).then(|| StepName {
                zh_cn: "警告".to_owned(),
                en: "Warning".to_owned(),
            }),
            count: None,
        },
        path: Some("/home/u/桌面/报价单.docx".into()),
    }
}
