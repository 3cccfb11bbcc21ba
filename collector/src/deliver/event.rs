//! A letter in the forms that other systems read.

use fileward_protocol::vocabulary::FindingState;
use jiff::Timestamp;
use serde_json::Value;

use crate::export::{cef, ocsf};
use crate::store::findings::Happened;
use crate::store::targets::{Form, Letter, Subject, Target};

/// What a letter says, rendered.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    /// An OCSF event.
    Json(Value),
    /// A CEF event.
    Text(String),
}

impl Content {
    /// The event on one line.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Json(event) => {
                let mut line = Vec::new();
                // Writing into memory does not fail.
                let _ = ocsf::line(&mut line, event);
                String::from_utf8_lossy(&line).trim_end().to_owned()
            }
        }
    }
}

/// Whether a target is told this letter.
pub(super) fn is_wanted(target: &Target, letter: &Letter) -> bool {
    let wanted = &target.wanted;
    match &letter.subject {
        Subject::Finding(row) if target.kind.is_robot() => {
            // A group hears that it opened, not that somebody sees to it.
            let last = row.history.last().map(|row| &row.what);
            row.finding.state == FindingState::Open
                && row.finding.severity >= wanted.from
                && !matches!(last, Some(Happened::Worked { .. }))
        }
        Subject::Finding(row) => row.finding.severity >= wanted.from,
        Subject::Device(_) => !target.kind.is_robot() && wanted.form == Form::Ocsf,
        Subject::Audit(_) => !target.kind.is_robot(),
    }
}

/// The letter in this form; none where the form has no such event.
pub(super) fn content(form: Form, subject: &Subject, now: Timestamp) -> Option<Content> {
    Some(match (form, subject) {
        (Form::Ocsf, Subject::Finding(row)) => Content::Json(ocsf::finding(row)),
        (Form::Ocsf, Subject::Device(row)) => Content::Json(ocsf::device(row, now)),
        (Form::Ocsf, Subject::Audit(row)) => Content::Json(ocsf::audit(row)),
        (Form::Cef, Subject::Finding(row)) => Content::Text(cef::finding(row)),
        (Form::Cef, Subject::Audit(row)) => Content::Text(cef::audit(row)),
        (Form::Cef, Subject::Device(_)) => return None,
    })
}

/// By what a second copy of a letter is recognised. It stays the same however often the letter is sent.
pub(super) fn id(letter: &Letter) -> String {
    match &letter.subject {
        Subject::Finding(row) => {
            let at = row.touched_at().as_microsecond();
            format!("finding/{}/{}/{at}", row.device, row.finding.id)
        }
        Subject::Device(row) => {
            let number = letter.mark.after.map_or(0, |position| position.change);
            format!("device/{}/{number}", row.id)
        }
        Subject::Audit(row) => format!("audit/{}", row.id),
    }
}

/// When what a letter tells happened.
pub(super) fn at(subject: &Subject, now: Timestamp) -> Timestamp {
    match subject {
        Subject::Finding(row) => row.touched_at(),
        Subject::Device(_) => now,
        Subject::Audit(row) => row.at,
    }
}
