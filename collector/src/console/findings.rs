//! Findings: the list with its filter, one finding with its life, and decisions about it.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::response::Redirect;
use fileward_policy::words::{Both, InWords};
use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::report::{Decided, File, Finding};
use fileward_protocol::vocabulary::{App, FindingState, Language, PlaceKind, Rule, Severity};
use maud::{Markup, html};
use serde::Deserialize;

use super::access::Right;
use super::layout;
use super::oops::Oops;
use super::visitor::Visitor;
use super::{Console, words};
use crate::safe::visible;
use crate::store::Scope;
use crate::store::audit::{Action, AuditEntry};
use crate::store::findings::{FindingFilter, FindingRow, FindingSort, Happened};

/// A filter as it stands in an address: every field a word, empty for any.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    severity: String,
    rule: String,
    place: String,
    app: String,
    device: String,
    text: String,
    sort: String,
    offset: u64,
}

impl Asked {
    fn filter(&self, scope: Scope) -> FindingFilter {
        FindingFilter {
            state: self.state.parse().ok(),
            severity: self.severity.parse().ok(),
            rule: self.rule.parse().ok(),
            place: self.place.parse().ok(),
            app: self.app.parse().ok(),
            device: self.device.parse().ok(),
            text: Some(self.text.trim().to_owned()).filter(|text| !text.is_empty()),
            sort: self.sort(),
            ..FindingFilter::within(scope)
        }
    }

    fn sort(&self) -> FindingSort {
        SORTS
            .iter()
            .find(|(word, ..)| *word == self.sort)
            .map_or_else(FindingSort::default, |(_, sort, _)| *sort)
    }

    fn pairs(&self) -> [(&'static str, String); 8] {
        [
            ("state", self.state.clone()),
            ("severity", self.severity.clone()),
            ("rule", self.rule.clone()),
            ("place", self.place.clone()),
            ("app", self.app.clone()),
            ("device", self.device.clone()),
            ("text", self.text.clone()),
            ("sort", self.sort.clone()),
        ]
    }
}

/// How findings can be ordered, with the word in the address.
const SORTS: [(&str, FindingSort, Both); 2] = [
    ("changed", FindingSort::Changed, words::CHANGED),
    ("severity", FindingSort::Severity, words::SEVERITY),
];

pub(super) async fn list(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    visitor.must(Right::Findings)?;
    let paging = layout::rows_from(asked.offset);
    let found = console.store.findings(asked.filter(visitor.scope()), paging).await?;
    let detail = asked
        .pairs()
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, _)| *key)
        .collect::<Vec<_>>();
    console
        .store
        .append_audit(AuditEntry {
            by: visitor.by(),
            action: Action::FindingsListed,
            subject: asked
                .device
                .parse::<DeviceId>()
                .map(|id| id.to_string())
                .unwrap_or_default(),
            detail: format!("{} shown, filtered by: {}", found.rows.len(), detail.join(", ")),
        })
        .await?;
    Ok(layout::page(
        &visitor,
        visitor.say(words::FINDINGS),
        &html! {
            (filter_form(&visitor, &asked))
            (table(&visitor, &found.rows))
            (layout::pager(visitor.language, "/findings", &asked.pairs(), paging, found.total))
        },
    ))
}

fn filter_form(visitor: &Visitor, asked: &Asked) -> Markup {
    let language = visitor.language;
    let filter = asked.filter(visitor.scope());
    html! {
        form.filter method="get" action="/findings" role="search" {
            (layout::choose(language, "state", words::STATE, FindingState::ALL, filter.state))
            (layout::choose(language, "severity", words::SEVERITY, Severity::ALL, filter.severity))
            (layout::choose(language, "rule", words::RULE, Rule::ALL, filter.rule))
            (layout::choose(language, "place", words::PLACE, PlaceKind::ALL, filter.place))
            (layout::choose(language, "app", words::APP, App::ALL, filter.app))
            @if !asked.device.is_empty() { input type="hidden" name="device" value=(visible(&asked.device)); }
            label { span { (words::SEARCH.to(language)) } input type="search" name="text" value=(visible(&asked.text)); }
            label {
                span { (words::SORT.to(language)) }
                select name="sort" { @for (word, sort, text) in SORTS {
                    option value=(word) selected[sort == filter.sort] { (text.to(language)) }
                } }
            }
            button { (words::FILTER.to(language)) }
        }
    }
}

