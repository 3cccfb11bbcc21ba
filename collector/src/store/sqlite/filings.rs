//! The registers.

use fileward_protocol::ids::{KeyedHash, Pseudonym};
use fileward_protocol::vocabulary::App;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::filter::{Conditions, Select, ordered};
use super::value::{At, Word};
use super::{Sqlite, applications, audit, policies, signed, unsigned};
use crate::store::audit::Action;
use crate::store::filings::{
    Earnest, Filed, FilingFilter, FilingRow, FilingSort, Filings, Kind, MAX_EXEMPTIONS, Matter, NewFiling,
};
use crate::store::{By, Page, Paging, Reply, StoreError};

/// The most that end in one transaction, so that reports do not wait for them.
const AT_ONCE: u32 = 200;

/// In both languages: it stands on the page of whoever asked.
const OVER: &str = "期限已到 / Its time is over";
const REPLACED: &str = "已由新的申请取代 / Another application took its place";

impl Filings for Sqlite {
    fn filings(&self, filter: FilingFilter, paging: Paging) -> Reply<Page<FilingRow>> {
        self.read(move |connection| list(connection, &filter, paging))
    }

    fn filing(&self, id: u64) -> Reply<Option<FilingRow>> {
        self.read(move |connection| one(connection, "id = ?", [signed(id)]))
    }

    fn file(&self, filings: Vec<NewFiling>, earnest: Earnest, by: By) -> Reply<Filed> {
        match earnest {
            Earnest::Preview => self.read(move |connection| {
                let mut done = Filed::default();
                for filing in &filings {
                    count(&mut done, &compare(connection, filing)?);
                }
                Ok(done)
            }),
            Earnest::Do => self.write(move |connection| file_all(connection, &filings, &by)),
        }
    }

    fn end_filing(&self, id: u64, note: String, by: By) -> Reply<()> {
        self.write(move |connection| {
            let found = one(connection, "id = ?", [signed(id)])?;
            let row = found.ok_or_else(|| StoreError::not_found("filing", id))?;
            end(connection, &row, &note, &by)
        })
    }

    fn note_filing(&self, id: u64, note: String, by: By) -> Reply<()> {
        self.write(move |connection| {
            let found = one(connection, "id = ?", [signed(id)])?;
            let row = found.ok_or_else(|| StoreError::not_found("filing", id))?;
            connection.execute("UPDATE filing SET note = ? WHERE id = ?", params![note, signed(id)])?;
            audit::append(connection, &by, Action::FilingNoted, subject(&row.matter, id), "")
        })
    }

    fn end_filings(&self, by: By) -> Reply<u64> {
        self.write(move |connection| {
            let over: Vec<FilingRow> = connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM filing WHERE until <= ? AND kind <> 'group' ORDER BY until LIMIT ?"
                ))?
                .query_map((At(by.at), AT_ONCE), read)?
                .collect::<Result<_, _>>()?;
            for row in &over {
                end(connection, row, OVER, &by)?;
            }
            Ok(over.len() as u64)
        })
    }
}

const COLUMNS: &str = "id, kind, app, name, pseudonym, bytes, until, owner, note, filed_at, filed_by, application";

fn read(row: &Row<'_>) -> rusqlite::Result<FilingRow> {
    Ok(FilingRow {
        id: unsigned(row.get(0)?),
        matter: matter(row, 1)?,
        owner: row.get(7)?,
        note: row.get(8)?,
        filed_at: row.get::<_, At>(9)?.0,
        filed_by: row.get(10)?,
        application: row.get::<_, Option<i64>>(11)?.map(unsigned),
    })
}

/// What is filed, from the columns kind, app, name, pseudonym, bytes and until.
pub(super) fn matter(row: &Row<'_>, first: usize) -> rusqlite::Result<Matter> {
    let app: String = row.get(first + 1)?;
    let pseudonym: Vec<u8> = row.get(first + 3)?;
    Ok(Matter {
        kind: row.get::<_, Word<_>>(first)?.0,
        app: if app.is_empty() {
            None
        } else {
            Some(row.get::<_, Word<App>>(first + 1)?.0)
        },
        name: row.get(first + 2)?,
        pseudonym: pseudonym.try_into().ok().map(|hash| Pseudonym(KeyedHash(hash))),
        bytes: row.get::<_, Option<i64>>(first + 4)?.map(unsigned),
        until: row.get::<_, Option<At>>(first + 5)?.map(|at| at.0),
    })
}

