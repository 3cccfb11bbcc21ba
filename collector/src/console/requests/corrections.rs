//! Corrections: written down, decided, and shown beside what they are about.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::response::Redirect;
use fileward_policy::words::{Both, InWords as _};
use maud::{Markup, html};
use serde::Deserialize;

use super::words;
use crate::console::access::Right;
use crate::console::oops::Oops;
use crate::console::order::{Head, Heads};
use crate::console::visitor::Visitor;
use crate::console::{Console, layout, words as common};
use crate::safe::visible;
use crate::store::Paging;
use crate::store::corrections::{About, Correction, CorrectionFilter, CorrectionRow, CorrectionSort, Decision, Stage};
use crate::store::work::TEXT_LIMIT;

/// The most corrections beside what they are about.
const BESIDE: u32 = 20;

/// The corrections about this very thing.
pub(in crate::console) async fn of(console: &Console, about: About) -> Result<Vec<CorrectionRow>, Oops> {
    let filter = CorrectionFilter {
        about: Some(about),
        ..CorrectionFilter::default()
    };
    let mut rows = console.store.corrections(filter, Paging::first(BESIDE)).await?.rows;
    // Those of its findings are for those who see these.
    rows.retain(|row| row.asked.about == about);
    Ok(rows)
}

/// What was decided about corrections, for everybody who sees what they are about; more for those who handle them.
pub(in crate::console) fn beside(visitor: &Visitor, about: About, rows: &[CorrectionRow]) -> Markup {
    let handles = visitor.may(Right::Requests);
    let told = |row: &&CorrectionRow| handles || row.stage == Stage::Accepted;
    let told: Vec<_> = rows.iter().filter(told).collect();
    html! {
        @if !told.is_empty() {
            h2 { (visitor.say(words::CORRECTIONS)) }
            ol.life { @for row in told { li {
                (layout::time(row.decided.as_ref().map_or(row.asked_at, |decided| decided.at))) " "
                @if handles { a href={ "/corrections/" (row.id) } { (row.stage.in_words(visitor.language)) } }
                @else { (row.stage.in_words(visitor.language)) }
                @if let Some(names) = names(visitor, &row.asked) { " · " (names) }
                @if let Some(decided) = &row.decided { " · " (visible(&decided.answer)) }
            } } }
        }
        @if handles { p.small { a href=(layout::address("/corrections/new", &[("about", about.to_string())])) {
            (visitor.say(words::ASK))
        } } }
    }
}

/// Which name takes the place of which.
fn names(visitor: &Visitor, asked: &Correction) -> Option<String> {
    if asked.not_theirs.is_empty() && asked.theirs.is_empty() {
        return None;
    }
    let shown = |name: &str| {
        if name.is_empty() {
            visitor.say(words::NOBODY).to_owned()
        } else {
            visible(name)
        }
    };
    Some(format!("{} → {}", shown(&asked.not_theirs), shown(&asked.theirs)))
}

const HEADS: [Head<CorrectionSort>; 5] = [
    Head::by(CorrectionSort::State, common::STATE),
    Head::by(CorrectionSort::Person, words::PERSON),
    Head::only(words::WRONG),
    Head::only(words::ABOUT),
    Head::by(CorrectionSort::Asked, words::ASKED),
];

pub(super) fn table(visitor: &Visitor, heads: &Heads<'_, CorrectionSort>, rows: &[CorrectionRow]) -> Markup {
    html! {
        @if rows.is_empty() { p.note { (visitor.say(common::NOTHING)) } } @else {
            table {
                thead { tr { (heads.cells(&HEADS)) } }
                tbody { @for row in rows { tr {
                    td data-label=(visitor.say(common::STATE)) { (row.stage.in_words(visitor.language)) }
                    td data-label=(visitor.say(words::PERSON)) { (visible(&row.asked.person)) }
                    td data-label=(visitor.say(words::WRONG)) {
                        a href={ "/corrections/" (row.id) } { (visible(&row.asked.wrong)) }
                    }
                    td data-label=(visitor.say(words::ABOUT)) { (about_link(visitor, row.asked.about)) }
                    td data-label=(visitor.say(words::ASKED)) { (layout::time(row.asked_at)) }
                } } }
            }
        }
    }
}

fn about_link(visitor: &Visitor, about: About) -> Markup {
    let (to, text) = match about {
        About::Device(id) => (format!("/devices/{id}"), visitor.say(common::DEVICE).to_owned()),
        About::Finding(which) => {
            let to = format!("/findings/{}/{}", which.device, which.finding);
            (to, visitor.say(common::FINDINGS).to_owned())
        }
        About::Filing(id) => {
            let text = format!("{} {id}", visitor.say(words::FILING));
            (format!("/registers/{id}"), text)
        }
    };
    html! { a href=(to) { (text) } }
}

#[derive(Deserialize)]
pub(in crate::console) struct Wanted {
    #[serde(default)]
    about: String,
}

