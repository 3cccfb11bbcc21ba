//! `POST /v1/report`: health and reports together.

use std::sync::Arc;

use axum::Json as Given;
use axum::extract::State;
use fileward_protocol::report::{Answer, Request};
use jiff::Timestamp;

use super::Api;
use super::body::Json;
use super::peer::Device;
use super::problem::Refused;
use crate::ingest::Delivery;

/// Takes what a device reports. The answer comes when it is on disk.
pub(super) async fn report(
    State(api): State<Arc<Api>>,
    Device(device): Device,
    Json(request, _room): Json<Request>,
) -> Result<Given<Answer>, Refused> {
    let now = Timestamp::now();
    let delivery = Delivery::read(request, now).map_err(|refusal| Refused::delivery(refusal, now))?;
    let taken = api.collector.store.take(device, delivery, now).await?;
    let taken = taken.map_err(|refusal| Refused::delivery(refusal, now))?;
    Ok(Given(Answer {
        ack: taken.ack,
        binding: taken.binding,
        bundle_serial: taken.bundle_serial,
        roots_serial: taken.roots_serial,
        server_time: now,
        want_fingerprint: taken.want_fingerprint,
        decisions: taken.decisions,
        disclosures: taken.disclosures,
    }))
}
