//! `POST /v1/report`: health and reports together.

use std::sync::Arc;
use std::time::Instant;

use axum::Json as Given;
use axum::extract::State;
use fileward_protocol::ids::DeviceId;
use fileward_protocol::report::{Answer, Request};
use jiff::Timestamp;

use super::Api;
use super::body::Json;
use super::peer::Device;
use super::problem::Refused;
use crate::ingest::Delivery;
use crate::store::intake::Taken;

/// Takes what a device reports. The answer comes when it is on disk.
pub(super) async fn report(
    State(api): State<Arc<Api>>,
    Device(device): Device,
    Json(request, _room): Json<Request>,
) -> Result<Given<Answer>, Refused> {
    let (now, begun) = (Timestamp::now(), Instant::now());
    let reports = request.reports.len() as u64;
    let taken = take(&api, device, request, now).await;
    let counted = taken.is_ok().then_some(reports);
    api.collector.metrics.intake(counted, begun.elapsed());
    let taken = taken?;
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

async fn take(api: &Api, device: DeviceId, request: Request, now: Timestamp) -> Result<Taken, Refused> {
    let delivery = Delivery::read(request, now).map_err(|refusal| Refused::delivery(refusal, now))?;
    let taken = api.collector.store.take(device, delivery, now).await?;
    taken.map_err(|refusal| Refused::delivery(refusal, now))
}