/// The form in which a correction is written down.
pub(in crate::console) async fn form(visitor: Visitor, Query(wanted): Query<Wanted>) -> Result<Markup, Oops> {
    let about: About = wanted.about.parse().map_err(|_| Oops::NotFound(visitor.language))?;
    let field = |name: &str, label: Both, required: bool| {
        html! { p { label {
            span { (visitor.say(label)) }
            input name=(name) maxlength=(TEXT_LIMIT) size="60" autocomplete="off" required[required];
        } } }
    };
    Ok(layout::page(
        &visitor,
        visitor.say(words::ASK),
        &html! {
            dl { dt { (visitor.say(words::ABOUT)) } dd { (about_link(&visitor, about)) } }
            p.small { (visitor.say(words::ASK_NOTE)) }
            form method="post" action="/corrections" {
                (layout::token(&visitor))
                input type="hidden" name="about" value=(about);
                (field("person", words::PERSON, true))
                (field("wrong", words::WRONG, true))
                (field("wanted", words::WANTED, true))
                (field("reason", words::REASON, true))
                @if let About::Device(_) = about { (field("not_theirs", words::NOT_THEIRS, false)) }
                @if !matches!(about, About::Finding(_)) { (field("theirs", words::THEIRS, false)) }
                button { (visitor.say(words::ASK)) }
            }
        },
    ))
}

#[derive(Deserialize)]
pub(in crate::console) struct Written {
    token: String,
    about: String,
    person: String,
    wrong: String,
    wanted: String,
    reason: String,
    #[serde(default)]
    not_theirs: String,
    #[serde(default)]
    theirs: String,
}

pub(in crate::console) async fn ask(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(written): Form<Written>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&written.token)?;
    let correction = Correction {
        about: written.about.parse().map_err(|_| Oops::NotFound(visitor.language))?,
        person: written.person,
        wrong: written.wrong,
        wanted: written.wanted,
        reason: written.reason,
        not_theirs: written.not_theirs,
        theirs: written.theirs,
    };
    let id = console.store.ask_correction(correction, visitor.by()).await?;
    Ok(Redirect::to(&format!("/corrections/{id}")))
}

pub(in crate::console) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<u64>,
) -> Result<Markup, Oops> {
    let found = console.store.correction(id).await?;
    let row = found.ok_or(Oops::NotFound(visitor.language))?;
    let asked = &row.asked;
    let fact = |name: Both, value: &str| html! { dt { (visitor.say(name)) } dd { (visible(value)) } };
    Ok(layout::page(
        &visitor,
        &format!("{} {id}", visitor.say(words::CORRECTION)),
        &html! {
            dl {
                dt { (visitor.say(common::STATE)) } dd { (row.stage.in_words(visitor.language)) }
                dt { (visitor.say(words::ABOUT)) } dd { (about_link(&visitor, asked.about)) }
                (fact(words::PERSON, &asked.person))
                (fact(words::WRONG, &asked.wrong))
                (fact(words::WANTED, &asked.wanted))
                (fact(words::REASON, &asked.reason))
                @if let Some(names) = names(&visitor, asked) { (fact(words::INSTEAD, &names)) }
                dt { (visitor.say(words::ASKED)) } dd { (layout::time(row.asked_at)) " · " (layout::actor(&row.asked_by, visitor.language)) }
                @if let Some(decided) = &row.decided {
                    dt { (visitor.say(words::DECIDED)) } dd { (layout::time(decided.at)) " · " (layout::actor(&decided.by, visitor.language)) }
                    (fact(words::ANSWERED, &decided.answer))
                }
            }
            @if row.decided.is_none() { (decision(&visitor, id)) }
            p { a href="/requests" { (visitor.say(words::REQUESTS)) } }
        },
    ))
}

fn decision(visitor: &Visitor, id: u64) -> Markup {
    html! {
        form.actions method="post" action={ "/corrections/" (id) } {
            (layout::token(visitor))
            label {
                span { (visitor.say(words::ANSWER)) }
                input name="answer" maxlength=(TEXT_LIMIT) size="48" autocomplete="off" required;
            }
            button name="decision" value=(Choice::Accept) { (visitor.say(words::ACCEPT)) }
            button.second name="decision" value=(Choice::Refuse) { (visitor.say(words::REFUSE)) }
        }
    }
}

fileward_protocol::words! {
    /// What a form decides.
    pub(in crate::console) enum Choice {
        /// It is right.
        Accept = "accept",
        /// It is not.
        Refuse = "refuse",
    }
}

#[derive(Deserialize)]
pub(in crate::console) struct Answered {
    token: String,
    decision: Choice,
    answer: String,
}

pub(in crate::console) async fn decide(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<u64>,
    Form(answered): Form<Answered>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&answered.token)?;
    if console.store.correction(id).await?.is_none() {
        return Err(Oops::NotFound(visitor.language));
    }
    let decision = match answered.decision {
        Choice::Accept => Decision::Accept,
        Choice::Refuse => Decision::Refuse,
    };
    let by = visitor.by();
    console
        .store
        .decide_correction(id, decision, answered.answer, by)
        .await?;
    Ok(Redirect::to(&format!("/corrections/{id}")))
}
