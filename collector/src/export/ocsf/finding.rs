//! A finding as Data Security Finding (2006).

use fileward_policy::words::InWords;
use fileward_protocol::report::{File, Finding};
use fileward_protocol::vocabulary::{EncryptionState, FindingState, Language, Rule, Sensitivity, Severity};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Class, Numbered, OTHER, base, or_unknown};
use crate::export::file_name;
use crate::store::findings::FindingRow;
use crate::store::work::Judged;

const CLASS: Class = Class {
    uid: 2006,
    name: "Data Security Finding",
    category: Numbered(2, "Findings"),
};

/// The finding as it stands.
pub(crate) fn event(row: &FindingRow) -> Value {
    let finding = &row.finding;
    // Devices make findings' ids themselves: without the device's own, one could speak for another's.
    let uid = format!("{}/{}", row.device, finding.id);
    let status = status(row);
    let base = base(
        &CLASS,
        activity(row),
        severity(finding.severity),
        &format!("{uid}/{}", row.touched_at().as_microsecond()),
    );
    let more = json!({
        "time": row.touched_at().as_millisecond(),
        "start_time": finding.first_seen.as_millisecond(),
        "end_time": finding.ended.map(Timestamp::as_millisecond),
        "message": format!("{}: {}", finding.rule.in_words(Language::En), finding.state),
        "status_id": status.0,
        "status": status.1,
        "status_code": finding.state,
        "status_detail": finding.resolution,
        "is_alert": finding.state == FindingState::Open,
        "finding_info": info(row, &uid),
        "device": {
            "uid": row.device,
            "name": row.device_name,
            "type_id": 0,
            "type": "Unknown",
            "groups": [{ "name": row.group }],
        },
        "data_security": data_security(finding),
        "file": finding.file.as_ref().map(file),
        "unmapped": {
            "state": finding.state,
            "place": finding.place,
            "kind": finding.file.as_ref().map(|file| &file.kind),
            "family": finding.file.as_ref().map(|file| file.family),
            "encryption": finding.file.as_ref().map(|file| file.encryption.state),
            "sensitivity": finding.file.as_ref().map(|file| file.sensitivity),
            "evidence": finding.evidence,
            "due": finding.due.as_millisecond(),
        },
    });
    super::event(base, more)
}

fn info(row: &FindingRow, uid: &str) -> Value {
    let finding = &row.finding;
    json!({
        "uid": uid,
        "title": finding.rule.in_words(Language::En),
        "types": [finding.rule],
        "analytic": analytic(finding.rule),
        "related_analytics": finding.also.iter().map(|rule| analytic(*rule)).collect::<Vec<_>>(),
        "created_time": finding.first_seen.as_millisecond(),
        "first_seen_time": finding.first_seen.as_millisecond(),
        "modified_time": row.touched_at().as_millisecond(),
    })
}

fn activity(row: &FindingRow) -> Numbered {
    match (row.finding.state.is_active(), row.history.len()) {
        (false, _) => Numbered(3, "Close"),
        (true, 0 | 1) => Numbered(1, "Create"),
        (true, _) => Numbered(2, "Update"),
    }
}

fn severity(severity: Severity) -> Numbered {
    match severity {
        Severity::Low => Numbered(2, "Low"),
        Severity::Medium => Numbered(3, "Medium"),
        Severity::High => Numbered(4, "High"),
        Severity::Critical => Numbered(5, "Critical"),
    }
}

/// "Suppressed" is what was reviewed and found right: the company's exemption, and what the employee says once the
/// company has accepted it.
fn status(row: &FindingRow) -> Numbered {
    let state = row.finding.state;
    match state {
        FindingState::Noticed | FindingState::Open if row.handling.acknowledged_at.is_some() => {
            Numbered(2, "In Progress")
        }
        FindingState::Noticed | FindingState::Open => Numbered(1, "New"),
        FindingState::Exempted => Numbered(3, "Suppressed"),
        FindingState::Resolved => Numbered(4, "Resolved"),
        FindingState::Justified | FindingState::Dismissed if row.handling.judged == Some(Judged::Accepted) => {
            Numbered(3, "Suppressed")
        }
        FindingState::Justified | FindingState::Dismissed => Numbered(OTHER, state.as_str()),
    }
}

fn analytic(rule: Rule) -> Value {
    json!({ "uid": rule, "name": rule.in_words(Language::En), "type_id": 1, "type": "Rule" })
}

fn data_security(finding: &Finding) -> Value {
    let confidentiality = finding.file.as_ref().map(|file| confidentiality(file.sensitivity));
    let detections = finding.file.iter().flat_map(|file| &file.detections);
    json!({
        "detection_system_id": 1,
        "detection_system": "Endpoint",
        "data_lifecycle_state_id": 1,
        "data_lifecycle_state": "Data at-Rest",
        "confidentiality_id": confidentiality.map(|level| level.0),
        "confidentiality": confidentiality.map(|level| level.1),
        "policy": { "name": "Fileward policy", "version": finding.policy_version.to_string() },
        "discovery_details": detections
            .map(|found| json!({ "type": found.detector, "count": found.count }))
            .collect::<Vec<_>>(),
    })
}

