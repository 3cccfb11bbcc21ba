//! The common parts of a policy as a form, for those who would rather not write TOML.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use fileward_policy::{Effective, Policy};
use maud::{Markup, html};
use toml_edit::DocumentMut;

use super::fields::{self, Field, Kind, PARTS};
use super::{Writing, words};
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::work::deed::Fields;
use crate::console::{Console, layout};

pub(in crate::console) async fn page(visitor: Visitor, State(console): State<Arc<Console>>) -> Result<Markup, Oops> {
    let writing = Writing::of(&console, &visitor).await?;
    let content = match Policy::parse(&writing.document) {
        Ok(policy) => form(&visitor, &policy.effective(None)),
        Err(_) => {
            html! { p.note.warning { (visitor.say(words::MEND_FIRST)) " " a href="/policy/edit" { (visitor.say(words::EDIT)) } } }
        }
    };
    Ok(layout::page(&visitor, visitor.say(words::FORM), &content))
}

fn form(visitor: &Visitor, policy: &Effective) -> Markup {
    html! {
        p.small { (visitor.say(words::FORM_NOTE)) }
        form method="post" action="/policy/form" {
            (layout::token(visitor))
            @for part in PARTS {
                fieldset {
                    legend { (visitor.say(part.title)) }
                    @if let Some(note) = part.note { p.small { (visitor.say(note)) } }
                    div.actions { @for field in part.fields { (input(visitor, field, &(field.shown)(policy))) } }
                }
            }
            div.actions { button { (visitor.say(words::INTO_DOCUMENT)) } }
        }
    }
}

fn input(visitor: &Visitor, field: &Field, value: &str) -> Markup {
    const YES_NO: &[(&str, fileward_policy::words::Both)] = &[("true", words::NAMES), ("false", words::HASHES)];
    let choices = match field.kind {
        Kind::Choice(choices) => choices,
        _ => YES_NO,
    };
    html! {
        label {
            span { (visitor.say(field.label)) }
            @match field.kind {
                Kind::OrOff => input name=(field.name) value=(value) size="8" maxlength="20";,
                Kind::Lines => textarea name=(field.name) rows="6" { "\n" (value) },
                Kind::Choice(_) | Kind::YesNo => select name=(field.name) {
                    @for (word, text) in choices { option value=(word) selected[*word == value] { (visitor.say(*text)) } }
                },
            }
        }
    }
}

/// Writes what was changed into the document, which is kept as a draft; the editor shows it, with what is wrong.
pub(in crate::console) async fn set(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(typed): Form<Fields>,
) -> Result<Response, Oops> {
    visitor.must_be_own_form(crate::console::work::deed::field(&typed, "token"))?;
    let writing = Writing::of(&console, &visitor).await?;
    let Some(document) = written(&writing.document, &typed) else {
        return Err(Oops::Conflict(visitor.say(words::MEND_FIRST).to_owned()));
    };
    super::keep(&console, &visitor, &document).await?;
    Ok(Redirect::to("/policy/edit").into_response())
}

/// The document with what was typed. None where it cannot be read, or has something else where a field belongs.
fn written(document: &str, typed: &Fields) -> Option<String> {
    let policy = Policy::parse(document).ok()?.effective(None);
    let mut document: DocumentMut = document.parse().ok()?;
    for field in fields::all() {
        if let Some((_, value)) = typed.iter().find(|(name, _)| name == field.name) {
            field.write(value, &policy, &mut document).ok()?;
        }
    }
    Some(document.to_string())
}
