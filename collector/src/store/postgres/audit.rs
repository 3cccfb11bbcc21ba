//! The audit trail.

use super::filter::{Conditions, Select, ordered};
use super::session::Row;
use super::value::{At, Hash, Word};
use super::{Postgres, Session, signed, unsigned};
use crate::store::audit::{Action, AuditEntry, AuditFilter, AuditRow, AuditSort, AuditTrail, line_hash};
use crate::store::{By, Page, Paging, Reply, StoreError};

/// The most lines that are checked at once, so that a long trail does not fill the memory.
const AT_ONCE: i64 = 10_000;

impl AuditTrail for Postgres {
    fn append_audit(&self, entry: AuditEntry) -> Reply<()> {
        self.write(move |session| append(session, &entry.by, entry.action, &entry.subject, &entry.detail))
    }

    fn audit(&self, filter: AuditFilter, paging: Paging) -> Reply<Page<AuditRow>> {
        self.read(move |session| list(session, &filter, paging))
    }
}

/// Appends a line to the trail.
#[expect(clippy::needless_pass_by_value, reason = "ids, numbers and names are passed alike")]
pub(super) fn append(
    session: &mut Session<'_>,
    by: &By,
    action: Action,
    subject: impl ToString,
    detail: &str,
) -> Result<(), StoreError> {
    session.must_change()?;
    let last = session.query_opt("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", &[], |row| {
        Ok((row.get(0)?, row.get::<Hash>(1)?.0))
    })?;
    let (id, before) = last.unwrap_or((0, [0; 32]));
    let mut line = AuditRow {
        id: unsigned(id) + 1,
        at: by.at,
        actor: by.actor.to_string(),
        action,
        subject: subject.to_string(),
        detail: detail.to_owned(),
        hash: [0; 32],
    };
    line.hash = line_hash(&before, &line);
    session.execute(
        "INSERT INTO audit (id, at, actor, action, subject, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &signed(line.id),
            &At(line.at),
            &line.actor,
            &Word(line.action),
            &line.subject,
            &line.detail,
            &Hash(line.hash),
        ],
    )?;
    Ok(())
}

pub(super) const COLUMNS: &str = "id, at, actor, action, subject, detail, hash";

pub(super) fn read(row: &Row) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        id: unsigned(row.get(0)?),
        at: row.get::<At>(1)?.0,
        actor: row.get(2)?,
        action: row.get::<Word<_>>(3)?.0,
        subject: row.get(4)?,
        detail: row.get(5)?,
        hash: row.get::<Hash>(6)?.0,
    })
}

fn list(session: &mut Session<'_>, filter: &AuditFilter, paging: Paging) -> Result<Page<AuditRow>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_if("action = ?", filter.action.map(|action| action.to_string()));
    conditions.and_if("subject = ?", filter.subject.clone());
    let column = match filter.order.by {
        AuditSort::When => "id",
        AuditSort::Who => "actor",
        AuditSort::What => "action",
        AuditSort::On => "subject",
    };
    let select = Select {
        columns: COLUMNS,
        from: "audit",
        order: &ordered(column, filter.order.direction, "id DESC"),
    };
    conditions.page(session, &select, paging, read)
}

/// Checks the whole trail and gives the number of its lines.
pub(super) fn verify(session: &mut Session<'_>, faults: &mut Vec<String>) -> Result<u64, StoreError> {
    let mut before = [0; 32];
    let mut count = 0;
    loop {
        let lines = session.query(
            &format!("SELECT {COLUMNS} FROM audit WHERE id > $1 ORDER BY id LIMIT $2"),
            &[&signed(count), &AT_ONCE],
            read,
        )?;
        if lines.is_empty() {
            return Ok(count);
        }
        for line in lines {
            count += 1;
            if line.id != count {
                faults.push(format!("audit trail: line {count} is missing"));
                return Ok(count);
            }
            if line.hash != line_hash(&before, &line) {
                faults.push(format!("audit trail: line {count} was changed, or one before it was"));
                return Ok(count);
            }
            before = line.hash;
        }
    }
}
