//! Targets, what they are told and what they refused.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::filter::{Conditions, Select};
use super::value::{At, Id, Json, Word};
use super::{Sqlite, audit, devices, findings, sent, signed, unsigned};
use crate::store::audit::Action;
use crate::store::targets::{
    About, FailedRow, Letter, Mark, Position, Settled, Subject, Target, TargetId, TargetRow, Targets,
};
use crate::store::{By, Page, Paging, Reply, StoreError};

/// The longest reason that is kept, in characters.
const LONGEST_REASON: usize = 300;

impl Targets for Sqlite {
    fn add_target(&self, target: Target, everything: bool, by: By) -> Reply<()> {
        self.write(move |connection| add(connection, &target, everything, &by))
    }

    fn remove_target(&self, name: String, by: By) -> Reply<TargetId> {
        self.write(move |connection| {
            let id = id(connection, &name)?;
            connection.execute("DELETE FROM target WHERE id = ?", [Id(id.0)])?;
            audit::append(connection, &by, Action::IntegrationRemoved, &name, "")?;
            Ok(id)
        })
    }

    fn set_paused(&self, name: String, paused: bool, by: By) -> Reply<()> {
        self.write(move |connection| set_paused(connection, &name, paused, &by))
    }

    fn targets(&self) -> Reply<Vec<TargetRow>> {
        self.read(list)
    }

    fn letters(&self, id: TargetId, most: u32) -> Reply<Vec<Letter>> {
        self.read(move |connection| letters(connection, id, most))
    }

    fn settle(&self, id: TargetId, marks: Vec<Mark>, how: Settled, now: Timestamp) -> Reply<()> {
        self.write(move |connection| settle(connection, id, &marks, &how, now))
    }

    fn set_trouble(&self, id: TargetId, trouble: Option<String>) -> Reply<()> {
        self.write(move |connection| {
            connection.execute(
                "UPDATE target SET trouble = ? WHERE id = ?",
                params![trouble.as_deref().map(cut), Id(id.0)],
            )?;
            Ok(())
        })
    }

    fn failed(&self, name: Option<String>, paging: Paging) -> Reply<Page<FailedRow>> {
        self.read(move |connection| failed(connection, name, paging))
    }

    fn retry(&self, name: String, by: By) -> Reply<u64> {
        self.write(move |connection| {
            let id = id(connection, &name)?;
            let count = connection.execute("UPDATE dead_letter SET again = 1 WHERE target = ?", [Id(id.0)])?;
            connection.execute("UPDATE target SET nudge = nudge + 1 WHERE id = ?", [Id(id.0)])?;
            audit::append(
                connection,
                &by,
                Action::IntegrationRetried,
                &name,
                &format!("{count} letters"),
            )?;
            Ok(count as u64)
        })
    }

    fn close_sent(&self, by: By) -> Reply<u64> {
        self.write(move |connection| sent::close(connection, &by))
    }
}

fn id(connection: &Connection, name: &str) -> Result<TargetId, StoreError> {
    connection
        .query_row("SELECT id FROM target WHERE name = ?", [name], |row| {
            Ok(TargetId(row.get::<_, Id>(0)?.0))
        })
        .optional()?
        .ok_or_else(|| StoreError::not_found("integration", name))
}

fn add(connection: &Connection, target: &Target, everything: bool, by: &By) -> Result<(), StoreError> {
    if id(connection, &target.name).is_ok() {
        let why = format!("There is an integration {} already; remove it first", target.name);
        return Err(StoreError::Conflict(why));
    }
    let last = |table: &str| {
        let sql = format!("SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = '{table}'");
        connection.query_row(&sql, [], |row| row.get::<_, i64>(0))
    };
    let (change, line) = if everything {
        (0, 0)
    } else {
        let line = connection.query_row("SELECT ifnull(max(id), 0) FROM audit", [], |row| row.get::<_, i64>(0))?;
        (last("change")?, line)
    };
    connection.execute(
        "INSERT INTO target (id, name, kind, address, settings, change, audit, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            Id(target.id.0),
            target.name,
            Word(target.kind),
            target.address,
            Json(&target.wanted),
            change,
            line,
            At(by.at)
        ],
    )?;
    let detail = format!("{} {}", target.kind, target.address);
    audit::append(connection, by, Action::IntegrationAdded, &target.name, &detail)
}

