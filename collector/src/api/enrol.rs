//! `POST /v1/enrol`: a token becomes a device.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fileward_protocol::enrol::{EnrolAnswer, EnrolRequest};
use fileward_protocol::problem::Code;
use jiff::Timestamp;

use super::body::Json;
use super::problem::Refused;
use super::{Api, Peer};
use crate::ca::Csr;
use crate::store::tokens::{Enrolled, Enrolment};
use crate::{fingerprint, secret};

/// Enrols a device.
pub(super) async fn enrol(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Peer>,
    Json(request, _room): Json<EnrolRequest>,
) -> Result<Answer<EnrolAnswer>, Refused> {
    api.limits.may_guess(peer.address)?;
    let answer = try_enrol(&api, request).await;
    if answer.as_ref().is_err_and(Refused::is_guess) {
        api.limits.count_guess(peer.address);
    }
    answer.map(Answer)
}

async fn try_enrol(api: &Api, request: EnrolRequest) -> Result<EnrolAnswer, Refused> {
    if request.protocol != fileward_protocol::VERSION {
        return Err(Refused::unsupported_protocol(request.protocol));
    }
    let secret_hash = secret::hash(&request.secret);
    // Before anything else of a stranger's is parsed.
    if !api.collector.store.knows_token(secret_hash).await? {
        return Err(token_unknown());
    }
    let csr = Csr::read(&request.csr).map_err(|error| Refused::new(Code::BadCsr, error.to_string()))?;
    let authority = api.tls.authority();
    let roots = authority.roots();
    let now = Timestamp::now();
    let enrolment = Enrolment {
        secret_hash,
        key_hash: csr.key_hash(),
        fingerprint: fingerprint::bounded(request.fingerprint),
        roots_serial: roots.roots_serial,
        now,
    };
    let (device, binding) = match api.collector.store.enrol(enrolment).await? {
        Enrolled::Yes(device, binding) => (device, binding),
        Enrolled::TokenUnknown => return Err(token_unknown()),
        Enrolled::TokenExpired => {
            let detail = "the enrolment token is too old; ask for a new one";
            return Err(Refused::new(Code::TokenExpired, detail));
        }
        Enrolled::TokenUsedUp => {
            let detail = "the enrolment token has been used as often as it may be; ask for a new one";
            return Err(Refused::new(Code::TokenUsedUp, detail));
        }
    };
    Ok(EnrolAnswer {
        device,
        certificate: authority.sign_device(&csr, device, now)?,
        roots: roots.roots,
        roots_serial: roots.roots_serial,
        policy_key: api.collector.policy_key.public(),
        company_key: STANDARD.encode(api.collector.company_key.bytes()),
        binding,
        server_time: now,
    })
}

fn token_unknown() -> Refused {
    Refused::new(
        Code::TokenUnknown,
        "this collector never gave out this enrolment token; ask for a new one",
    )
}
