//! `GET /v1/time`: the collector's time.

use axum::Json;
use fileward_protocol::enrol::Time;
use jiff::Timestamp;

/// Gives the time.
pub(super) async fn time() -> Json<Time> {
    Json(Time {
        server_time: Timestamp::now(),
    })
}
