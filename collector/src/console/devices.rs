//! Devices: the list, one with its fingerprint and its places, and its standing.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::response::Redirect;
use fileward_policy::words::{Both, InWords, system_drive};
use fileward_protocol::fingerprint::Adapter;
use fileward_protocol::ids::DeviceId;
use fileward_protocol::report::Body;
use fileward_protocol::vocabulary::Binding;
use maud::{Markup, html};
use serde::Deserialize;

use super::access::Right;
use super::layout;
use super::oops::Oops;
use super::places;
use super::visitor::Visitor;
use super::{Console, words};
use crate::safe::visible;
use crate::store::Paging;
use crate::store::devices::{DeviceFilter, DeviceRow, DeviceSort, FingerprintRow, PlaceFilter};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    binding: String,
    text: String,
    sort: String,
    offset: u64,
}

/// How devices can be ordered, with the word in the address.
const SORTS: [(&str, DeviceSort, Both); 2] = [
    ("last_seen", DeviceSort::LastSeen, words::LAST_SEEN),
    ("name", DeviceSort::Name, words::DEVICE),
];

pub(super) async fn list(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    let language = visitor.language;
    let filter = DeviceFilter {
        binding: asked.binding.parse().ok(),
        text: Some(asked.text.trim().to_owned()).filter(|text| !text.is_empty()),
        sort: SORTS
            .iter()
            .find(|(word, ..)| *word == asked.sort)
            .map_or(DeviceSort::LastSeen, |(_, sort, _)| *sort),
        descending: asked.sort != "name",
        ..DeviceFilter::within(visitor.scope())
    };
    let paging = layout::rows_from(asked.offset);
    let (binding, chosen) = (filter.binding, filter.sort);
    let found = console.store.devices(filter, paging).await?;
    let query = [
        ("binding", asked.binding.clone()),
        ("text", asked.text.clone()),
        ("sort", asked.sort.clone()),
    ];
    Ok(layout::page(
        &visitor,
        visitor.say(words::DEVICES),
        &html! {
            form.filter method="get" action="/devices" role="search" {
                (layout::choose(language, "binding", words::BINDING, Binding::ALL, binding))
                label { span { (visitor.say(words::SEARCH)) } input type="search" name="text" value=(visible(&asked.text)); }
                label {
                    span { (visitor.say(words::SORT)) }
                    select name="sort" { @for (word, sort, text) in SORTS {
                        option value=(word) selected[sort == chosen] { (visitor.say(text)) }
                    } }
                }
                button { (visitor.say(words::FILTER)) }
            }
            (table(&visitor, &found.rows))
            (layout::pager(language, "/devices", &query, paging, found.total))
        },
    ))
}

fn table(visitor: &Visitor, rows: &[DeviceRow]) -> Markup {
    let heads = [
        words::DEVICE,
        words::MODEL,
        words::SYSTEM,
        words::USERS,
        words::BINDING,
        words::OPEN,
        words::LAST_SEEN,
    ];
    html! {
        @if rows.is_empty() { p.note { (visitor.say(words::NOTHING)) } } @else {
            table {
                thead { tr { @for head in heads { th scope="col" { (visitor.say(head)) } } } }
                tbody { @for row in rows { tr {
                    td data-label=(visitor.say(words::DEVICE)) { a href={ "/devices/" (row.id) } { (visible(&row.name)) } }
                    td data-label=(visitor.say(words::MODEL)) { (model(row)) }
                    td data-label=(visitor.say(words::SYSTEM)) { (system(row)) }
                    td data-label=(visitor.say(words::USERS)) { (visible(&row.fingerprint.users.join(", "))) }
                    td data-label=(visitor.say(words::BINDING)) { (binding(visitor, row)) }
                    td.number data-label=(visitor.say(words::OPEN)) { (row.open_findings) }
                    td data-label=(visitor.say(words::LAST_SEEN)) { (layout::time(row.last_seen)) }
                } } }
            }
        }
    }
}

