//! One finding with its life, and what can be done with it.

use std::sync::Arc;

use axum::extract::{Path, State};
use fileward_policy::words::{Both, InWords, both};
use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::report::{Decided, File};
use fileward_protocol::vocabulary::{FindingState, Language, Sensitivity};
use maud::{Markup, html};

use super::{Asked, name, place};
use crate::console::oops::Oops;
use crate::console::requests::corrections;
use crate::console::visitor::Visitor;
use crate::console::work::forms::Desk;
use crate::console::work::{forms, purpose};
use crate::console::{Console, layout, words};
use crate::safe::visible;
use crate::store::corrections::About;
use crate::store::disclosures::Viewed;
use crate::store::findings::{FindingRow, Happened};
use crate::store::work::Which;

const REOPENED: Both = both("重新打开", "reopened");
const KEYWORDS: Both = both("关键词", "keywords");

pub(in crate::console) async fn detail(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path((device, id)): Path<(DeviceId, FindingId)>,
) -> Result<Markup, Oops> {
    let row = console.finding(&visitor, device, id).await?;
    let Some(look) = purpose::of(&console, &visitor, device).await? else {
        let asked = Asked::default();
        return Ok(purpose::ask(&visitor, (device, &row.device_name), &asked, Some(id)));
    };
    let which = Which { device, finding: id };
    let viewed = Viewed::Finding(which, look);
    console.store.looked(viewed, visitor.by()).await?;
    let desk = Desk::of(&console, &row).await?;
    let about = About::Finding(which);
    let corrected = corrections::of(&console, about).await?;
    Ok(layout::page(
        &visitor,
        &name(&row.finding, visitor.language),
        &html! {
            dl {
                (facts(&visitor, &row))
                (forms::facts(&visitor, &row, &desk))
            }
            (corrections::beside(&visitor, about, &corrected))
            (life(&visitor, &row))
            (forms::all(&visitor, &row, &desk))
            p.small { (visitor.say(words::LOOK_RECORDED)) }
        },
    ))
}

/// What is known of the finding itself, as lines of a table of facts.
fn facts(visitor: &Visitor, row: &FindingRow) -> Markup {
    let language = visitor.language;
    let finding = &row.finding;
    html! {
        (line(visitor.say(words::STATE), &html! { span.{ "state-" (finding.state) } { (finding.state.in_words(language)) } }))
        (line(visitor.say(words::RULE), &html! { (finding.rule.in_words(language)) " " (layout::severity(finding.severity, language)) }))
        @if !finding.also.is_empty() {
            (line(visitor.say(words::ALSO), &html! { (list_of(&finding.also, language)) }))
        }
        (line(visitor.say(words::PLACE), &html! { (place(finding, language)) }))
        (line(visitor.say(words::DEVICE), &html! { a href={ "/devices/" (row.device) } { (visible(&row.device_name)) } }))
        @if let Some(file) = &finding.file { (file_lines(visitor, file)) }
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
                @for hit in &file.detections { div { (detector(hit.detector.as_str(), language)) " × " (hit.count) } }
            }))
        }
    }
}

/// What a detector finds. One of the company's own keywords is told by its sensitivity, one that is not known by its name.
fn detector(name: &str, language: Language) -> String {
    let keyword = name
        .strip_prefix("keyword:")
        .and_then(|word| word.parse::<Sensitivity>().ok());
    match (keyword, fileward_policy::words::detector(name)) {
        (Some(sensitivity), _) => format!("{} · {}", KEYWORDS.to(language), sensitivity.in_words(language)),
        (None, Some(found)) => found.to(language).to_owned(),
        (None, None) => visible(name),
    }
}

/// What happened to it, oldest first.
fn life(visitor: &Visitor, row: &FindingRow) -> Markup {
    html! {
        h2 { (visitor.say(words::HISTORY)) }
        ol.life { @for step in &row.history { li { (layout::time(step.at)) " " (happened(visitor, &step.what)) } } }
    }
}

fn happened(visitor: &Visitor, what: &Happened) -> Markup {
    let language = visitor.language;
    let (what, by, text) = match what {
        Happened::Became(state) => return html! { (state.in_words(language)) },
        Happened::Decided { what, reason, by } => {
            let what = match what {
                Decided::Exempted => FindingState::Exempted.in_words(language),
                Decided::Reopened => REOPENED.to(language),
            };
            (what, by, reason)
        }
        Happened::Worked { what, detail, by } => (what.in_words(language), by, detail),
    };
    html! { (what) " · " (layout::actor(by, language)) @if !text.is_empty() { " · " (visible(text)) } }
}
