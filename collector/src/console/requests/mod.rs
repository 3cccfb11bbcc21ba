//! What people ask of their own data: to see it, and to have it corrected.

pub(super) mod corrections;
pub(super) mod person;
pub(super) mod words;

use std::sync::Arc;

use axum::extract::{Query, State};
use maud::{Markup, html};
use serde::Deserialize;

use super::access::Right;
use super::oops::Oops;
use super::order::Heads;
use super::routes::Routes;
use super::visitor::Visitor;
use super::{Console, layout, order};
use crate::safe::visible;
use crate::store::corrections::CorrectionFilter;

/// The routes of these pages.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .page("/requests", Right::Requests, page)
        .form("/requests/person", Right::Requests, person::give)
        .page("/corrections/new", Right::Requests, corrections::form)
        .form("/corrections", Right::Requests, corrections::ask)
        .page("/corrections/{correction}", Right::Requests, corrections::page)
        .form("/corrections/{correction}", Right::Requests, corrections::decide)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    name: String,
    offset: u64,
    #[serde(flatten)]
    order: order::Asked,
}

async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    let found = if asked.name.trim().is_empty() {
        None
    } else {
        let person = person::find(&console, &visitor, &asked.name).await?;
        person.note_look(&*console.store, visitor.by()).await?;
        Some(person)
    };
    let paging = layout::rows_from(asked.offset);
    let filter = CorrectionFilter {
        order: asked.order.order(),
        ..CorrectionFilter::default()
    };
    let query = asked.order.pairs();
    let heads = Heads {
        language: visitor.language,
        path: "/requests",
        query: &query,
        order: filter.order,
    };
    let wanted = console.store.corrections(filter, paging).await?;
    Ok(layout::page(
        &visitor,
        visitor.say(words::REQUESTS),
        &html! {
            h2 { (visitor.say(words::SEE)) }
            form.filter method="get" action="/requests" role="search" {
                label {
                    span { (visitor.say(words::NAMES)) }
                    input type="search" name="name" value=(visible(&asked.name)) size="40" autocomplete="off" required;
                }
                button { (visitor.say(words::FIND)) }
            }
            p.small { (visitor.say(words::FIND_NOTE)) }
            @if let Some(person) = &found { (person::parts(&visitor, person, &asked.name)) }
            h2 { (visitor.say(words::CORRECTIONS)) }
            (corrections::table(&visitor, &heads, &wanted.rows))
            (layout::pager(visitor.language, "/requests", &query, paging, wanted.total))
            p.small { (visitor.say(words::ASK_NOTE)) }
        },
    ))
}
