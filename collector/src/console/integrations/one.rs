//! One integration: how it goes, what it refused, and what can be done with it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use fileward_policy::words::{Both, InWords as _};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::{last_taken, state, words};
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::{Console, layout, words as common};
use crate::safe::visible;
use crate::store::targets::{FailedRow, TargetRow};
use crate::store::{Page, Paging};

/// How long a test waits for an answer: less than a page may take.
const TEST_TIME: Duration = Duration::from_secs(20);

pub(super) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<Uuid>,
    Query(asked): Query<layout::Part>,
) -> Result<Markup, Oops> {
    let row = console.target(&visitor, id).await?;
    show(&console, &visitor, &row, asked.offset, &html! {}).await
}

async fn show(
    console: &Console,
    visitor: &Visitor,
    row: &TargetRow,
    offset: u64,
    told: &Markup,
) -> Result<Markup, Oops> {
    let paging = layout::rows_from(offset);
    let failed = console.store.failed(Some(row.target.name.clone()), paging).await?;
    Ok(layout::page(
        visitor,
        &visible(&row.target.name),
        &html! {
            (told)
            (facts(visitor, row))
            (deeds(visitor, row))
            @if failed.total > 0 { (refused(visitor, row, &failed, paging)) }
        },
    ))
}

fn facts(visitor: &Visitor, row: &TargetRow) -> Markup {
    let wanted = &row.target.wanted;
    let is_robot = row.target.kind.is_robot();
    html! {
        dl {
            dt { (visitor.say(common::KIND)) } dd { (row.target.kind.in_words(visitor.language)) }
            dt { (visitor.say(words::ADDRESS)) } dd { (visible(&row.target.address)) }
            dt { (visitor.say(words::FROM)) } dd { (layout::severity(wanted.from, visitor.language)) }
            @if !is_robot { dt { (visitor.say(words::FORM)) } dd { (wanted.form.in_words(visitor.language)) } }
            @if is_robot && wanted.file_names { dt { (visitor.say(words::TOLD)) } dd { (visitor.say(words::FILE_NAMES)) } }
            dt { (visitor.say(common::STATE)) }
            dd { (state(visitor, row)) @if let Some(at) = row.paused_at { " " (layout::time(at)) } }
            @if let Some(trouble) = &row.trouble { dt { (visitor.say(words::TROUBLE)) } dd { (visible(trouble)) } }
            dt { (visitor.say(words::LAST_TAKEN)) } dd { (last_taken(row)) }
            dt { (visitor.say(words::TAKEN)) } dd { (row.taken) }
            dt { (visitor.say(words::WAITING)) } dd { (row.waiting) }
            dt { (visitor.say(words::REFUSED)) } dd { (row.failed) }
        }
    }
}

fn deeds(visitor: &Visitor, row: &TargetRow) -> Markup {
    let at = format!("/integrations/{}", row.target.id.0);
    let mut offered = vec![(What::Test, words::TEST)];
    offered.push(match row.paused_at {
        Some(_) => (What::Resume, words::RESUME),
        None => (What::Pause, words::PAUSE),
    });
    if row.failed > 0 {
        offered.push((What::Retry, words::RETRY));
    }
    let button = |(what, text): (What, Both)| {
        html! {
            form method="post" action=(at) {
                (layout::token(visitor))
                button.second name="what" value=(what) { (visitor.say(text)) }
            }
        }
    };
    html! {
        div.actions { @for deed in offered { (button(deed)) } }
        details {
            summary { (visitor.say(words::REMOVE)) }
            p.small { (visitor.say(words::REMOVE_NOTE)) }
            (button((What::Remove, words::REMOVE)))
        }
    }
}

fn refused(visitor: &Visitor, row: &TargetRow, failed: &Page<FailedRow>, paging: Paging) -> Markup {
    let heads = [common::WHEN, words::ABOUT, words::REASON, common::STATE];
    let at = format!("/integrations/{}", row.target.id.0);
    html! {
        h2 { (visitor.say(words::REFUSED_LETTERS)) }
        table {
            thead { tr { @for head in heads { th scope="col" { (visitor.say(head)) } } } }
            tbody { @for letter in &failed.rows { tr {
                td data-label=(visitor.say(heads[0])) { (layout::time(letter.at)) }
                td data-label=(visitor.say(heads[1])) { (letter.about.in_words(visitor.language)) }
                td data-label=(visitor.say(heads[2])) { (visible(&letter.reason)) }
                td data-label=(visitor.say(heads[3])) { @if letter.again { (visitor.say(words::AGAIN)) } @else { "–" } }
            } } }
        }
        (layout::pager(visitor.language, &at, &[], paging, failed.total))
    }
}

fileward_protocol::words! {
    /// What can be done with an integration.
    pub(super) enum What {
        /// Send a message to see whether it arrives.
        Test = "test",
        /// Tell it nothing for a while.
        Pause = "pause",
        /// Tell it again.
        Resume = "resume",
        /// Send again what it refused.
        Retry = "retry",
        /// Tell it nothing from then on.
        Remove = "remove",
    }
}

#[derive(Deserialize)]
pub(super) struct Deed {
    token: String,
    what: What,
}

pub(super) async fn act(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<Uuid>,
    Form(deed): Form<Deed>,
) -> Result<Response, Oops> {
    visitor.must_be_own_form(&deed.token)?;
    let row = console.target(&visitor, id).await?;
    let (name, by) = (row.target.name, visitor.by());
    match deed.what {
        What::Test => return Ok(test(&console, &visitor, id, name).await?.into_response()),
        What::Pause => console.store.set_paused(name, true, by).await?,
        What::Resume => console.store.set_paused(name, false, by).await?,
        What::Retry => console.store.retry(name, by).await.map(|_| ())?,
        What::Remove => {
            let removed = console.kept().remove(name, by).await;
            removed.map_err(|error| Oops::Conflict(format!("{error:#}")))?;
            return Ok(Redirect::to("/integrations").into_response());
        }
    }
    Ok(Redirect::to(&format!("/integrations/{id}")).into_response())
}

/// Sends a test message, and says on the page what became of it.
async fn test(console: &Console, visitor: &Visitor, id: Uuid, name: String) -> Result<Markup, Oops> {
    let kept = console.kept();
    let sent = tokio::time::timeout(TEST_TIME, kept.test(name, visitor.by())).await;
    let why = match sent {
        Ok(Ok(outcome)) => outcome.reason().map(visible),
        Ok(Err(error)) => Some(visible(&format!("{error:#}"))),
        Err(_) => Some(visitor.say(words::NO_ANSWER).to_owned()),
    };
    let told = html! {
        @match &why {
            None => p.note role="status" { (visitor.say(words::ARRIVED)) },
            Some(why) => p.note.warning role="alert" { (visitor.say(words::NOT_ARRIVED)) " " (why) },
        }
    };
    let row = console.target(visitor, id).await?;
    show(console, visitor, &row, 0, &told).await
}
