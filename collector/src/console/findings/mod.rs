//! Findings: the list with its filter, the same with what is alike put together, and one finding with its life.

mod detail;
mod repeats;
mod table;

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Query, State};
use fileward_policy::words::{Both, both};
use fileward_protocol::ids::DeviceId;
use fileward_protocol::vocabulary::{App, FindingState, PlaceKind, Rule, Sensitivity, Severity};
use maud::{Markup, html};
use serde::Deserialize;

use super::access::Right;
use super::oops::Oops;
use super::visitor::Visitor;
use super::work::{purpose, selected};
use super::{Console, layout, order, views, words};
use crate::safe::visible;
use crate::store::disclosures::Viewed;
use crate::store::findings::{FindingFilter, FindingRow};
use crate::store::looks::Look;
use crate::store::views::Listed;
use crate::store::work::RepeatRow;
use crate::store::{Paging, Scope};

pub(super) use detail::detail;
use table::{Selectable, table};
pub(super) use table::{name, place};

/// A filter as it stands in an address: every field a word, empty for any.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    severity: String,
    sensitivity: String,
    rule: String,
    place: String,
    app: String,
    group: String,
    device: String,
    assignee: String,
    text: String,
    by: String,
    offset: u64,
    #[serde(flatten)]
    order: order::Asked,
}

impl Asked {
    /// Which findings these are, of those in a scope.
    pub(super) fn filter(&self, scope: Scope) -> FindingFilter {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        FindingFilter {
            state: self.state.parse().ok(),
            severity: self.severity.parse().ok(),
            sensitivity: self.sensitivity.parse().ok(),
            rule: self.rule.parse().ok(),
            place: self.place.parse().ok(),
            app: self.app.parse().ok(),
            group: text(&self.group),
            device: self.device(),
            assignee: text(&self.assignee),
            text: text(&self.text),
            order: self.order.order(),
            ..FindingFilter::within(scope)
        }
    }

    /// The one device that is asked for.
    pub(super) fn device(&self) -> Option<DeviceId> {
        self.device.parse().ok()
    }

    /// The same for one device.
    pub(super) fn of_device(&self, device: DeviceId) -> Self {
        Self {
            device: device.to_string(),
            ..self.clone()
        }
    }

    fn is_by_repeat(&self) -> bool {
        self.by == BY_REPEAT
    }

    /// The findings of one group, one by one.
    fn of_group(&self, group: &RepeatRow) -> Self {
        Self {
            order: order::Asked::default(),
            rule: group.rule.to_string(),
            place: group.place.to_string(),
            app: group.app.map(|app| app.to_string()).unwrap_or_default(),
            by: String::new(),
            ..self.of_device(group.device)
        }
    }

    /// The filter as fields of an address.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let pairs = [
            ("state", &self.state),
            ("severity", &self.severity),
            ("sensitivity", &self.sensitivity),
            ("rule", &self.rule),
            ("place", &self.place),
            ("app", &self.app),
            ("group", &self.group),
            ("device", &self.device),
            ("assignee", &self.assignee),
            ("text", &self.text),
            ("by", &self.by),
        ];
        let mut pairs = pairs.map(|(key, value)| (key, value.clone())).to_vec();
        pairs.extend(self.order.pairs());
        pairs
    }
}

/// The word in the address for what is alike put together.
const BY_REPEAT: &str = "repeat";

/// How the list can be put together.
const GROUPINGS: [(&str, Both); 2] = [
    ("", both("逐条", "one by one")),
    (BY_REPEAT, both("合并重复", "repeats together")),
];

const GROUPING: Both = both("显示", "Show");

