//! A finding as it stands before somebody does something with it, and what may hinder them.

use fileward_protocol::vocabulary::{FindingState, Resolution};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::work::{Act, Hindrance, Judged, LONGEST_EXEMPTION, TEXT_LIMIT, Which};

/// A finding as it stands.
pub(crate) struct Case {
    /// The database's own number of it.
    pub key: i64,
    /// The database's own number of its device.
    pub device: i64,
    /// Where it is in its life.
    pub state: FindingState,
    /// How it ended.
    pub resolution: Option<Resolution>,
    /// Whether somebody has seen it.
    pub acknowledged: bool,
    /// Who is to see to it.
    pub assignee: Option<String>,
    /// How far people have come with it: the number of the ladder's step.
    pub step: Option<i64>,
    /// When its exemption ends.
    pub exempt_until: Option<Timestamp>,
    /// What somebody thought of the employee's answer.
    pub judged: Option<Judged>,
}

impl Case {
    /// What stands against it, as far as the finding itself tells.
    pub(crate) fn hindrance(&self, act: &Act, now: Timestamp) -> Option<Hindrance> {
        let unless = |fits: bool, hindrance| (!fits).then_some(hindrance);
        match act {
            Act::Acknowledge => unless(self.state.is_active(), Hindrance::NotOpen)
                .or_else(|| unless(!self.acknowledged, Hindrance::Already)),
            Act::Comment(text) => unless(!text.trim().is_empty(), Hindrance::NoText),
            Act::Assign(to) => unless(self.assignee != *to, Hindrance::Already),
            Act::Exempt { reason, until } => unless(self.state != FindingState::Resolved, Hindrance::Resolved)
                .or_else(|| unless(!self.is_exempted_until(*until), Hindrance::Already))
                .or_else(|| unless(!reason.trim().is_empty(), Hindrance::NoText))
                .or_else(|| unless(until.is_none_or(|until| may_end(until, now)), Hindrance::BadDate)),
            Act::Reopen { reason } => unless(self.state != FindingState::Resolved, Hindrance::Resolved)
                .or_else(|| unless(!self.state.is_active(), Hindrance::Already))
                .or_else(|| unless(!reason.trim().is_empty(), Hindrance::NoText)),
            Act::Escalate { step, .. } => unless(!self.is_excused(), Hindrance::Excused)
                .or_else(|| unless(self.step != Some(*step), Hindrance::Already)),
            Act::Accept { .. } => unless(self.waits_for_judgement(), Hindrance::NoAnswer),
            Act::Refuse { reason } => unless(self.waits_for_judgement(), Hindrance::NoAnswer)
                .or_else(|| unless(!reason.trim().is_empty(), Hindrance::NoText)),
        }
    }

    /// Whether the employee answered it.
    pub(crate) fn is_answered(&self) -> bool {
        matches!(self.state, FindingState::Justified | FindingState::Dismissed)
    }

    fn waits_for_judgement(&self) -> bool {
        self.is_answered() && self.judged.is_none()
    }

    fn is_excused(&self) -> bool {
        self.state == FindingState::Exempted || self.judged == Some(Judged::Accepted)
    }

    fn is_exempted_until(&self, until: Option<Timestamp>) -> bool {
        // As exactly as it is kept.
        let kept = |until: Option<Timestamp>| until.map(Timestamp::as_microsecond);
        self.state == FindingState::Exempted && kept(self.exempt_until) == kept(until)
    }
}

fn may_end(until: Timestamp, now: Timestamp) -> bool {
    until > now && until.duration_since(now) <= LONGEST_EXEMPTION
}

/// The text without outer blanks, and no longer than may be.
pub(crate) fn cut(text: &str) -> String {
    text.trim().chars().take(TEXT_LIMIT).collect()
}

/// The reason of an exemption, with its end in both languages: whoever reads it on the PC has one of them.
pub(crate) fn reason(reason: &str, until: Option<Timestamp>) -> String {
    let Some(until) = until else {
        return reason.to_owned();
    };
    let day = until.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M");
    format!("{reason} (至 / until {day})")
}

/// How the audit trail names a finding.
pub(crate) fn subject(which: Which) -> String {
    let Which { device, finding } = which;
    format!("{device}/{finding}")
}
