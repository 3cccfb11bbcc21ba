//! What employees answered and nobody has judged: a queue, oldest first.

use std::sync::Arc;

use axum::extract::{Query, State};
use fileward_policy::words::InWords as _;
use maud::{Markup, html};

use super::{forms, words};
use crate::console::findings::{name, place};
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::{Console, layout};
use crate::safe::visible;
use crate::store::Paging;
use crate::store::disclosures::Viewed;
use crate::store::findings::{FindingFilter, FindingRow};

/// Each answer comes with two forms.
const ON_A_PAGE: u32 = 20;

pub(in crate::console) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<layout::Part>,
) -> Result<Markup, Oops> {
    let filter = FindingFilter {
        to_judge: true,
        ascending: true,
        ..FindingFilter::within(visitor.scope())
    };
    let paging = Paging {
        offset: asked.offset,
        limit: ON_A_PAGE,
    };
    let found = console.store.findings(filter, paging).await?;
    let detail = format!("{} shown, to judge what employees answered", found.rows.len());
    let devices = found.rows.iter().map(|row| row.device).collect();
    console
        .store
        .looked(Viewed::OfMany(devices, detail), visitor.by())
        .await?;
    Ok(layout::page(
        &visitor,
        visitor.say(words::ANSWERS),
        &html! {
            p.small { (visitor.say(words::ANSWERS_NOTE)) }
            @if found.rows.is_empty() { p.note { (visitor.say(crate::console::words::NOTHING)) } }
            @for row in &found.rows { (answer(&visitor, row)) }
            (layout::pager(visitor.language, "/answers", &[], paging, found.total))
        },
    ))
}

fn answer(visitor: &Visitor, row: &FindingRow) -> Markup {
    let language = visitor.language;
    let finding = &row.finding;
    html! {
        article.answer {
            h2 { a href={ "/findings/" (row.device) "/" (finding.id) } { (name(finding, language)) } }
            p {
                (layout::severity(finding.severity, language)) " " (finding.rule.in_words(language)) " · "
                (place(finding, language)) " · " (visible(&row.device_name)) " · " (layout::time(row.changed_at))
            }
            p {
                (visitor.say(words::ANSWER)) ": "
                @if let Some(answer) = finding.resolution { b { (answer.in_words(language)) } }
                @if let Some(text) = &finding.justification { " – " (visible(text.as_str())) }
            }
            (forms::judgement(visitor, row, "answers"))
        }
    }
}
