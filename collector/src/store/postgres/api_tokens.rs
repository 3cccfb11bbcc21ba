//! Tokens of the HTTP API.

use jiff::Timestamp;

use super::session::Row;
use super::value::{At, Hash, Json};
use super::{Postgres, Session, audit};
use crate::store::api_tokens::{ApiTokenRow, ApiTokens, NewApiToken};
use crate::store::audit::Action;
use crate::store::{By, Reply, StoreError};

const COLUMNS: &str = "name, scopes, until, created_at, created_by, used_at";

impl ApiTokens for Postgres {
    fn add_api_token(&self, token: NewApiToken, by: By) -> Reply<()> {
        self.write(move |session| add(session, &token, &by))
    }

    fn api_tokens(&self) -> Reply<Vec<ApiTokenRow>> {
        self.read(|session| session.query(&format!("SELECT {COLUMNS} FROM api_token ORDER BY name"), &[], read))
    }

    fn revoke_api_token(&self, name: String, by: By) -> Reply<()> {
        self.write(move |session| {
            if session.execute("DELETE FROM api_token WHERE name = $1", &[&name])? == 0 {
                return Err(StoreError::not_found("token", &name));
            }
            audit::append(session, &by, Action::ApiTokenRevoked, &name, "")
        })
    }

    fn api_token(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<ApiTokenRow>> {
        self.read(move |session| {
            session.query_opt(
                &format!("SELECT {COLUMNS} FROM api_token WHERE secret_hash = $1 AND until > $2"),
                &[&Hash(secret_hash), &At(now)],
                read,
            )
        })
    }

    fn note_api_token(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<()> {
        self.write(move |session| {
            session.execute(
                "UPDATE api_token SET used_at = $1 WHERE secret_hash = $2",
                &[&At(now), &Hash(secret_hash)],
            )?;
            Ok(())
        })
    }
}

fn add(session: &mut Session<'_>, token: &NewApiToken, by: &By) -> Result<(), StoreError> {
    if session.exists("SELECT 1 FROM api_token WHERE name = $1", &[&token.name])? {
        let why = format!("There is a token {} already; revoke it first", token.name);
        return Err(StoreError::Conflict(why));
    }
    session.execute(
        "INSERT INTO api_token (secret_hash, name, scopes, until, created_at, created_by) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &Hash(token.secret_hash),
            &token.name,
            &Json(&token.scopes),
            &At(token.until),
            &At(by.at),
            &by.actor.to_string(),
        ],
    )?;
    let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    let detail = format!("{} until {}", scopes.join(" "), token.until);
    audit::append(session, by, Action::ApiTokenCreated, &token.name, &detail)
}

fn read(row: &Row) -> Result<ApiTokenRow, StoreError> {
    Ok(ApiTokenRow {
        name: row.get(0)?,
        scopes: row.get::<Json<_>>(1)?.0,
        until: row.get::<At>(2)?.0,
        created_at: row.get::<At>(3)?.0,
        created_by: row.get(4)?,
        used_at: row.get::<Option<At>>(5)?.map(|at| at.0),
    })
}
