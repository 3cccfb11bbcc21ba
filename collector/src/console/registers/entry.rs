//! One thing that is filed: its note, and its end before its time.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::Redirect;
use fileward_policy::words::InWords as _;
use maud::{Markup, html};
use serde::Deserialize;

use super::{cell, note_look, words};
use crate::console::oops::Oops;
use crate::console::requests::corrections;
use crate::console::visitor::Visitor;
use crate::console::{Console, layout};
use crate::filing::Field;
use crate::filing::draft::tidy;
use crate::safe::visible;
use crate::store::corrections::About;
use crate::store::work::TEXT_LIMIT;

pub(in crate::console) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<u64>,
) -> Result<Markup, Oops> {
    let found = console.store.filing(id).await?;
    let row = found.ok_or(Oops::NotFound(visitor.language))?;
    note_look(&console, &visitor, format!("filing {id}"), 1).await?;
    let corrected = corrections::of(&console, About::Filing(id)).await?;
    let kind = row.matter.kind;
    Ok(layout::page(
        &visitor,
        &visible(&row.matter.name),
        &html! {
            dl {
                dt { (visitor.say(words::REGISTERS)) }
                dd { a href={ "/registers?kind=" (kind) } { (kind.in_words(visitor.language)) } }
                @for field in Field::of(kind) {
                    dt { (visitor.say(words::label(kind, *field))) } dd { (cell(&visitor, &row, *field)) }
                }
                dt { (visitor.say(words::FILED)) } dd { (layout::time(row.filed_at)) }
                dt { (visitor.say(words::FILED_BY)) } dd { (layout::actor(&row.filed_by, visitor.language)) }
                @if let Some(application) = row.application {
                    dt { (visitor.say(words::APPLICATION)) }
                    dd { a href={ "/applications/" (application) } { (application) } }
                }
            }
            (corrections::beside(&visitor, About::Filing(id), &corrected))
            (form(&visitor, id, "note", words::NOTE, words::SAVE_NOTE, &row.note))
            (form(&visitor, id, "end", words::REASON, words::END, ""))
        },
    ))
}

fn form(
    visitor: &Visitor,
    id: u64,
    what: &str,
    label: fileward_policy::words::Both,
    button: fileward_policy::words::Both,
    text: &str,
) -> Markup {
    html! {
        form.actions method="post" action={ "/registers/" (id) } {
            (layout::token(visitor))
            label { span { (visitor.say(label)) } input name="text" maxlength=(TEXT_LIMIT) size="36" value=(visible(text)); }
            button.second name="what" value=(what) { (visitor.say(button)) }
        }
    }
}

fileward_protocol::words! {
    /// What can be done with something filed.
    pub(in crate::console) enum What {
        /// Write another note.
        Note = "note",
        /// End it.
        End = "end",
    }
}

#[derive(Deserialize)]
pub(in crate::console) struct Deed {
    token: String,
    what: What,
    text: String,
}

pub(in crate::console) async fn act(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<u64>,
    Form(deed): Form<Deed>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&deed.token)?;
    let found = console.store.filing(id).await?;
    let row = found.ok_or(Oops::NotFound(visitor.language))?;
    let text: String = tidy(&deed.text).chars().take(TEXT_LIMIT).collect();
    match deed.what {
        What::Note => {
            console.store.note_filing(id, text, visitor.by()).await?;
            Ok(Redirect::to(&format!("/registers/{id}")))
        }
        What::End => {
            console.store.end_filing(id, text, visitor.by()).await?;
            Ok(Redirect::to(&format!("/registers?kind={}", row.matter.kind)))
        }
    }
}
