//! The links to the employees' form: one a group, each with its end.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::Redirect;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::words;
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::{Console, layout, words as common};
use crate::filing::draft::tidy;
use crate::filing::time;
use crate::safe::visible;
use crate::secret::Secret;
use crate::store::StoreError;
use crate::store::applications::{FormRow, LONGEST_FORM, NewForm};

/// The most characters of a group's name.
const GROUP_LIMIT: usize = 100;

pub(in crate::console) async fn page(visitor: Visitor, State(console): State<Arc<Console>>) -> Result<Markup, Oops> {
    let forms = console.store.forms(Timestamp::now()).await?;
    Ok(all(&visitor, &forms, None))
}

fn all(visitor: &Visitor, forms: &[FormRow], made: Option<&str>) -> Markup {
    layout::page(
        visitor,
        visitor.say(words::FORMS),
        &html! {
            p.small { (visitor.say(words::FORMS_NOTE)) }
            @if let Some(address) = made {
                p.note role="status" { (visitor.say(words::FORM_MADE)) " " code { (address) } }
            }
            form.actions method="post" action="/registers/forms" {
                (layout::token(visitor))
                label { span { (visitor.say(common::GROUP)) } input name="group" maxlength=(GROUP_LIMIT) required; }
                label { span { (visitor.say(words::ENDS)) } input type="date" name="until" required; }
                button { (visitor.say(words::MAKE_FORM)) }
            }
            @if forms.is_empty() { p.note { (visitor.say(common::NOTHING)) } } @else { (table(visitor, forms)) }
        },
    )
}

fn table(visitor: &Visitor, forms: &[FormRow]) -> Markup {
    html! {
        table {
            thead { tr { @for head in [common::GROUP, words::ENDS, words::FILED_BY, common::WHAT] {
                th scope="col" { (visitor.say(head)) }
            } } }
            tbody { @for form in forms { tr {
                td data-label=(visitor.say(common::GROUP)) { (visible(&form.group)) }
                td data-label=(visitor.say(words::ENDS)) { (layout::day(form.until)) }
                td data-label=(visitor.say(words::FILED_BY)) { (layout::actor(&form.created_by, visitor.language)) " " (layout::day(form.created_at)) }
                td data-label=(visitor.say(common::WHAT)) {
                    form method="post" action={ "/registers/forms/" (form.id) } {
                        (layout::token(visitor))
                        button.second { (visitor.say(words::CLOSE_FORM)) }
                    }
                }
            } } }
        }
    }
}

#[derive(Deserialize)]
pub(in crate::console) struct Made {
    token: String,
    group: String,
    until: String,
}

pub(in crate::console) async fn make(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(made): Form<Made>,
) -> Result<Markup, Oops> {
    visitor.must_be_own_form(&made.token)?;
    let refuse = |text| Err(Oops::Conflict(visitor.say(text).to_owned()));
    let group = tidy(&made.group);
    if group.is_empty() || group.chars().count() > GROUP_LIMIT {
        return refuse(words::NO_GROUP);
    }
    let now = Timestamp::now();
    let is_near = |until: &Timestamp| *until > now && *until <= now + LONGEST_FORM;
    let Some(until) = time::end_of_day(&made.until).filter(is_near) else {
        return refuse(words::BAD_FORM_END);
    };
    let secret = Secret::new().map_err(|error| Oops::Store(StoreError::Database(error.into())))?;
    let form = NewForm {
        secret_hash: secret.hash(),
        group,
        until,
    };
    console.store.open_form(form, visitor.by()).await?;
    let forms = console.store.forms(now).await?;
    let address = format!("{}/file/{}", console.url, secret.text());
    Ok(all(&visitor, &forms, Some(&address)))
}

#[derive(Deserialize)]
pub(in crate::console) struct Closed {
    token: String,
}

pub(in crate::console) async fn close(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<u64>,
    Form(closed): Form<Closed>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&closed.token)?;
    console.store.close_form(id, visitor.by()).await?;
    Ok(Redirect::to("/registers/forms"))
}
