//! One thing done with one finding: first what may hinder it, then the change, its trace and its line in the audit trail.

use fileward_protocol::disclosure::Disclosed;
use fileward_protocol::report::Decided;
use fileward_protocol::vocabulary::{FindingState, Resolution};
use jiff::Timestamp;

use crate::store::audit::Action;
use crate::store::case::{self, Case};
use crate::store::postgres::audit;
use crate::store::postgres::disclosures::{self, Telling};
use crate::store::postgres::session::Session;
use crate::store::postgres::value::{At, Id, Word};
use crate::store::work::{Act, Hindrance, Judged, Which, Worked};
use crate::store::{By, StoreError};

/// Something that somebody does with a finding.
struct Deed<'a> {
    by: &'a By,
    which: Which,
    case: Case,
}

/// Does it, unless something hinders it.
pub(super) fn act(
    session: &mut Session<'_>,
    which: Which,
    act: &Act,
    by: &By,
) -> Result<Result<(), Hindrance>, StoreError> {
    let Some(deed) = Deed::find(session, which, by)? else {
        return Ok(Err(Hindrance::NotThere));
    };
    if let Some(hindrance) = deed.case.hindrance(act, by.at) {
        return Ok(Err(hindrance));
    }
    match act {
        Act::Acknowledge => deed.acknowledge(session)?,
        Act::Comment(text) => deed.note(
            session,
            Worked::Commented,
            Action::FindingCommented,
            &case::cut(text),
            "",
        )?,
        Act::Assign(to) => return deed.assign(session, to.as_deref()),
        Act::Exempt { reason, until } => deed.exempt(session, &case::cut(reason), *until)?,
        Act::Reopen { reason } | Act::Refuse { reason } => deed.reopen(session, &case::cut(reason))?,
        Act::Escalate { step, note } => return deed.escalate(session, *step, &case::cut(note)),
        Act::Accept { note } => deed.accept(session, &case::cut(note))?,
    }
    Ok(Ok(()))
}

impl<'a> Deed<'a> {
    /// Looks the finding up, once no report changes it: its device's row is locked first.
    fn find(session: &mut Session<'_>, which: Which, by: &'a By) -> Result<Option<Self>, StoreError> {
        session.exists("SELECT 1 FROM device WHERE id = $1 FOR UPDATE", &[&Id(which.device.0)])?;
        session.query_opt(
            "SELECT f.key, f.device, f.state, f.resolution, f.acknowledged_at IS NOT NULL, f.assignee, \
             f.ladder_step, f.exempt_until, f.judged \
             FROM finding f JOIN device d ON d.key = f.device WHERE d.id = $1 AND f.id = $2",
            &[&Id(which.device.0), &Id(which.finding.0)],
            |row| {
                Ok(Self {
                    by,
                    which,
                    case: Case {
                        key: row.get(0)?,
                        device: row.get(1)?,
                        state: row.get::<Word<_>>(2)?.0,
                        resolution: row.get::<Option<Word<_>>>(3)?.map(|word| word.0),
                        acknowledged: row.get(4)?,
                        assignee: row.get(5)?,
                        step: row.get(6)?,
                        exempt_until: row.get::<Option<At>>(7)?.map(|at| at.0),
                        judged: row.get::<Option<Word<_>>>(8)?.map(|word| word.0),
                    },
                })
            },
        )
    }

    fn acknowledge(&self, session: &mut Session<'_>) -> Result<(), StoreError> {
        session.execute(
            "UPDATE finding SET acknowledged_at = $1 WHERE key = $2",
            &[&At(self.by.at), &self.case.key],
        )?;
        self.note(session, Worked::Acknowledged, Action::FindingAcknowledged, "", "")?;
        self.tell(session, Disclosed::Acknowledged, None)
    }

    fn assign(&self, session: &mut Session<'_>, to: Option<&str>) -> Result<Result<(), Hindrance>, StoreError> {
        if let Some(name) = to {
            let is_there = session.exists(
                "SELECT 1 FROM person WHERE name = $1 AND NOT disabled AND role NOT IN ('it_operator', 'auditor')",
                &[&name],
            )?;
            if !is_there {
                return Ok(Err(Hindrance::NoSuchUser));
            }
        }
        session.execute(
            "UPDATE finding SET assignee = $1 WHERE key = $2",
            &[&to, &self.case.key],
        )?;
        let to = to.unwrap_or_default();
        self.note(session, Worked::Assigned, Action::FindingAssigned, to, to)?;
        Ok(Ok(()))
    }

