//! One thing done with one finding: first what may hinder it, then the change, its trace and its line in the audit trail.

use fileward_protocol::disclosure::Disclosed;
use fileward_protocol::ids::DeviceId;
use fileward_protocol::report::Decided;
use fileward_protocol::vocabulary::{FindingState, Resolution};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::audit::Action;
use crate::store::sqlite::audit;
use crate::store::sqlite::disclosures::{self, Telling};
use crate::store::sqlite::value::{At, Id, Word};
use crate::store::work::{Act, Hindrance, Judged, LONGEST_EXEMPTION, TEXT_LIMIT, Which, Worked};
use crate::store::{By, StoreError};

/// A finding as it stands before somebody does something with it.
struct Case<'a> {
    connection: &'a Connection,
    by: &'a By,
    which: Which,
    key: i64,
    device: i64,
    state: FindingState,
    resolution: Option<Resolution>,
    acknowledged: bool,
    assignee: Option<String>,
    step: Option<i64>,
    exempt_until: Option<Timestamp>,
    judged: Option<Judged>,
}

/// Does it, unless something hinders it.
pub(super) fn act(
    connection: &Connection,
    which: Which,
    act: &Act,
    by: &By,
) -> Result<Result<(), Hindrance>, StoreError> {
    let Some(case) = Case::find(connection, which, by)? else {
        return Ok(Err(Hindrance::NotThere));
    };
    if let Some(hindrance) = case.hindrance(act) {
        return Ok(Err(hindrance));
    }
    match act {
        Act::Acknowledge => case.acknowledge()?,
        Act::Comment(text) => case.note(Worked::Commented, Action::FindingCommented, &cut(text), "")?,
        Act::Assign(to) => return case.assign(to.as_deref()),
        Act::Exempt { reason, until } => case.exempt(&cut(reason), *until)?,
        Act::Reopen { reason } | Act::Refuse { reason } => case.reopen(&cut(reason))?,
        Act::Escalate { step, note } => return case.escalate(*step, &cut(note)),
        Act::Accept { note } => case.accept(&cut(note))?,
    }
    Ok(Ok(()))
}

/// The text without outer blanks, and no longer than may be.
fn cut(text: &str) -> String {
    text.trim().chars().take(TEXT_LIMIT).collect()
}

impl<'a> Case<'a> {
    fn find(connection: &'a Connection, which: Which, by: &'a By) -> Result<Option<Self>, StoreError> {
        let found = connection
            .prepare_cached(
                "SELECT f.key, f.device, f.state, f.resolution, f.acknowledged_at IS NOT NULL, f.assignee, \
                 f.ladder_step, f.exempt_until, f.judged \
                 FROM finding f JOIN device d ON d.key = f.device WHERE d.id = ? AND f.id = ?",
            )?
            .query_row(params![Id(which.device.0), Id(which.finding.0)], |row| {
                Ok(Self {
                    connection,
                    by,
                    which,
                    key: row.get(0)?,
                    device: row.get(1)?,
                    state: row.get::<_, Word<_>>(2)?.0,
                    resolution: row.get::<_, Option<Word<_>>>(3)?.map(|word| word.0),
                    acknowledged: row.get(4)?,
                    assignee: row.get(5)?,
                    step: row.get(6)?,
                    exempt_until: row.get::<_, Option<At>>(7)?.map(|at| at.0),
                    judged: row.get::<_, Option<Word<_>>>(8)?.map(|word| word.0),
                })
            })
            .optional()?;
        Ok(found)
    }

