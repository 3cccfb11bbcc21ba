//! The policy desk: what is in force and on trial, writing the next one, trying it out, publishing and rolling back.

mod check;
mod compare;
mod edit;
mod fields;
mod form;
mod simulate;
mod simulations;
mod sorting;
mod toml;
mod version;
mod words;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Query, State};
use axum::handler::Handler as _;
use jiff::Timestamp;
use maud::{Markup, html};

use self::sorting::VersionSort;
use super::access::Right;
use super::layout;
use super::oops::Oops;
use super::order::{Head, Heads};
use super::routes::Routes;
use super::visitor::Visitor;
use super::{Console, order, words as common};
use crate::safe::visible;
use crate::store::policies::{Draft, PolicyRow, Reach, WHY_LIMIT};

pub(super) use simulations::Simulations;

/// The largest document, in bytes.
const DOCUMENT_LIMIT: usize = 256 * 1024;

/// The largest form with a document in it: each byte of Chinese takes three.
const FORM_LIMIT: usize = 4 * DOCUMENT_LIMIT;

/// The page that has a script of its own.
pub(super) const WITH_SCRIPT: &str = "/policy/edit";

/// The pages of policies, each with what it needs.
pub(super) fn routes(routes: Routes) -> Routes {
    let document = DefaultBodyLimit::max(FORM_LIMIT);
    routes
        .page("/policy", Right::Policy, page)
        .page("/policy/edit", Right::Publish, edit::page)
        .form("/policy/edit", Right::Publish, edit::act.layer(document))
        .form("/policy/check", Right::Publish, edit::check.layer(document))
        .page("/policy/form", Right::Publish, form::page)
        .form("/policy/form", Right::Publish, form::set.layer(document))
        .page("/policy/compare", Right::Policy, compare::page)
        .page("/policy/simulate", Right::Publish, simulate::page)
        .form("/policy/simulate", Right::Publish, simulate::begin.layer(document))
        .page("/policy/{version}", Right::Policy, version::page)
        .form("/policy/{version}", Right::Publish, version::act)
}

pub(super) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<order::Asked>,
) -> Result<Markup, Oops> {
    let versions = console.store.policies().await?;
    let order = asked.order();
    let heads = Heads {
        language: visitor.language,
        path: "/policy",
        query: &[],
        order,
    };
    let in_force = versions.iter().find(|row| row.reach == Reach::Everybody);
    Ok(layout::page(
        &visitor,
        visitor.say(common::POLICY),
        &html! {
            @if visitor.may(Right::Publish) {
                p.actions {
                    a href="/policy/edit" { (visitor.say(words::EDIT)) }
                    a href="/policy/form" { (visitor.say(words::FORM)) }
                    a href="/policy/simulate" { (visitor.say(words::SIMULATE)) }
                }
            }
            @if let Some(row) = in_force { h2 { (visitor.say(words::IN_FORCE)) } (facts(&visitor, row)) }
            @let trials: Vec<_> = versions.iter().filter(|row| row.reach.is_on_trial()).collect();
            @if !trials.is_empty() {
                h2 { (visitor.say(words::TRIALS)) }
                @for row in trials { (facts(&visitor, row)) }
            }
            h2 { (visitor.say(words::VERSIONS)) }
            (table(&visitor, &heads, &sorting::sorted(&versions, order)))
            h2 { (visitor.say(words::COMPARE)) }
            (compare::choose(&visitor, &versions, &compare::Asked::default()))
        },
    ))
}

/// What is kept of a publication, as lines.
fn facts(visitor: &Visitor, row: &PolicyRow) -> Markup {
    html! {
        dl {
            dt { (visitor.say(common::POLICY_VERSION)) } dd { a href={ "/policy/" (row.version) } { (row.version) } }
            dt { (visitor.say(words::FOR)) } dd { (for_whom(visitor, &row.reach)) }
            dt { (visitor.say(common::PUBLISHED)) } dd { (layout::time(row.published_at)) }
            dt { (visitor.say(common::BY)) } dd { (layout::actor(&row.published_by, visitor.language)) }
            dt { (visitor.say(words::WHY)) } dd { (visible(&row.why)) }
        }
    }
}

