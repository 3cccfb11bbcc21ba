//! Corrections.

use fileward_protocol::ids::{DeviceId, FindingId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::filter::{Conditions, Select, ordered};
use super::value::{At, Id, Word};
use super::{Sqlite, audit, devices, holds, signed, unsigned};
use crate::store::audit::Action;
use crate::store::corrections::{
    About, Correction, CorrectionFilter, CorrectionRow, CorrectionSort, Corrections, Decided, Decision, Stage, cut,
    needed,
};
use crate::store::work::Which;
use crate::store::{By, Page, Paging, Reply, StoreError};

impl Corrections for Sqlite {
    fn ask_correction(&self, correction: Correction, by: By) -> Reply<u64> {
        self.write(move |connection| ask(connection, &correction, &by))
    }

    fn decide_correction(&self, id: u64, decision: Decision, answer: String, by: By) -> Reply<()> {
        self.write(move |connection| decide(connection, id, decision, &answer, &by))
    }

    fn correction(&self, id: u64) -> Reply<Option<CorrectionRow>> {
        self.read(move |connection| one(connection, id))
    }

    fn corrections(&self, filter: CorrectionFilter, paging: Paging) -> Reply<Page<CorrectionRow>> {
        self.read(move |connection| list(connection, filter, paging))
    }
}

pub(super) const COLUMNS: &str = "c.id, d.id, f.id, c.filing, c.person, c.wrong, c.wanted, c.reason, c.not_theirs, \
    c.theirs, c.state, c.asked_at, c.asked_by, c.decided_at, c.decided_by, c.answer";

pub(super) const FROM: &str =
    "correction c LEFT JOIN device d ON d.key = c.device LEFT JOIN finding f ON f.key = c.finding";

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<CorrectionRow> {
    let device = row.get::<_, Option<Id>>(1)?.map(|id| DeviceId(id.0));
    let finding = row.get::<_, Option<Id>>(2)?.map(|id| FindingId(id.0));
    let about = match (device, finding) {
        (Some(device), Some(finding)) => About::Finding(Which { device, finding }),
        (Some(device), None) => About::Device(device),
        (None, _) => About::Filing(unsigned(row.get(3)?)),
    };
    let decided = match row.get::<_, Option<At>>(13)? {
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
        stage: row.get::<_, Word<_>>(10)?.0,
        asked_at: row.get::<_, At>(11)?.0,
        asked_by: row.get(12)?,
        decided,
    })
}

fn one(connection: &Connection, id: u64) -> Result<Option<CorrectionRow>, StoreError> {
    let row = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM {FROM} WHERE c.id = ?"))?
        .query_row([signed(id)], read)
        .optional()?;
    Ok(row)
}

fn list(connection: &Connection, filter: CorrectionFilter, paging: Paging) -> Result<Page<CorrectionRow>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_if("c.state = ?", filter.stage.map(|stage| stage.to_string()));
    match filter.about {
        None => {}
        Some(About::Filing(id)) => conditions.and_if("c.filing = ?", Some(signed(id))),
        Some(about) => {
            let (device, finding) = keys(connection, about)?;
            conditions.and_if("c.device = ?", Some(device));
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
    Ok(conditions.page(connection, &select, paging, read)?)
}

/// The database's own numbers of a device, and of a finding where it is about one.
fn keys(connection: &Connection, about: About) -> Result<(Option<i64>, Option<i64>), StoreError> {
    match about {
        About::Filing(_) => Ok((None, None)),
        About::Device(id) => Ok((Some(devices::key(connection, id)?), None)),
        About::Finding(which) => {
            let device = devices::key(connection, which.device)?;
            let finding = connection
                .prepare_cached("SELECT key FROM finding WHERE device = ? AND id = ?")?
                .query_row(params![device, Id(which.finding.0)], |row| row.get(0))
                .optional()?
                .ok_or_else(|| StoreError::not_found("finding", which.finding))?;
            Ok((Some(device), Some(finding)))
        }
    }
}

fn ask(connection: &Connection, correction: &Correction, by: &By) -> Result<u64, StoreError> {
    let (device, finding) = keys(connection, correction.about)?;
    let (filing, not_theirs) = match correction.about {
        About::Filing(id) => (Some(signed(id)), owner(connection, id)?),
        _ => (None, cut(&correction.not_theirs)),
    };
    let theirs = cut(&correction.theirs);
    let names_change = !theirs.is_empty() || filing.is_none();
    connection
        .prepare_cached(
            "INSERT INTO correction (device, finding, filing, person, wrong, wanted, reason, not_theirs, theirs, state, \
             asked_at, asked_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            device,
            finding,
            filing,
            needed(&correction.person, "who asks")?,
            needed(&correction.wrong, "what is wrong")?,
            needed(&correction.wanted, "what is wanted")?,
            needed(&correction.reason, "why")?,
            if names_change { not_theirs } else { String::new() },
            theirs,
            Word(Stage::Asked),
            At(by.at),
            by.actor.to_string()
        ])?;
    let id = unsigned(connection.last_insert_rowid());
    // What was said stays with the correction, for the trail is never deleted.
    audit::append(
        connection,
        by,
        Action::CorrectionAsked,
        id,
        &correction.about.to_string(),
    )?;
    Ok(id)
}

/// The owner of something filed.
fn owner(connection: &Connection, filing: u64) -> Result<String, StoreError> {
    connection
        .prepare_cached("SELECT owner FROM filing WHERE id = ?")?
        .query_row([signed(filing)], |row| row.get(0))
        .optional()?
        .ok_or_else(|| StoreError::not_found("filing", filing))
}

fn decide(connection: &Connection, id: u64, decision: Decision, answer: &str, by: &By) -> Result<(), StoreError> {
    let answer = needed(answer, "what was done, or why nothing was")?;
    let row = one(connection, id)?.ok_or_else(|| StoreError::not_found("correction", id))?;
    if row.decided.is_some() {
        return Err(StoreError::Conflict(format!("The correction {id} is decided already")));
    }
    let (stage, action) = match decision {
        Decision::Accept => (Stage::Accepted, Action::CorrectionAccepted),
        Decision::Refuse => (Stage::Refused, Action::CorrectionRefused),
    };
    connection
        .prepare_cached("UPDATE correction SET state = ?, decided_at = ?, decided_by = ?, answer = ? WHERE id = ?")?
        .execute(params![
            Word(stage),
            At(by.at),
            by.actor.to_string(),
            answer,
            signed(id)
        ])?;
    if let (Decision::Accept, About::Filing(filing), false) = (decision, row.asked.about, row.asked.theirs.is_empty()) {
        let changed = connection
            .prepare_cached("UPDATE filing SET owner = ? WHERE id = ?")?
            .execute(params![row.asked.theirs, signed(filing)])?;
        if changed == 0 {
            return Err(StoreError::Conflict(format!(
                "The filing {filing} has ended; nothing is left to be changed"
            )));
        }
    }
    audit::append(connection, by, action, id, &row.asked.about.to_string())
}

/// Deletes for good those about what was filed that were decided before `before`, and says how many.
pub(super) fn purge(connection: &Connection, before: Timestamp) -> rusqlite::Result<u64> {
    let deleted = connection.execute(
        &format!(
            "DELETE FROM correction WHERE filing IS NOT NULL AND decided_at < ? AND NOT {}",
            holds::EVERYTHING
        ),
        [At(before)],
    )?;
    Ok(deleted as u64)
}
