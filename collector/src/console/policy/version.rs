//! One version: its document, who published it and why, and going back to it.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::Redirect;
use fileward_policy::Policy;
use maud::{Markup, html};

use super::words;
use crate::console::access::Right;
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::work::deed::{Fields, field};
use crate::console::{Console, layout, words as common};
use crate::store::policies::{PolicyRow, Publication, Reach};

pub(in crate::console) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(version): Path<u64>,
) -> Result<Markup, Oops> {
    let row = one(&console, &visitor, version).await?;
    let in_force = console.store.policy(None).await?;
    let is_in_force = in_force.as_ref().is_some_and(|other| other.version == version);
    Ok(layout::page(
        &visitor,
        &format!("{} {version}", visitor.say(common::POLICY)),
        &html! {
            (super::facts(&visitor, &row))
            @if let Some(other) = in_force.filter(|_| !is_in_force) {
                p { a href={ "/policy/compare?from=" (version) "&to=" (other.version) } { (visitor.say(words::COMPARE)) } }
            }
            @if visitor.may(Right::Publish) && !is_in_force { (deeds(&visitor, &row)) }
            h2 { (visitor.say(words::DOCUMENT)) }
            (super::document(&visitor, &row.document))
        },
    ))
}

fn deeds(visitor: &Visitor, row: &PolicyRow) -> Markup {
    let (publish, on_trial) = match row.reach {
        Reach::Trial { ended: None, .. } => (words::TRIAL_TO_EVERYBODY, true),
        _ => (words::ROLL_BACK, false),
    };
    html! {
        form.actions method="post" action={ "/policy/" (row.version) } {
            (layout::token(visitor))
            (super::why(visitor))
            button name="what" value="publish" { (visitor.say(publish)) }
            @if on_trial { button.second name="what" value="withdraw" { (visitor.say(words::WITHDRAW)) } }
        }
    }
}

pub(in crate::console) async fn act(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(version): Path<u64>,
    Form(fields): Form<Fields>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(field(&fields, "token"))?;
    let row = one(&console, &visitor, version).await?;
    let refuse = |text| Err(Oops::Conflict(visitor.say(text).to_owned()));
    let why = field(&fields, "why").to_owned();
    if why.is_empty() {
        return refuse(words::WHY_MISSING);
    }
    match field(&fields, "what") {
        "withdraw" => console.store.withdraw_trial(version, why, visitor.by()).await?,
        "publish" if Policy::parse(&row.document).is_err() => return refuse(words::NOT_VALID_ANY_MORE),
        "publish" => {
            let publication = Publication {
                document: row.document,
                why,
                groups: Vec::new(),
            };
            console.store.publish_policy(publication, visitor.by()).await?;
        }
        _ => return refuse(words::NO_SUCH_ACT),
    }
    Ok(Redirect::to("/policy"))
}

async fn one(console: &Console, visitor: &Visitor, version: u64) -> Result<PolicyRow, Oops> {
    let row = console.store.policy(Some(version)).await?;
    row.ok_or(Oops::NotFound(visitor.language))
}
