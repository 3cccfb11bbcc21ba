//! The audit trail: who did what, and who looked at what.

use std::sync::Arc;

use axum::extract::{Query, State};
use maud::{Markup, html};
use serde::Deserialize;

use super::layout;
use super::oops::Oops;
use super::visitor::Visitor;
use super::{Console, words};
use crate::safe::visible;
use crate::store::audit::AuditFilter;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    subject: String,
    offset: u64,
}

pub(super) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    let subject = Some(asked.subject.trim().to_owned()).filter(|subject| !subject.is_empty());
    let paging = layout::rows_from(asked.offset);
    let found = console
        .store
        .audit(AuditFilter { action: None, subject }, paging)
        .await?;
    let heads = [words::WHEN, words::WHO, words::WHAT, words::ON, words::DETAIL];
    let query = [("subject", asked.subject.clone())];
    Ok(layout::page(
        &visitor,
        visitor.say(words::TRAIL),
        &html! {
            form.filter method="get" action="/audit" role="search" {
                label { span { (visitor.say(words::ON)) } input type="search" name="subject" value=(visible(&asked.subject)); }
                button { (visitor.say(words::FILTER)) }
            }
            table {
                thead { tr { @for head in heads { th scope="col" { (visitor.say(head)) } } } }
                tbody { @for row in &found.rows { tr {
                    td data-label=(visitor.say(words::WHEN)) { (layout::time(row.at)) }
                    td data-label=(visitor.say(words::WHO)) { (visible(&row.actor)) }
                    td data-label=(visitor.say(words::WHAT)) { (row.action) }
                    td data-label=(visitor.say(words::ON)) { (visible(&row.subject)) }
                    td data-label=(visitor.say(words::DETAIL)) { (visible(&row.detail)) }
                } } }
            }
            (layout::pager(visitor.language, "/audit", &query, paging, found.total))
        },
    ))
}
