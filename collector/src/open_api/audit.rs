//! `/v1/audit`: the audit trail, oldest line first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::OpenApi;
use super::bearer::Bearer;
use super::page::Page;
use super::problem::Problem;
use super::query::{self, Asked, Cursor};
use crate::store::api_tokens::Scope;
use crate::store::audit::{Action, AuditRow};

/// Which lines are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    #[serde(default)]
    cursor: Cursor,
    #[serde(default, deserialize_with = "query::time")]
    since: Option<Timestamp>,
    action: Option<Action>,
}

/// A line.
#[derive(Serialize)]
pub(super) struct Line {
    id: u64,
    at: Timestamp,
    actor: String,
    action: Action,
    subject: String,
    detail: String,
    hash: String,
}

impl From<AuditRow> for Line {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            detail: row.detail,
            hash: blake3::Hash::from_bytes(row.hash).to_hex().to_string(),
        }
    }
}

pub(super) async fn list(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Page<Line>>, Problem> {
    bearer.must(Scope::AuditRead)?;
    let stretch = api.store.walk_audit(filter.cursor.0, filter.since).await?;
    Ok(Json(Page::of(stretch, |row: &AuditRow| {
        filter.action.is_none_or(|action| action == row.action)
    })))
}
