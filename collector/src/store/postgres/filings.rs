//! The registers.

use fileward_protocol::ids::{KeyedHash, Pseudonym};
use fileward_protocol::vocabulary::App;
use postgres::types::ToSql;

use super::filter::{Conditions, Select};
use super::session::Row;
use super::value::{At, Hash, Word};
use super::{Postgres, Session, applications, audit, policies, signed, unsigned};
use crate::store::audit::Action;
use crate::store::filings::{
    Earnest, Filed, FilingFilter, FilingRow, FilingSort, Filings, Kind, MAX_EXEMPTIONS, Matter, NewFiling,
};
use crate::store::{By, Page, Paging, Reply, StoreError};

/// The most that end in one transaction, so that other changes do not wait for them.
const AT_ONCE: i64 = 200;

/// In both languages: it stands on the page of whoever asked.
const OVER: &str = "期限已到 / Its time is over";
const REPLACED: &str = "已由新的申请取代 / Another application took its place";

impl Filings for Postgres {
    fn filings(&self, filter: FilingFilter, paging: Paging) -> Reply<Page<FilingRow>> {
        self.read(move |session| list(session, &filter, paging))
    }

    fn filing(&self, id: u64) -> Reply<Option<FilingRow>> {
        self.read(move |session| one(session, "id = $1", &[&signed(id)]))
    }

    fn file(&self, filings: Vec<NewFiling>, earnest: Earnest, by: By) -> Reply<Filed> {
        match earnest {
            Earnest::Preview => self.read(move |session| {
                let mut done = Filed::default();
                for filing in &filings {
                    count(&mut done, &compare(session, filing)?);
                }
                Ok(done)
            }),
            Earnest::Do => self.write(move |session| file_all(session, &filings, &by)),
        }
    }

    fn end_filing(&self, id: u64, note: String, by: By) -> Reply<()> {
        self.write(move |session| {
            let found = one(session, "id = $1", &[&signed(id)])?;
            let row = found.ok_or_else(|| StoreError::not_found("filing", id))?;
            end(session, &row, &note, &by)
        })
    }

    fn note_filing(&self, id: u64, note: String, by: By) -> Reply<()> {
        self.write(move |session| {
            let found = one(session, "id = $1", &[&signed(id)])?;
            let row = found.ok_or_else(|| StoreError::not_found("filing", id))?;
            session.execute("UPDATE filing SET note = $1 WHERE id = $2", &[&note, &signed(id)])?;
            audit::append(session, &by, Action::FilingNoted, subject(&row.matter, id), "")
        })
    }

    fn end_filings(&self, by: By) -> Reply<u64> {
        self.write(move |session| {
            let over = session.query(
                &format!("SELECT {COLUMNS} FROM filing WHERE until <= $1 AND kind <> 'group' ORDER BY until LIMIT $2"),
                &[&At(by.at), &AT_ONCE],
                read,
            )?;
            for row in &over {
                end(session, row, OVER, &by)?;
            }
            Ok(over.len() as u64)
        })
    }
}

const COLUMNS: &str = "id, kind, app, name, pseudonym, bytes, until, owner, note, filed_at, filed_by, application";

fn read(row: &Row) -> Result<FilingRow, StoreError> {
    Ok(FilingRow {
        id: unsigned(row.get(0)?),
        matter: matter(row, 1)?,
        owner: row.get(7)?,
        note: row.get(8)?,
        filed_at: row.get::<At>(9)?.0,
        filed_by: row.get(10)?,
        application: row.get::<Option<i64>>(11)?.map(unsigned),
    })
}

