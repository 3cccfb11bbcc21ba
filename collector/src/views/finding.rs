//! A finding.

use fileward_protocol::ids::{DeviceId, FileName, FindingId, KeyedHash};
use fileward_protocol::report::{Detection, Encryption, File, Place, Word};
use fileward_protocol::vocabulary::{FindingState, Resolution, Rule, Sensitivity, Severity};
use jiff::Timestamp;
use serde::Serialize;

use crate::store::findings::{FindingRow, Happened, HistoryRow};
use crate::store::work::{Handling, Judged};

/// A finding as `--json` shows it.
#[derive(Serialize)]
pub(crate) struct View {
    pub(crate) id: FindingId,
    device: DeviceId,
    pub(crate) state: FindingState,
    pub(crate) rule: Rule,
    also: Vec<Rule>,
    pub(crate) severity: Severity,
    pub(crate) place: Place,
    pub(crate) file: Option<FileView>,
    pub(crate) first_seen: Timestamp,
    due: Timestamp,
    resolved: Option<Timestamp>,
    resolution: Option<Resolution>,
    #[serde(flatten)]
    handling: HandlingView,
    history: Vec<HistoryView>,
}

#[derive(Serialize)]
pub(crate) struct FileView {
    pub(crate) name: Option<FileName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_hash: Option<KeyedHash>,
    kind: Word,
    size: u64,
    encryption: Encryption,
    sensitivity: Sensitivity,
    detections: Vec<Detection>,
}

#[derive(Serialize)]
struct HandlingView {
    assignee: Option<String>,
    acknowledged: Option<Timestamp>,
    step: Option<String>,
    exempt_until: Option<Timestamp>,
    judged: Option<Judged>,
}

#[derive(Serialize)]
struct HistoryView {
    at: Timestamp,
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<FindingRow> for View {
    fn from(row: FindingRow) -> Self {
        let finding = row.finding;
        Self {
            id: finding.id,
            device: row.device,
            state: finding.state,
            rule: finding.rule,
            also: finding.also,
            severity: finding.severity,
            place: finding.place,
            file: finding.file.map(FileView::from),
            first_seen: finding.first_seen,
            due: finding.due,
            resolved: finding.ended,
            resolution: finding.resolution,
            handling: HandlingView::from(row.handling),
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
            size: file.size,
            encryption: file.encryption,
            sensitivity: file.sensitivity,
            detections: file.detections,
        }
    }
}

impl From<Handling> for HandlingView {
    fn from(handling: Handling) -> Self {
        Self {
            assignee: handling.assignee,
            acknowledged: handling.acknowledged_at,
            step: handling.step.map(|step| step.en),
            exempt_until: handling.exempt_until,
            judged: handling.judged,
        }
    }
}

impl From<HistoryRow> for HistoryView {
    fn from(row: HistoryRow) -> Self {
        let what = row.what.word();
        let (by, reason) = match row.what {
            Happened::Became(_) => (None, None),
            Happened::Decided { reason, by, .. } => (Some(by), Some(reason)),
            Happened::Worked { detail, by, .. } => (Some(by), Some(detail).filter(|detail| !detail.is_empty())),
        };
        Self {
            at: row.at,
            what,
            by,
            reason,
        }
    }
}
