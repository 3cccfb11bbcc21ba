//! Targets, what they are told and what they refused.

use jiff::Timestamp;

use super::filter::{Conditions, Select};
use super::session::Row;
use super::value::{At, Id, Json, Word};
use super::{Postgres, Session, audit, devices, findings, sent, signed, unsigned};
use crate::store::audit::Action;
use crate::store::targets::{
    About, FailedRow, Letter, Mark, Position, Settled, Subject, Target, TargetId, TargetRow, Targets,
};
use crate::store::{By, Page, Paging, Reply, StoreError};

/// The longest reason that is kept, in characters.
const LONGEST_REASON: usize = 300;

impl Targets for Postgres {
    fn add_target(&self, target: Target, everything: bool, by: By) -> Reply<()> {
        self.write(move |session| add(session, &target, everything, &by))
    }

    fn remove_target(&self, name: String, by: By) -> Reply<TargetId> {
        self.write(move |session| {
            let id = id(session, &name)?;
            session.execute("DELETE FROM target WHERE id = $1", &[&Id(id.0)])?;
            audit::append(session, &by, Action::IntegrationRemoved, &name, "")?;
            Ok(id)
        })
    }

    fn set_paused(&self, name: String, paused: bool, by: By) -> Reply<()> {
        self.write(move |session| set_paused(session, &name, paused, &by))
    }

    fn targets(&self) -> Reply<Vec<TargetRow>> {
        self.read(list)
    }

    fn letters(&self, id: TargetId, most: u32) -> Reply<Vec<Letter>> {
        self.read_settled(move |session| letters(session, id, most))
    }

    fn settle(&self, id: TargetId, marks: Vec<Mark>, how: Settled, now: Timestamp) -> Reply<()> {
        self.write(move |session| settle(session, id, &marks, &how, now))
    }

    fn set_trouble(&self, id: TargetId, trouble: Option<String>) -> Reply<()> {
        self.write(move |session| {
            session.execute(
                "UPDATE target SET trouble = $1 WHERE id = $2",
                &[&trouble.as_deref().map(cut), &Id(id.0)],
            )?;
            Ok(())
        })
    }

    fn failed(&self, name: Option<String>, paging: Paging) -> Reply<Page<FailedRow>> {
        self.read(move |session| failed(session, name.clone(), paging))
    }

    fn retry(&self, name: String, by: By) -> Reply<u64> {
        self.write(move |session| {
            let id = id(session, &name)?;
            let count = session.execute("UPDATE dead_letter SET again = true WHERE target = $1", &[&Id(id.0)])?;
            session.execute("UPDATE target SET nudge = nudge + 1 WHERE id = $1", &[&Id(id.0)])?;
            let detail = format!("{count} letters");
            audit::append(session, &by, Action::IntegrationRetried, &name, &detail)?;
            Ok(count)
        })
    }

    fn close_sent(&self, by: By) -> Reply<u64> {
        self.write(move |session| sent::close(session, &by))
    }
}

fn find(session: &mut Session<'_>, name: &str) -> Result<Option<TargetId>, StoreError> {
    session.query_opt("SELECT id FROM target WHERE name = $1", &[&name], |row| {
        Ok(TargetId(row.get::<Id>(0)?.0))
    })
}

fn id(session: &mut Session<'_>, name: &str) -> Result<TargetId, StoreError> {
    find(session, name)?.ok_or_else(|| StoreError::not_found("integration", name))
}

fn add(session: &mut Session<'_>, target: &Target, everything: bool, by: &By) -> Result<(), StoreError> {
    if find(session, &target.name)?.is_some() {
        let why = format!("There is an integration {} already; remove it first", target.name);
        return Err(StoreError::Conflict(why));
    }
    let (change, line): (i64, i64) = if everything {
        (0, 0)
    } else {
        session.query_one(
            "SELECT (SELECT coalesce(max(number), 0) FROM change), (SELECT coalesce(max(id), 0) FROM audit)",
            &[],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
    };
    session.execute(
        "INSERT INTO target (id, name, kind, address, settings, change, audit, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &Id(target.id.0),
            &target.name,
            &Word(target.kind),
            &target.address,
            &Json(&target.wanted),
            &change,
            &line,
            &At(by.at),
        ],
    )?;
    let detail = format!("{} {}", target.kind, target.address);
    audit::append(session, by, Action::IntegrationAdded, &target.name, &detail)
}