fn model(row: &DeviceRow) -> String {
    let parts = [row.fingerprint.vendor.as_deref(), row.fingerprint.model.as_deref()];
    shown(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

fn system(row: &DeviceRow) -> String {
    visible(&format!("{} {}", row.fingerprint.os.name, row.fingerprint.os.version))
}

fn binding(visitor: &Visitor, row: &DeviceRow) -> Markup {
    html! {
        span.{ "binding-" (row.binding) } { (row.binding.in_words(visitor.language)) }
        @if row.binding == Binding::Pending && visitor.may(Right::Bind) {
            " " (bind_form(visitor, row.id, Binding::Bound, words::APPROVE, false))
        }
    }
}

fn bind_form(visitor: &Visitor, id: DeviceId, to: Binding, text: Both, second: bool) -> Markup {
    html! {
        form method="post" action={ "/devices/" (id) "/binding" } {
            (layout::token(visitor))
            input type="hidden" name="binding" value=(to);
            button.second[second] { (visitor.say(text)) }
        }
    }
}

pub(super) async fn detail(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<DeviceId>,
) -> Result<Markup, Oops> {
    let row = console.device(&visitor, id).await?;
    let prints = console.store.fingerprints(id).await?;
    let filter = PlaceFilter {
        device: Some(id),
        ..PlaceFilter::within(visitor.scope())
    };
    let watched = console.store.places(filter, Paging::first(500)).await?;
    let events = console.store.events(id, Paging::first(50)).await?;
    Ok(layout::page(
        &visitor,
        &visible(&row.name),
        &html! {
            @if row.clone_suspected_at.is_some() { p.note.warning role="alert" { (visitor.say(words::CLONE)) } }
            (facts(&visitor, &row))
            @if visitor.may(Right::Bind) { (standing(&visitor, &row)) }
            @if visitor.may(Right::Findings) {
                p { a href={ "/findings?device=" (id) } { (visitor.say(words::FINDINGS)) " (" (row.open_findings) ")" } }
            }
            h2 { (visitor.say(words::PLACES)) }
            (places::table(&visitor, &watched.rows, false))
            @if !events.rows.is_empty() {
                h2 { (visitor.say(words::OTHER_REPORTS)) }
                ol.life {
                    @for event in &events.rows { li { (layout::time(event.at)) " " (told(&visitor, &event.body)) } }
                }
            }
            h2 { (visitor.say(words::HISTORY)) }
            (history(&visitor, &prints))
        },
    ))
}

fn facts(visitor: &Visitor, row: &DeviceRow) -> Markup {
    let print = &row.fingerprint;
    let os = &print.os;
    html! {
        dl {
            dt { (visitor.say(words::BINDING)) }
            dd { span.{ "binding-" (row.binding) } { (row.binding.in_words(visitor.language)) } }
            dt { (visitor.say(words::MODEL)) } dd { (model(row)) }
            @if let Some(serial) = print.serial { dt { (visitor.say(words::SERIAL)) } dd { code { (serial) } } }
            @if let Some(uuid) = print.system_uuid { dt { (visitor.say(words::SYSTEM_UUID)) } dd { code { (uuid) } } }
            dt { (visitor.say(words::ADAPTERS)) }
            dd { @for adapter in &print.adapters { div {
                code { (visible(&adapter.mac)) } " "
                span.small { (marks(visitor, adapter)) }
            } } }
            dt { (visitor.say(words::TPM)) } dd { (print.security.tpm.in_words(visitor.language)) }
            dt { (visitor.say(words::SECURE_BOOT)) } dd { (print.security.secure_boot.in_words(visitor.language)) }
            dt { (visitor.say(words::SYSTEM_DRIVE)) } dd { (system_drive(&print.security.system_drive, visitor.language)) }
            dt { (visitor.say(words::SYSTEM)) }
            dd { (visible(&format!("{} {} ({}), {} {}", os.name, os.version, os.build, os.kernel, os.arch))) }
            dt { (visitor.say(words::USERS)) } dd { (shown(&print.users.join(", "))) }
            dt { (visitor.say(words::GROUP)) } dd { (row.group.as_deref().map_or_else(|| "–".to_owned(), visible)) }
            dt { (visitor.say(words::VERSION)) } dd { (visible(&print.agent_version)) }
            @if let Some(health) = &row.health {
                dt { (visitor.say(words::POLICY_VERSION)) } dd { (health.policy_version) }
                @if !health.unknown_detectors.is_empty() {
                    dt { (visitor.say(words::UNKNOWN_DETECTORS)) }
                    dd { @for name in &health.unknown_detectors { code { (name) } " " } }
                }
                dt { (visitor.say(words::QUEUE)) } dd { (health.queue_waiting) }
                dt { (visitor.say(words::CLOCK)) } dd { (health.clock_offset_ms) " ms" }
            }
            dt { (visitor.say(words::LAST_SEEN)) } dd { (layout::time(row.last_seen)) }
            dt { (visitor.say(words::ENROLLED)) } dd { (layout::time(row.enrolled_at)) }
        }
    }
}

/// Where an adapter is, and what it is.
fn marks(visitor: &Visitor, adapter: &Adapter) -> String {
    let marks = [
        (adapter.built_in, words::BUILT_IN),
        (!adapter.built_in, words::ADDED),
        (adapter.usb, words::USB),
        (adapter.is_virtual, words::VIRTUAL),
    ];
    let said: Vec<_> = marks
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, mark)| visitor.say(mark))
        .collect();
    said.join(" · ")
}

