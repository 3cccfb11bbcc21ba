//! The registers (备案): what is filed, what ends soon, what is applied for.

pub(super) mod applications;
pub(super) mod entry;
pub(super) mod exchange;
pub(super) mod forms;
mod scope;
pub(super) mod words;

use std::sync::Arc;

use axum::extract::{Query, State};
use fileward_policy::words::{Both, InWords as _};
use fileward_protocol::vocabulary::App;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::oops::Oops;
use super::order::{Head, Heads};
use super::visitor::Visitor;
use super::{Console, layout, order, words as common};
use crate::filing::Field;
use crate::safe::visible;
use crate::store::audit::{Action, AuditEntry};
use crate::store::filings::{FilingFilter, FilingRow, FilingSort, Kind, REMIND_WITHIN};
use crate::store::{Order, Paging, StoreError};

/// The most reminders on the page.
const REMINDERS: u32 = 20;

/// A register with its filter, as it stands in an address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
    app: String,
    text: String,
    offset: u64,
    #[serde(flatten)]
    order: order::Asked,
}

impl Asked {
    fn kind(&self) -> Kind {
        self.kind.parse().unwrap_or(Kind::Account)
    }

    fn filter(&self) -> FilingFilter {
        FilingFilter {
            kind: Some(self.kind()),
            app: self.app.parse().ok(),
            text: Some(self.text.trim().to_owned()).filter(|text| !text.is_empty()),
            ends_by: None,
            order: self.order.order(),
        }
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let pairs = [("kind", &self.kind), ("app", &self.app), ("text", &self.text)];
        let mut pairs = pairs.map(|(key, value)| (key, value.clone())).to_vec();
        pairs.extend(self.order.pairs());
        pairs
    }
}

pub(super) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    let paging = layout::rows_from(asked.offset);
    let soon = FilingFilter {
        ends_by: (Timestamp::now() + REMIND_WITHIN).into(),
        order: Order::usual(FilingSort::Until),
        ..FilingFilter::ALL
    };
    let reminders = console.store.filings(soon, Paging::first(REMINDERS)).await?;
    let found = console.store.filings(asked.filter(), paging).await?;
    note_look(&console, &visitor, asked.kind().to_string(), found.rows.len()).await?;
    Ok(layout::page(
        &visitor,
        visitor.say(words::REGISTERS),
        &html! {
            @if reminders.total > 0 { (reminded(&visitor, &reminders.rows, reminders.total)) }
            (tabs(&visitor, asked.kind()))
            (filter_form(&visitor, &asked))
            (table(&visitor, &asked, &found.rows))
            (layout::pager(visitor.language, "/registers", &asked.pairs(), paging, found.total))
            (exchange::forms(&visitor, &asked))
        },
    ))
}

/// Writes into the audit trail that somebody looked at what is filed or applied for.
async fn note_look(console: &Console, visitor: &Visitor, subject: String, shown: usize) -> Result<(), StoreError> {
    let entry = AuditEntry {
        by: visitor.by(),
        action: Action::RegisterViewed,
        subject,
        detail: format!("{shown} shown"),
    };
    console.store.append_audit(entry).await
}

fn reminded(visitor: &Visitor, rows: &[FilingRow], total: u64) -> Markup {
    let now = Timestamp::now();
    html! {
        section.note {
            h2 { (visitor.say(words::REMINDERS)) " (" (total) ")" }
            ul { @for row in rows { @if let Some(until) = row.matter.until { li {
                (row.matter.kind.in_words(visitor.language)) ": "
                a href={ "/registers/" (row.id) } { (visible(&row.matter.name)) } " · "
                @if until <= now { b { (visitor.say(words::TO_CLEAN)) } } @else { (visitor.say(words::ENDS)) }
                " " (layout::day(until))
            } } } }
        }
    }
}

fn tabs(visitor: &Visitor, chosen: Kind) -> Markup {
    html! {
        nav.periods aria-label=(visitor.say(words::REGISTERS)) { @for kind in Kind::ALL {
            a href={ "/registers?kind=" (kind) } aria-current=[(*kind == chosen).then_some("page")] {
                (kind.in_words(visitor.language))
            }
        } }
    }
}

fn filter_form(visitor: &Visitor, asked: &Asked) -> Markup {
    let filter = asked.filter();
    html! {
        form.filter method="get" action="/registers" role="search" {
            input type="hidden" name="kind" value=(asked.kind());
            (asked.order.fields())
            @if asked.kind() != Kind::Exemption {
                (layout::choose(visitor.language, "app", common::APP, App::CHAT, filter.app))
            }
            label { span { (visitor.say(common::SEARCH)) } input type="search" name="text" value=(visible(&asked.text)); }
            button { (visitor.say(common::FILTER)) }
        }
    }
}

fn table(visitor: &Visitor, asked: &Asked, rows: &[FilingRow]) -> Markup {
    let Some(first) = rows.first() else {
        return html! { p.note { (visitor.say(common::NOTHING)) } };
    };
    let fields = Field::of(first.matter.kind);
    let mut columns: Vec<_> = fields
        .iter()
        .map(|field| head(*field, words::label(first.matter.kind, *field)))
        .collect();
    columns.push(Head::by(FilingSort::Filed, words::FILED));
    columns.push(Head::by(FilingSort::FiledBy, words::FILED_BY));
    let heads = Heads {
        language: visitor.language,
        path: "/registers",
        query: &asked.pairs(),
        order: asked.order.order(),
    };
    html! {
        table {
            thead { tr { (heads.cells(&columns)) } }
            tbody { @for row in rows { tr {
                @for field in fields {
                    td data-label=(visitor.say(words::label(row.matter.kind, *field))) { (cell(visitor, row, *field)) }
                }
                td data-label=(visitor.say(words::FILED)) { (layout::day(row.filed_at)) }
                td data-label=(visitor.say(words::FILED_BY)) { (layout::actor(&row.filed_by, visitor.language)) }
            } } }
        }
    }
}

/// The head over a field.
const fn head(field: Field, text: Both) -> Head<FilingSort> {
    match field {
        Field::App => Head::by(FilingSort::App, text),
        Field::Name => Head::by(FilingSort::Name, text),
        Field::Size => Head::by(FilingSort::Size, text),
        Field::Owner => Head::by(FilingSort::Owner, text),
        Field::Note => Head::only(text),
        Field::Until => Head::by(FilingSort::Until, text),
    }
}

/// What stands in a field of something filed.
fn cell(visitor: &Visitor, row: &FilingRow, field: Field) -> Markup {
    let matter = &row.matter;
    html! {
        @match field {
            Field::App => @if let Some(app) = matter.app { (app.in_words(visitor.language)) },
            Field::Name => a href={ "/registers/" (row.id) } { (visible(&matter.name)) },
            Field::Size => @if let Some(bytes) = matter.bytes { (layout::size(bytes)) },
            Field::Owner => (visible(&row.owner)),
            Field::Note => (visible(&row.note)),
            Field::Until => @if let Some(until) = matter.until { (layout::day(until)) },
        }
    }
}
