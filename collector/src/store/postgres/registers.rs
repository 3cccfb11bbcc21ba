//! What has been filed.

use fileward_protocol::bundle::{Exemption, RegisteredDocument};
use fileward_protocol::ids::{KeyedHash, Pseudonym};
use fileward_protocol::vocabulary::App;

use super::session::Row;
use super::value::{At, Hash, Json, Word};
use super::{Postgres, Session, audit, filings, policies, signed, unsigned};
use crate::store::audit::Action;
use crate::store::filings::{Kind, Matter};
use crate::store::registers::{AccountRow, DocumentRow, Filed, LimitRow, MAX_DOCUMENTS, NewLimit, Registers};
use crate::store::{By, Reply, StoreError};

impl Registers for Postgres {
    fn filed(&self) -> Reply<Filed> {
        self.read(filed)
    }

    fn file_account(&self, app: App, account: String, pseudonym: Pseudonym, note: String, by: By) -> Reply<()> {
        self.write(move |session| {
            session.execute(
                "INSERT INTO filing (kind, app, name, pseudonym, note, filed_at, filed_by) \
                 VALUES ('account', $1, $2, $3, $4, $5, $6) ON CONFLICT (kind, app, pseudonym) WHERE pseudonym <> '' \
                 DO UPDATE SET name = excluded.name, note = excluded.note",
                &[
                    &Word(app),
                    &account,
                    &Hash(pseudonym.0.0),
                    &note,
                    &At(by.at),
                    &by.actor.to_string(),
                ],
            )?;
            changed(session, &by, Action::AccountFiled, pseudonym)
        })
    }

    fn remove_account(&self, app: App, pseudonym: Pseudonym, by: By) -> Reply<()> {
        self.write(move |session| remove(session, Kind::Account, app, pseudonym, &by))
    }

    fn file_limit(&self, limit: NewLimit, by: By) -> Reply<()> {
        self.write(move |session| {
            session.execute(
                "INSERT INTO filing (kind, app, name, pseudonym, bytes, until, filed_at, filed_by) \
                 VALUES ('limit', $1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (kind, app, pseudonym) WHERE pseudonym <> '' \
                 DO UPDATE SET name = excluded.name, bytes = excluded.bytes, until = excluded.until",
                &[
                    &Word(limit.app),
                    &limit.account,
                    &Hash(limit.pseudonym.0.0),
                    &signed(limit.bytes),
                    &limit.until.map(At),
                    &At(by.at),
                    &by.actor.to_string(),
                ],
            )?;
            changed(session, &by, Action::LimitFiled, limit.pseudonym)
        })
    }

    fn remove_limit(&self, app: App, pseudonym: Pseudonym, by: By) -> Reply<()> {
        self.write(move |session| remove(session, Kind::Limit, app, pseudonym, &by))
    }

    fn register_documents(&self, documents: Vec<(String, RegisteredDocument)>, by: By) -> Reply<()> {
        self.write(move |session| {
            for (name, document) in &documents {
                register(session, name, document, &by)?;
            }
            let count = session.query_one("SELECT count(*) FROM document", &[], |row| row.get(0).map(unsigned))?;
            if count > MAX_DOCUMENTS {
                return Err(StoreError::Conflict(format!(
                    "There can be at most {MAX_DOCUMENTS} registered documents; remove some first"
                )));
            }
            policies::document_changed(session, by.at)
        })
    }

    fn remove_document(&self, id: u64, by: By) -> Reply<()> {
        self.write(move |session| {
            let removed = session.execute("DELETE FROM document WHERE id = $1", &[&signed(id)])?;
            if removed == 0 {
                return Err(StoreError::not_found("registered document", id));
            }
            policies::document_changed(session, by.at)?;
            audit::append(session, &by, Action::DocumentRemoved, id, "")
        })
    }
}

