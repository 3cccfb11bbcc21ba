//! Errors with names: `application/problem+json`, RFC 9457.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The media type of a [`Problem`].
pub const MEDIA_TYPE: &str = "application/problem+json";

words! {
    /// What went wrong. Only [`Code::UnknownDevice`] leads an agent to enrol again; nothing else ever does.
    pub enum Code {
        /// The request's time is too far from the collector's: correct the clock and send again.
        ClockSkew = "clock_skew",
        /// The device was retired.
        Revoked = "revoked",
        /// The collector does not know the device.
        UnknownDevice = "unknown_device",
        /// Reports do not follow the chain the collector knows: two devices share one identity.
        CloneSuspected = "clone_suspected",
        /// Too many requests: wait as `Retry-After` says.
        RateLimited = "rate_limited",
        /// The enrolment token is too old.
        TokenExpired = "token_expired",
        /// The enrolment token has been used as often as it may be.
        TokenUsedUp = "token_used_up",
        /// The collector never gave out this enrolment token.
        TokenUnknown = "token_unknown",
        /// A request without the client certificate it needs.
        CertificateRequired = "certificate_required",
        /// The certificate request does not fit.
        BadCsr = "bad_csr",
        /// A report that does not follow the last one, so that something would be missing: send from the ack on.
        SequenceGap = "sequence_gap",
        /// The body is not what it must be.
        Malformed = "malformed",
        /// The body is larger than [`crate::BODY_LIMIT`].
        TooLarge = "too_large",
        /// A protocol version the collector does not speak.
        UnsupportedProtocol = "unsupported_protocol",
        /// There is nothing at this address.
        NotFound = "not_found",
        /// The method does not fit the address.
        MethodNotAllowed = "method_not_allowed",
        /// The media type does not fit.
        UnsupportedMediaType = "unsupported_media_type",
        /// The collector cannot store anything just now: try again later.
        Unavailable = "unavailable",
        /// A fault of the collector's.
        Internal = "internal",
    }
}

impl Code {
    /// The HTTP status that goes with it.
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::BadCsr | Self::UnsupportedProtocol => 400,
            Self::UnknownDevice | Self::CertificateRequired | Self::TokenUnknown => 401,
            Self::Revoked | Self::TokenExpired | Self::TokenUsedUp => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::ClockSkew | Self::CloneSuspected | Self::SequenceGap => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

/// A problem, as RFC 9457 has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Problem {
    /// `urn:fileward:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// Which problem.
    pub code: Code,
    /// What is wrong and what to do, in one sentence.
    pub detail: String,
    /// The collector's time, with [`Code::ClockSkew`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_time: Option<Timestamp>,
    /// The head the collector knows, with [`Code::SequenceGap`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ack: Option<crate::chain::Head>,
}

impl Problem {
    /// A problem with its sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:fileward:problem:{code}"),
            status: code.status(),
            code,
            detail: detail.into(),
            server_time: None,
            ack: None,
        }
    }
}