/// What is filed, from the columns kind, app, name, pseudonym, bytes and until.
pub(super) fn matter(row: &Row, first: usize) -> Result<Matter, StoreError> {
    let app: String = row.get(first + 1)?;
    let pseudonym: Vec<u8> = row.get(first + 3)?;
    Ok(Matter {
        kind: row.get::<Word<_>>(first)?.0,
        app: if app.is_empty() {
            None
        } else {
            Some(row.get::<Word<App>>(first + 1)?.0)
        },
        name: row.get(first + 2)?,
        pseudonym: pseudonym.try_into().ok().map(|hash| Pseudonym(KeyedHash(hash))),
        bytes: row.get::<Option<i64>>(first + 4)?.map(unsigned),
        until: row.get::<Option<At>>(first + 5)?.map(|at| at.0),
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

fn list(session: &mut Session<'_>, filter: &FilingFilter, paging: Paging) -> Result<Page<FilingRow>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_if("kind = ?", filter.kind.map(|kind| kind.to_string()));
    conditions.and_if("app = ?", filter.app.map(|app| app.to_string()));
    conditions.and_if("until <= ?", filter.ends_by.map(At));
    conditions.and_if(
        "strpos(lower(name || chr(10) || owner || chr(10) || note), ?) > 0",
        filter.text.as_ref().map(|text| text.to_lowercase()),
    );
    let select = Select {
        columns: COLUMNS,
        from: "filing",
        order: match filter.sort {
            FilingSort::Name => "kind, app, name, id",
            FilingSort::Until => "until IS NULL, until, id",
            FilingSort::Filed => "filed_at DESC, id DESC",
        },
    };
    conditions.page(session, &select, paging, read)
}

/// Everything that is filed, in the order of its numbers.
pub(super) fn all(session: &mut Session<'_>) -> Result<Vec<FilingRow>, StoreError> {
    session.query(&format!("SELECT {COLUMNS} FROM filing ORDER BY id"), &[], read)
}

fn one(
    session: &mut Session<'_>,
    condition: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Option<FilingRow>, StoreError> {
    session.query_opt(&format!("SELECT {COLUMNS} FROM filing WHERE {condition}"), values, read)
}

/// The filing of the same account, or of the same name.
pub(super) fn same(session: &mut Session<'_>, matter: &Matter) -> Result<Option<FilingRow>, StoreError> {
    let (kind, app) = (Word(matter.kind), app_word(matter));
    match matter.pseudonym {
        Some(pseudonym) => one(
            session,
            "kind = $1 AND app = $2 AND pseudonym = $3 AND pseudonym <> ''",
            &[&kind, &app, &Hash(pseudonym.0.0)],
        ),
        None => one(
            session,
            "kind = $1 AND app = $2 AND name = $3 AND pseudonym = ''",
            &[&kind, &app, &matter.name],
        ),
    }
}

/// What filing something would do.
enum Compared {
    New,
    Other(Box<FilingRow>),
    Equal,
}

fn compare(session: &mut Session<'_>, filing: &NewFiling) -> Result<Compared, StoreError> {
    Ok(match same(session, &filing.matter)? {
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

fn file_all(session: &mut Session<'_>, filings: &[NewFiling], by: &By) -> Result<Filed, StoreError> {
    let mut done = Filed::default();
    for filing in filings {
        let compared = compare(session, filing)?;
        count(&mut done, &compared);
        match compared {
            Compared::New => insert(session, filing, None, by)?,
            Compared::Other(row) => update(session, filing, &row, row.application, by)?,
            Compared::Equal => {}
        }
    }
    if exemptions(session)? > MAX_EXEMPTIONS {
        return Err(StoreError::Conflict(format!(
            "There can be at most {MAX_EXEMPTIONS} exemptions; end some first"
        )));
    }
    if done.added + done.changed > 0 && filings.iter().any(|filing| filing.matter.kind.reaches_devices()) {
        policies::document_changed(session, by.at)?;
    }
    Ok(done)
}

/// Files what an application asks for. One that it takes the place of ends.
pub(super) fn file_for(
    session: &mut Session<'_>,
    filing: &NewFiling,
    application: u64,
    by: &By,
) -> Result<(), StoreError> {
    match same(session, &filing.matter)? {
        None => insert(session, filing, Some(application), by)?,
        Some(row) => {
            if let Some(former) = row.application {
                applications::ended(session, former, REPLACED, by)?;
            }
            update(session, filing, &row, Some(application), by)?;
        }
    }
    if filing.matter.kind.reaches_devices() {
        policies::document_changed(session, by.at)?;
    }
    Ok(())
}

/// Whether there is no room for one more of its kind.
pub(super) fn is_full(session: &mut Session<'_>, matter: &Matter) -> Result<bool, StoreError> {
    Ok(matter.kind == Kind::Exemption && exemptions(session)? >= MAX_EXEMPTIONS && same(session, matter)?.is_none())
}

fn exemptions(session: &mut Session<'_>) -> Result<u64, StoreError> {
    session.query_one("SELECT count(*) FROM filing WHERE kind = 'exemption'", &[], |row| {
        row.get(0).map(unsigned)
    })
}

fn insert(session: &mut Session<'_>, filing: &NewFiling, application: Option<u64>, by: &By) -> Result<(), StoreError> {
    let matter = &filing.matter;
    let id = session.query_one(
        "INSERT INTO filing (kind, app, name, pseudonym, bytes, until, owner, note, filed_at, filed_by, application) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
        &[
            &Word(matter.kind),
            &app_word(matter),
            &matter.name,
            &pseudonym_bytes(matter),
            &matter.bytes.map(signed),
            &matter.until.map(At),
            &filing.owner,
            &filing.note,
            &At(by.at),
            &by.actor.to_string(),
            &application.map(signed),
        ],
        |row| row.get(0).map(unsigned),
    )?;
    noted_as_filed(session, matter, id, application, by)
}

fn update(
    session: &mut Session<'_>,
    filing: &NewFiling,
    row: &FilingRow,
    application: Option<u64>,
    by: &By,
) -> Result<(), StoreError> {
    let matter = &filing.matter;
    session.execute(
        "UPDATE filing SET name = $1, bytes = $2, until = $3, owner = $4, note = $5, filed_at = $6, filed_by = $7, \
         application = $8 WHERE id = $9",
        &[
            &matter.name,
            &matter.bytes.map(signed),
            &matter.until.map(At),
            &filing.owner,
            &filing.note,
            &At(by.at),
            &by.actor.to_string(),
            &application.map(signed),
            &signed(row.id),
        ],
    )?;
    noted_as_filed(session, matter, row.id, application, by)
}

/// The audit trail names an account by its pseudonym, and anything else by its number: it is kept longer than the register.
fn subject(matter: &Matter, id: u64) -> String {
    matter
        .pseudonym
        .map_or_else(|| id.to_string(), |pseudonym| pseudonym.to_string())
}

fn noted_as_filed(
    session: &mut Session<'_>,
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
    audit::append(session, by, action, subject, detail.as_deref().unwrap_or_default())
}

/// Takes a filing out of its register.
pub(super) fn end(session: &mut Session<'_>, row: &FilingRow, note: &str, by: &By) -> Result<(), StoreError> {
    session.execute("DELETE FROM filing WHERE id = $1", &[&signed(row.id)])?;
    if let Some(application) = row.application {
        applications::ended(session, application, note, by)?;
    }
    let action = match row.matter.kind {
        Kind::Account => Action::AccountRemoved,
        Kind::Limit => Action::LimitRemoved,
        Kind::Exemption => Action::ExemptionRemoved,
        Kind::Group => Action::GroupRemoved,
    };
    if row.matter.kind.reaches_devices() {
        policies::document_changed(session, by.at)?;
    }
    audit::append(session, by, action, subject(&row.matter, row.id), "")
}
