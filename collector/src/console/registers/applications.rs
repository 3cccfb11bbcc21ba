//! What employees apply for: the list, and one application with its life and what can be decided.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State as Given};
use axum::response::Redirect;
use fileward_policy::words::InWords as _;
use maud::{Markup, html};
use serde::Deserialize;

use super::{note_look, scope, words};
use crate::console::access::Right;
use crate::console::oops::Oops;
use crate::console::order::{Head, Heads};
use crate::console::visitor::Visitor;
use crate::console::{Console, layout, order, words as common};
use crate::filing::Field;
use crate::filing::draft::tidy;
use crate::safe::visible;
use crate::store::applications::{
    Application, ApplicationFilter, ApplicationRow, ApplicationSort, Decision, Obstacle, State,
};
use crate::store::filings::Kind;
use crate::store::work::TEXT_LIMIT;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::console) struct Asked {
    state: String,
    kind: String,
    offset: u64,
    #[serde(flatten)]
    order: order::Asked,
}

pub(in crate::console) async fn list(
    visitor: Visitor,
    Given(console): Given<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    let language = visitor.language;
    let filter = ApplicationFilter {
        state: asked.state.parse().ok(),
        kind: asked.kind.parse().ok(),
        groups: scope::groups(&visitor),
        order: asked.order.order(),
    };
    let paging = layout::rows_from(asked.offset);
    let found = console.store.applications(filter.clone(), paging).await?;
    note_look(&console, &visitor, "applications".to_owned(), found.rows.len()).await?;
    let mut query = vec![("state", asked.state.clone()), ("kind", asked.kind.clone())];
    query.extend(asked.order.pairs());
    let heads = Heads {
        language,
        path: "/applications",
        query: &query,
        order: filter.order,
    };
    Ok(layout::page(
        &visitor,
        visitor.say(words::APPLICATIONS),
        &html! {
            @if visitor.may(Right::Register) { p { a href="/registers/forms" { (visitor.say(words::FORMS)) } } }
            form.filter method="get" action="/applications" role="search" {
                (asked.order.fields())
                (layout::choose(language, "state", common::STATE, State::ALL, filter.state))
                (layout::choose(language, "kind", words::REGISTERS, Kind::ALL, filter.kind))
                button { (visitor.say(common::FILTER)) }
            }
            (table(&visitor, &heads, &found.rows))
            (layout::pager(language, "/applications", &query, paging, found.total))
        },
    ))
}

const HEADS: [Head<ApplicationSort>; 6] = [
    Head::by(ApplicationSort::Number, words::APPLICATION),
    Head::by(ApplicationSort::Kind, words::REGISTERS),
    Head::by(ApplicationSort::Person, words::PERSON),
    Head::by(ApplicationSort::Group, common::GROUP),
    Head::by(ApplicationSort::State, common::STATE),
    Head::by(ApplicationSort::Asked, words::ASKED),
];

fn table(visitor: &Visitor, heads: &Heads<'_, ApplicationSort>, rows: &[ApplicationRow]) -> Markup {
    let language = visitor.language;
    html! {
        @if rows.is_empty() { p.note { (visitor.say(common::NOTHING)) } } @else { table {
            thead { tr { (heads.cells(&HEADS)) } }
            tbody { @for row in rows { tr {
                td data-label=(visitor.say(words::APPLICATION)) { a href={ "/applications/" (row.id) } { (row.id) } }
                td data-label=(visitor.say(words::REGISTERS)) { (row.matter.kind.in_words(language)) }
                td data-label=(visitor.say(words::PERSON)) { (visible(&row.person)) }
                td data-label=(visitor.say(common::GROUP)) { (visible(&row.group)) }
                td data-label=(visitor.say(common::STATE)) { (row.state.in_words(language)) }
                td data-label=(visitor.say(words::ASKED)) { (layout::time(row.asked_at)) }
            } } }
        } }
    }
}

/// The application, if it is there and this visitor may see it.
async fn one(console: &Console, visitor: &Visitor, id: u64) -> Result<Application, Oops> {
    let groups = scope::groups(visitor);
    let found = console.store.application(id).await?;
    found
        .filter(|application| scope::holds(groups.as_deref(), &application.row))
        .ok_or(Oops::NotFound(visitor.language))
}