/// A table of findings.
pub(super) fn table(visitor: &Visitor, rows: &[FindingRow]) -> Markup {
    let language = visitor.language;
    let heads = [
        words::FILE,
        words::RULE,
        words::SEVERITY,
        words::PLACE,
        words::DEVICE,
        words::STATE,
        words::CHANGED,
    ];
    html! {
        @if rows.is_empty() { p.note { (visitor.say(words::NOTHING)) } } @else {
            table {
                thead { tr { @for head in heads { th scope="col" { (visitor.say(head)) } } } }
                tbody { @for row in rows { @let finding = &row.finding; tr {
                    td data-label=(visitor.say(words::FILE)) {
                        a href={ "/findings/" (row.device) "/" (finding.id) } { (name(finding, language)) }
                    }
                    td data-label=(visitor.say(words::RULE)) { (finding.rule.in_words(language)) }
                    td data-label=(visitor.say(words::SEVERITY)) { (layout::severity(finding.severity, language)) }
                    td data-label=(visitor.say(words::PLACE)) { (place(finding, language)) }
                    td data-label=(visitor.say(words::DEVICE)) {
                        @if visitor.may(Right::Devices) {
                            a href={ "/devices/" (row.device) } { (visible(&row.device_name)) }
                        } @else { (visible(&row.device_name)) }
                    }
                    td data-label=(visitor.say(words::STATE)) {
                        span.{ "state-" (finding.state) } { (finding.state.in_words(language)) }
                    }
                    td data-label=(visitor.say(words::CHANGED)) { (layout::time(row.changed_at)) }
                } } }
            }
        }
    }
}

fn name(finding: &Finding, language: Language) -> String {
    let Some(file) = &finding.file else {
        return words::STORE_ITSELF.to(language).to_owned();
    };
    match &file.name {
        Some(name) => visible(name.as_str()),
        None => words::NAME_HASHED.to(language).to_owned(),
    }
}

fn place(finding: &Finding, language: Language) -> String {
    let kind = finding.place.kind.in_words(language);
    match finding.place.app {
        Some(app) => format!("{kind} · {}", app.in_words(language)),
        None => kind.to_owned(),
    }
}

pub(super) async fn detail(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path((device, id)): Path<(DeviceId, FindingId)>,
) -> Result<Markup, Oops> {
    visitor.must(Right::Findings)?;
    let row = console.finding(&visitor, device, id).await?;
    let looked = AuditEntry {
        by: visitor.by(),
        action: Action::FindingViewed,
        subject: id.to_string(),
        detail: String::new(),
    };
    console.store.append_audit(looked).await?;
    let language = visitor.language;
    let finding = &row.finding;
    Ok(layout::page(
        &visitor,
        &name(finding, language),
        &html! {
            dl {
                (line(visitor.say(words::STATE), &html! { span.{ "state-" (finding.state) } { (finding.state.in_words(language)) } }))
                (line(visitor.say(words::RULE), &html! { (finding.rule.in_words(language)) " " (layout::severity(finding.severity, language)) }))
                @if !finding.also.is_empty() {
                    (line(visitor.say(words::ALSO), &html! { (list_of(&finding.also, language)) }))
                }
                (line(visitor.say(words::PLACE), &html! { (place(finding, language)) }))
                (line(visitor.say(words::DEVICE), &html! { a href={ "/devices/" (row.device) } { (visible(&row.device_name)) } }))
                @if let Some(file) = &finding.file { (file_lines(&visitor, file)) }
                (line(visitor.say(words::EVIDENCE), &html! {
                    @if finding.evidence.is_empty() && finding.file.is_some() { (visitor.say(words::NO_EVIDENCE)) }
                    (list_of(&finding.evidence, language))
                }))
                (line(visitor.say(words::FIRST_SEEN), &layout::time(finding.first_seen)))
                (line(visitor.say(words::DUE), &layout::time(finding.due)))
                @if let Some(resolution) = finding.resolution {
                    (line(visitor.say(words::RESOLUTION), &html! { (resolution.in_words(language)) }))
                }
                @if let Some(text) = &finding.justification {
                    (line(visitor.say(words::JUSTIFICATION), &html! { (visible(text.as_str())) }))
                }
            }
            (life(&visitor, &row))
            @if visitor.may(Right::Decide) { (decision_form(&visitor, &row)) }
            p.small { (visitor.say(words::LOOK_RECORDED)) }
        },
    ))
}