/// The app's word; empty for none.
pub(super) fn app_word(matter: &Matter) -> String {
    matter.app.map(|app| app.to_string()).unwrap_or_default()
}

/// The pseudonym's bytes; empty for none.
pub(super) fn pseudonym_bytes(matter: &Matter) -> Vec<u8> {
    matter
        .pseudonym
        .map(|pseudonym| pseudonym.0.0.to_vec())
        .unwrap_or_default()
}

fn list(connection: &Connection, filter: &FilingFilter, paging: Paging) -> Result<Page<FilingRow>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_if("kind = ?", filter.kind.map(|kind| kind.to_string()));
    conditions.and_if("app = ?", filter.app.map(|app| app.to_string()));
    conditions.and_if("until <= ?", filter.ends_by.map(Timestamp::as_microsecond));
    conditions.and_if(
        "instr(lower(name || char(10) || owner || char(10) || note), ?)",
        filter.text.as_ref().map(|text| text.to_lowercase()),
    );
    let column = match filter.order.by {
        FilingSort::App => "kind || ' ' || app",
        FilingSort::Name => "name",
        FilingSort::Size => "bytes",
        FilingSort::Owner => "owner",
        FilingSort::Until => "until IS NULL, until",
        FilingSort::Filed => "filed_at",
        FilingSort::FiledBy => "filed_by",
    };
    let select = Select {
        columns: COLUMNS,
        from: "filing",
        order: &ordered(column, filter.order.direction, "name, id"),
    };
    Ok(conditions.page(connection, &select, paging, read)?)
}