fn remove(session: &mut Session<'_>, kind: Kind, app: App, pseudonym: Pseudonym, by: &By) -> Result<(), StoreError> {
    let matter = Matter {
        kind,
        app: Some(app),
        name: String::new(),
        pseudonym: Some(pseudonym),
        bytes: None,
        until: None,
    };
    let what = if kind == Kind::Limit {
        "filed limit"
    } else {
        "filed account"
    };
    match filings::same(session, &matter)? {
        Some(row) => filings::end(session, &row, "", by),
        None => Err(StoreError::not_found(what, format!("of this account in {app}"))),
    }
}

fn register(session: &mut Session<'_>, name: &str, document: &RegisteredDocument, by: &By) -> Result<(), StoreError> {
    let id: i64 = session.query_one(
        "INSERT INTO document (content, name, sketch, registered_at, registered_by) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (content) DO UPDATE SET name = excluded.name, sketch = excluded.sketch RETURNING id",
        &[
            &Hash(document.content.0),
            &name,
            &document.sketch.as_ref().map(Json),
            &At(by.at),
            &by.actor.to_string(),
        ],
        |row| row.get(0),
    )?;
    audit::append(session, by, Action::DocumentRegistered, id, "")
}

/// The audit trail names an account by its pseudonym: it is kept longer than the register.
fn changed(session: &mut Session<'_>, by: &By, action: Action, pseudonym: Pseudonym) -> Result<(), StoreError> {
    policies::document_changed(session, by.at)?;
    audit::append(session, by, action, pseudonym, "")
}

/// All that has been filed.
pub(super) fn filed(session: &mut Session<'_>) -> Result<Filed, StoreError> {
    let accounts = session.query(
        "SELECT app, name, pseudonym, note, filed_at, filed_by FROM filing WHERE kind = 'account' \
         ORDER BY app, name, pseudonym",
        &[],
        account,
    )?;
    let limits = session.query(
        "SELECT app, name, pseudonym, bytes, until, filed_at, filed_by FROM filing WHERE kind = 'limit' \
         ORDER BY app, name, pseudonym",
        &[],
        limit,
    )?;
    let exemptions = session.query(
        "SELECT name, until FROM filing WHERE kind = 'exemption' ORDER BY id",
        &[],
        exemption,
    )?;
    let documents = session.query(
        "SELECT id, name, content, sketch, registered_at, registered_by FROM document ORDER BY id",
        &[],
        document,
    )?;
    Ok(Filed {
        accounts,
        limits,
        exemptions,
        documents,
    })
}

fn account(row: &Row) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        app: row.get::<Word<_>>(0)?.0,
        account: row.get(1)?,
        pseudonym: Pseudonym(KeyedHash(row.get::<Hash>(2)?.0)),
        note: row.get(3)?,
        filed_at: row.get::<At>(4)?.0,
        filed_by: row.get(5)?,
    })
}

fn limit(row: &Row) -> Result<LimitRow, StoreError> {
    Ok(LimitRow {
        app: row.get::<Word<_>>(0)?.0,
        account: row.get(1)?,
        pseudonym: Pseudonym(KeyedHash(row.get::<Hash>(2)?.0)),
        bytes: unsigned(row.get(3)?),
        until: row.get::<Option<At>>(4)?.map(|at| at.0),
        filed_at: row.get::<At>(5)?.0,
        filed_by: row.get(6)?,
    })
}

fn exemption(row: &Row) -> Result<Exemption, StoreError> {
    Ok(Exemption {
        pattern: row.get(0)?,
        until: row.get::<Option<At>>(1)?.map(|at| at.0),
    })
}

fn document(row: &Row) -> Result<DocumentRow, StoreError> {
    Ok(DocumentRow {
        id: unsigned(row.get(0)?),
        name: row.get(1)?,
        fingerprint: RegisteredDocument {
            content: KeyedHash(row.get::<Hash>(2)?.0),
            sketch: row.get::<Option<Json<_>>>(3)?.map(|json| json.0),
        },
        registered_at: row.get::<At>(4)?.0,
        registered_by: row.get(5)?,
    })
}
