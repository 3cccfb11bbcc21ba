//! What the draft would say of what the collector holds.

use std::fmt::Display;
use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::HeaderName;
use axum::response::{IntoResponse, Redirect, Response};
use fileward_policy::Policy;
use fileward_policy::words::{Both, InWords as _};
use fileward_protocol::vocabulary::{App, Rule};
use maud::{Markup, html};

use super::simulations::{self, Job};
use super::{Writing, words};
use crate::console::access::Right;
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::work::deed::{Fields, field};
use crate::console::{Console, layout, words as common};
use crate::safe::visible;
use crate::simulate::{Change, Counts, Example, Group, Outcome, PlaceChange};
use crate::store::disclosures::Viewed;

/// Seconds after which a page that shows progress asks again.
const AGAIN: &str = "2";

pub(in crate::console) async fn begin(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(fields): Form<Fields>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(field(&fields, "token"))?;
    let writing = Writing::of(&console, &visitor).await?;
    Ok(Redirect::to(start(&console, &visitor, &writing.document)?))
}

/// Begins a simulation and says where it is shown; what is wrong with the document is shown in the editor.
pub(super) fn start(console: &Console, visitor: &Visitor, document: &str) -> Result<&'static str, Oops> {
    let Ok(policy) = Policy::parse(document) else {
        return Ok("/policy/edit");
    };
    let begun = console
        .simulations
        .begin(visitor.user.id, Arc::clone(&console.store), policy);
    match begun {
        Ok(()) => Ok("/policy/simulate"),
        Err(simulations::Busy) => Err(Oops::Conflict(visitor.say(words::SIMULATION_BUSY).to_owned())),
    }
}

pub(in crate::console) async fn page(visitor: Visitor, State(console): State<Arc<Console>>) -> Result<Response, Oops> {
    let Some(mut job) = console.simulations.of(visitor.user.id) else {
        return Ok(whole(&visitor, &html! {}).into_response());
    };
    Ok(match job.state().await {
        simulations::State::Running => {
            let refresh = [(HeaderName::from_static("refresh"), AGAIN)];
            (refresh, whole(&visitor, &progress(&visitor, &job))).into_response()
        }
        simulations::State::Failed => {
            let failed = html! { p.note.warning { (visitor.say(words::SIMULATION_FAILED)) } };
            whole(&visitor, &failed).into_response()
        }
        simulations::State::Done(outcome) => {
            note_look(&console, &visitor, &outcome).await?;
            whole(&visitor, &shown(&visitor, &job, &outcome)).into_response()
        }
    })
}

fn whole(visitor: &Visitor, content: &Markup) -> Markup {
    layout::page(
        visitor,
        visitor.say(words::SIMULATE),
        &html! {
            p { (visitor.say(words::SIMULATE_NOTE)) }
            form.actions method="post" action="/policy/simulate" {
                (layout::token(visitor))
                button.second { (visitor.say(words::SIMULATE_DRAFT)) }
                a href="/policy/edit" { (visitor.say(words::EDIT)) }
            }
            (content)
        },
    )
}

fn progress(visitor: &Visitor, job: &Job) -> Markup {
    html! {
        p.note role="status" { (visitor.say(words::RUNNING)) " " b { (job.judged()) } }
        p.small { (visitor.say(words::RENEWS_ITSELF)) " " a href="/policy/simulate" { (visitor.say(words::RENEW)) } }
    }
}

/// Examples are findings, and looking at findings is written down and told.
async fn note_look(console: &Console, visitor: &Visitor, outcome: &Outcome) -> Result<(), Oops> {
    let examples = &outcome.findings.examples;
    if examples.is_empty() || !visitor.may(Right::Findings) {
        return Ok(());
    }
    let devices = examples.iter().map(|example| example.device).collect();
    let detail = format!("examples of a policy simulation: {}", examples.len());
    let viewed = Viewed::OfMany(devices, detail);
    Ok(console.store.looked(viewed, visitor.by()).await?)
}