fn standing(visitor: &Visitor, row: &DeviceRow) -> Markup {
    html! {
        div.actions {
            @if matches!(row.binding, Binding::Pending | Binding::Suspended) {
                (bind_form(visitor, row.id, Binding::Bound, words::APPROVE, false))
            }
            @if row.binding == Binding::Bound { (bind_form(visitor, row.id, Binding::Suspended, words::SUSPEND, true)) }
            @if row.binding != Binding::Retired {
                (bind_form(visitor, row.id, Binding::Retired, words::RETIRE, true))
                span.small { (visitor.say(words::RETIRE_NOTE)) }
            }
        }
    }
}

fn history(visitor: &Visitor, prints: &[FingerprintRow]) -> Markup {
    html! {
        ol.life { @for print in prints { li {
            (layout::time(print.at)) " "
            @if print.changes.is_empty() { (visitor.say(words::FIRST_FINGERPRINT)) }
            @for change in &print.changes {
                div { code { (change.field) } ": " (shown(&change.from)) " → " (shown(&change.to)) }
            }
        } } }
    }
}

/// A report that is no finding, in words.
fn told(visitor: &Visitor, body: &Body) -> Markup {
    let language = visitor.language;
    match body {
        Body::PutRight(put_right) if !visitor.may(Right::Findings) => html! {
            (visitor.say(words::COUNT_PUT_RIGHT)) ": " (put_right.count)
        },
        Body::PutRight(put_right) => html! {
            (visitor.say(words::COUNT_PUT_RIGHT)) ": " (put_right.count) " · " (put_right.rule.in_words(language))
        },
        Body::Coverage(gap) => html! {
            (gap.place.kind.in_words(language)) ": " (gap.was.in_words(language))
            " · " (layout::time(gap.from)) " " (visitor.say(words::UNTIL)) " " (layout::time(gap.until))
        },
        Body::GivenUp(lost) => html! {
            (visitor.say(words::COUNT_GIVEN_UP)) ": " (lost.findings + lost.put_right + lost.coverage)
        },
        Body::LedgerRebuilt { .. } => html! { (visitor.say(words::LEDGER_REBUILT)) },
        Body::Finding(_) => html! {},
    }
}

fn shown(value: &str) -> String {
    if value.is_empty() {
        "–".to_owned()
    } else {
        visible(value)
    }
}

#[derive(Deserialize)]
pub(super) struct Standing {
    token: String,
    binding: Binding,
}

pub(super) async fn bind(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<DeviceId>,
    Form(form): Form<Standing>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&form.token)?;
    console.device(&visitor, id).await?;
    console.store.set_binding(id, form.binding, visitor.by()).await?;
    Ok(Redirect::to(&format!("/devices/{id}")))
}
