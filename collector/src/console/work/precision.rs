//! How often each rule was right, and how that is reckoned.

use std::sync::Arc;

use axum::extract::State;
use fileward_policy::words::InWords as _;
use fileward_protocol::vocabulary::Rule;
use maud::{Markup, html};

use super::words;
use crate::console::access::Right;
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::words as common;
use crate::console::{Console, layout};
use crate::store::work::{PrecisionRow, Tally};

pub(in crate::console) async fn page(visitor: Visitor, State(console): State<Arc<Console>>) -> Result<Markup, Oops> {
    let rows = console.store.precision().await?;
    Ok(layout::page(
        &visitor,
        visitor.say(words::RULES),
        &html! {
            p.small { (visitor.say(words::PRECISION_NOTE)) }
            @if rows.is_empty() { p.note { (visitor.say(common::NOTHING)) } } @else { (table(&visitor, &rows)) }
            @if visitor.may(Right::Ladder) { p { a href="/ladder" { (visitor.say(words::LADDER)) } } }
        },
    ))
}

fn table(visitor: &Visitor, rows: &[PrecisionRow]) -> Markup {
    let numbers = [
        words::PRECISION,
        words::FINDINGS,
        words::PUT_RIGHT,
        words::JUSTIFIED,
        words::REFUSED,
        words::PRIVATE,
        words::FALSE_ALARM,
        words::UNDECIDED,
    ];
    html! {
        table {
            thead { tr {
                @for head in [common::RULE, common::APP] { th scope="col" { (visitor.say(head)) } }
                @for head in numbers { th.number scope="col" { (visitor.say(head)) } }
            } }
            tbody { @for rule in Rule::ALL {
                @let of_rule: Vec<_> = rows.iter().filter(|row| row.rule == *rule).collect();
                @if of_rule.len() > 1 { (line(visitor, *rule, visitor.say(words::ALL_APPS), sum(&of_rule))) }
                @for row in of_rule {
                    (line(visitor, *rule, row.app.map_or("–", |app| app.in_words(visitor.language)), row.tally))
                }
            } }
        }
    }
}

fn sum(rows: &[&PrecisionRow]) -> Tally {
    rows.iter().fold(Tally::default(), |mut sum, row| {
        sum += row.tally;
        sum
    })
}

fn line(visitor: &Visitor, rule: Rule, app: &str, tally: Tally) -> Markup {
    let numbers = [
        (words::FINDINGS, tally.findings()),
        (words::PUT_RIGHT, tally.put_right),
        (words::JUSTIFIED, tally.justified),
        (words::REFUSED, tally.refused),
        (words::PRIVATE, tally.private),
        (words::FALSE_ALARM, tally.false_alarm),
        (words::UNDECIDED, tally.undecided),
    ];
    html! {
        tr {
            td data-label=(visitor.say(common::RULE)) { (rule.in_words(visitor.language)) }
            td data-label=(visitor.say(common::APP)) { (app) }
            td.number data-label=(visitor.say(words::PRECISION)) {
                @if let Some(precision) = tally.precision() {
                    b { (precision) " %" } " " span.small { (tally.right()) "/" (tally.right() + tally.wrong()) }
                } @else { "–" }
            }
            @for (head, number) in numbers { td.number data-label=(visitor.say(head)) { (number) } }
        }
    }
}