fn file(file: &File) -> Value {
    let confidentiality = confidentiality(file.sensitivity);
    json!({
        "name": or_unknown(&file_name(file).unwrap_or_default()),
        "type_id": 1,
        "type": "Regular File",
        "size": file.size,
        "confidentiality_id": confidentiality.0,
        "confidentiality": confidentiality.1,
        "is_encrypted": is_encrypted(file.encryption.state),
        "encryption_details": { "type": file.encryption.method },
        "hashes": file.content.iter().map(|hash| json!({
            "algorithm_id": OTHER,
            "algorithm": "BLAKE3, keyed",
            "value": hash,
        })).collect::<Vec<_>>(),
    })
}

fn confidentiality(sensitivity: Sensitivity) -> Numbered {
    match sensitivity {
        Sensitivity::General => Numbered(1, "Not Confidential"),
        Sensitivity::Internal => Numbered(2, "Confidential"),
        Sensitivity::CoreSecret => Numbered(3, "Secret"),
    }
}

/// Whether nobody reads the content without a secret; `None` where that is only suspected.
const fn is_encrypted(state: EncryptionState) -> Option<bool> {
    match state {
        EncryptionState::Encrypted => Some(true),
        EncryptionState::None | EncryptionState::Openable | EncryptionState::Partly => Some(false),
        EncryptionState::Suspected => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::findings::{Happened, HistoryRow};
    use crate::store::work::Worked;
    use crate::testing::{at, finding_row, named};
    use fileward_protocol::report::{Decided, Justification};

    #[test]
    fn a_finding_is_created_updated_and_closed() {
        let mut row = finding_row(1, FindingState::Open);
        assert_eq!(event(&row)["type_uid"], 200_601);
        row.history.push(HistoryRow {
            at: at(90),
            what: Happened::Decided {
                what: Decided::Reopened,
                reason: String::new(),
                by: String::new(),
            },
        });
        assert_eq!(event(&row)["type_uid"], 200_602);
        let closed = event(&finding_row(1, FindingState::Resolved));
        assert_eq!(closed["type_uid"], 200_603);
        assert_eq!(
            (&closed["status_id"], &closed["status_detail"]),
            (&json!(4), &json!("moved_to_store"))
        );
    }

    #[test]
    fn what_the_employee_says_is_no_review() {
        for state in [FindingState::Justified, FindingState::Dismissed] {
            let event = event(&finding_row(1, state));
            assert_eq!((&event["status_id"], &event["status"]), (&json!(99), &json!(state)));
        }
        assert_eq!(event(&finding_row(1, FindingState::Exempted))["status_id"], 3);
        let mut accepted = finding_row(1, FindingState::Dismissed);
        accepted.handling.judged = Some(Judged::Accepted);
        assert_eq!(event(&accepted)["status_id"], 3);
    }

    #[test]
    fn what_somebody_sees_to_is_in_progress_and_an_event_of_its_own() {
        let mut row = finding_row(1, FindingState::Open);
        let before = event(&row);
        row.handling.acknowledged_at = Some(at(90));
        row.history.push(HistoryRow {
            at: at(90),
            what: Happened::Worked {
                what: Worked::Acknowledged,
                detail: String::new(),
                by: String::new(),
            },
        });
        let after = event(&row);
        assert_eq!((&before["status_id"], &after["status_id"]), (&json!(1), &json!(2)));
        assert_eq!(after["type_uid"], 200_602);
        assert_ne!(before["metadata"]["uid"], after["metadata"]["uid"]);
    }

    #[test]
    fn equal_ids_of_two_devices_are_two_findings() {
        let one = finding_row(1, FindingState::Open);
        let mut other = one.clone();
        other.device = fileward_protocol::ids::DeviceId::new();
        assert_ne!(event(&one)["finding_info"]["uid"], event(&other)["finding_info"]["uid"]);
        assert_ne!(event(&one)["metadata"]["uid"], event(&other)["metadata"]["uid"]);
    }

    #[test]
    fn the_employees_own_words_stay_in_the_console() {
        let mut row = finding_row(1, FindingState::Justified);
        row.finding.justification = Justification::new("客户急用");
        assert!(!event(&row).to_string().contains("客户急用"));
    }

    #[test]
    fn a_name_is_told_as_it_was_sent() {
        let name = "<b>报价\u{202e}xcod.exe";
        assert_eq!(event(&named(name))["file"]["name"], name);
    }

    #[test]
    fn a_finding_of_a_store_has_no_file() {
        let mut row = finding_row(1, FindingState::Open);
        row.finding.file = None;
        let event = event(&row);
        assert_eq!(event.get("file"), None);
        assert_eq!(event["data_security"].get("confidentiality_id"), None);
    }
}
