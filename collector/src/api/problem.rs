//! Refusals as `application/problem+json`.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fileward_protocol::problem::{Code, MEDIA_TYPE, Problem};
use jiff::Timestamp;

use crate::ingest::Refusal;
use crate::store::StoreError;

/// A problem to be answered, perhaps with a time to wait.
#[derive(Debug)]
pub(super) struct Refused {
    problem: Box<Problem>,
    retry_after: Option<Duration>,
}

impl Refused {
    /// A problem with its sentence.
    pub(super) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            problem: Box::new(Problem::new(code, detail)),
            retry_after: None,
        }
    }

    /// Asks to wait before the next try.
    pub(super) fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    /// Whether this is what somebody gets who guesses.
    pub(super) fn is_guess(&self) -> bool {
        matches!(
            self.problem.code,
            Code::TokenUnknown | Code::TokenExpired | Code::TokenUsedUp | Code::BadCsr
        )
    }

    /// The device is not known here.
    pub(super) fn unknown_device() -> Self {
        Self::new(
            Code::UnknownDevice,
            "this collector does not know the device; enrol it with a new token",
        )
    }

    /// The device was retired.
    pub(super) fn revoked() -> Self {
        Self::new(Code::Revoked, "the device was retired; ask your IT department")
    }

    /// The refusal of a delivery.
    pub(super) fn delivery(refusal: Refusal, now: Timestamp) -> Self {
        match refusal {
            Refusal::UnknownDevice => Self::unknown_device(),
            Refusal::Revoked => Self::revoked(),
            Refusal::UnsupportedProtocol(version) => Self::unsupported_protocol(version),
            Refusal::ClockSkew => {
                let mut refused = Self::new(
                    Code::ClockSkew,
                    "sent_at is more than ten minutes from the collector's time; correct the clock and send again",
                );
                refused.problem.server_time = Some(now);
                refused
            }
            Refusal::Malformed(detail) => Self::new(Code::Malformed, detail),
            Refusal::Gap(ack) => {
                let detail = format!("reports are missing; send from number {} on", ack.seq + 1);
                let mut refused = Self::new(Code::SequenceGap, detail);
                refused.problem.ack = Some(ack);
                refused
            }
            Refusal::Clone(sign) => {
                let detail = format!("two devices seem to share this identity ({sign}); ask your IT department");
                Self::new(Code::CloneSuspected, detail)
            }
        }
    }

    /// The version of the protocol is not spoken.
    pub(super) fn unsupported_protocol(version: u32) -> Self {
        let known = fileward_protocol::VERSION;
        let detail = format!("protocol {version} is not spoken here, only {known}; update agent or collector");
        Self::new(Code::UnsupportedProtocol, detail)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { what: "device", .. } => Self::unknown_device(),
            StoreError::Database(_) => {
                tracing::error!("{:#}", anyhow::Error::from(error));
                Self::new(
                    Code::Unavailable,
                    "the collector cannot store anything just now; try again later",
                )
                .retry_after(Duration::from_secs(30))
            }
            StoreError::NotFound { .. } | StoreError::Conflict(_) | StoreError::Unreadable { .. } => {
                Self::from(anyhow::Error::from(error))
            }
        }
    }
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        tracing::error!("{error:#}");
        Self::new(Code::Internal, "the collector has a fault; its log tells more")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        if let Some(time) = self.retry_after {
            let seconds = HeaderValue::from(time.as_secs().max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}
