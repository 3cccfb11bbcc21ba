//! `GET /v1/roots`: the CA roots to trust.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use fileward_protocol::enrol::Roots;

use super::Api;
use super::peer::Device;
use super::problem::Refused;

/// Gives the roots; they are no secret. What a device got is noted, so that nobody lets a root sign too early.
pub(super) async fn roots(
    State(api): State<Arc<Api>>,
    device: Result<Device, Refused>,
) -> Result<Json<Roots>, Refused> {
    let roots = api.tls.authority().roots();
    if let Ok(Device(device)) = device {
        api.collector.store.note_roots(device, roots.roots_serial).await?;
    }
    Ok(Json(roots))
}