    /// What stands against it, as far as the finding itself tells.
    fn hindrance(&self, act: &Act) -> Option<Hindrance> {
        let unless = |fits: bool, hindrance| (!fits).then_some(hindrance);
        match act {
            Act::Acknowledge => unless(self.state.is_active(), Hindrance::NotOpen)
                .or_else(|| unless(!self.acknowledged, Hindrance::Already)),
            Act::Comment(text) => unless(!text.trim().is_empty(), Hindrance::NoText),
            Act::Assign(to) => unless(self.assignee != *to, Hindrance::Already),
            Act::Exempt { reason, until } => unless(self.state != FindingState::Resolved, Hindrance::Resolved)
                .or_else(|| unless(!self.is_exempted_until(*until), Hindrance::Already))
                .or_else(|| unless(!reason.trim().is_empty(), Hindrance::NoText))
                .or_else(|| unless(until.is_none_or(|until| self.may_end(until)), Hindrance::BadDate)),
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

    fn is_answered(&self) -> bool {
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

    fn may_end(&self, until: Timestamp) -> bool {
        until > self.by.at && until.duration_since(self.by.at) <= LONGEST_EXEMPTION
    }

    fn acknowledge(&self) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE finding SET acknowledged_at = ? WHERE key = ?")?
            .execute(params![At(self.by.at), self.key])?;
        self.note(Worked::Acknowledged, Action::FindingAcknowledged, "", "")?;
        self.tell(Disclosed::Acknowledged, None)
    }

    fn assign(&self, to: Option<&str>) -> Result<Result<(), Hindrance>, StoreError> {
        if let Some(name) = to {
            let is_there = self
                .connection
                .prepare_cached(
                    "SELECT 1 FROM user WHERE name = ? AND NOT disabled AND role NOT IN ('it_operator', 'auditor')",
                )?
                .exists([name])?;
            if !is_there {
                return Ok(Err(Hindrance::NoSuchUser));
            }
        }
        self.connection
            .prepare_cached("UPDATE finding SET assignee = ? WHERE key = ?")?
            .execute(params![to, self.key])?;
        let to = to.unwrap_or_default();
        self.note(Worked::Assigned, Action::FindingAssigned, to, to)?;
        Ok(Ok(()))
    }

    fn escalate(&self, step: i64, note: &str) -> Result<Result<(), Hindrance>, StoreError> {
        let name: Option<String> = self
            .connection
            .prepare_cached("SELECT zh_cn || ' / ' || en FROM ladder_step WHERE id = ? AND place IS NOT NULL")?
            .query_row([step], |row| row.get(0))
            .optional()?;
        let Some(name) = name else {
            return Ok(Err(Hindrance::NoSuchStep));
        };
        self.connection
            .prepare_cached("UPDATE finding SET ladder_step = ? WHERE key = ?")?
            .execute(params![step, self.key])?;
        let separator = if note.is_empty() { "" } else { " · " };
        let detail = format!("{name}{separator}{note}");
        self.note(Worked::Escalated, Action::FindingEscalated, &detail, &name)?;
        self.tell(Disclosed::Escalated, Some(step))?;
        Ok(Ok(()))
    }

    fn accept(&self, note: &str) -> Result<(), StoreError> {
        self.judge(Judged::Accepted)?;
        self.note(Worked::AnswerAccepted, Action::AnswerAccepted, note, "")?;
        self.tell(Disclosed::AnswerAccepted, None)
    }

    /// Lets it count again. What the employee answered is thereby refused, also where it was accepted before.
    fn reopen(&self, reason: &str) -> Result<(), StoreError> {
        if self.is_answered() {
            self.judge(Judged::Refused)?;
            self.note(Worked::AnswerRefused, Action::AnswerRefused, "", "")?;
        }
        reopen(self.connection, self.key, self.device, reason, self.by)?;
        self.trail(Action::FindingReopened, reason)
    }

    fn exempt(&self, reason: &str, until: Option<Timestamp>) -> Result<(), StoreError> {
        let reason = match until {
            // Both languages: whoever reads it on the PC has one of them.
            Some(until) => format!("{reason} ({})", day(until)),
            None => reason.to_owned(),
        };
        decide(
            self.connection,
            self.key,
            self.device,
            Decided::Exempted,
            &reason,
            self.by,
        )?;
        self.connection
            .prepare_cached(
                "UPDATE finding SET state = ?, ended = ?2, resolution = ?, changed_at = ?2, exempt_until = ? \
                 WHERE key = ?",
            )?
            .execute(params![
                Word(FindingState::Exempted),
                At(self.by.at),
                Word(Resolution::Exemption),
                until.map(At),
                self.key
            ])?;
        self.trail(Action::FindingExempted, &reason)
    }

    fn judge(&self, judged: Judged) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE finding SET judged = ?, answer = ? WHERE key = ?")?
            .execute(params![Word(judged), self.resolution.map(Word), self.key])?;
        Ok(())
    }

    /// Leaves a trace: in the finding's history, which ends with the finding, and in the audit trail, which never ends
    /// and therefore hears no more than `told`.
    fn note(&self, what: Worked, action: Action, detail: &str, told: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO work (finding, what, detail, at, by) VALUES (?, ?, ?, ?, ?)")?
            .execute(params![
                self.key,
                Word(what),
                detail,
                At(self.by.at),
                self.by.actor.to_string()
            ])?;
        self.trail(action, told)
    }

    /// Tells the employee. What is for the company alone is no part of it.
    fn tell(&self, what: Disclosed, step: Option<i64>) -> Result<(), StoreError> {
        let telling = Telling {
            device: self.device,
            finding: Some(self.which.finding),
            what,
            look: None,
            step,
        };
        disclosures::tell(self.connection, &telling, self.by)
    }

    fn trail(&self, action: Action, detail: &str) -> Result<(), StoreError> {
        let Which { device, finding } = self.which;
        audit::append(self.connection, self.by, action, subject(device, finding), detail)
    }
}

/// How the audit trail names a finding.
pub(super) fn subject(device: DeviceId, finding: fileward_protocol::ids::FindingId) -> String {
    format!("{device}/{finding}")
}

/// Lets a finding count again: the console shows it at once, the device confirms it with its next report.
pub(super) fn reopen(connection: &Connection, key: i64, device: i64, reason: &str, by: &By) -> Result<(), StoreError> {
    decide(connection, key, device, Decided::Reopened, reason, by)?;
    connection
        .prepare_cached(
            "UPDATE finding SET state = ?, ended = NULL, resolution = NULL, changed_at = ?, exempt_until = NULL \
             WHERE key = ?",
        )?
        .execute(params![Word(FindingState::Open), At(by.at), key])?;
    Ok(())
}

/// Queues a decision for the device.
fn decide(
    connection: &Connection,
    key: i64,
    device: i64,
    what: Decided,
    reason: &str,
    by: &By,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO decision (device, finding, what, reason, at, by, role) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            device,
            key,
            Word(what),
            reason,
            At(by.at),
            by.actor.to_string(),
            disclosures::role(connection, by)?
        ])?;
    Ok(())
}

fn day(until: Timestamp) -> String {
    let day = until.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M");
    format!("至 / until {day}")
}
