//! Findings as `finding list` shows them.

use anyhow::Result;
use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::report::Place;
use fileward_protocol::vocabulary::{FindingState, Resolution, Rule, Severity};
use jiff::Timestamp;
use serde::Serialize;

use crate::collector::Collector;
use crate::commands::all;
use crate::export::view::{FileView, HistoryView};
use crate::output;
use crate::store::By;
use crate::store::audit::{Action, AuditEntry};
use crate::store::findings::{FindingFilter, FindingRow};
use crate::store::work::{Handling, Judged};

/// A finding as `--json` shows it.
#[derive(Serialize)]
pub(in crate::commands) struct View {
    id: FindingId,
    device: DeviceId,
    state: FindingState,
    rule: Rule,
    also: Vec<Rule>,
    severity: Severity,
    place: Place,
    file: Option<FileView>,
    first_seen: Timestamp,
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

/// Prints the findings that the filter lets through, and tells the employees at their devices.
pub(super) async fn list(collector: &Collector, filter: FindingFilter, json: bool) -> Result<()> {
    let rows = all(|paging| collector.store.findings(filter.clone(), paging)).await?;
    let findings: Vec<_> = rows.into_iter().map(View::from).collect();
    let entry = AuditEntry {
        by: By::command_line(),
        action: Action::FindingsListed,
        subject: filter.device.map(|device| device.to_string()).unwrap_or_default(),
        detail: format!("{} told on the command line", findings.len()),
    };
    // Before anything leaves.
    let devices = findings.iter().map(|view| view.device).collect();
    collector.store.exported(entry, devices).await?;
    if json {
        return output::json(&findings);
    }
    let rows: Vec<_> = findings.iter().map(columns).collect();
    output::table(
        ["id", "state", "severity", "rule", "place", "file", "first seen (UTC)"],
        &rows,
    )
}

fn columns(view: &View) -> [String; 7] {
    let app = view.place.app.map(|app| format!(" {app}")).unwrap_or_default();
    let name = view.file.as_ref().and_then(|file| file.name.as_ref());
    [
        view.id.to_string(),
        view.state.to_string(),
        view.severity.to_string(),
        view.rule.to_string(),
        format!("{}{app}", view.place.kind),
        name.map(ToString::to_string).unwrap_or_default(),
        view.first_seen.strftime("%F %T").to_string(),
    ]
}