pub(super) async fn list(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    let mut look = None;
    if let Some(device) = asked.device() {
        let Some(given) = purpose::of(&console, &visitor, device).await? else {
            let name = console.device(&visitor, device).await?.name;
            return Ok(purpose::ask(&visitor, (device, &name), &asked, None));
        };
        look = Some((device, given));
    }
    let paging = layout::rows_from(asked.offset);
    let (rows, total, devices) = if asked.is_by_repeat() {
        let filter = asked.filter(visitor.scope());
        let found = console.store.repeats(filter, asked.order.order(), paging).await?;
        (
            repeats::table(&visitor, &found.rows, &asked),
            found.total,
            found.rows.iter().map(|row| row.device).collect(),
        )
    } else {
        let found = console.store.findings(asked.filter(visitor.scope()), paging).await?;
        (
            selectable(&console, &visitor, &found.rows, &asked).await?,
            found.total,
            found.rows.iter().map(|row| row.device).collect(),
        )
    };
    note_look(&console, &visitor, &asked, look, devices).await?;
    let saved = views::of(&console, &visitor, Listed::Findings, &asked.pairs()).await?;
    Ok(page(&visitor, &asked, &html! { (saved) (rows) }, paging, total))
}

fn page(visitor: &Visitor, asked: &Asked, rows: &Markup, paging: Paging, total: u64) -> Markup {
    layout::page(
        visitor,
        visitor.say(words::FINDINGS),
        &html! {
            (filter_form(visitor, asked))
            (rows)
            (layout::pager(visitor.language, "/findings", &asked.pairs(), paging, total))
            (layout::download(visitor.language, "/findings.csv", &asked.pairs(), total))
        },
    )
}

/// The table, in a form by which many can be worked on at once.
async fn selectable(console: &Console, visitor: &Visitor, rows: &[FindingRow], asked: &Asked) -> Result<Markup, Oops> {
    if rows.is_empty() || !visitor.may(Right::Work) {
        return Ok(table(visitor, rows, asked, Selectable::No));
    }
    let fields = selected::fields(console, visitor).await?;
    Ok(html! {
        form method="post" action="/findings/selected" {
            (table(visitor, rows, asked, Selectable::Yes))
            (fields)
        }
    })
}

/// Notes the look; `devices` are those of the rows that are shown.
async fn note_look(
    console: &Console,
    visitor: &Visitor,
    asked: &Asked,
    look: Option<(DeviceId, Look)>,
    devices: Vec<DeviceId>,
) -> Result<(), Oops> {
    let filters: Vec<_> = asked
        .pairs()
        .into_iter()
        .filter(|(key, value)| !value.is_empty() && !matches!(*key, "by" | "sort" | "direction"))
        .map(|(key, _)| key)
        .collect();
    let mut detail = format!("{} shown", devices.len());
    if !filters.is_empty() {
        let _ = write!(detail, ", filtered by: {}", filters.join(", "));
    }
    let viewed = match look {
        Some((device, look)) => Viewed::OfDevice(device, look, detail),
        None => Viewed::OfMany(devices.into_iter().collect(), detail),
    };
    Ok(console.store.looked(viewed, visitor.by()).await?)
}

fn filter_form(visitor: &Visitor, asked: &Asked) -> Markup {
    let language = visitor.language;
    let filter = asked.filter(visitor.scope());
    html! {
        form.filter method="get" action="/findings" role="search" {
            (layout::choose(language, "state", words::STATE, FindingState::ALL, filter.state))
            (layout::choose(language, "severity", words::SEVERITY, Severity::ALL, filter.severity))
            (layout::choose(language, "sensitivity", words::SENSITIVITY, Sensitivity::ALL, filter.sensitivity))
            (layout::choose(language, "rule", words::RULE, Rule::ALL, filter.rule))
            (layout::choose(language, "place", words::PLACE, PlaceKind::ALL, filter.place))
            (layout::choose(language, "app", words::APP, App::ALL, filter.app))
            (asked.order.fields())
            @for (key, value) in [("group", &asked.group), ("device", &asked.device), ("assignee", &asked.assignee)] {
                @if !value.is_empty() { input type="hidden" name=(key) value=(visible(value)); }
            }
            label { span { (words::SEARCH.to(language)) } input type="search" name="text" value=(visible(&asked.text)); }
            label {
                span { (GROUPING.to(language)) }
                select name="by" { @for (word, text) in GROUPINGS {
                    option value=(word) selected[word == asked.by] { (text.to(language)) }
                } }
            }
            button { (words::FILTER.to(language)) }
        }
    }
}
