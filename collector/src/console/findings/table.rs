//! A table of findings, and how a finding is named in it.

use fileward_policy::words::InWords as _;
use fileward_protocol::report::Finding;
use fileward_protocol::vocabulary::Language;
use maud::{Markup, html};

use super::Asked;
use crate::console::access::Right;
use crate::console::order::{Head, Heads};
use crate::console::visitor::Visitor;
use crate::console::work::selected;
use crate::console::{layout, words};
use crate::safe::visible;
use crate::store::findings::{FindingRow, FindingSort};
use crate::store::work::Which;

/// Whether rows of a table can be selected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Selectable {
    /// Each has a box, which belongs to the form around the table.
    Yes,
    /// There is no form.
    No,
}

const HEADS: [Head<FindingSort>; 7] = [
    Head::by(FindingSort::File, words::FILE),
    Head::by(FindingSort::Rule, words::RULE),
    Head::by(FindingSort::Severity, words::SEVERITY),
    Head::by(FindingSort::Place, words::PLACE),
    Head::by(FindingSort::Device, words::DEVICE),
    Head::by(FindingSort::State, words::STATE),
    Head::by(FindingSort::Changed, words::CHANGED),
];

/// A table of findings.
pub(super) fn table(visitor: &Visitor, rows: &[FindingRow], asked: &Asked, selectable: Selectable) -> Markup {
    let heads = Heads {
        language: visitor.language,
        path: "/findings",
        query: &asked.pairs(),
        order: asked.order.order(),
    };
    html! {
        @if rows.is_empty() { p.note { (visitor.say(words::NOTHING)) } } @else {
            table {
                thead { tr {
                    @if selectable == Selectable::Yes { td {} }
                    (heads.cells(&HEADS))
                } }
                tbody { @for row in rows { (line(visitor, row, selectable)) } }
            }
        }
    }
}

fn line(visitor: &Visitor, row: &FindingRow, selectable: Selectable) -> Markup {
    let language = visitor.language;
    let finding = &row.finding;
    let which = Which {
        device: row.device,
        finding: finding.id,
    };
    html! {
        tr {
            @if selectable == Selectable::Yes { td { (selected::select(which, &name(finding, language))) } }
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
                @if let Some(assignee) = &row.handling.assignee { " " span.small { (visible(assignee)) } }
            }
            td data-label=(visitor.say(words::CHANGED)) { (layout::time(row.changed_at)) }
        }
    }
}

/// What a finding is called: its file's name, as far as it may be shown.
pub(in crate::console) fn name(finding: &Finding, language: Language) -> String {
    let Some(file) = &finding.file else {
        return words::STORE_ITSELF.to(language).to_owned();
    };
    match &file.name {
        Some(name) => visible(name.as_str()),
        None => words::NAME_HASHED.to(language).to_owned(),
    }
}

/// Where it lies.
pub(in crate::console) fn place(finding: &Finding, language: Language) -> String {
    place_in_words(finding.place.kind, finding.place.app, language)
}

/// A kind of place, and its app.
pub(super) fn place_in_words(
    kind: fileward_protocol::vocabulary::PlaceKind,
    app: Option<fileward_protocol::vocabulary::App>,
    language: Language,
) -> String {
    let kind = kind.in_words(language);
    match app {
        Some(app) => format!("{kind} · {}", app.in_words(language)),
        None => kind.to_owned(),
    }
}
