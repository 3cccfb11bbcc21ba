//! Plots, drawn here as SVG. Numbers stand beside or below each as text: a plot alone tells nothing to somebody who
//! does not see it. Letters stay outside of the SVG, so that it can be stretched to any width.

use std::fmt::Write as _;

use fileward_policy::words::Both;
use maud::{Markup, html};

use super::visitor::Visitor;
use super::{layout, words};
use crate::store::trends::{Flow, Steps};

/// A line of a table of bars.
pub(super) struct Bar {
    /// What is counted.
    pub label: String,
    /// Where the counted are listed.
    pub link: Option<String>,
    /// How many.
    pub count: u64,
    /// The class that gives the bar its colour; empty for the usual one.
    pub colour: &'static str,
}

/// A panel with a heading and a bar for each line.
pub(super) fn bars(visitor: &Visitor, heading: Both, lines: &[Bar]) -> Markup {
    let most = lines.iter().map(|line| line.count).max().unwrap_or(0);
    html! {
        section.panel {
            h2 { (visitor.say(heading)) }
            @if most == 0 { p.small { (visitor.say(words::NOTHING)) } } @else {
                table.bars { tbody { @for line in lines { tr {
                    th scope="row" {
                        @if let Some(link) = &line.link { a href=(link) { (line.label) } } @else { (line.label) }
                    }
                    td.bar aria-hidden="true" {
                        svg viewBox="0 0 1000 1" preserveAspectRatio="none" {
                            rect.(line.colour) width=(parts(line.count, most, 1000)) height="1" {}
                        }
                    }
                    td.number { (line.count) }
                } } } }
            }
        }
    }
}

/// How findings came, went and stood, with the numbers as a table to unfold.
pub(super) fn flow(visitor: &Visitor, steps: Steps, flow: &[Flow]) -> Markup {
    let open = flow.iter().map(|step| step.open).max().unwrap_or(0);
    let moved = flow.iter().map(|step| step.came.max(step.went)).max().unwrap_or(0);
    let day = |index| layout::day(steps.start(index));
    html! {
        figure.plot {
            figcaption { span.key-open { (visitor.say(words::OPEN_FINDINGS)) } }
            (plot(open, HEIGHT, &html! {
                path.open d=(area(flow, open)) {}
                (hovers(steps, flow, HEIGHT, |step| format!("{} {}", visitor.say(words::OPEN), step.open)))
            }, flow.len()))
            figcaption {
                span.key-came { (visitor.say(words::CAME)) }
                span.key-went { (visitor.say(words::WENT)) }
            }
            (plot(moved, HEIGHT * 2, &html! {
                path.came d=(columns(flow, moved, |step| step.came, -1)) {}
                path.went d=(columns(flow, moved, |step| step.went, 1)) {}
                (hovers(steps, flow, HEIGHT * 2, |step| format!(
                    "{} {} · {} {}", visitor.say(words::CAME), step.came, visitor.say(words::WENT), step.went
                )))
            }, flow.len()))
            p.dates { (day(0)) (day(flow.len() / 2)) (day(flow.len().saturating_sub(1))) }
            details {
                summary { (visitor.say(words::NUMBERS)) }
                table {
                    thead { tr { @for head in [words::WHEN, words::CAME, words::WENT, words::OPEN] {
                        th scope="col" { (visitor.say(head)) }
                    } } }
                    tbody { @for (index, step) in flow.iter().enumerate().rev() { tr {
                        td { (day(index)) }
                        @for (head, number) in [(words::CAME, step.came), (words::WENT, step.went), (words::OPEN, step.open)] {
                            td.number data-label=(visitor.say(head)) { (number) }
                        }
                    } } }
                }
            }
        }
    }
}

/// The height of what stands above a line, and the width of one step.
const HEIGHT: u64 = 100;
const WIDTH: u64 = 10;

/// A field of lines from nothing to `most`, as high as `height` and as wide as `steps` steps.
fn plot(most: u64, height: u64, lines: &Markup, steps: usize) -> Markup {
    html! {
        div.field {
            span.most { (most) }
            svg viewBox={ "0 0 " (WIDTH * steps as u64) " " (height) } preserveAspectRatio="none" aria-hidden="true" {
                (lines)
            }
        }
    }
}

/// Tells the numbers of a step to whoever points at it.
fn hovers(steps: Steps, flow: &[Flow], height: u64, tell: impl Fn(&Flow) -> String) -> Markup {
    html! {
        @for (index, step) in flow.iter().enumerate() {
            rect.hover x=(WIDTH * index as u64) width=(WIDTH) height=(height) {
                title { (layout::day_text(steps.start(index))) " · " (tell(step)) }
            }
        }
    }
}

/// The area below what is open, step by step.
fn area(flow: &[Flow], most: u64) -> String {
    let mut path = format!("M0 {HEIGHT}");
    for (index, step) in flow.iter().enumerate() {
        let (x, y) = (WIDTH * index as u64, HEIGHT - parts(step.open, most, HEIGHT));
        let _ = write!(path, "V{y}H{}", x + WIDTH);
    }
    let _ = write!(path, "V{HEIGHT}Z");
    path
}

/// Columns from the middle line, up where `direction` is negative, else down.
fn columns(flow: &[Flow], most: u64, count: impl Fn(&Flow) -> u64, direction: i64) -> String {
    let mut path = String::new();
    for (index, step) in flow.iter().enumerate() {
        let height = parts(count(step), most, HEIGHT);
        if height > 0 {
            let x = WIDTH * index as u64 + 1;
            let sign = if direction < 0 { "-" } else { "" };
            let _ = write!(path, "M{x} {HEIGHT}v{sign}{height}h{}V{HEIGHT}Z", WIDTH - 2);
        }
    }
    path
}

/// How many parts of `all` parts `count` of `most` are; what is not nothing is at least one.
fn parts(count: u64, most: u64, all: u64) -> u64 {
    if count == 0 || most == 0 {
        return 0;
    }
    let share = u128::from(count) * u128::from(all) / u128::from(most);
    u64::try_from(share).unwrap_or(all).clamp(1, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_true_and_little_is_seen() {
        assert_eq!(parts(0, 50, 100), 0);
        assert_eq!(parts(25, 50, 100), 50);
        assert_eq!(parts(1, 1_000_000, 100), 1);
        assert_eq!(parts(7, 0, 100), 0);
        assert_eq!(parts(u64::MAX, u64::MAX, 100), 100);
    }

    #[test]
    fn lines_follow_the_numbers() {
        let step = |came, went, open| Flow { came, went, open };
        let flow = [step(2, 0, 2), step(0, 1, 1), step(0, 0, 1)];
        assert_eq!(area(&flow, 2), "M0 100V0H10V50H20V50H30V100Z");
        assert_eq!(columns(&flow, 2, |step| step.came, -1), "M1 100v-100h8V100Z");
        assert_eq!(columns(&flow, 2, |step| step.went, 1), "M11 100v50h8V100Z");
    }
}
