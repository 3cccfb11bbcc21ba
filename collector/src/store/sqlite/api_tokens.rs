//! Tokens of the HTTP API.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::value::{At, Json};
use super::{Sqlite, audit};
use crate::store::api_tokens::{ApiTokenRow, ApiTokens, NewApiToken};
use crate::store::audit::Action;
use crate::store::{By, Reply, StoreError};

const COLUMNS: &str = "name, scopes, until, created_at, created_by, used_at";

impl ApiTokens for Sqlite {
    fn add_api_token(&self, token: NewApiToken, by: By) -> Reply<()> {
        self.write(move |connection| {
            let known = connection
                .prepare("SELECT 1 FROM api_token WHERE name = ?")?
                .exists([&token.name])?;
            if known {
                let why = format!("There is a token {} already; revoke it first", token.name);
                return Err(StoreError::Conflict(why));
            }
            connection.execute(
                "INSERT INTO api_token (secret_hash, name, scopes, until, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?)",
                params![
                    token.secret_hash,
                    token.name,
                    Json(&token.scopes),
                    At(token.until),
                    At(by.at),
                    by.actor.to_string()
                ],
            )?;
            let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
            let detail = format!("{} until {}", scopes.join(" "), token.until);
            audit::append(connection, &by, Action::ApiTokenCreated, &token.name, &detail)
        })
    }

    fn api_tokens(&self) -> Reply<Vec<ApiTokenRow>> {
        self.read(|connection| {
            let rows = connection
                .prepare(&format!("SELECT {COLUMNS} FROM api_token ORDER BY name"))?
                .query_map([], read)?
                .collect::<Result<_, _>>()?;
            Ok(rows)
        })
    }

    fn revoke_api_token(&self, name: String, by: By) -> Reply<()> {
        self.write(move |connection| {
            if connection.execute("DELETE FROM api_token WHERE name = ?", [&name])? == 0 {
                return Err(StoreError::not_found("token", name));
            }
            audit::append(connection, &by, Action::ApiTokenRevoked, &name, "")
        })
    }

    fn api_token(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<Option<ApiTokenRow>> {
        self.read(move |connection| {
            let row = connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM api_token WHERE secret_hash = ? AND until > ?"
                ))?
                .query_row(params![secret_hash, At(now)], read)
                .optional()?;
            Ok(row)
        })
    }

    fn note_api_token(&self, secret_hash: [u8; 32], now: Timestamp) -> Reply<()> {
        self.write(move |connection| {
            connection
                .prepare_cached("UPDATE api_token SET used_at = ? WHERE secret_hash = ?")?
                .execute(params![At(now), secret_hash])?;
            Ok(())
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ApiTokenRow> {
    Ok(ApiTokenRow {
        name: row.get(0)?,
        scopes: row.get::<_, Json<_>>(1)?.0,
        until: row.get::<_, At>(2)?.0,
        created_at: row.get::<_, At>(3)?.0,
        created_by: row.get(4)?,
        used_at: row.get::<_, Option<At>>(5)?.map(|at| at.0),
    })
}
