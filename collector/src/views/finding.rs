//! A finding.

use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::report::Place;
use fileward_protocol::vocabulary::{FindingState, Resolution, Rule, Severity};
use jiff::Timestamp;
use serde::Serialize;

use crate::store::findings::FindingRow;
use crate::store::work::{Handling, Judged};
use crate::views::parts::{FileView, HistoryView};

/// A finding as `--json` shows it.
#[derive(Serialize)]
pub(crate) struct View {
    pub(crate) id: FindingId,
    pub(crate) device: DeviceId,
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
struct HandlingView {
    assignee: Option<String>,
    acknowledged: Option<Timestamp>,
    step: Option<String>,
    exempt_until: Option<Timestamp>,
    judged: Option<Judged>,
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
            history: row.history.into_iter().map(HistoryView::inward).collect(),
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
