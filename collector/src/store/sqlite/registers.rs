//! What has been filed.

use fileward_protocol::bundle::{Exemption, RegisteredDocument};
use fileward_protocol::ids::{KeyedHash, Pseudonym};
use fileward_protocol::vocabulary::App;
use rusqlite::{Connection, params};

use super::value::{At, Json, Word};
use super::{Sqlite, audit, filings, policies, signed, unsigned};
use crate::store::audit::Action;
use crate::store::filings::{Kind, Matter};
use crate::store::registers::{AccountRow, DocumentRow, Filed, LimitRow, MAX_DOCUMENTS, NewLimit, Registers};
use crate::store::{By, Reply, StoreError};

impl Registers for Sqlite {
    fn filed(&self) -> Reply<Filed> {
        self.read(filed)
    }

    fn file_account(&self, app: App, account: String, pseudonym: Pseudonym, note: String, by: By) -> Reply<()> {
        self.write(move |connection| {
            connection.execute(
                "INSERT INTO filing (kind, app, name, pseudonym, note, filed_at, filed_by) \
                 VALUES ('account', ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, app, pseudonym) WHERE pseudonym <> x'' \
                 DO UPDATE SET name = excluded.name, note = excluded.note",
                params![Word(app), account, pseudonym.0.0, note, At(by.at), by.actor.to_string()],
            )?;
            changed(connection, &by, Action::AccountFiled, pseudonym)
        })
    }

    fn remove_account(&self, app: App, pseudonym: Pseudonym, by: By) -> Reply<()> {
        self.write(move |connection| remove(connection, Kind::Account, app, pseudonym, &by))
    }

    fn file_limit(&self, limit: NewLimit, by: By) -> Reply<()> {
        self.write(move |connection| {
            connection.execute(
                "INSERT INTO filing (kind, app, name, pseudonym, bytes, until, filed_at, filed_by) \
                 VALUES ('limit', ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, app, pseudonym) WHERE pseudonym <> x'' \
                 DO UPDATE SET name = excluded.name, bytes = excluded.bytes, until = excluded.until",
                params![
                    Word(limit.app),
                    limit.account,
                    limit.pseudonym.0.0,
                    signed(limit.bytes),
                    limit.until.map(At),
                    At(by.at),
                    by.actor.to_string()
                ],
            )?;
            changed(connection, &by, Action::LimitFiled, limit.pseudonym)
        })
    }

    fn remove_limit(&self, app: App, pseudonym: Pseudonym, by: By) -> Reply<()> {
        self.write(move |connection| remove(connection, Kind::Limit, app, pseudonym, &by))
    }

    fn register_documents(&self, documents: Vec<(String, RegisteredDocument)>, by: By) -> Reply<()> {
        self.write(move |connection| {
            for (name, document) in &documents {
                register(connection, name, document, &by)?;
            }
            let count: i64 = connection.query_row("SELECT count(*) FROM document", [], |row| row.get(0))?;
            if unsigned(count) > MAX_DOCUMENTS {
                return Err(StoreError::Conflict(format!(
                    "There can be at most {MAX_DOCUMENTS} registered documents; remove some first"
                )));
            }
            policies::document_changed(connection, by.at)
        })
    }

    fn remove_document(&self, id: u64, by: By) -> Reply<()> {
        self.write(move |connection| {
            let removed = connection.execute("DELETE FROM document WHERE id = ?", [signed(id)])?;
            if removed == 0 {
                return Err(StoreError::not_found("registered document", id));
            }
            policies::document_changed(connection, by.at)?;
            audit::append(connection, &by, Action::DocumentRemoved, id, "")
        })
    }
}

fn remove(connection: &Connection, kind: Kind, app: App, pseudonym: Pseudonym, by: &By) -> Result<(), StoreError> {
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
    match filings::same(connection, &matter)? {
        Some(row) => filings::end(connection, &row, "", by),
        None => Err(StoreError::not_found(what, format!("of this account in {app}"))),
    }
}

fn register(connection: &Connection, name: &str, document: &RegisteredDocument, by: &By) -> Result<(), StoreError> {
    let id: i64 = connection
        .prepare_cached(
            "INSERT INTO document (content, name, sketch, registered_at, registered_by) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT DO UPDATE SET name = excluded.name, sketch = excluded.sketch RETURNING id",
        )?
        .query_row(
            params![
                document.content.0,
                name,
                document.sketch.as_ref().map(Json),
                At(by.at),
                by.actor.to_string()
            ],
            |row| row.get(0),
        )?;
    audit::append(connection, by, Action::DocumentRegistered, id, "")
}

/// The audit trail names an account by its pseudonym: it is kept longer than the register.
fn changed(connection: &Connection, by: &By, action: Action, pseudonym: Pseudonym) -> Result<(), StoreError> {
    policies::document_changed(connection, by.at)?;
    audit::append(connection, by, action, pseudonym, "")
}

/// All that has been filed.
pub(super) fn filed(connection: &Connection) -> Result<Filed, StoreError> {
    let accounts = connection
        .prepare_cached(
            "SELECT app, name, pseudonym, note, filed_at, filed_by FROM filing WHERE kind = 'account' \
             ORDER BY app, name, pseudonym",
        )?
        .query_map([], |row| {
            Ok(AccountRow {
                app: row.get::<_, Word<_>>(0)?.0,
                account: row.get(1)?,
                pseudonym: Pseudonym(KeyedHash(row.get(2)?)),
                note: row.get(3)?,
                filed_at: row.get::<_, At>(4)?.0,
                filed_by: row.get(5)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    let limits = connection
        .prepare_cached(
            "SELECT app, name, pseudonym, bytes, until, filed_at, filed_by FROM filing WHERE kind = 'limit' \
             ORDER BY app, name, pseudonym",
        )?
        .query_map([], |row| {
            Ok(LimitRow {
                app: row.get::<_, Word<_>>(0)?.0,
                account: row.get(1)?,
                pseudonym: Pseudonym(KeyedHash(row.get(2)?)),
                bytes: unsigned(row.get(3)?),
                until: row.get::<_, Option<At>>(4)?.map(|at| at.0),
                filed_at: row.get::<_, At>(5)?.0,
                filed_by: row.get(6)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(Filed {
        accounts,
        limits,
        exemptions: exemptions(connection)?,
        documents: documents(connection)?,
    })
}

fn exemptions(connection: &Connection) -> Result<Vec<Exemption>, StoreError> {
    let rows = connection
        .prepare_cached("SELECT name, until FROM filing WHERE kind = 'exemption' ORDER BY id")?
        .query_map([], |row| {
            Ok(Exemption {
                pattern: row.get(0)?,
                until: row.get::<_, Option<At>>(1)?.map(|at| at.0),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn documents(connection: &Connection) -> Result<Vec<DocumentRow>, StoreError> {
    let rows = connection
        .prepare_cached("SELECT id, name, content, sketch, registered_at, registered_by FROM document ORDER BY id")?
        .query_map([], |row| {
            Ok(DocumentRow {
                id: unsigned(row.get(0)?),
                name: row.get(1)?,
                fingerprint: RegisteredDocument {
                    content: KeyedHash(row.get(2)?),
                    sketch: row.get::<_, Option<Json<_>>>(3)?.map(|json| json.0),
                },
                registered_at: row.get::<_, At>(4)?.0,
                registered_by: row.get(5)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}
