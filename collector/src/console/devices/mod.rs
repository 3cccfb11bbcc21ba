//! Devices: the list with its filter, one with its fingerprint and its places, and their standing.

mod detail;

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::response::Redirect;
use fileward_policy::words::{Both, InWords, both};
use fileward_protocol::ids::DeviceId;
use fileward_protocol::vocabulary::Binding;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use serde::Deserialize;

use super::access::Right;
use super::oops::Oops;
use super::order::{Head, Heads};
use super::visitor::Visitor;
use super::{Console, layout, order, views, words};
use crate::safe::visible;
use crate::store::devices::{DeviceFilter, DeviceRow, DeviceSort};
use crate::store::views::Listed;

pub(super) use detail::detail;

/// A filter as it stands in an address: every field a word, empty for any.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    binding: String,
    group: String,
    version: String,
    silent: String,
    text: String,
    offset: u64,
    #[serde(flatten)]
    order: order::Asked,
}

impl Asked {
    /// Which devices these are, of those the visitor may see.
    pub(super) fn filter(&self, visitor: &Visitor) -> DeviceFilter {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let hours = self.silent.parse::<u16>().ok();
        let silent = hours.map(|hours| Timestamp::now() - SignedDuration::from_hours(hours.into()));
        DeviceFilter {
            binding: self.binding.parse().ok(),
            group: text(&self.group),
            version: text(&self.version),
            silent_since: silent,
            text: text(&self.text),
            order: self.order.order(),
            ..DeviceFilter::within(visitor.scope())
        }
    }

    /// The filter as fields of an address.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let pairs = [
            ("binding", &self.binding),
            ("group", &self.group),
            ("version", &self.version),
            ("silent", &self.silent),
            ("text", &self.text),
        ];
        let mut pairs = pairs.map(|(key, value)| (key, value.clone())).to_vec();
        pairs.extend(self.order.pairs());
        pairs
    }
}

const HEADS: [Head<DeviceSort>; 7] = [
    Head::by(DeviceSort::Name, words::DEVICE),
    Head::by(DeviceSort::Model, words::MODEL),
    Head::by(DeviceSort::System, words::SYSTEM),
    Head::only(words::USERS),
    Head::by(DeviceSort::Binding, words::BINDING),
    Head::number(DeviceSort::Open, words::OPEN),
    Head::by(DeviceSort::LastSeen, words::LAST_SEEN),
];

/// For how many hours a device was not heard of.
const SILENCES: [(&str, Both); 4] = [
    ("", words::ANY),
    ("24", both("1 天以上", "for a day")),
    ("168", both("7 天以上", "for a week")),
    ("720", both("30 天以上", "for 30 days")),
];

const SILENT: Both = both("未联系", "Not heard of");
const SELECT: Both = both("选择", "Select");
const APPROVE_SELECTED: Both = both("批准所选设备", "Approve the selected");
const NONE_SELECTED: Both = both("没有选择任何设备。", "No device was selected.");

pub(super) async fn list(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    let paging = layout::rows_from(asked.offset);
    let found = console.store.devices(asked.filter(&visitor), paging).await?;
    let saved = views::of(&console, &visitor, Listed::Devices, &asked.pairs()).await?;
    Ok(layout::page(
        &visitor,
        visitor.say(words::DEVICES),
        &html! {
            (filter_form(&visitor, &asked))
            (saved)
            (selectable(&visitor, &found.rows, &asked))
            (layout::pager(visitor.language, "/devices", &asked.pairs(), paging, found.total))
            (layout::download(visitor.language, "/devices.csv", &asked.pairs(), found.total))
        },
    ))
}

fn filter_form(visitor: &Visitor, asked: &Asked) -> Markup {
    html! {
        form.filter method="get" action="/devices" role="search" {
            (asked.order.fields())
            (layout::choose(visitor.language, "binding", words::BINDING, Binding::ALL, asked.binding.parse().ok()))
            label {
                span { (visitor.say(SILENT)) }
                select name="silent" { @for (hours, text) in SILENCES {
                    option value=(hours) selected[hours == asked.silent] { (visitor.say(text)) }
                } }
            }
            label { span { (visitor.say(words::GROUP)) } input name="group" value=(visible(&asked.group)); }
            label { span { (visitor.say(words::VERSION)) } input name="version" value=(visible(&asked.version)); }
            label { span { (visitor.say(words::SEARCH)) } input type="search" name="text" value=(visible(&asked.text)); }
            button { (visitor.say(words::FILTER)) }
        }
    }
}

