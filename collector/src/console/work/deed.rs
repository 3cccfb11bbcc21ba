//! What a form asks to be done with findings, read from its fields.

use fileward_policy::words::{Both, InWords as _};
use jiff::Timestamp;

use super::words;
use crate::console::access::Right;
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::filing::time;
use crate::store::work::{Act, Hindrance};

fileward_protocol::words! {
    /// What a form can ask for.
    pub(super) enum Deed {
        /// See to it.
        Acknowledge = "acknowledge",
        /// Say something about it.
        Comment = "comment",
        /// Give it to somebody.
        Assign = "assign",
        /// Make an exception.
        Exempt = "exempt",
        /// Let it count again.
        Reopen = "reopen",
        /// Take a step of the ladder.
        Escalate = "escalate",
        /// Accept the employee's answer.
        Accept = "accept",
        /// Refuse the employee's answer.
        Refuse = "refuse",
    }
}

impl Deed {
    /// The right it needs.
    pub(super) const fn right(self) -> Right {
        match self {
            Self::Acknowledge | Self::Comment | Self::Accept | Self::Refuse => Right::Work,
            Self::Assign | Self::Exempt | Self::Reopen | Self::Escalate => Right::Decide,
        }
    }

    /// Whether it can be done with many findings at once. A step of the ladder is decided person by person, an answer
    /// by what it says.
    pub(super) const fn is_for_many(self) -> bool {
        matches!(self, Self::Acknowledge | Self::Assign | Self::Exempt | Self::Reopen)
    }

    /// What its button says.
    pub(super) const fn label(self) -> Both {
        match self {
            Self::Acknowledge => words::ACKNOWLEDGE,
            Self::Comment => words::COMMENT,
            Self::Assign => words::ASSIGN,
            Self::Exempt => crate::console::words::EXEMPT,
            Self::Reopen => crate::console::words::REOPEN,
            Self::Escalate => words::ESCALATE,
            Self::Accept => words::ACCEPT,
            Self::Refuse => words::REFUSE,
        }
    }
}

/// The fields of a form, in its order; a name can stand more than once.
pub(in crate::console) type Fields = Vec<(String, String)>;

/// The first value of a field; empty if there is none.
pub(in crate::console) fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.trim())
}

/// What a form asks for, if this visitor may ask for it by this form.
pub(super) fn read(visitor: &Visitor, fields: &Fields) -> Result<(Deed, Act), Oops> {
    visitor.must_be_own_form(field(fields, "token"))?;
    let known: Result<Deed, _> = field(fields, "what").parse();
    let deed = known.map_err(|_| Oops::Conflict(visitor.say(words::NO_SUCH_ACT).to_owned()))?;
    visitor.must(deed.right())?;
    let act = act(deed, fields).map_err(|hindrance| hindered(visitor, hindrance))?;
    Ok((deed, act))
}

fn act(deed: Deed, fields: &Fields) -> Result<Act, Hindrance> {
    let text = || field(fields, "text").to_owned();
    Ok(match deed {
        Deed::Acknowledge => Act::Acknowledge,
        Deed::Comment => Act::Comment(text()),
        Deed::Assign => Act::Assign(Some(field(fields, "assignee").to_owned()).filter(|name| !name.is_empty())),
        Deed::Exempt => Act::Exempt {
            reason: text(),
            until: end_of(field(fields, "until"))?,
        },
        Deed::Reopen => Act::Reopen { reason: text() },
        Deed::Escalate => Act::Escalate {
            step: field(fields, "step").parse().map_err(|_| Hindrance::NoSuchStep)?,
            note: text(),
        },
        Deed::Accept => Act::Accept { note: text() },
        Deed::Refuse => Act::Refuse { reason: text() },
    })
}

/// The end of a day in the collector's time zone; none where no day was given.
fn end_of(day: &str) -> Result<Option<Timestamp>, Hindrance> {
    if day.is_empty() {
        return Ok(None);
    }
    time::end_of_day(day).map(Some).ok_or(Hindrance::BadDate)
}

/// The page that says what hinders.
pub(super) fn hindered(visitor: &Visitor, hindrance: Hindrance) -> Oops {
    match hindrance {
        Hindrance::NotThere => Oops::NotFound(visitor.language),
        other => Oops::Conflict(other.in_words(visitor.language).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_day_lasts_to_its_end() {
        let end = end_of("2026-12-31").unwrap().unwrap().to_zoned(TimeZone::system());
        assert_eq!(end.strftime("%F %T").to_string(), "2026-12-31 23:59:59");
        assert_eq!(end_of(""), Ok(None));
        for bad in ["2026-02-30", "tomorrow", "-9999-01-01x", "9999-12-31T"] {
            assert_eq!(end_of(bad), Err(Hindrance::BadDate), "{bad}");
        }
    }
}
