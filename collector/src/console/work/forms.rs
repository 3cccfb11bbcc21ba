//! The forms beside one finding, and what is known of the work on it.

use fileward_policy::words::InWords as _;
use fileward_protocol::vocabulary::FindingState;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::deed::Deed;
use super::words;
use crate::console::access::{self, Right};
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::words as common;
use crate::console::{Console, layout};
use crate::safe::visible;
use crate::store::findings::FindingRow;
use crate::store::ladder::{LadderStep, suggested};
use crate::store::work::{Judged, LONGEST_EXEMPTION, TEXT_LIMIT, Which};

/// What must be known beside a finding to offer what can be done with it.
pub(in crate::console) struct Desk {
    /// Users who can be given a finding, by name.
    users: Vec<String>,
    ladder: Vec<LadderStep>,
    repeat: u64,
}

impl Desk {
    pub(in crate::console) async fn of(console: &Console, row: &FindingRow) -> Result<Self, Oops> {
        let which = Which {
            device: row.device,
            finding: row.finding.id,
        };
        Ok(Self {
            users: colleagues(console).await?,
            ladder: console.store.ladder().await?,
            repeat: console.store.repeat(which).await?,
        })
    }

    /// The steps of the ladder, but for the one that was taken last.
    fn steps_left(&self, row: &FindingRow) -> impl Iterator<Item = &LadderStep> {
        let taken = row.handling.step.as_ref();
        self.ladder.iter().filter(move |step| taken != Some(&step.step.name))
    }
}

/// The names of the users who work on findings.
pub(super) async fn colleagues(console: &Console) -> Result<Vec<String>, Oops> {
    let users = console.store.users().await?.into_iter();
    let at_work = users.filter(|user| !user.disabled && access::may(user.role, Right::Work));
    Ok(at_work.map(|user| user.name).collect())
}

/// What is known of the work on a finding, as lines of its table of facts.
pub(in crate::console) fn facts(visitor: &Visitor, row: &FindingRow, desk: &Desk) -> Markup {
    let language = visitor.language;
    let handling = &row.handling;
    html! {
        @if let Some(name) = &handling.assignee { dt { (visitor.say(words::ASSIGNEE)) } dd { (visible(name)) } }
        @if let Some(at) = handling.acknowledged_at { dt { (visitor.say(words::ACKNOWLEDGED)) } dd { (layout::time(at)) } }
        @if let Some(step) = &handling.step {
            dt { (visitor.say(words::TAKEN)) } dd { (visible(words::step_name(step, language))) }
        }
        @if let (FindingState::Exempted, Some(until)) = (row.finding.state, handling.exempt_until) {
            dt { (visitor.say(words::EXEMPT_UNTIL)) } dd { (layout::time(until)) }
        }
        @if let Some(judged) = handling.judged { dt { (visitor.say(words::JUDGED)) } dd { (judged.in_words(language)) } }
        dt { (visitor.say(words::REPEAT)) } dd { (desk.repeat) }
    }
}

/// Everything this visitor can do with a finding as it stands.
pub(in crate::console) fn all(visitor: &Visitor, row: &FindingRow, desk: &Desk) -> Markup {
    let state = row.finding.state;
    let handling = &row.handling;
    let is_excused = state == FindingState::Exempted || handling.judged == Some(Judged::Accepted);
    html! {
        @if visitor.may(Right::Work) {
            h2 { (visitor.say(words::WORK)) }
            @if waits_for_judgement(row) { (judgement(visitor, row, "")) }
            @if state.is_active() && handling.acknowledged_at.is_none() {
                (form(visitor, row, Deed::Acknowledge, &html! {}))
            }
            (form(visitor, row, Deed::Comment, &text(visitor, words::TEXT, true)))
        }
        @if visitor.may(Right::Decide) {
            (form(visitor, row, Deed::Assign, &colleague(visitor, &desk.users, handling.assignee.as_deref())))
            @if !is_excused && desk.steps_left(row).next().is_some() {
                (form(visitor, row, Deed::Escalate, &html! {
                    (steps(visitor, row, desk)) (text(visitor, words::NOTE, false))
                }))
            }
            @if state != FindingState::Resolved {
                (form(visitor, row, Deed::Exempt, &html! { (text(visitor, common::REASON, true)) (until(visitor)) }))
                @if !state.is_active() && !waits_for_judgement(row) {
                    (form(visitor, row, Deed::Reopen, &text(visitor, common::REASON, true)))
                }
            }
        }
    }
}

pub(super) fn waits_for_judgement(row: &FindingRow) -> bool {
    let is_answered = matches!(row.finding.state, FindingState::Justified | FindingState::Dismissed);
    is_answered && row.handling.judged.is_none()
}

/// The two ways to judge an answer; `back` names the page to come back to.
pub(super) fn judgement(visitor: &Visitor, row: &FindingRow, back: &str) -> Markup {
    let back = html! { input type="hidden" name="back" value=(back); };
    html! {
        (form(visitor, row, Deed::Accept, &html! { (back) (text(visitor, words::NOTE, false)) }))
        (form(visitor, row, Deed::Refuse, &html! { (back) (text(visitor, common::REASON, true)) }))
    }
}

fn form(visitor: &Visitor, row: &FindingRow, deed: Deed, fields: &Markup) -> Markup {
    html! {
        form.actions method="post" action={ "/findings/" (row.device) "/" (row.finding.id) "/work" } {
            (layout::token(visitor))
            (fields)
            button.second name="what" value=(deed) { (visitor.say(deed.label())) }
        }
    }
}

/// A line of text; every form calls it by the same name.
pub(super) fn text(visitor: &Visitor, label: fileward_policy::words::Both, required: bool) -> Markup {
    html! {
        label { span { (visitor.say(label)) } input name="text" maxlength=(TEXT_LIMIT) size="36" required[required]; }
    }
}

/// The last day of an exemption.
pub(super) fn until(visitor: &Visitor) -> Markup {
    let day = |at: Timestamp| at.to_zoned(TimeZone::system()).strftime("%F").to_string();
    let now = Timestamp::now();
    html! {
        label {
            span { (visitor.say(words::UNTIL)) }
            input type="date" name="until" min=(day(now)) max=(day(now + LONGEST_EXEMPTION));
        }
    }
}

/// A choice of users.
pub(super) fn colleague(visitor: &Visitor, users: &[String], chosen: Option<&str>) -> Markup {
    html! {
        label {
            span { (visitor.say(words::ASSIGNEE)) }
            select name="assignee" {
                option value="" { (visitor.say(words::NOBODY)) }
                @for name in users { option value=(name) selected[chosen == Some(name)] { (visible(name)) } }
            }
        }
    }
}

/// The steps that are left, with the one that the repeat suggests.
fn steps(visitor: &Visitor, row: &FindingRow, desk: &Desk) -> Markup {
    let best = suggested(&desk.ladder, desk.repeat).map(|step| step.id);
    html! {
        label {
            span { (visitor.say(words::STEP)) }
            select name="step" { @for LadderStep { id, step } in desk.steps_left(row) {
                option value=(id) selected[best == Some(*id)] {
                    (visible(words::step_name(&step.name, visitor.language)))
                    @if best == Some(*id) { " (" (visitor.say(words::SUGGESTED)) ")" }
                }
            } }
        }
    }
}
