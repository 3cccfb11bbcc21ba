//! A finding as programs see it: what exports tell, without the employee's own words.

use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::report::Place;
use fileward_protocol::vocabulary::{Evidence, FindingState, Resolution, Rule, Severity};
use jiff::Timestamp;
use serde::Serialize;

use crate::store::findings::FindingRow;
use crate::views::parts::{FileView, HistoryView};

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
            history: row.history.into_iter().map(HistoryView::outward).collect(),
        }
    }
}
