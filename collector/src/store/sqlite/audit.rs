//! The audit trail.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::filter::{Conditions, Select, ordered};
use super::value::{At, Word};
use super::{Sqlite, signed, unsigned};
use crate::store::audit::{Action, AuditEntry, AuditFilter, AuditRow, AuditSort, AuditTrail, line_hash};
use crate::store::{By, Page, Paging, Reply, StoreError};

impl AuditTrail for Sqlite {
    fn append_audit(&self, entry: AuditEntry) -> Reply<()> {
        self.write(move |connection| append(connection, &entry.by, entry.action, &entry.subject, &entry.detail))
    }

    fn audit(&self, filter: AuditFilter, paging: Paging) -> Reply<Page<AuditRow>> {
        self.read(move |connection| list(connection, &filter, paging))
    }
}

/// Appends a line to the trail.
#[expect(clippy::needless_pass_by_value, reason = "ids, numbers and names are passed alike")]
pub(super) fn append(
    connection: &Connection,
    by: &By,
    action: Action,
    subject: impl ToString,
    detail: &str,
) -> Result<(), StoreError> {
    let last = connection
        .prepare_cached("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?)))
        .optional()?;
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
    connection
        .prepare_cached(
            "INSERT INTO audit (id, at, actor, action, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            signed(line.id),
            At(line.at),
            line.actor,
            Word(line.action),
            line.subject,
            line.detail,
            line.hash
        ])?;
    Ok(())
}

pub(super) const COLUMNS: &str = "id, at, actor, action, subject, detail, hash";

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        id: unsigned(row.get(0)?),
        at: row.get::<_, At>(1)?.0,
        actor: row.get(2)?,
        action: row.get::<_, Word<_>>(3)?.0,
        subject: row.get(4)?,
        detail: row.get(5)?,
        hash: row.get(6)?,
    })
}

fn list(connection: &Connection, filter: &AuditFilter, paging: Paging) -> Result<Page<AuditRow>, StoreError> {
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
    Ok(conditions.page(connection, &select, paging, read)?)
}

/// Checks the whole trail and gives the number of its lines.
pub(super) fn verify(connection: &Connection, faults: &mut Vec<String>) -> Result<u64, StoreError> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM audit ORDER BY id"))?;
    let mut before = [0; 32];
    let mut count = 0;
    for line in statement.query_map([], read)? {
        let line = line?;
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
    Ok(count)
}
