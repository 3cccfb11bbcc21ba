//! Bodies: JSON, within the limit, and understood as a whole or not at all.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use fileward_protocol::BODY_LIMIT;
use fileward_protocol::problem::Code;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use super::Api;
use super::limits::Room;
use super::problem::Refused;

/// How much of a body that is too large is still read, so that its sender gets to hear why it is refused.
const DRAIN: usize = 4 * BODY_LIMIT;

/// A body that was read, and the room it takes until its request is done.
pub(super) struct Json<T>(pub T, pub Room);

impl<T: DeserializeOwned> FromRequest<Arc<Api>> for Json<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, api: &Arc<Api>) -> Result<Self, Refused> {
        if !is_json(request.headers()) {
            let detail = "the body must be application/json";
            return Err(Refused::new(Code::UnsupportedMediaType, detail));
        }
        let announced = length(request.headers());
        if announced.is_some_and(|length| length > BODY_LIMIT) {
            drain(request.into_body()).await;
            return Err(too_large());
        }
        let room = api.limits.room(announced.unwrap_or(BODY_LIMIT)).await?;
        let bytes = collect(request.into_body(), announced.unwrap_or_default()).await?;
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            let detail = format!("the body is not what it must be: {error}");
            Refused::new(Code::Malformed, detail)
        })?;
        Ok(Self(value, room))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> Refused {
    Refused::new(
        Code::TooLarge,
        format!("the body is larger than {BODY_LIMIT} bytes; send less at a time"),
    )
}

async fn collect(mut body: Body, announced: usize) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::with_capacity(announced.min(BODY_LIMIT));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refused::new(Code::Malformed, "the body ended too early"))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > BODY_LIMIT {
            drain(body).await;
            return Err(too_large());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

async fn drain(mut body: Body) {
    let mut left = DRAIN;
    while let Some(Ok(frame)) = body.frame().await {
        let read = frame.into_data().map_or(0, |data| data.len());
        match left.checked_sub(read) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
