//! A finding as programs see it: what exports tell, without the employee's own words.

use fileward_protocol::ids::{DeviceId, FileName, FindingId, KeyedHash};
use fileward_protocol::report::{Detection, Encryption, File, Place, Word};
use fileward_protocol::vocabulary::{Evidence, Family, FindingState, Resolution, Rule, Sensitivity, Severity};
use jiff::Timestamp;
use serde::Serialize;

use crate::store::findings::{FindingRow, Happened, HistoryRow};

/// A finding.
#[derive(Serialize)]
pub(crate) struct Finding {
    id: FindingId,
    device: DeviceId,
    device_name: String,
    group: Option<String>,
    state: FindingState,
    rule: Rule,
    also: Vec<Rule>,
    severity: Severity,
    place: Place,
    file: Option<FileView>,
    evidence: Vec<Evidence>,
    first_seen: Timestamp,
    due: Timestamp,
    changed_at: Timestamp,
    ended: Option<Timestamp>,
    resolution: Option<Resolution>,
    policy_version: u64,
    history: Vec<HistoryView>,
}

#[derive(Serialize)]
struct FileView {
    name: Option<FileName>,
    name_hash: Option<KeyedHash>,
    kind: Word,
    family: Family,
    size: u64,
    encryption: Encryption,
    sensitivity: Sensitivity,
    detections: Vec<Detection>,
}

#[derive(Serialize)]
struct HistoryView {
    at: Timestamp,
    what: &'static str,
    by: Option<String>,
    reason: Option<String>,
}

impl From<FindingRow> for Finding {
    fn from(row: FindingRow) -> Self {
        let finding = row.finding;
        Self {
            id: finding.id,
            device: row.device,
            device_name: row.device_name,
            group: row.group,
            state: finding.state,
            rule: finding.rule,
            also: finding.also,
            severity: finding.severity,
            place: finding.place,
            file: finding.file.map(FileView::from),
            evidence: finding.evidence,
            first_seen: finding.first_seen,
            due: finding.due,
            changed_at: row.changed_at,
            ended: finding.ended,
            resolution: finding.resolution,
            policy_version: finding.policy_version,
            history: row.history.into_iter().map(HistoryView::from).collect(),
        }
    }
}

impl From<File> for FileView {
    fn from(file: File) -> Self {
        Self {
            name: file.name,
            name_hash: file.name_hash,
            kind: file.kind,
            family: file.family,
            size: file.size,
            encryption: file.encryption,
            sensitivity: file.sensitivity,
            detections: file.detections,
        }
    }
}

impl From<HistoryRow> for HistoryView {
    fn from(row: HistoryRow) -> Self {
        let what = row.what.word();
        let (by, reason) = match row.what {
            Happened::Became(_) => (None, None),
            Happened::Decided { reason, by, .. } => (Some(by), Some(reason)),
            // What people write to each other about a finding stays at the collector.
            Happened::Worked { by, .. } => (Some(by), None),
        };
        Self {
            at: row.at,
            what,
            by,
            reason,
        }
    }
}
