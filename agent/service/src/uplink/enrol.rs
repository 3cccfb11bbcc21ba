//! Enrolment with a token.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fileward_protocol::enrol::{EnrolAnswer, EnrolRequest, Token};
use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::ids::DeviceId;
use fileward_protocol::vocabulary::Binding;

use super::client::{Client, Failure, Reply};
use super::link::mend_clock;
use super::tls::{self, Trust, When};
use crate::config::Proxy;
use crate::device::clock::Clock;
use crate::device::enrolling::Enrolling;
use crate::device::identity::IdentityError;

/// Why a device could not be enrolled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnrolError {
    /// The token cannot be used.
    #[error("the enrolment token names {0}; ask for a new one")]
    Token(&'static str),
    /// The collector could not be asked, or refused.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The identity could not be made or kept.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// What came of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Enrolled {
    /// The device's id.
    pub(crate) device: DeviceId,
    /// Its standing.
    pub(crate) binding: Binding,
}

/// Enrols this device: trusts nothing but the CA that the token names, and keeps what the collector answers as the
/// device's identity. A repeated call after a failure asks with the same key.
///
/// # Errors
/// When the collector refuses, is not the one the token names, or cannot be reached. A former identity stays then.
pub(crate) async fn enrol(
    data_dir: &Path,
    token: &Token,
    fingerprint: Fingerprint,
    clock: &Arc<Clock>,
    proxy: Option<&Proxy>,
) -> Result<Enrolled, EnrolError> {
    if !token.url.starts_with("https://") {
        return Err(EnrolError::Token("no https address"));
    }
    let hash = URL_SAFE_NO_PAD
        .decode(&token.ca_hash)
        .ok()
        .and_then(|hash| <[u8; 32]>::try_from(hash).ok());
    let trust = Trust::Named(hash.ok_or(EnrolError::Token("no CA"))?);
    let enrolling = Enrolling::start(data_dir)?;
    let request = EnrolRequest {
        protocol: fileward_protocol::VERSION,
        secret: token.secret.clone(),
        csr: enrolling.request()?,
        fingerprint,
    };
    let body = serde_json::to_vec(&request).map_err(|error| Failure::SetUp(error.to_string()))?;

    let tls = tls::config(trust.clone(), When::Now(clock.clone()), None).map_err(Failure::from)?;
    let client = Client::new(&token.url, tls, proxy)?;
    let reply: Reply = match client.post("/v1/enrol", body.clone()).await {
        Err(Failure::ClockDoubt) => {
            mend_clock(&token.url, trust, clock, proxy).await?;
            client.post("/v1/enrol", body).await?
        }
        result => result?,
    };
    let answer: EnrolAnswer = reply.read()?;
    clock.learn(answer.server_time, reply.took);
    enrolling.finish(&token.url, &answer)?;
    Ok(Enrolled {
        device: answer.device,
        binding: answer.binding,
    })
}
