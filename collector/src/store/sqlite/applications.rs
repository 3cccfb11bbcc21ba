//! Applications, and the forms they come by.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::filings::{app_word, file_for, is_full, matter, pseudonym_bytes};
use super::filter::{Conditions, Select, ordered};
use super::value::{At, Word};
use super::{Sqlite, audit, holds, signed, unsigned};
use crate::store::applications::{
    Application, ApplicationFilter, ApplicationRow, ApplicationSort, Applications, Decision, FormRow, MOST_AN_HOUR,
    MOST_WAITING, NewApplication, NewForm, Obstacle, State, Step,
};
use crate::store::audit::Action;
use crate::store::filings::NewFiling;
use crate::store::{By, Page, Paging, Reply, StoreError};

impl Applications for Sqlite {
    fn open_form(&self, form: NewForm, by: By) -> Reply<()> {
        self.write(move |connection| {
            connection.execute(
                "INSERT INTO filing_form (secret_hash, grp, until, created_at, created_by) VALUES (?, ?, ?, ?, ?)",
                params![
                    form.secret_hash,
                    form.group,
                    At(form.until),
                    At(by.at),
                    by.actor.to_string()
                ],
            )?;
            audit::append(connection, &by, Action::FormOpened, form.group, "")
        })
    }

    fn close_form(&self, id: u64, by: By) -> Reply<()> {
        self.write(move |connection| {
            let group: Option<String> = connection
                .prepare_cached("DELETE FROM filing_form WHERE id = ? RETURNING grp")?
                .query_row([signed(id)], |row| row.get(0))
                .optional()?;
            let group = group.ok_or_else(|| StoreError::not_found("form", id))?;
            audit::append(connection, &by, Action::FormClosed, group, "")
        })
    }

    fn forms(&self, now: Timestamp) -> Reply<Vec<FormRow>> {
        self.read(move |connection| {
            let rows = connection
                .prepare_cached(&format!(
                    "SELECT {FORM_COLUMNS} FROM filing_form WHERE until > ? ORDER BY until, id"
                ))?
                .query_map([At(now)], read_form)?
                .collect::<Result<_, _>>()?;
            Ok(rows)
        })
    }

