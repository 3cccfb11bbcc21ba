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
    let heads = [words::PART, words::NAME, words::WHOSE, words::LIKENESS];
    html! {
        form method="post" action="/requests/person" {
            (layout::token(visitor))
            input type="hidden" name="name" value=(visible(name));
            table {
                thead { tr { @for head in heads { th scope="col" { (visitor.say(head)) } } } }
                tbody { @for ((part, likeness), what) in person.parts().zip(&whats) { tr {
                    td data-label=(visitor.say(words::PART)) { label.choice {
                        input type="checkbox" name="part" value=(part) checked[likeness == Likeness::Same];
                        (what.kind)
                    } }
                    td data-label=(visitor.say(words::NAME)) { @match &what.at {
                        Some(at) => a href=(at) { (visible(&what.name)) },
                        None => (visible(&what.name)),
                    } }
                    td data-label=(visitor.say(words::WHOSE)) { (visible(&what.whose)) }
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

/// What a part is, for whoever chooses.
struct What {
    kind: &'static str,
    name: String,
    at: Option<String>,
    /// Whose it is, as it is written there; of a device, whether others use it.
    whose: String,
}

/// What each part is, in the order of the parts.
fn whats(visitor: &Visitor, person: &Person) -> Vec<What> {
    let found = &person.mentions;
    let devices = found.devices.iter().map(|used| What {
        kind: visitor.say(common::DEVICE),
        name: used.row.name.clone(),
        at: Some(format!("/devices/{}", used.row.id)),
        whose: match used.others {
            0 => String::new(),
            others => format!("{}: {others}", visitor.say(words::SHARED)),
        },
    });
    let filings = found.filings.iter().map(|one| What {
        kind: one.what.matter.kind.in_words(visitor.language),
        name: one.what.matter.name.clone(),
        at: Some(format!("/registers/{}", one.what.id)),
        whose: one.what.owner.clone(),
    });
    let applications = found.applications.iter().map(|one| What {
        kind: visitor.say(words::APPLICATION),
        name: one.what.row.matter.name.clone(),
        at: Some(format!("/applications/{}", one.what.row.id)),
        whose: one.what.row.person.clone(),
    });
    let corrections = found.corrections.iter().map(|one| What {
        kind: visitor.say(words::CORRECTION),
        name: one.what.asked.wrong.clone(),
        at: Some(format!("/corrections/{}", one.what.id)),
        whose: one.what.asked.person.clone(),
    });
    let users = found.users.iter().map(|user| What {
        kind: visitor.say(words::USER),
        name: user.name.clone(),
        at: None,
        whose: user.role.in_words(visitor.language).to_owned(),
    });
    let registered = filings.chain(applications).chain(corrections);
    devices.chain(registered).chain(users).collect()
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
