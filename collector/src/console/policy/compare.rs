//! Two documents beside each other, line by line.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use maud::{Markup, html};
use serde::Deserialize;
use similar::{DiffOp, TextDiff};

use super::{Writing, words};
use crate::console::access::Right;
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::{Console, layout};
use crate::store::policies::PolicyRow;

/// Lines shown around a change.
const AROUND: usize = 3;

/// How long the best comparison is looked for; a coarser one is right as well.
const AT_MOST: Duration = Duration::from_secs(2);

/// What stands in an address for one's own draft.
const DRAFT: &str = "draft";

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::console) struct Asked {
    from: String,
    to: String,
}

pub(in crate::console) async fn page(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Oops> {
    let versions = console.store.policies().await?;
    let from = side(&console, &visitor, &asked.from, None).await?;
    let to = side(&console, &visitor, &asked.to, Some(DRAFT)).await?;
    let rows = compared(from.1.clone(), to.1.clone()).await;
    Ok(layout::page(
        &visitor,
        visitor.say(words::COMPARE),
        &html! {
            (choose(&visitor, &versions, &asked))
            @if rows.is_empty() { p.note { (visitor.say(words::NO_DIFFERENCE)) } }
            @else { (table(&visitor, (&from.0, &to.0), &rows)) }
        },
    ))
}

/// A document with what it is called: a version, one's own draft, or what everybody has.
async fn side(
    console: &Console,
    visitor: &Visitor,
    asked: &str,
    otherwise: Option<&str>,
) -> Result<(String, String), Oops> {
    let asked = if asked.is_empty() {
        otherwise.unwrap_or_default()
    } else {
        asked
    };
    let version = match asked {
        DRAFT if visitor.may(Right::Publish) => {
            let writing = Writing::of(console, visitor).await?;
            return Ok((visitor.say(words::DRAFT).to_owned(), writing.document));
        }
        "" | DRAFT => None,
        version => Some(version.parse().map_err(|_| Oops::NotFound(visitor.language))?),
    };
    let row: PolicyRow = console
        .store
        .policy(version)
        .await?
        .ok_or(Oops::NotFound(visitor.language))?;
    Ok((format!("{} {}", visitor.say(words::VERSION), row.version), row.document))
}

/// The form that asks which two.
pub(super) fn choose(visitor: &Visitor, versions: &[PolicyRow], asked: &Asked) -> Markup {
    let choice = |name: &str, label, with_draft: bool, chosen: &str| {
        html! {
            label {
                span { (visitor.say(label)) }
                select name=(name) {
                    @if with_draft && visitor.may(Right::Publish) { option value=(DRAFT) { (visitor.say(words::DRAFT)) } }
                    @for row in versions {
                        option value=(row.version) selected[row.version.to_string() == chosen] { (row.version) }
                    }
                }
            }
        }
    };
    html! {
        form.filter method="get" action="/policy/compare" {
            (choice("from", words::FROM, false, &asked.from))
            (choice("to", words::TO, true, &asked.to))
            button.second { (visitor.say(words::COMPARE)) }
        }
    }
}

/// A row of a comparison.
#[derive(Debug, PartialEq, Eq)]
enum Row {
    /// The same on both sides, with its numbers.
    Same(usize, usize, String),
    /// Different, or on one side only.
    Differs(Option<(usize, String)>, Option<(usize, String)>),
    /// Lines that are the same are left out.
    Gap,
}

async fn compared(from: String, to: String) -> Vec<Row> {
    // Comparing takes a core for a while.
    let rows = tokio::task::spawn_blocking(move || rows(&from, &to)).await;
    rows.unwrap_or_default()
}

fn rows(from: &str, to: &str) -> Vec<Row> {
    let (old, new): (Vec<&str>, Vec<&str>) = (from.lines().collect(), to.lines().collect());
    let diff = TextDiff::configure().timeout(AT_MOST).diff_slices(&old, &new);
    let mut rows = Vec::new();
    for (index, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if index > 0 {
            rows.push(Row::Gap);
        }
        for op in group {
            of_op(op, &old, &new, &mut rows);
        }
    }
    rows
}

fn of_op(op: &DiffOp, old: &[&str], new: &[&str], rows: &mut Vec<Row>) {
    let line = |lines: &[&str], number: usize| lines.get(number).map(|line| (number + 1, (*line).to_owned()));
    let (before, after) = (op.old_range(), op.new_range());
    if let DiffOp::Equal { .. } = op {
        let pairs = before.zip(after);
        rows.extend(pairs.filter_map(|(a, b)| Some(Row::Same(a + 1, b + 1, line(old, a)?.1))));
        return;
    }
    for offset in 0..before.len().max(after.len()) {
        let left = Some(before.start + offset).filter(|number| before.contains(number));
        let right = Some(after.start + offset).filter(|number| after.contains(number));
        rows.push(Row::Differs(
            left.and_then(|number| line(old, number)),
            right.and_then(|number| line(new, number)),
        ));
    }
}

fn table(visitor: &Visitor, (from, to): (&str, &str), rows: &[Row]) -> Markup {
    html! {
        div.diff tabindex="0" role="region" aria-label=(visitor.say(words::COMPARE)) {
            div.row.head { div { (from) } div { (to) } }
            @for row in rows { @match row {
                Row::Gap => div.row.gap { div { "⋯" } div { "⋯" } },
                Row::Same(a, b, text) => div.row.same { (cell(*a, text)) (cell(*b, text)) },
                Row::Differs(a, b) => div.row {
                    @match a { Some((number, text)) => del { (cell(*number, text)) }, None => div {} }
                    @match b { Some((number, text)) => ins { (cell(*number, text)) }, None => div {} }
                },
            } }
        }
    }
}

fn cell(number: usize, text: &str) -> Markup {
    html! { div { span.line { (number) } code { (super::shown(text)) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_lines_stand_beside_each_other_and_the_rest_is_left_out() {
        let lines = |changed: &[(usize, &str)]| {
            let line = |number: usize| {
                let other = changed.iter().find(|(at, _)| *at == number);
                other.map_or_else(|| number.to_string(), |(_, text)| (*text).to_owned())
            };
            (1..=40).map(line).collect::<Vec<_>>().join("\n")
        };
        let rows = rows(&lines(&[]), &lines(&[(5, "five"), (30, "thirty")]));
        let changed: Vec<_> = rows.iter().filter(|row| matches!(row, Row::Differs(..))).collect();
        let pair = |number: usize, text: &str| {
            Row::Differs(Some((number, number.to_string())), Some((number, text.to_owned())))
        };
        assert_eq!(changed, [&pair(5, "five"), &pair(30, "thirty")]);
        assert_eq!(rows.iter().filter(|row| **row == Row::Gap).count(), 1);
        assert_eq!(rows.len(), 2 * (1 + 2 * AROUND) + 1);
    }

    #[test]
    fn what_is_the_same_has_no_rows() {
        assert_eq!(rows("a\nb\n", "a\nb"), []);
    }
}
