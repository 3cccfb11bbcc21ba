//! The policy in force, as published.

use std::sync::Arc;

use axum::extract::{Query, State};
use maud::{Markup, html};
use serde::Deserialize;

use super::access::Right;
use super::layout;
use super::oops::Oops;
use super::visitor::Visitor;
use super::{Console, words};
use crate::safe::visible;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    version: Option<u64>,
}

pub(super) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    visitor.must(Right::Policy)?;
    let shown = console
        .store
        .policy(asked.version)
        .await?
        .ok_or(Oops::NotFound(visitor.language))?;
    let versions = console.store.policies().await?;
    Ok(layout::page(
        &visitor,
        &format!("{} {}", visitor.say(words::POLICY), shown.version),
        &html! {
            pre tabindex="0" role="region" aria-label=(visitor.say(words::POLICY)) { code { (shown.document) } }
            table {
                thead { tr {
                    @for head in [words::POLICY_VERSION, words::PUBLISHED, words::BY] { th scope="col" { (visitor.say(head)) } }
                } }
                tbody { @for row in &versions { tr {
                    td { a href={ "/policy?version=" (row.version) } { (row.version) } }
                    td { (layout::time(row.published_at)) }
                    td { (visible(&row.published_by)) }
                } } }
            }
        },
    ))
}
