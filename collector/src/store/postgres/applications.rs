//! Applications, and the forms they come by.

use jiff::{SignedDuration, Timestamp};
use postgres::types::ToSql;

use super::filings::{app_word, file_for, is_full, matter, pseudonym_bytes};
use super::filter::{Conditions, Select, ordered};
use super::session::Row;
use super::value::{At, Hash, Word};
use super::{Postgres, Session, audit, holds, signed, unsigned};
use crate::store::applications::{
    Application, ApplicationFilter, ApplicationRow, ApplicationSort, Applications, Decision, FormRow, MOST_AN_HOUR,
    MOST_WAITING, NewApplication, NewForm, Obstacle, State, Step,
};
use crate::store::audit::Action;
use crate::store::filings::NewFiling;
use crate::store::{By, Page, Paging, Reply, StoreError};

impl Applications for Postgres {
    fn open_form(&self, form: NewForm, by: By) -> Reply<()> {
        self.write(move |session| {
            session.execute(
                "INSERT INTO filing_form (secret_hash, grp, until, created_at, created_by) VALUES ($1, $2, $3, $4, $5)",
                &[
                    &Hash(form.secret_hash),
                    &form.group,
                    &At(form.until),
                    &At(by.at),
                    &by.actor.to_string(),
                ],
            )?;
            audit::append(session, &by, Action::FormOpened, &form.group, "")
        })
    }

    fn close_form(&self, id: u64, by: By) -> Reply<()> {
        self.write(move |session| {
            let group: Option<String> = session.query_opt(
                "DELETE FROM filing_form WHERE id = $1 RETURNING grp",
                &[&signed(id)],
                |row| row.get(0),
            )?;
            let group = group.ok_or_else(|| StoreError::not_found("form", id))?;
            audit::append(session, &by, Action::FormClosed, group, "")
        })
    }

    fn forms(&self, now: Timestamp) -> Reply<Vec<FormRow>> {
        self.read(move |session| {
            session.query(
                &format!("SELECT {FORM_COLUMNS} FROM filing_form WHERE until > $1 ORDER BY until, id"),
                &[&At(now)],
                read_form,
            )
        })
    }

