//! How often each rule was right, and how that is reckoned.

use std::sync::Arc;

use axum::extract::{Query, State};
use fileward_policy::words::InWords as _;
use fileward_protocol::vocabulary::Rule;
use maud::{Markup, html};

use super::words;
use crate::console::access::Right;
use crate::console::oops::Oops;
use crate::console::order::{self, Head, Heads};
use crate::console::visitor::Visitor;
use crate::console::words as common;
use crate::console::{Console, layout};
use crate::store::work::{PrecisionRow, Tally};
use crate::store::{Column, Direction, Order};

fileward_protocol::words! {
    /// By what rules can be ordered.
    #[derive(Default)]
    enum RuleSort {
        /// By rule, each with the sum of its apps.
        #[default]
        Rule = "rule",
        /// By app.
        App = "app",
        /// By how often it was right.
        Precision = "precision",
        /// By how many findings there are.
        Findings = "findings",
        /// By how many were put right.
        PutRight = "put_right",
        /// By how many were justified.
        Justified = "justified",
        /// By how many answers were refused.
        Refused = "refused",
        /// By how many files were private.
        Private = "private",
        /// By how many alarms were false.
        FalseAlarm = "false_alarm",
        /// By of how many nobody can say.
        Undecided = "undecided",
    }
}

impl Column for RuleSort {
    fn usual(self) -> Direction {
        match self {
            // What is least often right is looked for.
            Self::Rule | Self::App | Self::Precision => Direction::Ascending,
            _ => Direction::Descending,
        }
    }
}

pub(in crate::console) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<order::Asked>,
) -> Result<Markup, Oops> {
    let rows = console.store.precision().await?;
    let heads = Heads {
        language: visitor.language,
        path: "/rules",
        query: &[],
        order: asked.order(),
    };
    Ok(layout::page(
        &visitor,
        visitor.say(words::RULES),
        &html! {
            p.small { (visitor.say(words::PRECISION_NOTE)) }
            @if rows.is_empty() { p.note { (visitor.say(common::NOTHING)) } } @else { (table(&visitor, &heads, rows)) }
            @if visitor.may(Right::Ladder) { p { a href="/ladder" { (visitor.say(words::LADDER)) } } }
        },
    ))
}

const HEADS: [Head<RuleSort>; 10] = [
    Head::by(RuleSort::Rule, common::RULE),
    Head::by(RuleSort::App, common::APP),
    Head::number(RuleSort::Precision, words::PRECISION),
    Head::number(RuleSort::Findings, words::FINDINGS),
    Head::number(RuleSort::PutRight, words::PUT_RIGHT),
    Head::number(RuleSort::Justified, words::JUSTIFIED),
    Head::number(RuleSort::Refused, words::REFUSED),
    Head::number(RuleSort::Private, words::PRIVATE),
    Head::number(RuleSort::FalseAlarm, words::FALSE_ALARM),
    Head::number(RuleSort::Undecided, words::UNDECIDED),
];

fn table(visitor: &Visitor, heads: &Heads<'_, RuleSort>, mut rows: Vec<PrecisionRow>) -> Markup {
    sort(&mut rows, heads.order);
    html! {
        table {
            thead { tr { (heads.cells(&HEADS)) } }
            tbody {
                @for of_rule in rows.chunk_by(|one, other| one.rule == other.rule) {
                    @if heads.order.by == RuleSort::Rule && let [first, _, ..] = of_rule {
                        (line(visitor, first.rule, visitor.say(words::ALL_APPS), sum(of_rule)))
                    }
                    @for row in of_rule {
                        (line(visitor, row.rule, row.app.map_or("–", |app| app.in_words(visitor.language)), row.tally))
                    }
                }
            }
        }
    }
}

/// Puts rules into an order; what is alike goes by rule and app.
fn sort(rows: &mut [PrecisionRow], order: Order<RuleSort>) {
    rows.sort_by_key(|row| (row.rule, row.app));
    let number = |row: &PrecisionRow| match order.by {
        RuleSort::Rule | RuleSort::App => None,
        RuleSort::Precision => row.tally.precision(),
        RuleSort::Findings => Some(row.tally.findings()),
        RuleSort::PutRight => Some(row.tally.put_right),
        RuleSort::Justified => Some(row.tally.justified),
        RuleSort::Refused => Some(row.tally.refused),
        RuleSort::Private => Some(row.tally.private),
        RuleSort::FalseAlarm => Some(row.tally.false_alarm),
        RuleSort::Undecided => Some(row.tally.undecided),
    };
    rows.sort_by(|one, other| {
        order.direction.of(match order.by {
            RuleSort::Rule => one.rule.cmp(&other.rule),
            RuleSort::App => one.app.cmp(&other.app),
            _ => number(one).cmp(&number(other)),
        })
    });
}

fn sum(rows: &[PrecisionRow]) -> Tally {
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

#[cfg(test)]
mod tests {
    use fileward_protocol::vocabulary::App;

    use super::*;

    #[test]
    fn rules_are_ordered_by_name_and_by_number_both_ways() {
        let row = |rule, app, put_right, private| PrecisionRow {
            rule,
            app,
            tally: Tally {
                put_right,
                private,
                ..Tally::default()
            },
        };
        let mut rows = [
            row(Rule::PersonalCloud, None, 1, 9),
            row(Rule::OutsideStore, Some(App::Wechat), 8, 0),
            row(Rule::OutsideStore, None, 0, 0),
        ];
        let mut ordered = |by, direction| {
            sort(&mut rows, Order { by, direction });
            rows.iter().map(|row| row.tally.put_right).collect::<Vec<_>>()
        };
        assert_eq!(ordered(RuleSort::Rule, Direction::Ascending), [1, 0, 8]);
        assert_eq!(ordered(RuleSort::Rule, Direction::Descending), [0, 8, 1]);
        assert_eq!(
            ordered(RuleSort::Precision, Direction::Ascending),
            [0, 1, 8],
            "unknown first"
        );
        assert_eq!(ordered(RuleSort::Private, Direction::Descending), [1, 0, 8]);
        assert_eq!(ordered(RuleSort::App, Direction::Descending), [8, 1, 0]);
    }
}
