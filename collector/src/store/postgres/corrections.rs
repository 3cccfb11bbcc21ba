//! Corrections.

use fileward_protocol::ids::{DeviceId, FindingId};
use jiff::Timestamp;

use super::filter::{Conditions, Select, ordered};
use super::session::{Row, Session};
use super::value::{At, Id, Word};
use super::{Postgres, audit, devices, holds, signed, unsigned};
use crate::store::audit::Action;
use crate::store::corrections::{
    About, Correction, CorrectionFilter, CorrectionRow, CorrectionSort, Corrections, Decided, Decision, Stage, cut,
    needed,
};
use crate::store::work::Which;
use crate::store::{By, Page, Paging, Reply, StoreError};

impl Corrections for Postgres {
    fn ask_correction(&self, correction: Correction, by: By) -> Reply<u64> {
        self.write(move |session| ask(session, &correction, &by))
    }

    fn decide_correction(&self, id: u64, decision: Decision, answer: String, by: By) -> Reply<()> {
        self.write(move |session| decide(session, id, decision, &answer, &by))
    }

    fn correction(&self, id: u64) -> Reply<Option<CorrectionRow>> {
        self.read(move |session| one(session, id))
    }

    fn corrections(&self, filter: CorrectionFilter, paging: Paging) -> Reply<Page<CorrectionRow>> {
        self.read(move |session| list(session, filter, paging))
    }
}

const COLUMNS: &str = "c.id, d.id, f.id, c.filing, c.person, c.wrong, c.wanted, c.reason, c.not_theirs, \
    c.theirs, c.state, c.asked_at, c.asked_by, c.decided_at, c.decided_by, c.answer";

const FROM: &str = "correction c LEFT JOIN device d ON d.key = c.device LEFT JOIN finding f ON f.key = c.finding";

fn read(row: &Row) -> Result<CorrectionRow, StoreError> {
    let device = row.get::<Option<Id>>(1)?.map(|id| DeviceId(id.0));
    let finding = row.get::<Option<Id>>(2)?.map(|id| FindingId(id.0));
    let about = match (device, finding) {
        (Some(device), Some(finding)) => About::Finding(Which { device, finding }),
        (Some(device), None) => About::Device(device),
        (None, _) => About::Filing(unsigned(row.get(3)?)),
    };
    let decided = match row.get::<Option<At>>(13)? {
        Some(at) => Some(Decided {
            at: at.0,
            by: row.get(14)?,
            answer: row.get(15)?,
        }),
        None => None,
    };
    Ok(CorrectionRow {
        id: unsigned(row.get(0)?),
        asked: Correction {
            about,
            person: row.get(4)?,
            wrong: row.get(5)?,
            wanted: row.get(6)?,
            reason: row.get(7)?,
            not_theirs: row.get(8)?,
            theirs: row.get(9)?,
        },
        stage: row.get::<Word<_>>(10)?.0,
        asked_at: row.get::<At>(11)?.0,
        asked_by: row.get(12)?,
        decided,
    })
}

fn one(session: &mut Session<'_>, id: u64) -> Result<Option<CorrectionRow>, StoreError> {
    session.query_opt(
        &format!("SELECT {COLUMNS} FROM {FROM} WHERE c.id = $1"),
        &[&signed(id)],
        read,
    )
}

/// Every correction, in the order of its numbers.
pub(super) fn all(session: &mut Session<'_>) -> Result<Vec<CorrectionRow>, StoreError> {
    session.query(&format!("SELECT {COLUMNS} FROM {FROM} ORDER BY c.id"), &[], read)
}

fn list(
    session: &mut Session<'_>,
    filter: CorrectionFilter,
    paging: Paging,
) -> Result<Page<CorrectionRow>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_if("c.state = ?", filter.stage.map(Word));
    match filter.about {
        None => {}
        Some(About::Filing(id)) => conditions.and_if("c.filing = ?", Some(signed(id))),
        Some(about) => {
            let (device, finding) = keys(session, about)?;
            conditions.and_if("c.device = ?", device);
            conditions.and_if("c.finding = ?", finding);
        }
    }
    let column = match filter.order.by {
        // Times are positive: what waits goes from the longest wait, behind it what was decided from the last decision.
        CorrectionSort::State => {
            "CASE WHEN c.state = 'asked' THEN c.asked_at ELSE 9223372036854775807 - c.decided_at END"
        }
        CorrectionSort::Person => "c.person",
        CorrectionSort::Asked => "c.asked_at",
    };
    let select = Select {
        columns: COLUMNS,
        from: FROM,
        order: &ordered(column, filter.order.direction, "c.id"),
    };
    conditions.page(session, &select, paging, read)
}