fn set_paused(session: &mut Session<'_>, name: &str, paused: bool, by: &By) -> Result<(), StoreError> {
    let id = id(session, name)?;
    let (at, action) = if paused {
        (Some(At(by.at)), Action::IntegrationPaused)
    } else {
        (None, Action::IntegrationResumed)
    };
    let changed = session.execute(
        "UPDATE target SET paused_at = $1 WHERE id = $2 AND (paused_at IS NULL) <> ($1::bigint IS NULL)",
        &[&at, &Id(id.0)],
    )?;
    if changed == 0 {
        return Ok(());
    }
    audit::append(session, by, action, name, "")
}

fn list(session: &mut Session<'_>) -> Result<Vec<TargetRow>, StoreError> {
    session.query(
        "SELECT t.id, t.name, t.kind, t.address, t.settings, t.nudge, t.taken_at, t.trouble, \
         (SELECT count(*) FROM change c WHERE c.number > t.change) \
         + CASE WHEN t.kind IN ('syslog', 'webhook') THEN (SELECT coalesce(max(id), 0) FROM audit) - t.audit ELSE 0 END, \
         (SELECT count(*) FROM dead_letter l WHERE l.target = t.id), t.paused_at, t.taken FROM target t \
         ORDER BY t.name",
        &[],
        |row| {
            Ok(TargetRow {
                target: Target {
                    id: TargetId(row.get::<Id>(0)?.0),
                    name: row.get(1)?,
                    kind: row.get::<Word<_>>(2)?.0,
                    address: row.get(3)?,
                    wanted: row.get::<Json<_>>(4)?.0,
                },
                nudge: unsigned(row.get(5)?),
                paused_at: row.get::<Option<At>>(10)?.map(|at| at.0),
                taken: unsigned(row.get(11)?),
                taken_at: row.get::<Option<At>>(6)?.map(|at| at.0),
                trouble: row.get(7)?,
                waiting: unsigned(row.get(8)?),
                failed: unsigned(row.get(9)?),
            })
        },
    )
}

fn letters(session: &mut Session<'_>, id: TargetId, most: u32) -> Result<Vec<Letter>, StoreError> {
    let position = session.query_opt(
        "SELECT change, audit FROM target WHERE id = $1 AND paused_at IS NULL",
        &[&Id(id.0)],
        |row| {
            Ok(Position {
                change: unsigned(row.get(0)?),
                audit: unsigned(row.get(1)?),
            })
        },
    )?;
    let Some(position) = position else {
        return Ok(Vec::new());
    };
    let mut marks = session.query(
        "SELECT subject, row FROM dead_letter WHERE target = $1 AND again ORDER BY at LIMIT $2",
        &[&Id(id.0), &i64::from(most)],
        |row| {
            Ok(Mark {
                about: row.get::<Word<_>>(0)?.0,
                row: unsigned(row.get(1)?),
                after: None,
            })
        },
    )?;
    if marks.is_empty() {
        marks = changes(session, position, most)?;
    }
    let mut letters = Vec::with_capacity(marks.len());
    for mark in marks {
        letters.extend(subject(session, mark)?.map(|subject| Letter { mark, subject }));
    }
    Ok(letters)
}

/// What changed after a position, then the lines of the audit trail after it.
fn changes(session: &mut Session<'_>, from: Position, most: u32) -> Result<Vec<Mark>, StoreError> {
    let mut position = from;
    let mut marks = session.query(
        "SELECT number, subject, row FROM change WHERE number > $1 ORDER BY number LIMIT $2",
        &[&signed(from.change), &i64::from(most)],
        |row| {
            position.change = unsigned(row.get(0)?);
            Ok(Mark {
                about: row.get::<Word<_>>(1)?.0,
                row: unsigned(row.get(2)?),
                after: Some(position),
            })
        },
    )?;
    let left = most.saturating_sub(u32::try_from(marks.len()).unwrap_or(most));
    let lines = session.query(
        "SELECT id FROM audit WHERE id > $1 ORDER BY id LIMIT $2",
        &[&signed(from.audit), &i64::from(left)],
        |row| {
            position.audit = unsigned(row.get(0)?);
            Ok(Mark {
                about: About::Audit,
                row: position.audit,
                after: Some(position),
            })
        },
    )?;
    marks.extend(lines);
    Ok(marks)
}