    fn form(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<FormRow>> {
        self.read(move |connection| form(connection, secret_hash, now))
    }

    fn apply(&self, form: [u8; 32], application: NewApplication, by: By) -> Reply<Result<u64, Obstacle>> {
        self.write(move |connection| apply(connection, form, &application, &by))
    }

    fn applications(&self, filter: ApplicationFilter, paging: Paging) -> Reply<Page<ApplicationRow>> {
        self.read(move |connection| {
            let mut conditions = Conditions::default();
            conditions.and_if("state = ?", filter.state.map(|state| state.to_string()));
            conditions.and_if("kind = ?", filter.kind.map(|kind| kind.to_string()));
            let groups = filter.groups.map(|groups| serde_json::Value::from(groups).to_string());
            conditions.and_if("grp IN (SELECT value FROM json_each(?))", groups);
            let column = match filter.order.by {
                // Times are positive: what waits goes from the longest wait, behind it what ended from the last end.
                ApplicationSort::State => {
                    "CASE WHEN state IN ('asked', 'approved') THEN asked_at ELSE 9223372036854775807 - changed_at END"
                }
                ApplicationSort::Number => "id",
                ApplicationSort::Kind => "kind",
                ApplicationSort::Person => "person",
                ApplicationSort::Group => "grp",
                ApplicationSort::Asked => "asked_at",
            };
            let select = Select {
                columns: COLUMNS,
                from: "application",
                order: &ordered(column, filter.order.direction, "id DESC"),
            };
            Ok(conditions.page(connection, &select, paging, read)?)
        })
    }

    fn application(&self, id: u64) -> Reply<Option<Application>> {
        self.read(move |connection| by_id(connection, id))
    }

    fn application_of(&self, secret_hash: [u8; 32]) -> Reply<Option<Application>> {
        self.read(move |connection| whole(connection, "secret_hash = ?", [secret_hash]))
    }

    fn decide_application(&self, id: u64, decision: Decision, note: String, by: By) -> Reply<Result<(), Obstacle>> {
        self.write(move |connection| decide(connection, id, decision, &note, &by))
    }
}

const FORM_COLUMNS: &str = "id, grp, until, created_at, created_by";
const COLUMNS: &str = "id, grp, person, kind, app, name, pseudonym, bytes, until, reason, state, asked_at";

fn read_form(row: &Row<'_>) -> rusqlite::Result<FormRow> {
    Ok(FormRow {
        id: unsigned(row.get(0)?),
        group: row.get(1)?,
        until: row.get::<_, At>(2)?.0,
        created_at: row.get::<_, At>(3)?.0,
        created_by: row.get(4)?,
    })
}

fn read(row: &Row<'_>) -> rusqlite::Result<ApplicationRow> {
    Ok(ApplicationRow {
        id: unsigned(row.get(0)?),
        group: row.get(1)?,
        person: row.get(2)?,
        matter: matter(row, 3)?,
        reason: row.get(9)?,
        state: row.get::<_, Word<_>>(10)?.0,
        asked_at: row.get::<_, At>(11)?.0,
    })
}

fn form(connection: &Connection, secret_hash: [u8; 32], now: Timestamp) -> Result<Option<FormRow>, StoreError> {
    let row = connection
        .prepare_cached(&format!(
            "SELECT {FORM_COLUMNS} FROM filing_form WHERE secret_hash = ? AND until > ?"
        ))?
        .query_row(params![secret_hash, At(now)], read_form)
        .optional()?;
    Ok(row)
}

fn whole(
    connection: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> Result<Option<Application>, StoreError> {
    let row = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM application WHERE {condition}"))?
        .query_row(values, read)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let steps = connection
        .prepare_cached("SELECT state, at, by, note FROM application_step WHERE application = ? ORDER BY number")?
        .query_map([signed(row.id)], |row| {
            Ok(Step {
                state: row.get::<_, Word<_>>(0)?.0,
                at: row.get::<_, At>(1)?.0,
                by: row.get(2)?,
                note: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(Some(Application { row, steps }))
}

/// One application with its life.
pub(super) fn by_id(connection: &Connection, id: u64) -> Result<Option<Application>, StoreError> {
    whole(connection, "id = ?", [signed(id)])
}

fn apply(
    connection: &Connection,
    secret: [u8; 32],
    application: &NewApplication,
    by: &By,
) -> Result<Result<u64, Obstacle>, StoreError> {
    let Some(form) = form(connection, secret, by.at)? else {
        return Ok(Err(Obstacle::NotThere));
    };
    let an_hour_ago = by.at.saturating_sub(SignedDuration::from_hours(1)).unwrap_or(by.at);
    let (recent, waiting): (i64, i64) = connection
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE asked_at > ?), count(*) FILTER (WHERE state IN ('asked', 'approved')) \
             FROM application WHERE form = ?",
        )?
        .query_row(params![At(an_hour_ago), signed(form.id)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if unsigned(recent) >= MOST_AN_HOUR || unsigned(waiting) >= MOST_WAITING {
        return Ok(Err(Obstacle::TooMany));
    }
    let matter = &application.matter;
    connection
        .prepare_cached(
            "INSERT INTO application (secret_hash, form, grp, person, kind, app, name, pseudonym, bytes, until, reason, \
             state, asked_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            application.secret_hash,
            signed(form.id),
            form.group,
            application.person,
            Word(matter.kind),
            app_word(matter),
            matter.name,
            pseudonym_bytes(matter),
            matter.bytes.map(signed),
            matter.until.map(At),
            application.reason,
            Word(State::Asked),
            At(by.at),
            At(by.at)
        ])?;
    let id = connection.last_insert_rowid();
    step(connection, id, State::Asked, "", by)?;
    audit::append(connection, by, Action::ApplicationMade, id, &form.group)?;
    Ok(Ok(unsigned(id)))
}

fn decide(
    connection: &Connection,
    id: u64,
    decision: Decision,
    note: &str,
    by: &By,
) -> Result<Result<(), Obstacle>, StoreError> {
    let Some(application) = whole(connection, "id = ?", [signed(id)])? else {
        return Ok(Err(Obstacle::NotThere));
    };
    let Some(state) = decision.makes(application.row.state) else {
        return Ok(Err(Obstacle::NotSo));
    };
    if let Some(obstacle) = obstacle(connection, &application, decision, note, by)? {
        return Ok(Err(obstacle));
    }
    step(connection, signed(id), state, note, by)?;
    let action = match decision {
        Decision::Approve => Action::ApplicationApproved,
        Decision::Refuse => Action::ApplicationRefused,
        Decision::Withdraw => Action::ApplicationWithdrawn,
        Decision::File => {
            file_for(connection, &filing(application.row, note), signed(id), by)?;
            return Ok(Ok(()));
        }
    };
    audit::append(connection, by, action, id, "")?;
    Ok(Ok(()))
}

fn obstacle(
    connection: &Connection,
    application: &Application,
    decision: Decision,
    note: &str,
    by: &By,
) -> Result<Option<Obstacle>, StoreError> {
    let goes_on = matches!(decision, Decision::Approve | Decision::File);
    let actor = by.actor.to_string();
    let approved = application.steps.iter().rfind(|step| step.state == State::Approved);
    let found = if goes_on && application.row.matter.until.is_some_and(|until| until <= by.at) {
        Some(Obstacle::Over)
    } else if decision == Decision::Refuse && note.trim().is_empty() {
        Some(Obstacle::NoReason)
    } else if decision == Decision::File && approved.is_some_and(|step| step.by == actor) {
        Some(Obstacle::SamePerson)
    } else if goes_on && is_full(connection, &application.row.matter)? {
        Some(Obstacle::Full)
    } else {
        None
    };
    Ok(found)
}

fn filing(row: ApplicationRow, note: &str) -> NewFiling {
    NewFiling {
        matter: row.matter,
        owner: row.person,
        note: if note.is_empty() {
            row.reason
        } else {
            format!("{} · {note}", row.reason)
        },
    }
}

/// Says of an application that what was filed by it holds no longer.
pub(super) fn ended(connection: &Connection, application: u64, note: &str, by: &By) -> Result<(), StoreError> {
    step(connection, signed(application), State::Ended, note, by)
}

fn step(connection: &Connection, application: i64, state: State, note: &str, by: &By) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO application_step (application, number, state, at, by, note) \
             SELECT ?1, count(*) + 1, ?2, ?3, ?4, ?5 FROM application_step WHERE application = ?1",
        )?
        .execute(params![application, Word(state), At(by.at), by.actor.to_string(), note])?;
    connection
        .prepare_cached("UPDATE application SET state = ?, changed_at = ? WHERE id = ?")?
        .execute(params![Word(state), At(by.at), application])?;
    Ok(())
}

/// Deletes for good what came to nothing or ended before the time of its group, and says how much.
pub(super) fn purge(connection: &Connection, everybody: Timestamp) -> rusqlite::Result<u64> {
    let before = "coalesce((SELECT before FROM cutoff WHERE cutoff.grp = application.grp), ?)";
    let over = format!(
        "state IN ('refused', 'withdrawn', 'ended') AND changed_at < {before} AND NOT {}",
        holds::APPLICATIONS
    );
    connection.execute(
        &format!("DELETE FROM application_step WHERE application IN (SELECT id FROM application WHERE {over})"),
        [At(everybody)],
    )?;
    connection.execute("DELETE FROM filing_form WHERE until < ?", [At(everybody)])?;
    let deleted = connection.execute(&format!("DELETE FROM application WHERE {over}"), [At(everybody)])?;
    Ok(deleted as u64)
}
