//! What is kept of one person: found by their names, looked over, and given out.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::body::{Body, Bytes};
use axum::extract::{Form, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use fileward_policy::words::InWords as _;
use http_body_util::channel::{Channel, Sender};
use maud::{Markup, html};

use super::words;
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::work::deed::{Fields, field};
use crate::console::{Console, layout, words as common};
use crate::record::{Out, Part, Person};
use crate::safe::visible;
use crate::store::mentions::{Likeness, Names};

/// Lines that wait for a slow reader.
const AHEAD: usize = 64;

/// All that mentions somebody by one of these names.
pub(super) async fn find(console: &Console, visitor: &Visitor, text: &str) -> Result<Person, Oops> {
    let said: Vec<String> = text
        .split([';', '；'])
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let names = Names::new(said.iter().map(String::as_str));
    let names = names.ok_or_else(|| Oops::Conflict(visitor.say(words::BAD_NAMES).to_owned()))?;
    Ok(Person::find(&*console.store, said, names).await?)
}

/// What was found, with a choice of what is given out.
pub(super) fn parts(visitor: &Visitor, person: &Person, name: &str) -> Markup {
    let whats = whats(visitor, person);
    if whats.is_empty() {
        return html! { p.note { (visitor.say(common::NOTHING)) } };
    }
    html! {
        form method="post" action="/requests/person" {
            (layout::token(visitor))
            input type="hidden" name="name" value=(visible(name));
            table {
                thead { tr { @for head in [words::PART, common::NAME, words::LIKENESS] { th scope="col" { (visitor.say(head)) } } } }
                tbody { @for ((part, likeness), (kind, what)) in person.parts().zip(&whats) { tr {
                    td data-label=(visitor.say(words::PART)) { label.choice {
                        input type="checkbox" name="part" value=(part) checked[likeness == Likeness::Same];
                        (kind)
                    } }
                    td data-label=(visitor.say(common::NAME)) { (what) }
                    td data-label=(visitor.say(words::LIKENESS)) { (visitor.say(match likeness {
                        Likeness::Same => words::SAME,
                        Likeness::Within => words::WITHIN,
                    })) }
                } } }
            }
            p.small { (visitor.say(words::GIVE_NOTE)) }
            div.actions { button { (visitor.say(words::GIVE)) } }
        }
    }
}

/// What each part is, in the order of the parts.
fn whats(visitor: &Visitor, person: &Person) -> Vec<(&'static str, Markup)> {
    let found = &person.mentions;
    let link = |to: String, text: &str| html! { a href=(to) { (visible(text)) } };
    let devices = found.devices.iter().map(|used| {
        let what = html! {
            (link(format!("/devices/{}", used.row.id), &used.row.name))
            @if used.others > 0 { " · " b { (visitor.say(words::SHARED)) ": " (used.others) } }
        };
        (visitor.say(common::DEVICE), what)
    });
    let filings = found.filings.iter().map(|one| {
        let row = &one.what;
        let kind = row.matter.kind.in_words(visitor.language);
        let to = link(format!("/registers/{}", row.id), &row.matter.name);
        (
            visitor.say(words::FILING),
            html! { (kind) " · " (to) " · " (visible(&row.owner)) },
        )
    });
    let applications = found.applications.iter().map(|one| {
        let row = &one.what.row;
        let to = link(format!("/applications/{}", row.id), &row.matter.name);
        (
            visitor.say(words::APPLICATION),
            html! { (to) " · " (visible(&row.person)) },
        )
    });
    let corrections = found.corrections.iter().map(|one| {
        let row = &one.what;
        let to = link(format!("/corrections/{}", row.id), &row.asked.wrong);
        (
            visitor.say(words::CORRECTION),
            html! { (to) " · " (visible(&row.asked.person)) },
        )
    });
    let users = found.users.iter().map(|user| {
        let role = user.role.in_words(visitor.language);
        (visitor.say(words::USER), html! { (visible(&user.name)) " · " (role) })
    });
    devices
        .chain(filings)
        .chain(applications)
        .chain(corrections)
        .chain(users)
        .collect()
}

/// Gives out what was chosen, as a file.
pub(in crate::console) async fn give(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(fields): Form<Fields>,
) -> Result<Response, Oops> {
    visitor.must_be_own_form(field(&fields, "token"))?;
    let chosen = fields.iter().filter(|(name, _)| name == "part");
    let chosen: BTreeSet<Part> = chosen.filter_map(|(_, part)| part.parse().ok()).collect();
    if chosen.is_empty() {
        return Err(Oops::Conflict(visitor.say(words::NONE_CHOSEN).to_owned()));
    }
    let person = find(&console, &visitor, field(&fields, "name")).await?;
    let (sender, body) = Channel::new(AHEAD);
    let store = Arc::clone(&console.store);
    tokio::spawn(async move {
        let mut out = Download(sender);
        if let Err(error) = person.give(&*store, chosen, visitor.by(), &mut out).await {
            tracing::warn!("a record was not given out whole: {error:#}");
            out.0.abort(io::Error::other(error));
        }
    });
    let heads = [
        (CONTENT_TYPE, "application/x-ndjson; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"fileward-record.jsonl\""),
    ];
    Ok((heads, Body::new(body)).into_response())
}

/// A download; each line goes when it is made.
struct Download(Sender<Bytes, io::Error>);

impl Out for Download {
    async fn line(&mut self, mut text: String) -> Result<()> {
        text.push('\n');
        let sent = self.0.send_data(text.into()).await;
        sent.ok().context("whoever asked has gone")
    }
}
