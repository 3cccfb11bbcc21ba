//! Material for tests: findings and reports as devices send them.

use fileward_protocol::chain::Head;
use fileward_protocol::fingerprint::{Adapter, Fingerprint, Os, SecureBoot, Security, SystemDrive, Tpm};
use fileward_protocol::health::{Degraded, Health, PlaceHealth, PlaceState};
use fileward_protocol::ids::{DeviceId, FileName, FindingId, KeyedHash, LedgerId};
use fileward_protocol::report::{Body, Detection, Encryption, File, Finding, Place, PutRight, Report, Request, Word};
use fileward_protocol::vocabulary::{
    App, Binding, Evidence, Family, FindingState, PlaceKind, Resolution, Rule, Sensitivity, Severity,
};
use jiff::Timestamp;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::store::Actor;
use crate::store::audit::{Action, AuditRow};
use crate::store::devices::DeviceRow;
use crate::store::findings::{FindingRow, Happened, HistoryRow};
use crate::store::work::Handling;

/// A moment, so many seconds after a fixed one.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

/// A request of a device's ledger that says nothing yet, not even whether it knows disclosures.
pub(crate) fn request(ledger: LedgerId, boot: Uuid) -> Request {
    Request {
        protocol: fileward_protocol::VERSION,
        ledger,
        boot,
        sent_at: Timestamp::now(),
        fingerprint: None,
        health: None,
        after: None,
        reports: Vec::new(),
        decisions_after: 0,
        disclosures_after: None,
    }
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

/// The finding with this number as the store gives it.
pub(crate) fn finding_row(number: u128, state: FindingState) -> FindingRow {
    FindingRow {
        device: DeviceId(Uuid::from_u128(7)),
        device_name: String::from("PC-7"),
        group: Some(String::from("sales")),
        finding: finding(number, state),
        changed_at: at(60),
        handling: Handling::default(),
        history: vec![HistoryRow {
            at: at(60),
            what: Happened::Became(state),
        }],
    }
}

/// An open finding of a file with this name.
pub(crate) fn named(name: &str) -> FindingRow {
    let mut row = finding_row(1, FindingState::Open);
    row.finding.file.as_mut().unwrap().name = Some(FileName::new(name));
    row
}

/// A device that told all it can.
pub(crate) fn device_row() -> DeviceRow {
    let word = |text| Word::new(text).unwrap();
    DeviceRow {
        id: DeviceId(Uuid::from_u128(7)),
        binding: Binding::Bound,
        name: String::from("PC-7"),
        group: Some(String::from("sales")),
        key_hash: [7; 32],
        fingerprint: Fingerprint {
            vendor: Some(String::from("Example")),
            model: Some(String::from("20XW")),
            serial: Some(KeyedHash([0xab; 32])),
            system_uuid: Some(KeyedHash([0xcd; 32])),
            adapters: vec![Adapter {
                mac: String::from("02:00:00:00:00:01"),
                built_in: true,
                usb: false,
                is_virtual: false,
            }],
            security: Security {
                tpm: Tpm::V2,
                secure_boot: SecureBoot::On,
                system_drive: SystemDrive::Encrypted { by: word("luks") },
            },
            os: Os {
                name: String::from("Debian GNU/Linux"),
                version: String::from("12"),
                build: String::from("12.11"),
                kernel: String::from("6.1.0"),
                arch: String::from("x86_64"),
            },
            host_name: Some(String::from("PC-7")),
            users: vec![String::from("li"), String::from("han")],
            agent_version: String::from("0.1.0"),
        },
        health: Some(Health {
            policy_version: 3,
            queue_waiting: 0,
            queue_bytes: 0,
            noticed: 0,
            uninspectable: 0,
            unknown_detectors: Vec::new(),
            clock_offset_ms: 0,
            started_at: at(0),
            swept: true,
            places: vec![PlaceHealth {
                kind: PlaceKind::ChatCache,
                app: Some(App::Wechat),
                state: PlaceState::Degraded(Degraded::WatchLimit),
            }],
        }),
        ledger: None,
        head: Head::START,
        last_seen: at(120),
        enrolled_at: at(0),
        clone_suspected_at: None,
        roots_serial: 1,
        open_findings: 2,
    }
}

/// A line of the audit trail.
pub(crate) fn audit_row(id: u64, action: Action) -> AuditRow {
    AuditRow {
        id,
        at: at(60),
        actor: Actor::User(String::from("员工甲")).to_string(),
        action,
        subject: String::new(),
        detail: String::new(),
        hash: [7; 32],
    }
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