fn for_whom(visitor: &Visitor, reach: &Reach) -> Markup {
    match reach {
        Reach::Everybody => html! { (visitor.say(words::EVERYBODY)) },
        Reach::Trial { groups, ended } => html! {
            (visible(&groups.join(", "))) " · "
            @match ended {
                None => { (visitor.say(words::ON_TRIAL)) },
                Some(ended) => { (visitor.say(words::TRIAL_ENDED)) " " (layout::time(*ended)) },
            }
        },
    }
}

const HEADS: [Head<VersionSort>; 5] = [
    Head::by(VersionSort::Version, common::POLICY_VERSION),
    Head::by(VersionSort::Published, common::PUBLISHED),
    Head::by(VersionSort::By, common::BY),
    Head::only(words::FOR),
    Head::only(words::WHY),
];

fn table(visitor: &Visitor, heads: &Heads<'_, VersionSort>, versions: &[&PolicyRow]) -> Markup {
    html! {
        table {
            thead { tr { (heads.cells(&HEADS)) } }
            tbody { @for row in versions { tr {
                td data-label=(visitor.say(common::POLICY_VERSION)) { a href={ "/policy/" (row.version) } { (row.version) } }
                td data-label=(visitor.say(common::PUBLISHED)) { (layout::time(row.published_at)) }
                td data-label=(visitor.say(common::BY)) { (layout::actor(&row.published_by, visitor.language)) }
                td data-label=(visitor.say(words::FOR)) { (for_whom(visitor, &row.reach)) }
                td data-label=(visitor.say(words::WHY)) { (visible(&row.why)) }
            } } }
        }
    }
}

/// The sentence that every publication asks for.
fn why(visitor: &Visitor) -> Markup {
    html! { label { span { (visitor.say(words::WHY_ASKED)) } input name="why" maxlength=(WHY_LIMIT) size="40"; } }
}

/// A document, line by line as it is, with what is hidden in it made visible.
fn document(visitor: &Visitor, text: &str) -> Markup {
    html! {
        pre tabindex="0" role="region" aria-label=(visitor.say(common::POLICY)) { code {
            @for line in text.lines() { (shown(line)) "\n" }
        } }
    }
}

/// A line of a document, as it can be shown.
fn shown(line: &str) -> String {
    line.split('\t').map(visible).collect::<Vec<_>>().join("\t")
}

/// A document somebody writes.
struct Writing {
    /// The document.
    document: String,
    /// When it was saved; none where nothing was written yet, and the document is the one in force.
    saved_at: Option<Timestamp>,
    /// The version that everybody has.
    in_force: PolicyRow,
}

impl Writing {
    async fn of(console: &Console, visitor: &Visitor) -> Result<Self, Oops> {
        let in_force = console
            .store
            .policy(None)
            .await?
            .ok_or(Oops::NotFound(visitor.language))?;
        let (document, saved_at) = match console.store.draft(visitor.user.id).await? {
            Some(draft) => (draft.document, Some(draft.saved_at)),
            None => (in_force.document.clone(), None),
        };
        Ok(Self {
            document,
            saved_at,
            in_force,
        })
    }
}

/// Keeps what somebody writes.
async fn keep(console: &Console, visitor: &Visitor, document: &str) -> Result<String, Oops> {
    // Browsers send ends of lines as two characters.
    let document = document.replace("\r\n", "\n");
    if document.len() > DOCUMENT_LIMIT {
        return Err(Oops::Conflict(visitor.say(words::TOO_LONG).to_owned()));
    }
    let draft = Draft {
        document: document.clone(),
        saved_at: Timestamp::now(),
    };
    console.store.keep_draft(visitor.user.id, Some(draft)).await?;
    Ok(document)
}
