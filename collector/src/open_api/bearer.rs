//! Who asks: the token in the `Authorization` header.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use fileward_protocol::ids::DeviceId;
use jiff::{SignedDuration, Timestamp};

use super::OpenApi;
use super::problem::{Code, Problem};
use crate::secret;
use crate::store::api_tokens::{ApiTokenRow, Scope};
use crate::store::audit::{Action, AuditEntry};
use crate::store::{Actor, By};

/// How often the use of a token is noted.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// A program with a token that works.
pub(super) struct Bearer(ApiTokenRow);

impl Bearer {
    /// Lets only those with the scope go on.
    pub(super) fn must(&self, scope: Scope) -> Result<(), Problem> {
        if self.0.scopes.contains(&scope) {
            return Ok(());
        }
        Err(Problem::new(
            Code::Forbidden,
            format!("the token lacks the scope {scope}"),
        ))
    }

    /// This program, at this moment.
    pub(super) fn by(&self) -> By {
        By::now(Actor::ApiToken(self.0.name.clone()))
    }

    /// Writes into the audit trail what it is about to be shown, and tells the employees at these devices.
    pub(super) async fn note(
        &self,
        api: &OpenApi,
        action: Action,
        subject: String,
        detail: String,
        devices: BTreeSet<DeviceId>,
    ) -> Result<(), Problem> {
        let entry = AuditEntry {
            by: self.by(),
            action,
            subject,
            detail,
        };
        Ok(api.store.exported(entry, devices).await?)
    }
}

impl FromRequestParts<Arc<OpenApi>> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<OpenApi>) -> Result<Self, Problem> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|text| {
            let (scheme, token) = text.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let Some(token) = token else {
            let detail = "this address needs a token: Authorization: Bearer …";
            return Err(Problem::new(Code::Unauthorized, detail));
        };
        let (hash, now) = (secret::hash(token), Timestamp::now());
        let Some(row) = api.store.api_token(hash, now).await? else {
            return Err(Problem::new(
                Code::Unauthorized,
                "the token is unknown, revoked or too old",
            ));
        };
        if row.used_at.is_none_or(|at| now.duration_since(at) > NOTED_EVERY) {
            api.store.note_api_token(hash, now).await?;
        }
        Ok(Self(row))
    }
}