/// The database's own numbers of a device, and of a finding where it is about one.
fn keys(session: &mut Session<'_>, about: About) -> Result<(Option<i64>, Option<i64>), StoreError> {
    match about {
        About::Filing(_) => Ok((None, None)),
        About::Device(id) => Ok((Some(devices::key(session, id)?), None)),
        About::Finding(which) => {
            let device = devices::key(session, which.device)?;
            let finding = session
                .query_opt(
                    "SELECT key FROM finding WHERE device = $1 AND id = $2",
                    &[&device, &Id(which.finding.0)],
                    |row| row.get(0),
                )?
                .ok_or_else(|| StoreError::not_found("finding", which.finding))?;
            Ok((Some(device), Some(finding)))
        }
    }
}

fn ask(session: &mut Session<'_>, correction: &Correction, by: &By) -> Result<u64, StoreError> {
    let (device, finding) = keys(session, correction.about)?;
    let (filing, not_theirs) = match correction.about {
        About::Filing(id) => (Some(signed(id)), owner(session, id)?),
        _ => (None, cut(&correction.not_theirs)),
    };
    let theirs = cut(&correction.theirs);
    let names_change = !theirs.is_empty() || filing.is_none();
    let id = session.query_one(
        "INSERT INTO correction (device, finding, filing, person, wrong, wanted, reason, not_theirs, theirs, state, \
         asked_at, asked_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
        &[
            &device,
            &finding,
            &filing,
            &needed(&correction.person, "who asks")?,
            &needed(&correction.wrong, "what is wrong")?,
            &needed(&correction.wanted, "what is wanted")?,
            &needed(&correction.reason, "why")?,
            if names_change { &not_theirs } else { &"" },
            &theirs,
            &Word(Stage::Asked),
            &At(by.at),
            &by.actor.to_string(),
        ],
        |row| row.get(0).map(unsigned),
    )?;
    // What was said stays with the correction, for the trail is never deleted.
    audit::append(session, by, Action::CorrectionAsked, id, &correction.about.to_string())?;
    Ok(id)
}

/// The owner of something filed.
fn owner(session: &mut Session<'_>, filing: u64) -> Result<String, StoreError> {
    session
        .query_opt("SELECT owner FROM filing WHERE id = $1", &[&signed(filing)], |row| {
            row.get(0)
        })?
        .ok_or_else(|| StoreError::not_found("filing", filing))
}

fn decide(session: &mut Session<'_>, id: u64, decision: Decision, answer: &str, by: &By) -> Result<(), StoreError> {
    let answer = needed(answer, "what was done, or why nothing was")?;
    let row = one(session, id)?.ok_or_else(|| StoreError::not_found("correction", id))?;
    if row.decided.is_some() {
        return Err(StoreError::Conflict(format!("The correction {id} is decided already")));
    }
    let (stage, action) = match decision {
        Decision::Accept => (Stage::Accepted, Action::CorrectionAccepted),
        Decision::Refuse => (Stage::Refused, Action::CorrectionRefused),
    };
    session.execute(
        "UPDATE correction SET state = $1, decided_at = $2, decided_by = $3, answer = $4 WHERE id = $5",
        &[&Word(stage), &At(by.at), &by.actor.to_string(), &answer, &signed(id)],
    )?;
    if let (Decision::Accept, About::Filing(filing), false) = (decision, row.asked.about, row.asked.theirs.is_empty()) {
        let changed = session.execute(
            "UPDATE filing SET owner = $1 WHERE id = $2",
            &[&row.asked.theirs, &signed(filing)],
        )?;
        if changed == 0 {
            return Err(StoreError::Conflict(format!(
                "The filing {filing} has ended; nothing is left to be changed"
            )));
        }
    }
    audit::append(session, by, action, id, &row.asked.about.to_string())
}

/// Deletes for good those about what was filed that were decided before `before`, and says how many.
pub(super) fn purge(session: &mut Session<'_>, before: Timestamp) -> Result<u64, StoreError> {
    session.execute(
        &format!(
            "DELETE FROM correction WHERE filing IS NOT NULL AND decided_at < $1 AND NOT {}",
            holds::EVERYTHING
        ),
        &[&At(before)],
    )
}
