//! One thing done with one finding: first what may hinder it, then the change, its trace and its line in the audit trail.

use fileward_protocol::disclosure::Disclosed;
use fileward_protocol::report::Decided;
use fileward_protocol::vocabulary::{FindingState, Resolution};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::audit::Action;
use crate::store::case::{self, Case};
use crate::store::sqlite::audit;
use crate::store::sqlite::disclosures::{self, Telling};
use crate::store::sqlite::value::{At, Id, Word};
use crate::store::work::{Act, Hindrance, Judged, Which, Worked};
use crate::store::{By, StoreError};

/// Something that somebody does with a finding.
struct Deed<'a> {
    connection: &'a Connection,
    by: &'a By,
    which: Which,
    case: Case,
}

/// Does it, unless something hinders it.
pub(super) fn act(
    connection: &Connection,
    which: Which,
    act: &Act,
    by: &By,
) -> Result<Result<(), Hindrance>, StoreError> {
    let Some(deed) = Deed::find(connection, which, by)? else {
        return Ok(Err(Hindrance::NotThere));
    };
    if let Some(hindrance) = deed.case.hindrance(act, by.at) {
        return Ok(Err(hindrance));
    }
    match act {
        Act::Acknowledge => deed.acknowledge()?,
        Act::Comment(text) => deed.note(Worked::Commented, Action::FindingCommented, &case::cut(text), "")?,
        Act::Assign(to) => return deed.assign(to.as_deref()),
        Act::Exempt { reason, until } => deed.exempt(&case::cut(reason), *until)?,
        Act::Reopen { reason } | Act::Refuse { reason } => deed.reopen(&case::cut(reason))?,
        Act::Escalate { step, note } => return deed.escalate(*step, &case::cut(note)),
        Act::Accept { note } => deed.accept(&case::cut(note))?,
    }
    Ok(Ok(()))
}

impl<'a> Deed<'a> {
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
                    case: Case {
                        key: row.get(0)?,
                        device: row.get(1)?,
                        state: row.get::<_, Word<_>>(2)?.0,
                        resolution: row.get::<_, Option<Word<_>>>(3)?.map(|word| word.0),
                        acknowledged: row.get(4)?,
                        assignee: row.get(5)?,
                        step: row.get(6)?,
                        exempt_until: row.get::<_, Option<At>>(7)?.map(|at| at.0),
                        judged: row.get::<_, Option<Word<_>>>(8)?.map(|word| word.0),
                    },
                })
            })
            .optional()?;
        Ok(found)
    }

    fn acknowledge(&self) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE finding SET acknowledged_at = ? WHERE key = ?")?
            .execute(params![At(self.by.at), self.case.key])?;
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
            .execute(params![to, self.case.key])?;
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
            .execute(params![step, self.case.key])?;
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
        if self.case.is_answered() {
            self.judge(Judged::Refused)?;
            self.note(Worked::AnswerRefused, Action::AnswerRefused, "", "")?;
        }
        reopen(self.connection, self.case.key, self.case.device, reason, self.by)?;
        self.trail(Action::FindingReopened, reason)
    }

    fn exempt(&self, reason: &str, until: Option<Timestamp>) -> Result<(), StoreError> {
        let reason = case::reason(reason, until);
        decide(
            self.connection,
            self.case.key,
            self.case.device,
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
                self.case.key
            ])?;
        self.trail(Action::FindingExempted, &reason)
    }

    fn judge(&self, judged: Judged) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE finding SET judged = ?, answer = ? WHERE key = ?")?
            .execute(params![Word(judged), self.case.resolution.map(Word), self.case.key])?;
        Ok(())
    }

    /// Leaves a trace: in the finding's history, which ends with the finding, and in the audit trail, which never ends
    /// and therefore hears no more than `told`.
    fn note(&self, what: Worked, action: Action, detail: &str, told: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO work (finding, what, detail, at, by) VALUES (?, ?, ?, ?, ?)")?
            .execute(params![
                self.case.key,
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
            device: self.case.device,
            finding: Some(self.which.finding),
            what,
            look: None,
            step,
        };
        disclosures::tell(self.connection, &telling, self.by)
    }

    fn trail(&self, action: Action, detail: &str) -> Result<(), StoreError> {
        audit::append(self.connection, self.by, action, case::subject(self.which), detail)
    }
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
