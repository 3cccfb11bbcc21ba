//! The employees' form: open to whoever has its address, without a log-in. It takes an application and answers with a number
//! and a secret address, at which its state is seen and it can be withdrawn.

mod form;
mod words;

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use fileward_policy::words::{Both, InWords as _};
use fileward_protocol::vocabulary::Language;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use self::form::Filled;
use super::oops::Oops;
use super::registers::words as of_registers;
use super::visitor::Speaks;
use super::{Console, layout};
use crate::safe::visible;
use crate::secret::{self, Secret};
use crate::store::applications::{Application, Decision, NewApplication, Obstacle};
use crate::store::filings::Kind;
use crate::store::{Actor, By, StoreError};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
}

fn said(status: StatusCode, language: Language, text: Both) -> Response {
    let page = layout::front(
        language,
        words::TITLE.to(language),
        &html! { p.note { (text.to(language)) } },
    );
    (status, page).into_response()
}

pub(super) async fn page(
    Speaks(language): Speaks,
    State(console): State<Arc<Console>>,
    Path(secret): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Oops> {
    let found = console.store.form(secret::hash(&secret), Timestamp::now()).await?;
    let Some(row) = found else {
        return Ok(said(StatusCode::NOT_FOUND, language, words::CLOSED));
    };
    let filled = Filled::empty(asked.kind.parse().unwrap_or(Kind::Account));
    Ok(form::show(language, &row.group, &filled, None).into_response())
}

pub(super) async fn send(
    Speaks(language): Speaks,
    State(console): State<Arc<Console>>,
    Path(form): Path<String>,
    Form(filled): Form<Filled>,
) -> Result<Response, Oops> {
    let hash = secret::hash(&form);
    let by = By::now(Actor::Applicant);
    let Some(row) = console.store.form(hash, by.at).await? else {
        return Ok(said(StatusCode::NOT_FOUND, language, words::CLOSED));
    };
    let checked = match filled.check(&console.company_key, by.at) {
        Ok(checked) => checked,
        Err(wrong) => {
            let page = form::show(language, &row.group, &filled, Some(wrong));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let secret = Secret::new().map_err(|error| Oops::Store(StoreError::Database(error.into())))?;
    let application = NewApplication {
        secret_hash: secret.hash(),
        person: checked.owner,
        matter: checked.matter,
        reason: checked.note,
    };
    match console.store.apply(hash, application, by).await? {
        Ok(_) => Ok(Redirect::to(&format!("/filed/{}", secret.text())).into_response()),
        Err(Obstacle::TooMany) => Ok(said(StatusCode::TOO_MANY_REQUESTS, language, Obstacle::TooMany.both())),
        Err(_) => Ok(said(StatusCode::NOT_FOUND, language, words::CLOSED)),
    }
}

pub(super) async fn state(
    Speaks(language): Speaks,
    State(console): State<Arc<Console>>,
    Path(secret): Path<String>,
) -> Result<Response, Oops> {
    let found = console.store.application_of(secret::hash(&secret)).await?;
    let application = found.ok_or(Oops::NotFound(language))?;
    Ok(told(language, &application).into_response())
}

/// The state, for whoever asked: by which rights people decided, but not their names in the console.
fn told(language: Language, application: &Application) -> Markup {
    let row = &application.row;
    layout::front(
        language,
        &format!("{} {}", words::SENT.to(language), row.id),
        &html! {
            p.note { (words::KEEP.to(language)) }
            p { (row.matter.kind.in_words(language)) " · " (visible(&row.matter.name)) }
            p { b { (row.state.in_words(language)) } }
            ol.life { @for step in &application.steps { li {
                (layout::time(step.at)) " " (step.state.in_words(language))
                @if !step.note.is_empty() { " – " (visible(&step.note)) }
            } } }
            @if row.state.waits() {
                form.actions method="post" { button.second { (words::WITHDRAW.to(language)) } }
            }
        },
    )
}

pub(super) async fn withdraw(
    Speaks(language): Speaks,
    State(console): State<Arc<Console>>,
    Path(secret): Path<String>,
) -> Result<Response, Oops> {
    let found = console.store.application_of(secret::hash(&secret)).await?;
    let id = found.ok_or(Oops::NotFound(language))?.row.id;
    let by = By::now(Actor::Applicant);
    let outcome = console
        .store
        .decide_application(id, Decision::Withdraw, String::new(), by)
        .await?;
    match outcome {
        Ok(()) => Ok(Redirect::to(&format!("/filed/{secret}")).into_response()),
        Err(obstacle) => Err(Oops::Conflict(obstacle.in_words(language).to_owned())),
    }
}

/// What a field is called.
fn label(kind: Kind, field: crate::filing::Field) -> Both {
    of_registers::label(kind, field)
}
