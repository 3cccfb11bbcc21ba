//! `GET /v1/policy`: the signed bundle for one device.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, http::HeaderValue};
use fileward_protocol::vocabulary::Binding;

use super::Api;
use super::peer::Device;
use super::problem::Refused;
use crate::policies;

/// Gives the bundle, or says that the device has it already.
pub(super) async fn policy(
    State(api): State<Arc<Api>>,
    Device(device): Device,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let store = &api.collector.store;
    let row = store.device(device).await?.ok_or_else(Refused::unknown_device)?;
    if row.binding == Binding::Retired {
        return Err(Refused::revoked());
    }
    let parts = store.bundle_parts(device).await?;
    let etag = format!("\"{}\"", parts.serial);
    let value = HeaderValue::try_from(&etag).context("Failed to write the ETag")?;
    if has(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, value)]).into_response());
    }
    let signed = policies::sign(parts, &api.collector.policy_key).context("Failed to write the policy bundle")?;
    Ok(([(header::ETAG, value)], Json(signed)).into_response())
}

/// Whether `If-None-Match` names this version.
fn has(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|candidate| candidate.trim().trim_start_matches("W/") == etag)
}