fn subject(session: &mut Session<'_>, mark: Mark) -> Result<Option<Subject>, StoreError> {
    let row = signed(mark.row);
    Ok(match mark.about {
        About::Finding => findings::by_key(session, row)?.map(|row| Subject::Finding(Box::new(row))),
        About::Device => {
            let sql = format!("SELECT {} FROM device d WHERE d.key = $1", devices::COLUMNS);
            let device = session.query_opt(&sql, &[&row], devices::read)?;
            device.map(|row| Subject::Device(Box::new(row)))
        }
        About::Audit => {
            let sql = format!("SELECT {} FROM audit WHERE id = $1", audit::COLUMNS);
            session.query_opt(&sql, &[&row], audit::read)?.map(Subject::Audit)
        }
    })
}

fn settle(
    session: &mut Session<'_>,
    id: TargetId,
    marks: &[Mark],
    how: &Settled,
    now: Timestamp,
) -> Result<(), StoreError> {
    let subjects: Vec<String> = marks.iter().map(|mark| mark.about.to_string()).collect();
    let rows: Vec<i64> = marks.iter().map(|mark| signed(mark.row)).collect();
    match how {
        // A letter tells its row as it stands: what was refused of it before is told with this one.
        Settled::Taken | Settled::Passed => session.execute(
            "DELETE FROM dead_letter WHERE target = $1 \
             AND (subject, row) IN (SELECT * FROM unnest($2::text[], $3::bigint[]))",
            &[&Id(id.0), &subjects, &rows],
        )?,
        Settled::Refused(reason) => session.execute(
            "INSERT INTO dead_letter (target, subject, row, reason, at) \
             SELECT DISTINCT t.id, m.subject, m.row, $4::text, $5::bigint \
             FROM target t, unnest($2::text[], $3::bigint[]) AS m (subject, row) WHERE t.id = $1 \
             ON CONFLICT (target, subject, row) \
             DO UPDATE SET reason = excluded.reason, at = excluded.at, again = false",
            &[&Id(id.0), &subjects, &rows, &cut(reason), &At(now)],
        )?,
    };
    if let Some(position) = marks.iter().rev().find_map(|mark| mark.after) {
        session.execute(
            "UPDATE target SET change = greatest(change, $1), audit = greatest(audit, $2) WHERE id = $3",
            &[&signed(position.change), &signed(position.audit), &Id(id.0)],
        )?;
    }
    if *how == Settled::Taken {
        session.execute(
            "UPDATE target SET taken_at = $1, taken = taken + $2, trouble = NULL WHERE id = $3",
            &[&At(now), &signed(marks.len() as u64), &Id(id.0)],
        )?;
        sent::count(session, id, marks, now)?;
    }
    Ok(())
}

fn failed(session: &mut Session<'_>, name: Option<String>, paging: Paging) -> Result<Page<FailedRow>, StoreError> {
    if let Some(name) = &name {
        id(session, name)?;
    }
    let mut conditions = Conditions::default();
    conditions.and_if("t.name = ?", name);
    let select = Select {
        columns: "t.name, l.subject, l.row, l.reason, l.at, l.again",
        from: "dead_letter l JOIN target t ON t.id = l.target",
        order: "l.at DESC, t.name, l.subject, l.row DESC",
    };
    conditions.page(session, &select, paging, read_failed)
}

fn read_failed(row: &Row) -> Result<FailedRow, StoreError> {
    Ok(FailedRow {
        target: row.get(0)?,
        about: row.get::<Word<_>>(1)?.0,
        row: unsigned(row.get(2)?),
        reason: row.get(3)?,
        at: row.get::<At>(4)?.0,
        again: row.get(5)?,
    })
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_REASON).collect()
}
