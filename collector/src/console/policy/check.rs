//! What is wrong with a document, said beside its lines.

use fileward_policy::{Policy, PolicyError};
use maud::{Markup, html};

use super::words;
use crate::console::visitor::Visitor;
use crate::safe::{is_hidden, visible};

/// The most faults that are shown at a time.
const MOST: usize = 50;

/// What there is to be said of a document.
pub(super) fn said(visitor: &Visitor, document: &str) -> Markup {
    html! {
        @match Policy::parse(document) {
            Ok(policy) => p.note { (visitor.say(words::FINE)) " " b { (visible(policy.name())) } },
            Err(errors) => (faults(visitor, document, &errors)),
        }
        @if let Some(line) = line_with_hidden(document) {
            p.note.warning { (visitor.say(words::HIDDEN)) " " (line) }
        }
    }
}

fn faults(visitor: &Visitor, document: &str, errors: &[PolicyError]) -> Markup {
    html! {
        p.note.warning { b { (errors.len()) } " " (visitor.say(words::FAULTS)) }
        ol.faults { @for error in errors.iter().take(MOST) {
            li {
                span.line { (visitor.say(words::LINE)) " " (error.line) }
                code { (super::shown(line(document, error.line))) }
                span { @if !error.key.is_empty() { b { (visible(&error.key)) } " " } (visible(&error.message)) }
            }
        } }
    }
}

/// The beginning of a line, by its number from 1.
fn line(document: &str, number: usize) -> &str {
    let line = document.lines().nth(number.saturating_sub(1)).unwrap_or_default();
    let end = line.char_indices().nth(80).map_or(line.len(), |(end, _)| end);
    &line[..end]
}

/// The first line in which something stands that is not seen.
fn line_with_hidden(document: &str) -> Option<usize> {
    let hides = |line: &str| line.chars().any(|c| c != '\t' && is_hidden(c));
    document.lines().position(hides).map(|index| index + 1)
}