pub(in crate::console) async fn page(
    visitor: Visitor,
    Given(console): Given<Arc<Console>>,
    Path(id): Path<u64>,
) -> Result<Markup, Oops> {
    let application = one(&console, &visitor, id).await?;
    note_look(&console, &visitor, format!("application {id}"), 1).await?;
    let title = format!("{} {id}", visitor.say(words::APPLICATION));
    Ok(layout::page(
        &visitor,
        &title,
        &html! {
            (facts(&visitor, &application.row))
            @for decision in [Decision::Approve, Decision::File, Decision::Refuse] {
                @if decision.makes(application.row.state).is_some() && may(&visitor, decision, application.row.state) {
                    (form(&visitor, id, decision))
                }
            }
            h2 { (visitor.say(words::LIFE)) }
            ol.life { @for step in &application.steps { li {
                (layout::time(step.at)) " " b { (step.state.in_words(visitor.language)) } " "
                span.small { (layout::actor(&step.by, visitor.language)) }
                @if !step.note.is_empty() { " – " (visible(&step.note)) }
            } } }
        },
    ))
}

pub(in crate::console) fn facts(visitor: &Visitor, row: &ApplicationRow) -> Markup {
    let language = visitor.language;
    let matter = &row.matter;
    let kind = matter.kind;
    let label = |field| visitor.say(words::label(kind, field));
    // Heads of department decide whether somebody may, not by which account: its id is for those who keep the register.
    let is_hidden = matter.pseudonym.is_some() && !visitor.may(Right::Register);
    html! {
        dl {
            dt { (visitor.say(common::STATE)) } dd { (row.state.in_words(language)) }
            dt { (visitor.say(words::REGISTERS)) } dd { (kind.in_words(language)) }
            dt { (visitor.say(words::PERSON)) } dd { (visible(&row.person)) }
            dt { (visitor.say(common::GROUP)) } dd { (visible(&row.group)) }
            @if let Some(app) = matter.app { dt { (label(Field::App)) } dd { (app.in_words(language)) } }
            dt { (label(Field::Name)) }
            dd { @if is_hidden { (visitor.say(words::FOR_COMMITTEE)) } @else { (visible(&matter.name)) } }
            @if let Some(bytes) = matter.bytes { dt { (label(Field::Size)) } dd { (layout::size(bytes)) } }
            dt { (label(Field::Note)) } dd { (visible(&row.reason)) }
            @if let Some(until) = matter.until { dt { (label(Field::Until)) } dd { (layout::day(until)) } }
        }
    }
}

/// Whether a visitor may decide so about an application in this state.
fn may(visitor: &Visitor, decision: Decision, state: State) -> bool {
    match (decision, state) {
        (Decision::Approve, _) | (Decision::Refuse, State::Asked) => visitor.may(Right::Approve),
        (Decision::File | Decision::Refuse, _) => visitor.may(Right::Register),
        (Decision::Withdraw, _) => false,
    }
}

fn form(visitor: &Visitor, id: u64, decision: Decision) -> Markup {
    let (label, required) = match decision {
        Decision::Refuse => (words::REASON, true),
        _ => (words::NOTE, false),
    };
    html! {
        form.actions method="post" action={ "/applications/" (id) } {
            (layout::token(visitor))
            label { span { (visitor.say(label)) } input name="note" maxlength=(TEXT_LIMIT) size="40" required[required]; }
            button.second name="decision" value=(decision) { (visitor.say(words::decision(decision))) }
        }
    }
}

#[derive(Deserialize)]
pub(in crate::console) struct Decided {
    token: String,
    decision: Decision,
    note: String,
}

pub(in crate::console) async fn decide(
    visitor: Visitor,
    Given(console): Given<Arc<Console>>,
    Path(id): Path<u64>,
    Form(decided): Form<Decided>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&decided.token)?;
    let application = one(&console, &visitor, id).await?;
    let hindered = |obstacle: Obstacle| Oops::Conflict(obstacle.in_words(visitor.language).to_owned());
    if !may(&visitor, decided.decision, application.row.state) {
        return Err(Oops::Forbidden(visitor.language));
    }
    let note: String = tidy(&decided.note).chars().take(TEXT_LIMIT).collect();
    let outcome = console
        .store
        .decide_application(id, decided.decision, note, visitor.by())
        .await?;
    outcome.map_err(hindered)?;
    Ok(Redirect::to(&format!("/applications/{id}")))
}
