//! The audit trail: who did what, and who looked at what.

mod words;

use std::sync::Arc;

use axum::extract::{Query, State};
use fileward_policy::words::InWords as _;
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::oops::Oops;
use crate::console::order::{Head, Heads};
use crate::console::visitor::Visitor;
use crate::console::{Console, layout, order, words as common};
use crate::safe::visible;
use crate::store::audit::{AuditFilter, AuditSort};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    subject: String,
    offset: u64,
    #[serde(flatten)]
    order: order::Asked,
}

const HEADS: [Head<AuditSort>; 5] = [
    Head::by(AuditSort::When, common::WHEN),
    Head::by(AuditSort::Who, common::WHO),
    Head::by(AuditSort::What, common::WHAT),
    Head::by(AuditSort::On, common::ON),
    Head::only(common::DETAIL),
];

pub(super) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    let subject = Some(asked.subject.trim().to_owned()).filter(|subject| !subject.is_empty());
    let paging = layout::rows_from(asked.offset);
    let filter = AuditFilter {
        action: None,
        subject,
        order: asked.order.order(),
    };
    let mut query = vec![("subject", asked.subject.clone())];
    query.extend(asked.order.pairs());
    let heads = Heads {
        language: visitor.language,
        path: "/audit",
        query: &query,
        order: filter.order,
    };
    let found = console.store.audit(filter, paging).await?;
    Ok(layout::page(
        &visitor,
        visitor.say(common::TRAIL),
        &html! {
            form.filter method="get" action="/audit" role="search" {
                (asked.order.fields())
                label { span { (visitor.say(common::ON)) } input type="search" name="subject" value=(visible(&asked.subject)); }
                button { (visitor.say(common::FILTER)) }
            }
            table {
                thead { tr { (heads.cells(&HEADS)) } }
                tbody { @for row in &found.rows { tr {
                    td data-label=(visitor.say(common::WHEN)) { (layout::time(row.at)) }
                    td data-label=(visitor.say(common::WHO)) { (layout::actor(&row.actor, visitor.language)) }
                    td data-label=(visitor.say(common::WHAT)) { (row.action.in_words(visitor.language)) }
                    td data-label=(visitor.say(common::ON)) { (visible(&row.subject)) }
                    td data-label=(visitor.say(common::DETAIL)) { (visible(&row.detail)) }
                } } }
            }
            (layout::pager(visitor.language, "/audit", &query, paging, found.total))
        },
    ))
}