fn set_paused(connection: &Connection, name: &str, paused: bool, by: &By) -> Result<(), StoreError> {
    let id = id(connection, name)?;
    let (at, action) = if paused {
        (Some(At(by.at)), Action::IntegrationPaused)
    } else {
        (None, Action::IntegrationResumed)
    };
    let changed = connection.execute(
        "UPDATE target SET paused_at = ?1 WHERE id = ?2 AND (paused_at IS NULL) <> (?1 IS NULL)",
        params![at, Id(id.0)],
    )?;
    if changed == 0 {
        return Ok(());
    }
    audit::append(connection, by, action, name, "")
}

fn list(connection: &Connection) -> Result<Vec<TargetRow>, StoreError> {
    let rows = connection
        .prepare_cached(
            "SELECT t.id, t.name, t.kind, t.address, t.settings, t.nudge, t.taken_at, t.trouble, \
             (SELECT count(*) FROM change c WHERE c.number > t.change) \
             + iif(t.kind IN ('syslog', 'webhook'), (SELECT ifnull(max(id), 0) FROM audit) - t.audit, 0), \
             (SELECT count(*) FROM dead_letter l WHERE l.target = t.id), t.paused_at, t.taken FROM target t ORDER BY t.name",
        )?
        .query_map([], |row| {
            Ok(TargetRow {
                target: Target {
                    id: TargetId(row.get::<_, Id>(0)?.0),
                    name: row.get(1)?,
                    kind: row.get::<_, Word<_>>(2)?.0,
                    address: row.get(3)?,
                    wanted: row.get::<_, Json<_>>(4)?.0,
                },
                nudge: unsigned(row.get(5)?),
                paused_at: row.get::<_, Option<At>>(10)?.map(|at| at.0),
                taken: unsigned(row.get(11)?),
                taken_at: row.get::<_, Option<At>>(6)?.map(|at| at.0),
                trouble: row.get(7)?,
                waiting: unsigned(row.get(8)?),
                failed: unsigned(row.get(9)?),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn letters(connection: &Connection, id: TargetId, most: u32) -> Result<Vec<Letter>, StoreError> {
    let position = connection
        .prepare_cached("SELECT change, audit FROM target WHERE id = ? AND paused_at IS NULL")?
        .query_row([Id(id.0)], |row| {
            Ok(Position {
                change: unsigned(row.get(0)?),
                audit: unsigned(row.get(1)?),
            })
        })
        .optional()?;
    let Some(position) = position else {
        return Ok(Vec::new());
    };
    let mut marks: Vec<Mark> = connection
        .prepare_cached("SELECT subject, row FROM dead_letter WHERE target = ? AND again = 1 ORDER BY at LIMIT ?")?
        .query_map(params![Id(id.0), most], |row| {
            Ok(Mark {
                about: row.get::<_, Word<_>>(0)?.0,
                row: unsigned(row.get(1)?),
                after: None,
            })
        })?
        .collect::<Result<_, _>>()?;
    if marks.is_empty() {
        marks = changes(connection, position, most)?;
    }
    let mut letters = Vec::with_capacity(marks.len());
    for mark in marks {
        letters.extend(subject(connection, mark)?.map(|subject| Letter { mark, subject }));
    }
    Ok(letters)
}

/// What changed after a position, then the lines of the audit trail after it.
fn changes(connection: &Connection, from: Position, most: u32) -> Result<Vec<Mark>, StoreError> {
    let mut position = from;
    let mut marks = Vec::new();
    let mut changes = connection
        .prepare_cached("SELECT number, subject, row FROM change WHERE number > ? ORDER BY number LIMIT ?")?;
    let mut rows = changes.query(params![signed(from.change), most])?;
    while let Some(row) = rows.next()? {
        position.change = unsigned(row.get(0)?);
        marks.push(Mark {
            about: row.get::<_, Word<_>>(1)?.0,
            row: unsigned(row.get(2)?),
            after: Some(position),
        });
    }
    let mut lines = connection.prepare_cached("SELECT id FROM audit WHERE id > ? ORDER BY id LIMIT ?")?;
    let mut rows = lines.query(params![
        signed(from.audit),
        most.saturating_sub(u32::try_from(marks.len()).unwrap_or(most))
    ])?;
    while let Some(row) = rows.next()? {
        position.audit = unsigned(row.get(0)?);
        marks.push(Mark {
            about: About::Audit,
            row: position.audit,
            after: Some(position),
        });
    }
    Ok(marks)
}

fn subject(connection: &Connection, mark: Mark) -> Result<Option<Subject>, StoreError> {
    let row = signed(mark.row);
    Ok(match mark.about {
        About::Finding => findings::by_key(connection, row)?.map(|row| Subject::Finding(Box::new(row))),
        About::Device => connection
            .prepare_cached(&format!("SELECT {} FROM device d WHERE d.key = ?", devices::COLUMNS))?
            .query_row([row], devices::read)
            .optional()?
            .map(|row| Subject::Device(Box::new(row))),
        About::Audit => connection
            .prepare_cached(&format!("SELECT {} FROM audit WHERE id = ?", audit::COLUMNS))?
            .query_row([row], audit::read)
            .optional()?
            .map(Subject::Audit),
    })
}

fn settle(
    connection: &Connection,
    id: TargetId,
    marks: &[Mark],
    how: &Settled,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut forget =
        connection.prepare_cached("DELETE FROM dead_letter WHERE target = ? AND subject = ? AND row = ?")?;
    let mut keep = connection.prepare_cached(
        "INSERT OR REPLACE INTO dead_letter (target, subject, row, reason, at) \
         SELECT id, ?2, ?3, ?4, ?5 FROM target WHERE id = ?1",
    )?;
    for mark in marks {
        match how {
            // A letter tells its row as it stands: what was refused of it before is told with this one.
            Settled::Taken | Settled::Passed => {
                forget.execute(params![Id(id.0), Word(mark.about), signed(mark.row)])?
            }
            Settled::Refused(reason) => keep.execute(params![
                Id(id.0),
                Word(mark.about),
                signed(mark.row),
                cut(reason),
                At(now)
            ])?,
        };
    }
    if let Some(position) = marks.iter().rev().find_map(|mark| mark.after) {
        connection
            .prepare_cached("UPDATE target SET change = max(change, ?), audit = max(audit, ?) WHERE id = ?")?
            .execute(params![signed(position.change), signed(position.audit), Id(id.0)])?;
    }
    if *how == Settled::Taken {
        connection
            .prepare_cached("UPDATE target SET taken_at = ?, taken = taken + ?, trouble = NULL WHERE id = ?")?
            .execute(params![At(now), signed(marks.len() as u64), Id(id.0)])?;
        sent::count(connection, id, marks, now)?;
    }
    Ok(())
}

fn failed(connection: &Connection, name: Option<String>, paging: Paging) -> Result<Page<FailedRow>, StoreError> {
    if let Some(name) = &name {
        id(connection, name)?;
    }
    let mut conditions = Conditions::default();
    conditions.and_if("t.name = ?", name);
    let select = Select {
        columns: "t.name, l.subject, l.row, l.reason, l.at, l.again",
        from: "dead_letter l JOIN target t ON t.id = l.target",
        order: "l.at DESC, t.name, l.subject, l.row DESC",
    };
    let read = |row: &Row<'_>| {
        Ok(FailedRow {
            target: row.get(0)?,
            about: row.get::<_, Word<_>>(1)?.0,
            row: unsigned(row.get(2)?),
            reason: row.get(3)?,
            at: row.get::<_, At>(4)?.0,
            again: row.get(5)?,
        })
    };
    Ok(conditions.page(connection, &select, paging, read)?)
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_REASON).collect()
}
