//! Findings as `finding list` shows them.

use anyhow::Result;

use crate::collector::Collector;
use crate::output;
use crate::store::Paging;
use crate::store::findings::FindingFilter;
use crate::views::finding::View;

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
