//! Integrations: which other systems are told what the collector keeps, how that goes, and what can be done about it.

mod add;
mod one;
mod sorting;
mod words;

use std::sync::Arc;

use axum::extract::{Query, State};
use fileward_policy::words::InWords as _;
use maud::{Markup, html};
use uuid::Uuid;

use self::sorting::TargetSort;
use super::access::Right;
use super::oops::Oops;
use super::order::{Head, Heads};
use super::routes::Routes;
use super::visitor::Visitor;
use super::{Console, layout, order, words as common};
use crate::deliver::manage::Kept;
use crate::safe::visible;
use crate::store::targets::TargetRow;

/// The routes of these pages.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .page("/integrations", Right::Integrations, list)
        .page("/integrations/new", Right::Integrations, add::page)
        .form("/integrations/new", Right::Integrations, add::add)
        .page("/integrations/{integration}", Right::Integrations, one::page)
        .form("/integrations/{integration}", Right::Integrations, one::act)
}

impl Console {
    /// Where targets are kept.
    pub(super) fn kept(&self) -> Kept<'_> {
        Kept {
            store: &*self.store,
            folder: &self.folder,
            console: &self.url,
        }
    }

    async fn target(&self, visitor: &Visitor, id: Uuid) -> Result<TargetRow, Oops> {
        let mut rows = self.store.targets().await?.into_iter();
        let found = rows.find(|row| row.target.id.0 == id);
        found.ok_or(Oops::NotFound(visitor.language))
    }
}

async fn list(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<order::Asked>,
) -> Result<Markup, Oops> {
    let mut rows = console.store.targets().await?;
    let order = asked.order();
    sorting::sort(&mut rows, order);
    let heads = Heads {
        language: visitor.language,
        path: "/integrations",
        query: &[],
        order,
    };
    Ok(layout::page(
        &visitor,
        visitor.say(common::INTEGRATIONS),
        &html! {
            p { (visitor.say(words::NOTE)) }
            p { a href="/integrations/new" { (visitor.say(words::ADD)) } }
            (table(&visitor, &heads, &rows))
        },
    ))
}

const HEADS: [Head<TargetSort>; 7] = [
    Head::by(TargetSort::Name, common::CALLED),
    Head::by(TargetSort::Kind, common::KIND),
    Head::only(common::STATE),
    Head::by(TargetSort::LastTaken, words::LAST_TAKEN),
    Head::number(TargetSort::Taken, words::TAKEN),
    Head::number(TargetSort::Waiting, words::WAITING),
    Head::number(TargetSort::Refused, words::REFUSED),
];

fn table(visitor: &Visitor, heads: &Heads<'_, TargetSort>, rows: &[TargetRow]) -> Markup {
    html! {
        @if rows.is_empty() { p.note { (visitor.say(common::NOTHING)) } } @else {
            table {
                thead { tr { (heads.cells(&HEADS)) } }
                tbody { @for row in rows { tr {
                    td data-label=(visitor.say(common::CALLED)) {
                        a href={ "/integrations/" (row.target.id.0) } { (visible(&row.target.name)) }
                    }
                    td data-label=(visitor.say(common::KIND)) { (row.target.kind.in_words(visitor.language)) }
                    td data-label=(visitor.say(common::STATE)) { (state(visitor, row)) }
                    td data-label=(visitor.say(words::LAST_TAKEN)) { (last_taken(row)) }
                    td.number data-label=(visitor.say(words::TAKEN)) { (row.taken) }
                    td.number data-label=(visitor.say(words::WAITING)) { (row.waiting) }
                    td.number data-label=(visitor.say(words::REFUSED)) { (row.failed) }
                } } }
            }
        }
    }
}

fn state(visitor: &Visitor, row: &TargetRow) -> Markup {
    let (class, text) = match row {
        TargetRow { paused_at: Some(_), .. } => ("place-unavailable", words::IS_PAUSED),
        TargetRow { trouble: Some(_), .. } => ("place-degraded", words::IN_TROUBLE),
        TargetRow { taken_at: Some(_), .. } => ("place-ok", words::WORKS),
        _ => ("place-unavailable", words::NOTHING_YET),
    };
    html! { span.tag.(class) { (visitor.say(text)) } }
}

fn last_taken(row: &TargetRow) -> Markup {
    html! { @if let Some(at) = row.taken_at { (layout::time(at)) } @else { "–" } }
}