    fn form(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<FormRow>> {
        self.read(move |session| form(session, secret_hash, now))
    }

    fn apply(&self, form: [u8; 32], application: NewApplication, by: By) -> Reply<Result<u64, Obstacle>> {
        self.write(move |session| apply(session, form, &application, &by))
    }

    fn applications(&self, filter: ApplicationFilter, paging: Paging) -> Reply<Page<ApplicationRow>> {
        self.read(move |session| {
            let mut conditions = Conditions::default();
            conditions.and_if("state = ?", filter.state.map(|state| state.to_string()));
            conditions.and_if("kind = ?", filter.kind.map(|kind| kind.to_string()));
            conditions.and_if("grp = ANY (?)", filter.groups.clone());
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
            conditions.page(session, &select, paging, read)
        })
    }

    fn application(&self, id: u64) -> Reply<Option<Application>> {
        self.read(move |session| by_id(session, id))
    }

    fn application_of(&self, secret_hash: [u8; 32]) -> Reply<Option<Application>> {
        self.read(move |session| whole(session, "secret_hash = $1", &[&Hash(secret_hash)]))
    }

    fn decide_application(&self, id: u64, decision: Decision, note: String, by: By) -> Reply<Result<(), Obstacle>> {
        self.write(move |session| decide(session, id, decision, &note, &by))
    }
}

const FORM_COLUMNS: &str = "id, grp, until, created_at, created_by";
const COLUMNS: &str = "id, grp, person, kind, app, name, pseudonym, bytes, until, reason, state, asked_at";

fn read_form(row: &Row) -> Result<FormRow, StoreError> {
    Ok(FormRow {
        id: unsigned(row.get(0)?),
        group: row.get(1)?,
        until: row.get::<At>(2)?.0,
        created_at: row.get::<At>(3)?.0,
        created_by: row.get(4)?,
    })
}

fn read(row: &Row) -> Result<ApplicationRow, StoreError> {
    Ok(ApplicationRow {
        id: unsigned(row.get(0)?),
        group: row.get(1)?,
        person: row.get(2)?,
        matter: matter(row, 3)?,
        reason: row.get(9)?,
        state: row.get::<Word<_>>(10)?.0,
        asked_at: row.get::<At>(11)?.0,
    })
}

fn form(session: &mut Session<'_>, secret_hash: [u8; 32], now: Timestamp) -> Result<Option<FormRow>, StoreError> {
    session.query_opt(
        &format!("SELECT {FORM_COLUMNS} FROM filing_form WHERE secret_hash = $1 AND until > $2"),
        &[&Hash(secret_hash), &At(now)],
        read_form,
    )
}

fn whole(
    session: &mut Session<'_>,
    condition: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Option<Application>, StoreError> {
    let row = session.query_opt(
        &format!("SELECT {COLUMNS} FROM application WHERE {condition}"),
        values,
        read,
    )?;
    let Some(row) = row else { return Ok(None) };
    let steps = session.query(
        "SELECT state, at, by, note FROM application_step WHERE application = $1 ORDER BY number",
        &[&signed(row.id)],
        |row| {
            Ok(Step {
                state: row.get::<Word<_>>(0)?.0,
                at: row.get::<At>(1)?.0,
                by: row.get(2)?,
                note: row.get(3)?,
            })
        },
    )?;
    Ok(Some(Application { row, steps }))
}

/// One application with its life.
pub(super) fn by_id(session: &mut Session<'_>, id: u64) -> Result<Option<Application>, StoreError> {
    whole(session, "id = $1", &[&signed(id)])
}

fn apply(
    session: &mut Session<'_>,
    secret: [u8; 32],
    application: &NewApplication,
    by: &By,
) -> Result<Result<u64, Obstacle>, StoreError> {
    let Some(form) = form(session, secret, by.at)? else {
        return Ok(Err(Obstacle::NotThere));
    };
    let an_hour_ago = by.at.saturating_sub(SignedDuration::from_hours(1)).unwrap_or(by.at);
    let (recent, waiting) = session.query_one(
        "SELECT count(*) FILTER (WHERE asked_at > $1), count(*) FILTER (WHERE state IN ('asked', 'approved')) \
         FROM application WHERE form = $2",
        &[&At(an_hour_ago), &signed(form.id)],
        |row| Ok((unsigned(row.get(0)?), unsigned(row.get(1)?))),
    )?;
    if recent >= MOST_AN_HOUR || waiting >= MOST_WAITING {
        return Ok(Err(Obstacle::TooMany));
    }
    let matter = &application.matter;
    let id = session.query_one(
        "INSERT INTO application (secret_hash, form, grp, person, kind, app, name, pseudonym, bytes, until, reason, \
         state, asked_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) \
         RETURNING id",
        &[
            &Hash(application.secret_hash),
            &signed(form.id),
            &form.group,
            &application.person,
            &Word(matter.kind),
            &app_word(matter),
            &matter.name,
            &pseudonym_bytes(matter),
            &matter.bytes.map(signed),
            &matter.until.map(At),
            &application.reason,
            &Word(State::Asked),
            &At(by.at),
        ],
        |row| row.get(0).map(unsigned),
    )?;
    step(session, id, State::Asked, "", by)?;
    audit::append(session, by, Action::ApplicationMade, id, &form.group)?;
    Ok(Ok(id))
}

fn decide(
    session: &mut Session<'_>,
    id: u64,
    decision: Decision,
    note: &str,
    by: &By,
) -> Result<Result<(), Obstacle>, StoreError> {
    let Some(application) = whole(session, "id = $1", &[&signed(id)])? else {
        return Ok(Err(Obstacle::NotThere));
    };
    let Some(state) = decision.makes(application.row.state) else {
        return Ok(Err(Obstacle::NotSo));
    };
    if let Some(obstacle) = obstacle(session, &application, decision, note, by)? {
        return Ok(Err(obstacle));
    }
    step(session, id, state, note, by)?;
    let action = match decision {
        Decision::Approve => Action::ApplicationApproved,
        Decision::Refuse => Action::ApplicationRefused,
        Decision::Withdraw => Action::ApplicationWithdrawn,
        Decision::File => {
            file_for(session, &filing(application.row, note), id, by)?;
            return Ok(Ok(()));
        }
    };
    audit::append(session, by, action, id, "")?;
    Ok(Ok(()))
}

fn obstacle(
    session: &mut Session<'_>,
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
    } else if goes_on && is_full(session, &application.row.matter)? {
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
pub(super) fn ended(session: &mut Session<'_>, application: u64, note: &str, by: &By) -> Result<(), StoreError> {
    step(session, application, State::Ended, note, by)
}

fn step(session: &mut Session<'_>, application: u64, state: State, note: &str, by: &By) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO application_step (application, number, state, at, by, note) \
         SELECT $1::bigint, count(*) + 1, $2::text, $3::bigint, $4::text, $5::text FROM application_step \
         WHERE application = $1",
        &[
            &signed(application),
            &Word(state),
            &At(by.at),
            &by.actor.to_string(),
            &note,
        ],
    )?;
    session.execute(
        "UPDATE application SET state = $1, changed_at = $2 WHERE id = $3",
        &[&Word(state), &At(by.at), &signed(application)],
    )?;
    Ok(())
}

/// Deletes for good what came to nothing or ended before the time of its group, and says how much.
pub(super) fn purge(session: &mut Session<'_>, everybody: Timestamp) -> Result<u64, StoreError> {
    let before = "coalesce((SELECT before FROM cutoff WHERE cutoff.grp = application.grp), $1)";
    let over = format!(
        "state IN ('refused', 'withdrawn', 'ended') AND changed_at < {before} AND NOT {}",
        holds::APPLICATIONS
    );
    session.execute(
        &format!("DELETE FROM application_step WHERE application IN (SELECT id FROM application WHERE {over})"),
        &[&At(everybody)],
    )?;
    session.execute("DELETE FROM filing_form WHERE until < $1", &[&At(everybody)])?;
    session.execute(&format!("DELETE FROM application WHERE {over}"), &[&At(everybody)])
}
