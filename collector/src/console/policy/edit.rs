//! Writing a policy: the text, what is wrong with it, and what can be done with it.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use fileward_policy::Policy;
use maud::{Markup, html};

use super::{Writing, check, simulate, words};
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::work::deed::{Fields, field};
use crate::console::{Console, layout};
use crate::safe::visible;
use crate::store::policies::Publication;

fileward_protocol::words! {
    /// What a button does with the text.
    enum Deed {
        /// Save it and say what is wrong with it.
        Check = "check",
        /// Go on with the form.
        Form = "form",
        /// Compare it with what is in force.
        Compare = "compare",
        /// Try it on what the collector holds.
        Simulate = "simulate",
        /// Publish it.
        Publish = "publish",
        /// Forget it.
        Discard = "discard",
    }
}

pub(in crate::console) async fn page(visitor: Visitor, State(console): State<Arc<Console>>) -> Result<Markup, Oops> {
    let writing = Writing::of(&console, &visitor).await?;
    let groups = console.store.device_groups().await?;
    let button = |deed: Deed, text| html! { button.second name="what" value=(deed) { (visitor.say(text)) } };
    Ok(layout::page(
        &visitor,
        visitor.say(words::EDIT),
        &html! {
            (standing(&visitor, &writing))
            form id="edit" method="post" action="/policy/edit" {
                (layout::token(&visitor))
                label {
                    span { (visitor.say(words::DOCUMENT)) }
                    // A browser leaves out the first end of line.
                    textarea.document name="document" rows="28" spellcheck="false" autocomplete="off" wrap="off" {
                        "\n" (writing.document)
                    }
                }
                div.actions {
                    button name="what" value=(Deed::Check) { (visitor.say(words::CHECK)) }
                    (button(Deed::Form, words::FORM))
                    (button(Deed::Compare, words::COMPARE))
                    (button(Deed::Simulate, words::SIMULATE))
                    @if writing.saved_at.is_some() { (button(Deed::Discard, words::DISCARD)) }
                }
                div id="said" role="status" { (check::said(&visitor, &writing.document)) }
                (publishing(&visitor, &groups))
            }
            script src="/assets/policy.js" defer {}
        },
    ))
}

/// Whose text it is, and whether it has been overtaken.
fn standing(visitor: &Visitor, writing: &Writing) -> Markup {
    html! {
        @match writing.saved_at {
            Some(at) => p.small { (visitor.say(words::DRAFT_OF)) " " (layout::time(at)) },
            None => p.small { (visitor.say(words::FROM_IN_FORCE)) " " (writing.in_force.version) },
        }
        @if writing.saved_at.is_some_and(|at| at < writing.in_force.published_at) {
            p.note.warning { (visitor.say(words::OVERTAKEN)) " " (writing.in_force.version) }
        }
    }
}

fn publishing(visitor: &Visitor, groups: &[String]) -> Markup {
    html! {
        fieldset {
            legend { (visitor.say(words::PUBLISH)) }
            p { label.choice { input type="radio" name="to" value="everybody" checked; (visitor.say(words::TO_EVERYBODY)) } }
            @if !groups.is_empty() {
                p { label.choice { input type="radio" name="to" value="groups"; (visitor.say(words::TO_GROUPS)) } }
                div.actions { @for group in groups {
                    label.choice { input type="checkbox" name="group" value=(group); (visible(group)) }
                } }
            }
            div.actions {
                (super::why(visitor))
                button name="what" value=(Deed::Publish) { (visitor.say(words::PUBLISH)) }
            }
            p.small { (visitor.say(words::WITHIN_A_MINUTE)) }
        }
    }
}

pub(in crate::console) async fn act(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(fields): Form<Fields>,
) -> Result<Response, Oops> {
    visitor.must_be_own_form(field(&fields, "token"))?;
    let deed: Result<Deed, _> = field(&fields, "what").parse();
    let deed = deed.unwrap_or(Deed::Check);
    if deed == Deed::Discard {
        console.store.keep_draft(visitor.user.id, None).await?;
        return Ok(Redirect::to("/policy").into_response());
    }
    let document = super::keep(&console, &visitor, raw(&fields, "document")).await?;
    let on = match deed {
        Deed::Form => "/policy/form".to_owned(),
        Deed::Compare => "/policy/compare".to_owned(),
        Deed::Simulate => simulate::start(&console, &visitor, &document)?.to_owned(),
        Deed::Publish => publish(&console, &visitor, &fields, document).await?,
        Deed::Check | Deed::Discard => "/policy/edit".to_owned(),
    };
    Ok(Redirect::to(&on).into_response())
}

/// Publishes what is right; what is not is shown with its faults.
async fn publish(console: &Console, visitor: &Visitor, fields: &Fields, document: String) -> Result<String, Oops> {
    if Policy::parse(&document).is_err() {
        return Ok("/policy/edit".to_owned());
    }
    let groups: Vec<String> = match field(fields, "to") {
        "groups" => named(fields, "group"),
        _ => Vec::new(),
    };
    if field(fields, "to") == "groups" && groups.is_empty() {
        return Err(Oops::Conflict(visitor.say(words::NO_GROUP_CHOSEN).to_owned()));
    }
    let why = field(fields, "why").to_owned();
    if why.is_empty() {
        return Err(Oops::Conflict(visitor.say(words::WHY_MISSING).to_owned()));
    }
    let publication = Publication { document, why, groups };
    let version = console.store.publish_policy(publication, visitor.by()).await?;
    console.store.keep_draft(visitor.user.id, None).await?;
    Ok(format!("/policy/{version}"))
}

/// The faults alone, for the script that asks while somebody types. Nothing is kept.
pub(in crate::console) async fn check(visitor: Visitor, Form(fields): Form<Fields>) -> Result<Markup, Oops> {
    visitor.must_be_own_form(field(&fields, "token"))?;
    let document = raw(&fields, "document").replace("\r\n", "\n");
    Ok(check::said(&visitor, &document))
}

/// A field as it was typed.
fn raw<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value)
}

fn named(fields: &Fields, name: &str) -> Vec<String> {
    let found = fields.iter().filter(|(key, _)| key == name);
    found.map(|(_, value)| value.clone()).collect()
}
