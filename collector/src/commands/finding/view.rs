//! Findings as `finding list` shows them.

use anyhow::Result;

use crate::collector::Collector;
use crate::commands::all;
use crate::output;
use crate::store::By;
use crate::store::audit::{Action, AuditEntry};
use crate::store::findings::FindingFilter;
use crate::views::finding::View;

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
