//! The list with findings that are alike put together.

use fileward_policy::words::InWords as _;
use maud::{Markup, html};

use super::Asked;
use super::table::place_in_words;
use crate::console::order::{Head, Heads};
use crate::console::visitor::Visitor;
use crate::console::{layout, words};
use crate::safe::visible;
use crate::store::work::{RepeatRow, RepeatSort};

const HEADS: [Head<RepeatSort>; 7] = [
    Head::number(RepeatSort::Count, words::COUNT),
    Head::number(RepeatSort::Active, words::OPEN),
    Head::by(RepeatSort::Rule, words::RULE),
    Head::by(RepeatSort::Place, words::PLACE),
    Head::by(RepeatSort::Device, words::DEVICE),
    Head::by(RepeatSort::First, words::FIRST_SEEN),
    Head::by(RepeatSort::Last, words::CHANGED),
];

/// A table of groups; each leads to the list of what is in it, under the filter as it stands.
pub(super) fn table(visitor: &Visitor, rows: &[RepeatRow], asked: &Asked) -> Markup {
    let language = visitor.language;
    let heads = Heads {
        language,
        path: "/findings",
        query: &asked.pairs(),
        order: asked.order.order(),
    };
    html! {
        @if rows.is_empty() { p.note { (visitor.say(words::NOTHING)) } } @else {
            table {
                thead { tr { (heads.cells(&HEADS)) } }
                tbody { @for row in rows { tr {
                    td.number data-label=(visitor.say(words::COUNT)) {
                        a href=(layout::address("/findings", &asked.of_group(row).pairs())) { (row.count) }
                    }
                    td.number data-label=(visitor.say(words::OPEN)) { (row.active) }
                    td data-label=(visitor.say(words::RULE)) { (row.rule.in_words(language)) }
                    td data-label=(visitor.say(words::PLACE)) { (place_in_words(row.place, row.app, language)) }
                    td data-label=(visitor.say(words::DEVICE)) { (visible(&row.device_name)) }
                    td data-label=(visitor.say(words::FIRST_SEEN)) { (layout::time(row.first)) }
                    td data-label=(visitor.say(words::CHANGED)) { (layout::time(row.last)) }
                } } }
            }
        }
    }
}