fn shown(visitor: &Visitor, job: &Job, outcome: &Outcome) -> Markup {
    let tally = &outcome.findings;
    let app = |app: &Option<App>| match app {
        Some(app) => app.in_words(visitor.language).to_owned(),
        None => visitor.say(common::NO_APP).to_owned(),
    };
    let group = |group: &Group| match group {
        Group::Named(name) => visible(name),
        Group::None => visitor.say(common::NO_GROUP).to_owned(),
        Group::Others => visitor.say(common::OTHERS).to_owned(),
    };
    html! {
        p.small { (visitor.say(words::SIMULATED_AT)) " " (layout::time(job.began)) }
        div.cards { @for change in Change::ALL {
            div.card { b { (tally.all.of(*change)) } span { (visitor.say(words::change(*change))) } }
        } }
        (unknown(visitor, &tally.all))
        (counts(visitor, common::RULE, tally.rules.iter().map(|(rule, counts)| (rule.in_words(visitor.language), counts))))
        (counts(visitor, common::APP, tally.apps.iter().map(|(key, counts)| (app(key), counts))))
        (counts(visitor, common::GROUP, tally.groups.iter().map(|(key, counts)| (group(key), counts))))
        (places(visitor, &outcome.places))
        @if visitor.may(Right::Findings) && !tally.examples.is_empty() { (examples(visitor, &tally.examples)) }
    }
}

/// What a simulation cannot say, in plain words.
fn unknown(visitor: &Visitor, all: &Counts) -> Markup {
    html! {
        div.note {
            p { b { (visitor.say(words::NOT_KNOWN)) } }
            p { (visitor.say(words::NO_INVENTORY)) }
            @if all.of(Change::CannotBeTold) > 0 { p { (visitor.say(words::WHY_NOT_TOLD)) } }
        }
    }
}

fn counts<'a, N: Display>(visitor: &Visitor, head: Both, rows: impl Iterator<Item = (N, &'a Counts)>) -> Markup {
    html! {
        h2 { (visitor.say(words::BY)) " " (visitor.say(head)) }
        table {
            thead { tr {
                th scope="col" { (visitor.say(head)) }
                th scope="col" { (visitor.say(common::COUNT)) }
                @for change in Change::ALL { th scope="col" { (visitor.say(words::change(*change))) } }
            } }
            tbody { @for (name, counts) in rows { tr {
                td data-label=(visitor.say(head)) { (name.to_string()) }
                td.number data-label=(visitor.say(common::COUNT)) { (counts.total()) }
                @for change in Change::ALL {
                    td.number data-label=(visitor.say(words::change(*change))) { (counts.of(*change)) }
                }
            } } }
        }
    }
}

fn places(visitor: &Visitor, places: &[PlaceChange]) -> Markup {
    html! {
        @if !places.is_empty() {
            h2 { (visitor.say(words::PLACES)) }
            ul { @for place in places { li {
                (place.kind.in_words(visitor.language)) ": "
                @if place.left > 0 { (visitor.say(words::PLACES_LEFT)) " " (place.left) " " }
                @if place.begun > 0 { (visitor.say(words::PLACES_BEGUN)) " " (place.begun) }
            } } }
        }
    }
}

fn examples(visitor: &Visitor, examples: &[Example]) -> Markup {
    let heads = [
        common::FILE,
        common::DEVICE,
        words::WHAT_CHANGES,
        words::BEFORE,
        words::AFTER,
    ];
    let graded = |(rule, severity): (Rule, _)| {
        html! { (rule.in_words(visitor.language)) " " (layout::severity(severity, visitor.language)) }
    };
    html! {
        h2 { (visitor.say(words::EXAMPLES)) }
        table {
            thead { tr { @for head in heads { th scope="col" { (visitor.say(head)) } } } }
            tbody { @for example in examples { tr {
                td data-label=(visitor.say(heads[0])) {
                    a href={ "/findings/" (example.device) "/" (example.finding) } {
                        @match &example.name { Some(name) => (visible(name)), None => (visitor.say(common::NAME_HASHED)) }
                    }
                }
                td data-label=(visitor.say(heads[1])) { (visible(&example.device_name)) }
                td data-label=(visitor.say(heads[2])) { (visitor.say(words::change(example.change))) }
                td data-label=(visitor.say(heads[3])) { (graded(example.before)) }
                td data-label=(visitor.say(heads[4])) { @match example.after { Some(after) => (graded(after)), None => "–" } }
            } } }
        }
        p.small { (visitor.say(common::LOOK_RECORDED)) }
    }
}
