//! Refusals as `application/problem+json`, RFC 9457.

use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fileward_protocol::problem::MEDIA_TYPE;
use serde::Serialize;

use crate::store::StoreError;

fileward_protocol::words! {
    /// What went wrong.
    pub(super) enum Code {
        /// A parameter or the body is not what it must be.
        Malformed = "malformed",
        /// There is no token, or it does not work.
        Unauthorized = "unauthorized",
        /// The token does not let the program do this.
        Forbidden = "forbidden",
        /// There is nothing of this name.
        NotFound = "not_found",
        /// The method does not fit the address.
        MethodNotAllowed = "method_not_allowed",
        /// It cannot be done as things stand.
        Conflict = "conflict",
        /// The body is too large.
        TooLarge = "too_large",
        /// The body is no JSON.
        UnsupportedMediaType = "unsupported_media_type",
        /// Too many requests: wait as `Retry-After` says.
        RateLimited = "rate_limited",
        /// A fault of the collector's.
        Internal = "internal",
        /// The collector cannot do it just now: try again later.
        Unavailable = "unavailable",
    }
}

impl Code {
    /// The HTTP status that goes with it.
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A problem to be answered.
#[derive(Debug)]
pub(super) struct Problem {
    code: Code,
    detail: String,
    retry_after: Option<Duration>,
}

/// A problem as it is written.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    status: u16,
    code: Code,
    detail: &'a str,
}

impl Problem {
    /// A problem with its sentence.
    pub(super) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            retry_after: None,
        }
    }

    /// Asks to wait before the next try.
    pub(super) fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { what, .. } => Self::new(Code::NotFound, format!("there is no such {what}")),
            StoreError::Conflict(why) => Self::new(Code::Conflict, why),
            StoreError::Database(_) => {
                tracing::error!("{:#}", anyhow::Error::from(error));
                let detail = "the collector cannot read or store anything just now; try again later";
                Self::new(Code::Unavailable, detail).retry_after(Duration::from_secs(30))
            }
            StoreError::Unreadable { .. } => {
                tracing::error!("{:#}", anyhow::Error::from(error));
                Self::new(Code::Internal, "the collector has a fault; its log tells more")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code.status();
        let body = Body {
            kind: format!("urn:fileward:problem:{}", self.code),
            status: status.as_u16(),
            code: self.code,
            detail: &self.detail,
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, [(CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        let headers = response.headers_mut();
        if self.code == Code::Unauthorized {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(time) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(time.as_secs().max(1)));
        }
        response
    }
}