/// The table; where devices wait and the visitor may approve them, in a form that approves many at once.
fn selectable(visitor: &Visitor, rows: &[DeviceRow], asked: &Asked) -> Markup {
    let waits = rows.iter().any(|row| row.binding == Binding::Pending);
    if !waits || !visitor.may(Right::Bind) {
        return table(visitor, rows, asked, false);
    }
    html! {
        form method="post" action="/devices/selected" {
            (layout::token(visitor))
            (table(visitor, rows, asked, true))
            div.actions { button { (visitor.say(APPROVE_SELECTED)) } }
        }
    }
}

fn table(visitor: &Visitor, rows: &[DeviceRow], asked: &Asked, selectable: bool) -> Markup {
    let heads = Heads {
        language: visitor.language,
        path: "/devices",
        query: &asked.pairs(),
        order: asked.order.order(),
    };
    html! {
        @if rows.is_empty() { p.note { (visitor.say(words::NOTHING)) } } @else {
            table {
                thead { tr {
                    @if selectable { th scope="col" { (visitor.say(SELECT)) } }
                    (heads.cells(&HEADS))
                } }
                tbody { @for row in rows { tr {
                    @if selectable { td data-label=(visitor.say(SELECT)) {
                        @if row.binding == Binding::Pending {
                            input type="checkbox" name="device" value=(row.id) aria-label=(visible(&row.name));
                        }
                    } }
                    td data-label=(visitor.say(words::DEVICE)) { a href={ "/devices/" (row.id) } { (visible(&row.name)) } }
                    td data-label=(visitor.say(words::MODEL)) { (model(row)) }
                    td data-label=(visitor.say(words::SYSTEM)) { (system(row)) }
                    td data-label=(visitor.say(words::USERS)) { (visible(&row.fingerprint.users.join(", "))) }
                    td data-label=(visitor.say(words::BINDING)) {
                        span.{ "binding-" (row.binding) } { (row.binding.in_words(visitor.language)) }
                    }
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

fn bind_form(visitor: &Visitor, id: DeviceId, to: Binding, text: Both, second: bool) -> Markup {
    html! {
        form method="post" action={ "/devices/" (id) "/binding" } {
            (layout::token(visitor))
            input type="hidden" name="binding" value=(to);
            button.second[second] { (visitor.say(text)) }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Erased {
    token: String,
    reason: String,
}

/// Deletes a retired device for good.
pub(super) async fn erase(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<DeviceId>,
    Form(form): Form<Erased>,
) -> Result<Redirect, Oops> {
    visitor.must_be_own_form(&form.token)?;
    console.device(&visitor, id).await?;
    console.store.erase_device(id, form.reason, visitor.by()).await?;
    Ok(Redirect::to("/devices"))
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

/// Approves the devices that are selected in the list.
pub(super) async fn approve_selected(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Redirect, Oops> {
    let of = |wanted: &'static str| {
        fields
            .iter()
            .filter(move |(name, _)| name == wanted)
            .map(|(_, value)| value)
    };
    visitor.must_be_own_form(of("token").next().map_or("", String::as_str))?;
    let chosen: Vec<DeviceId> = of("device").filter_map(|id| id.parse().ok()).collect();
    if chosen.is_empty() {
        return Err(Oops::Conflict(visitor.say(NONE_SELECTED).to_owned()));
    }
    // Nothing is approved where one of them is none of the visitor's business.
    for id in &chosen {
        console.device(&visitor, *id).await?;
    }
    for id in chosen {
        console.store.set_binding(id, Binding::Bound, visitor.by()).await?;
    }
    Ok(Redirect::to("/devices?binding=pending"))
}
