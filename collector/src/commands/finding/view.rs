//! Findings as `finding list` shows them.

use anyhow::Result;
use fileward_protocol::ids::{DeviceId, FileName, FindingId, KeyedHash};
use fileward_protocol::report::{Detection, Encryption, File, Place, Word};
use fileward_protocol::vocabulary::{FindingState, Resolution, Rule, Sensitivity, Severity};
use jiff::Timestamp;
use serde::Serialize;

use crate::collector::Collector;
use crate::output;
use crate::store::Paging;
use crate::store::findings::{FindingFilter, FindingRow, Happened, HistoryRow};
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
struct FileView {
    name: Option<FileName>,
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

/// Prints the findings that the filter lets through.
pub(super) async fn list(collector: &Collector, filter: FindingFilter, json: bool) -> Result<()> {
    let mut findings = Vec::new();
    let mut paging = Paging::first(1000);
    loop {
        let page = collector.store.findings(filter.clone(), paging).await?;
        paging = paging.next();
        findings.extend(page.rows.into_iter().map(View::from));
        if paging.offset >= page.total {
            break;
        }
    }
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
