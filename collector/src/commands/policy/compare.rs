//! `policy versions` and `policy diff`: which versions there are, and what differs between two.

use anyhow::Result;
use serde_json::json;
use similar::TextDiff;

use crate::output;
use crate::safe::visible;
use crate::store::Store;
use crate::store::policies::{PolicyRow, Reach};

pub(super) async fn versions(store: &dyn Store, json: bool) -> Result<()> {
    let rows = store.policies().await?;
    if json {
        let rows: Vec<_> = rows.iter().map(as_json).collect();
        return output::json(&rows);
    }
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            [
                row.version.to_string(),
                row.published_at.strftime("%F %T").to_string(),
                visible(&row.published_by),
                for_whom(&row.reach),
                visible(&row.why),
            ]
        })
        .collect();
    output::table(["version", "published (UTC)", "by", "for", "why"], &rows)
}

fn as_json(row: &PolicyRow) -> serde_json::Value {
    let (groups, ended) = match &row.reach {
        Reach::Everybody => (None, None),
        Reach::Trial { groups, ended } => (Some(groups), *ended),
    };
    json!({
        "version": row.version, "published_at": row.published_at, "published_by": row.published_by, "why": row.why,
        "groups": groups, "trial_ended": ended,
    })
}

fn for_whom(reach: &Reach) -> String {
    match reach {
        Reach::Everybody => "everybody".to_owned(),
        Reach::Trial { groups, ended: None } => format!("{}, on trial", visible(&groups.join(", "))),
        Reach::Trial { groups, .. } => format!("{}, trial ended", visible(&groups.join(", "))),
    }
}

pub(super) fn diff(from: &PolicyRow, to: &PolicyRow) -> Result<()> {
    let diff = TextDiff::from_lines(from.document.as_str(), to.document.as_str());
    let names = [from.version, to.version].map(|version| format!("version {version}"));
    let text = diff.unified_diff().header(&names[0], &names[1]).to_string();
    if text.is_empty() {
        return Ok(());
    }
    output::line(text.trim_end())
}
