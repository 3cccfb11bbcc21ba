//! `/v1/registers`: what has been filed (备案) and registered.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use fileward_protocol::vocabulary::App;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::OpenApi;
use super::bearer::Bearer;
use super::problem::Problem;
use super::query::Asked;
use crate::store::api_tokens::Scope;
use crate::store::audit::Action;
use crate::store::registers::{AccountRow, DocumentRow, LimitRow};

/// There is nothing to choose.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// All registers.
#[derive(Serialize)]
pub(super) struct Registers {
    accounts: Vec<FiledAccount>,
    limits: Vec<FiledLimit>,
    documents: Vec<Document>,
}

#[derive(Serialize)]
struct FiledAccount {
    app: App,
    account: String,
    note: String,
    filed_at: Timestamp,
    filed_by: String,
}

#[derive(Serialize)]
struct FiledLimit {
    app: App,
    account: String,
    bytes: u64,
    until: Option<Timestamp>,
    filed_at: Timestamp,
    filed_by: String,
}

#[derive(Serialize)]
struct Document {
    id: u64,
    name: String,
    registered_at: Timestamp,
    registered_by: String,
}

pub(super) async fn registers(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<Registers>, Problem> {
    bearer.must(Scope::RegistersRead)?;
    let filed = api.store.filed().await?;
    let detail = "all registers told by the API".to_owned();
    bearer
        .note(&api, Action::RegisterViewed, String::new(), detail, BTreeSet::new())
        .await?;
    Ok(Json(Registers {
        accounts: filed.accounts.into_iter().map(FiledAccount::from).collect(),
        limits: filed.limits.into_iter().map(FiledLimit::from).collect(),
        documents: filed.documents.into_iter().map(Document::from).collect(),
    }))
}

impl From<AccountRow> for FiledAccount {
    fn from(row: AccountRow) -> Self {
        Self {
            app: row.app,
            account: row.account,
            note: row.note,
            filed_at: row.filed_at,
            filed_by: row.filed_by,
        }
    }
}

impl From<LimitRow> for FiledLimit {
    fn from(row: LimitRow) -> Self {
        Self {
            app: row.app,
            account: row.account,
            bytes: row.bytes,
            until: row.until,
            filed_at: row.filed_at,
            filed_by: row.filed_by,
        }
    }
}

impl From<DocumentRow> for Document {
    fn from(row: DocumentRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            registered_at: row.registered_at,
            registered_by: row.registered_by,
        }
    }
}