fn line(name: &str, value: &Markup) -> Markup {
    html! { dt { (name) } dd { (value) } }
}

fn list_of<T: InWords>(all: &[T], language: Language) -> String {
    let words: Vec<&str> = all.iter().map(|one| one.in_words(language)).collect();
    words.join(if language == Language::ZhCn { "、" } else { ", " })
}

fn file_lines(visitor: &Visitor, file: &File) -> Markup {
    let language = visitor.language;
    let method = file
        .encryption
        .method
        .map(|method| format!(" ({method})"))
        .unwrap_or_default();
    html! {
        (line(visitor.say(words::KIND), &html! { (file.kind) " · " (file.family.in_words(language)) }))
        (line(visitor.say(words::SIZE), &html! { (layout::size(file.size)) }))
        (line(visitor.say(words::ENCRYPTION), &html! { (file.encryption.state.in_words(language)) (method) }))
        (line(visitor.say(words::SENSITIVITY), &html! { (file.sensitivity.in_words(language)) }))
        @if !file.detections.is_empty() {
            (line(visitor.say(words::DETECTIONS), &html! {
                @for hit in &file.detections { span { (hit.detector) " × " (hit.count) " " } }
            }))
        }
    }
}

fn life(visitor: &Visitor, row: &FindingRow) -> Markup {
    let language = visitor.language;
    html! {
        h2 { (visitor.say(words::HISTORY)) }
        ol.life { @for step in &row.history { li {
            (layout::time(step.at)) " "
            @match &step.what {
                Happened::Became(state) => { (state.in_words(language)) }
                Happened::Decided { what, reason, by } => {
                    @match what {
                        Decided::Exempted => { (visitor.say(words::EXEMPT)) }
                        Decided::Reopened => { (visitor.say(words::REOPEN)) }
                    }
                    " · " (visible(by)) " · " (visible(reason))
                }
            }
        } } }
    }
}

fn decision_form(visitor: &Visitor, row: &FindingRow) -> Markup {
    let finding = &row.finding;
    let (what, text) = if finding.state.is_active() {
        (Decided::Exempted, words::EXEMPT)
    } else if finding.state == FindingState::Resolved {
        return html! {};
    } else {
        (Decided::Reopened, words::REOPEN)
    };
    html! {
        form.actions method="post" action={ "/findings/" (row.device) "/" (finding.id) "/decision" } {
            (layout::token(visitor))
            input type="hidden" name="what" value=(what);
            label { span { (visitor.say(words::REASON)) } input name="reason" maxlength="500" size="40" required; }
            button.second { (visitor.say(text)) }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Decision {
    token: String,
    what: Decided,
    reason: String,
}

pub(super) async fn decide(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path((device, id)): Path<(DeviceId, FindingId)>,
    Form(form): Form<Decision>,
) -> Result<Redirect, Oops> {
    visitor.must(Right::Decide)?;
    visitor.must_be_own_form(&form.token)?;
    let reason: String = form.reason.trim().chars().take(500).collect();
    if reason.is_empty() {
        return Err(Oops::Conflict(visitor.say(words::REASON).to_owned()));
    }
    console.finding(&visitor, device, id).await?;
    console
        .store
        .decide(device, id, form.what, reason, visitor.by())
        .await?;
    Ok(Redirect::to(&format!("/findings/{device}/{id}")))
}
