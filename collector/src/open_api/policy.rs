//! `/v1/policy`: the policy in force, or a former version.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::OpenApi;
use super::bearer::Bearer;
use super::problem::Problem;
use super::query::{Asked, Cursor};
use crate::store::StoreError;
use crate::store::api_tokens::Scope;

/// Which version is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    version: Option<Cursor>,
}

/// A version of the policy.
#[derive(Serialize)]
pub(super) struct Policy {
    version: u64,
    document: String,
    published_at: Timestamp,
    published_by: String,
}

pub(super) async fn policy(
    bearer: Bearer,
    State(api): State<Arc<OpenApi>>,
    Asked(which): Asked<Which>,
) -> Result<Json<Policy>, Problem> {
    bearer.must(Scope::PolicyRead)?;
    let version = which.version.map(|version| version.0.0);
    let row = api.store.policy(version).await?;
    let row = row.ok_or_else(|| StoreError::not_found("version of the policy", version.unwrap_or_default()))?;
    Ok(Json(Policy {
        version: row.version,
        document: row.document,
        published_at: row.published_at,
        published_by: row.published_by,
    }))
}