/// Everything that is filed, in the order of its numbers.
pub(super) fn all(connection: &Connection) -> Result<Vec<FilingRow>, StoreError> {
    let rows = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM filing ORDER BY id"))?
        .query_map([], read)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn one(
    connection: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> Result<Option<FilingRow>, StoreError> {
    let row = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM filing WHERE {condition}"))?
        .query_row(values, read)
        .optional()?;
    Ok(row)
}

/// The filing of the same account, or of the same name.
pub(super) fn same(connection: &Connection, matter: &Matter) -> Result<Option<FilingRow>, StoreError> {
    let (kind, app) = (Word(matter.kind), app_word(matter));
    match matter.pseudonym {
        Some(pseudonym) => one(
            connection,
            "kind = ? AND app = ? AND pseudonym = ? AND pseudonym <> x''",
            params![kind, app, pseudonym.0.0],
        ),
        None => one(
            connection,
            "kind = ? AND app = ? AND name = ? AND pseudonym = x''",
            params![kind, app, matter.name],
        ),
    }
}

/// What filing something would do.
enum Compared {
    New,
    Other(Box<FilingRow>),
    Equal,
}

fn compare(connection: &Connection, filing: &NewFiling) -> Result<Compared, StoreError> {
    Ok(match same(connection, &filing.matter)? {
        None => Compared::New,
        Some(row) if row.matter == filing.matter && row.owner == filing.owner && row.note == filing.note => {
            Compared::Equal
        }
        Some(row) => Compared::Other(Box::new(row)),
    })
}

fn count(done: &mut Filed, compared: &Compared) {
    match compared {
        Compared::New => done.added += 1,
        Compared::Other(_) => done.changed += 1,
        Compared::Equal => done.unchanged += 1,
    }
}

fn file_all(connection: &Connection, filings: &[NewFiling], by: &By) -> Result<Filed, StoreError> {
    let mut done = Filed::default();
    for filing in filings {
        let compared = compare(connection, filing)?;
        count(&mut done, &compared);
        match compared {
            Compared::New => insert(connection, filing, None, by)?,
            Compared::Other(row) => update(connection, filing, &row, row.application, by)?,
            Compared::Equal => {}
        }
    }
    if exemptions(connection)? > MAX_EXEMPTIONS {
        return Err(StoreError::Conflict(format!(
            "There can be at most {MAX_EXEMPTIONS} exemptions; end some first"
        )));
    }
    if done.added + done.changed > 0 && filings.iter().any(|filing| filing.matter.kind.reaches_devices()) {
        policies::document_changed(connection, by.at)?;
    }
    Ok(done)
}

/// Files what an application asks for. One that it takes the place of ends.
pub(super) fn file_for(
    connection: &Connection,
    filing: &NewFiling,
    application: i64,
    by: &By,
) -> Result<(), StoreError> {
    match same(connection, &filing.matter)? {
        None => insert(connection, filing, Some(application), by)?,
        Some(row) => {
            if let Some(former) = row.application {
                applications::ended(connection, former, REPLACED, by)?;
            }
            update(connection, filing, &row, Some(unsigned(application)), by)?;
        }
    }
    if filing.matter.kind.reaches_devices() {
        policies::document_changed(connection, by.at)?;
    }
    Ok(())
}

/// Whether there is no room for one more of its kind.
pub(super) fn is_full(connection: &Connection, matter: &Matter) -> Result<bool, StoreError> {
    Ok(matter.kind == Kind::Exemption
        && exemptions(connection)? >= MAX_EXEMPTIONS
        && same(connection, matter)?.is_none())
}

fn exemptions(connection: &Connection) -> Result<u64, StoreError> {
    let count: i64 = connection
        .prepare_cached("SELECT count(*) FROM filing WHERE kind = 'exemption'")?
        .query_row([], |row| row.get(0))?;
    Ok(unsigned(count))
}

fn insert(connection: &Connection, filing: &NewFiling, application: Option<i64>, by: &By) -> Result<(), StoreError> {
    let matter = &filing.matter;
    connection
        .prepare_cached(
            "INSERT INTO filing (kind, app, name, pseudonym, bytes, until, owner, note, filed_at, filed_by, application) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            Word(matter.kind),
            app_word(matter),
            matter.name,
            pseudonym_bytes(matter),
            matter.bytes.map(signed),
            matter.until.map(At),
            filing.owner,
            filing.note,
            At(by.at),
            by.actor.to_string(),
            application
        ])?;
    let id = unsigned(connection.last_insert_rowid());
    noted_as_filed(connection, matter, id, application.map(unsigned), by)
}

fn update(
    connection: &Connection,
    filing: &NewFiling,
    row: &FilingRow,
    application: Option<u64>,
    by: &By,
) -> Result<(), StoreError> {
    let matter = &filing.matter;
    connection
        .prepare_cached(
            "UPDATE filing SET name = ?, bytes = ?, until = ?, owner = ?, note = ?, filed_at = ?, filed_by = ?, \
             application = ? WHERE id = ?",
        )?
        .execute(params![
            matter.name,
            matter.bytes.map(signed),
            matter.until.map(At),
            filing.owner,
            filing.note,
            At(by.at),
            by.actor.to_string(),
            application.map(signed),
            signed(row.id)
        ])?;
    noted_as_filed(connection, matter, row.id, application, by)
}

/// The audit trail names an account by its pseudonym, and anything else by its number: it is kept longer than the register.
fn subject(matter: &Matter, id: u64) -> String {
    matter
        .pseudonym
        .map_or_else(|| id.to_string(), |pseudonym| pseudonym.to_string())
}

fn noted_as_filed(
    connection: &Connection,
    matter: &Matter,
    id: u64,
    application: Option<u64>,
    by: &By,
) -> Result<(), StoreError> {
    let action = match matter.kind {
        Kind::Account => Action::AccountFiled,
        Kind::Limit => Action::LimitFiled,
        Kind::Exemption => Action::ExemptionFiled,
        Kind::Group => Action::GroupFiled,
    };
    let detail = application.map(|application| format!("application {application}"));
    let subject = subject(matter, id);
    audit::append(connection, by, action, subject, detail.as_deref().unwrap_or_default())
}

/// Takes a filing out of its register.
pub(super) fn end(connection: &Connection, row: &FilingRow, note: &str, by: &By) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM filing WHERE id = ?")?
        .execute([signed(row.id)])?;
    if let Some(application) = row.application {
        applications::ended(connection, application, note, by)?;
    }
    let action = match row.matter.kind {
        Kind::Account => Action::AccountRemoved,
        Kind::Limit => Action::LimitRemoved,
        Kind::Exemption => Action::ExemptionRemoved,
        Kind::Group => Action::GroupRemoved,
    };
    if row.matter.kind.reaches_devices() {
        policies::document_changed(connection, by.at)?;
    }
    audit::append(connection, by, action, subject(&row.matter, row.id), "")
}
