//! Material for tests: findings and reports as devices send them.

use fileward_protocol::chain::Head;
use fileward_protocol::ids::{FileName, FindingId};
use fileward_protocol::report::{Body, Detection, Encryption, File, Finding, Place, PutRight, Report, Word};
use fileward_protocol::vocabulary::{
    App, Evidence, Family, FindingState, PlaceKind, Resolution, Rule, Sensitivity, Severity,
};
use jiff::Timestamp;
use serde_json::value::RawValue;
use uuid::Uuid;

/// A moment, so many seconds after a fixed one.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

/// The finding with this number, in this state.
pub(crate) fn finding(number: u128, state: FindingState) -> Finding {
    let ended = (!state.is_active()).then(|| at(9000));
    Finding {
        id: FindingId(Uuid::from_u128(number)),
        state,
        rule: Rule::OutsideStore,
        also: vec![Rule::UnfiledAccount],
        severity: Severity::Medium,
        place: place(),
        file: Some(File {
            name: Some(FileName::new("报价单 Q4.docx")),
            name_hash: None,
            kind: Word::new("docx").unwrap(),
            family: Family::Document,
            size: 48_213,
            encryption: Encryption::NONE,
            sensitivity: Sensitivity::Internal,
            detections: vec![Detection {
                detector: Word::new("cn_mobile").unwrap(),
                count: 7,
            }],
            content: None,
        }),
        evidence: vec![Evidence::Keyword],
        first_seen: at(0),
        due: at(1800),
        ended,
        resolution: ended.map(|_| Resolution::MovedToStore),
        justification: None,
        before: Vec::new(),
        policy_version: 1,
    }
}

/// WeChat's cache.
pub(crate) fn place() -> Place {
    Place {
        kind: PlaceKind::ChatCache,
        app: Some(App::Wechat),
    }
}

/// A count of what was put right.
pub(crate) fn put_right(count: u64) -> Body {
    Body::PutRight(PutRight {
        rule: Rule::OutsideStore,
        place: place(),
        count,
    })
}

/// A finding as a report's body.
pub(crate) fn found(number: u128, state: FindingState) -> Body {
    Body::Finding(Box::new(finding(number, state)))
}

/// Numbers reports after `after`, one second apart, and gives their bytes.
pub(crate) fn number(after: Head, bodies: impl IntoIterator<Item = Body>) -> Vec<Box<RawValue>> {
    let reports = (after.seq + 1..).zip(bodies);
    reports
        .map(|(seq, body)| {
            let at = at(seq.cast_signed());
            serde_json::value::to_raw_value(&Report { seq, at, body }).unwrap()
        })
        .collect()
}

/// The head after these reports.
pub(crate) fn head_after(after: Head, reports: &[Box<RawValue>]) -> Head {
    reports.iter().fold(after, |head, raw| head.after(raw.get().as_bytes()))
}