    fn escalate(&self, session: &mut Session<'_>, step: i64, note: &str) -> Result<Result<(), Hindrance>, StoreError> {
        let name: Option<String> = session.query_opt(
            "SELECT zh_cn || ' / ' || en FROM ladder_step WHERE id = $1 AND place IS NOT NULL",
            &[&step],
            |row| row.get(0),
        )?;
        let Some(name) = name else {
            return Ok(Err(Hindrance::NoSuchStep));
        };
        session.execute(
            "UPDATE finding SET ladder_step = $1 WHERE key = $2",
            &[&step, &self.case.key],
        )?;
        let separator = if note.is_empty() { "" } else { " · " };
        let detail = format!("{name}{separator}{note}");
        self.note(session, Worked::Escalated, Action::FindingEscalated, &detail, &name)?;
        self.tell(session, Disclosed::Escalated, Some(step))?;
        Ok(Ok(()))
    }

    fn accept(&self, session: &mut Session<'_>, note: &str) -> Result<(), StoreError> {
        self.judge(session, Judged::Accepted)?;
        self.note(session, Worked::AnswerAccepted, Action::AnswerAccepted, note, "")?;
        self.tell(session, Disclosed::AnswerAccepted, None)
    }

    /// Lets it count again. What the employee answered is thereby refused, also where it was accepted before.
    fn reopen(&self, session: &mut Session<'_>, reason: &str) -> Result<(), StoreError> {
        if self.case.is_answered() {
            self.judge(session, Judged::Refused)?;
            self.note(session, Worked::AnswerRefused, Action::AnswerRefused, "", "")?;
        }
        reopen(session, self.case.key, self.case.device, reason, self.by)?;
        self.trail(session, Action::FindingReopened, reason)
    }

    fn exempt(&self, session: &mut Session<'_>, reason: &str, until: Option<Timestamp>) -> Result<(), StoreError> {
        let reason = case::reason(reason, until);
        decide(
            session,
            self.case.key,
            self.case.device,
            Decided::Exempted,
            &reason,
            self.by,
        )?;
        session.execute(
            "UPDATE finding SET state = $1, ended = $2, resolution = $3, changed_at = $2, exempt_until = $4 \
                 WHERE key = $5",
            &[
                &Word(FindingState::Exempted),
                &At(self.by.at),
                &Word(Resolution::Exemption),
                &until.map(At),
                &self.case.key,
            ],
        )?;
        self.trail(session, Action::FindingExempted, &reason)
    }

    fn judge(&self, session: &mut Session<'_>, judged: Judged) -> Result<(), StoreError> {
        session.execute(
            "UPDATE finding SET judged = $1, answer = $2 WHERE key = $3",
            &[&Word(judged), &self.case.resolution.map(Word), &self.case.key],
        )?;
        Ok(())
    }

    /// Leaves a trace: in the finding's history, which ends with the finding, and in the audit trail, which never ends
    /// and therefore hears no more than `told`.
    fn note(
        &self,
        session: &mut Session<'_>,
        what: Worked,
        action: Action,
        detail: &str,
        told: &str,
    ) -> Result<(), StoreError> {
        session.execute(
            "INSERT INTO work (finding, what, detail, at, by) VALUES ($1, $2, $3, $4, $5)",
            &[
                &self.case.key,
                &Word(what),
                &detail,
                &At(self.by.at),
                &self.by.actor.to_string(),
            ],
        )?;
        self.trail(session, action, told)
    }

    /// Tells the employee. What is for the company alone is no part of it.
    fn tell(&self, session: &mut Session<'_>, what: Disclosed, step: Option<i64>) -> Result<(), StoreError> {
        let telling = Telling {
            device: self.case.device,
            finding: Some(self.which.finding),
            what,
            look: None,
            step,
        };
        disclosures::tell(session, &telling, self.by)
    }

    fn trail(&self, session: &mut Session<'_>, action: Action, detail: &str) -> Result<(), StoreError> {
        audit::append(session, self.by, action, case::subject(self.which), detail)
    }
}

/// Lets a finding count again: the console shows it at once, the device confirms it with its next report.
pub(super) fn reopen(
    session: &mut Session<'_>,
    key: i64,
    device: i64,
    reason: &str,
    by: &By,
) -> Result<(), StoreError> {
    decide(session, key, device, Decided::Reopened, reason, by)?;
    session.execute(
        "UPDATE finding SET state = $1, ended = NULL, resolution = NULL, changed_at = $2, exempt_until = NULL \
             WHERE key = $3",
        &[&Word(FindingState::Open), &At(by.at), &key],
    )?;
    Ok(())
}

/// Queues a decision for the device.
fn decide(
    session: &mut Session<'_>,
    key: i64,
    device: i64,
    what: Decided,
    reason: &str,
    by: &By,
) -> Result<(), StoreError> {
    let role = disclosures::role(session, by)?;
    session.execute(
        "INSERT INTO decision (device, finding, what, reason, at, by, role) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &device,
            &key,
            &Word(what),
            &reason,
            &At(by.at),
            &by.actor.to_string(),
            &role,
        ],
    )?;
    Ok(())
}
